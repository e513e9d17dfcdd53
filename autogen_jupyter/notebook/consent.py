"""What a person agrees to: beforehand whether code asks before it runs, and when asked what goes to a model or comes back from code."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import NoHumanError
from ..events import Noticed
from ..human_input import InputRequest
from ..kernels import describe
from ..session.policy import Policy
from .differences import difference
from .kernel_options import KernelOptions
from .open_session import here
from .options import ChatOptions
from .team import Team
from .teams import plan_of

if TYPE_CHECKING:
    from .chat import Chat

__all__ = ["APPROVE_VARIABLE", "approval", "as_approved", "check_answerable", "may_bring_back", "said_approval"]

BRING_BACK, LEAVE = "Bring back", "Leave them"
SEND, KEEP = "Send", "Leave out"
_YES = {BRING_BACK.lower(), SEND.lower(), "y", "yes", "1"}

APPROVE_VARIABLE = "AUTOGEN_JUPYTER_APPROVE"


def said_approval(options: ChatOptions) -> str | None:
    """Return what was said about approval: in the options, else by the environment."""
    return options.approve or os.environ.get(APPROVE_VARIABLE, "").strip().lower() or None


def approval(options: ChatOptions, team: Team | None) -> str:
    """Return which code has to be approved. Code runs unasked by default only where a boundary holds it back.

    Args:
        options: all that was said about the chat.
        team: the chat's agents, if it has begun.
    """
    said = said_approval(options)
    if said is not None:
        return said
    boundary = team.boundary(options) if team is not None else KernelOptions.of(options).boundary()
    made = (team.plan if team is not None else plan_of(options.team or "analyst")).made.values()
    others = [agent.code_executor for agent in made if getattr(agent, "code_executor", None) is not None]
    return "never" if boundary.isolated and all(getattr(other, "isolated", False) for other in others) else "always"


def check_answerable(options: ChatOptions, team: Team | None, existing: Mapping[str, object], policy: Policy | None) -> None:
    """Refuse a request that would come to a question which nobody could answer.

    Args:
        options: all that was said about the chat.
        team: the chat's agents, if it has begun.
        existing: variables of the notebook that would be replaced.
        policy: answers questions in the person's place.

    Raises:
        NoHumanError: a variable of the notebook would be replaced, or agents would ask, and nobody is there.
    """
    if here().has_person:
        return
    if existing and not options.yes:
        raise NoHumanError(
            f"-o {next(iter(existing))} would replace a variable of the notebook, and this run has nobody to ask. "
            "Nothing was sent to a model. Add --yes to accept it, or bring it back under another name."
        )
    plan = team.plan if team is not None else plan_of(options.team or "analyst")
    asks = options.human == "always" or (options.human == "terminate" and plan.is_pair)  # the end of a group is asked about nobody
    if asks and policy is None:
        raise NoHumanError(
            f"The agents would ask you (--human {options.human}), and this run has nobody to ask. Nothing was sent to a model. "
            "Use --human never, with --approve never where code is to run."
        )


async def as_approved(chat: Chat) -> str:
    """Return the request as it is sent; show what of the notebook is in it, and ask about what the request did not name itself."""
    prompt, emit = chat.prompt, chat.session.emit
    if prompt is None:
        return chat.request
    if prompt.to_approve and not _is_allowed(chat):
        listed = "\n\n".join(one.text for one in prompt.to_approve)
        question = InputRequest("choice", f"{listed}\n\nSend this list? ({SEND} / {KEEP}) ", agent="user", choices=(SEND, KEEP))
        answer = await chat.session.ask(question)
        if answer.text.strip().lower() not in _YES:
            prompt = prompt.without(prompt.to_approve)
    for one in prompt.added:
        emit(Noticed(f"From the notebook, {one.written}: {one.note}."))
    if prompt.left:
        emit(Noticed(f"Left as written: {', '.join(prompt.left)}. The notebook has nothing of that name that can be sent.", "warning"))
    return prompt.text


async def may_bring_back(chat: Chat, values: Mapping[str, object], existing: Mapping[str, object], *, is_decided: bool = False) -> bool:
    """Say whether variables may come back; who is asked sees what would change in those of the same name.

    Args:
        values: what would come back, by name.
        existing: variables of the notebook, of which some would be replaced.
        is_decided: whether a function of the person's decides about code, which answers for new names too.
    """
    shared = [name for name in values if name in existing]
    found = await asyncio.to_thread(lambda: [difference(existing[name], values[name]) for name in shared])  # tables may be large
    replaced = dict(zip(shared, found, strict=True))
    if chat.options.yes or (not replaced and (is_decided or _is_allowed(chat))):
        return True
    lines = [
        f"{describe(name, value)}" + (f"\n  replaces yours: {replaced[name]}" if name in replaced else "") for name, value in values.items()
    ]
    question = InputRequest(
        "choice", "Bring back " + ";\n".join(lines) + f"? ({BRING_BACK} / {LEAVE}) ", agent="user", choices=(BRING_BACK, LEAVE)
    )
    answer = await chat.session.ask(question)
    return answer.text.strip().lower() in _YES


def _is_allowed(chat: Chat) -> bool:
    """Say whether data may pass unasked. A boundary lets code run unasked and says nothing of this; words do, or that nobody is there."""
    return said_approval(chat.options) in ("never", "risky") or not here().has_person
