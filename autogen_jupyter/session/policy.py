"""A person's decisions as functions, written down before the chat: what may run, and what is said."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace

from ..errors import UsageError
from ..human_input import HumanInput, InputAnswer, InputRequest
from ..portal import call, has_caller, in_caller

__all__ = ["Decide", "Decision", "Policy"]

Decision = InputAnswer | bool | str | None
"""``True`` runs the code or goes on, ``False`` ends the chat, a text is what the person says (the code does not run), ``None`` leaves the
question to whoever is asked next. An ``InputAnswer`` says it in full, with edited code for instance."""
Decide = Callable[[InputRequest], Decision | Awaitable[Decision]]


class Policy:
    """Answers questions by functions, sync or async; what they leave open goes on to the next door.

    Args:
        approve: decides about code and tool calls that have to be approved.
        human: answers everything else that agents ask.

    Example:
        >>> policy = Policy(approve=lambda request: all("open(" not in block.code for block in request.blocks))
    """

    def __init__(self, *, approve: Decide | None = None, human: Decide | None = None) -> None:
        for name, decide in (("approve", approve), ("human", human)):
            if decide is not None and not callable(decide):
                raise UsageError(f"{name} is {decide!r:.80}; it must be one of the option's words, or a function of the InputRequest.")
        self.approve = approve
        self.human = human
        self.otherwise: HumanInput | None = None
        """Who is asked when the functions return None."""

    async def ask(self, request: InputRequest) -> InputAnswer:
        decide = self.approve if request.kind == "approval" else self.human
        answer = as_answer(await _called(decide, request), request) if decide is not None else None
        if answer is not None:
            return answer
        if self.otherwise is not None:
            return await self.otherwise.ask(request)
        await asyncio.Event().wait()  # the answer comes through the session, which then cancels this
        raise AssertionError("unreachable")


async def _called(decide: Decide, request: InputRequest) -> Decision:
    """Call a function of the user's: on the thread that waits for the chat, as they would expect, if there is one."""
    if inspect.iscoroutinefunction(decide) or not has_caller():
        return await call(decide, request)
    decision = await in_caller(decide, request)
    return await decision if inspect.isawaitable(decision) else decision


def as_answer(decision: Decision, request: InputRequest) -> InputAnswer | None:
    """Return what a decision means for a question; None when it is left open.

    Raises:
        UsageError: it means nothing.
    """
    if decision is None:
        return None
    if isinstance(decision, InputAnswer):
        return decision if decision.via else replace(decision, via="policy")
    if isinstance(decision, str):
        return InputAnswer.from_classic(decision, request, via="policy")
    if isinstance(decision, bool) and request.kind in ("approval", "reply"):
        goes_on = "run" if request.kind == "approval" else "continue"
        return InputAnswer(goes_on if decision else "end", via="policy")  # type: ignore[arg-type]
    if isinstance(decision, bool) and request.kind == "choice" and request.choices:
        return InputAnswer("choose", request.choices[0 if decision else -1], via="policy")
    raise UsageError(
        f"The policy answered {decision!r:.80} to {request.prompt.strip()!r:.80}; "
        "it must return True, False, a text, an InputAnswer, or None."
    )
