"""``agentchat``: what the magic does, as a function; and the one team that a notebook's cells talk to."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import cast, get_args

from ..context import Approval
from ..conversation.chat_result import ChatResult
from ..errors import UsageError
from ..events import Noticed
from ..models.budget import Budget, as_budget
from ..portal import on_portal, run_sync
from ..replies.human import HumanInputMode
from ..session.session import Session
from .open_session import here, open_session
from .options import CODE_TIMEOUT
from .team import Team

__all__ = ["agentchat", "close_team"]

APPROVE_VARIABLE = "AUTOGEN_JUPYTER_APPROVE"

_team: Team | None = None


async def agentchat(
    message: str,
    *,
    inputs: Mapping[str, object] | None = None,
    model: str | None = None,
    human: str = "never",
    approve: str | None = None,
    max_turns: int | None = None,
    timeout: float = CODE_TIMEOUT,
    quiet: bool = False,
    budget: Budget | str | None = None,
) -> ChatResult:
    """Let two agents work on a request: the awaitable twin of ``%%agentchat``.

    A call goes on with the conversation of the one before, and finds the agent kernel's variables as that left them.

    Args:
        message: what you want done.
        inputs: variables to copy into the agent kernel, by name.
        model: as ``provider/model``, a server's URL, or ``builtin/demo``. Default: what the environment configures.
        human: when the agents ask you: ``"always"``, ``"terminate"`` or ``"never"`` (the classic's human_input_mode).
        approve: which generated code asks before it runs: ``"always"``, ``"risky"`` or ``"never"``. Default: the environment variable
            ``AUTOGEN_JUPYTER_APPROVE``, or always.
        max_turns: round trips at the most.
        timeout: seconds a block of code may run.
        quiet: show only the answer.
        budget: what this call may take, such as ``"0.50usd, 20 turns"``; a call with a higher one goes on where it ended.

    Returns:
        The chat of this call; ``chat_history`` holds the earlier ones too.

    Raises:
        UsageError: an argument cannot work.
        NoHumanError: code has to be approved and nobody is there; nothing was sent to a model.
        ModelError, KernelError: the model or the agent kernel failed; the conversation is kept.

    Example:
        >>> result = await agentchat("Describe df", inputs={"df": df}, approve="never")  # doctest: +SKIP
    """
    if not message.strip():
        raise UsageError("The request is empty: say below %%agentchat what you want done.")
    as_budget(budget)  # what cannot be read is said before anything begins
    mode = cast(HumanInputMode, _one_of(human, "human", [mode.lower() for mode in get_args(HumanInputMode)]).upper())
    approval = cast(Approval, _one_of(_approval(approve), "approve", get_args(Approval)))
    session = open_session(approval, quiet=quiet)
    if here().kind == "terminal":
        # Terminal IPython drops a coroutine that is interrupted, without cancelling it; blocking its loop lets the interrupt arrive here.
        return run_sync(a_chat)(session, message, inputs or {}, model, mode, max_turns, timeout, budget)
    return await a_chat(session, message, inputs or {}, model, mode, max_turns, timeout, budget)


@on_portal
async def a_chat(
    session: Session,
    message: str,
    inputs: Mapping[str, object],
    model: str | None,
    human: HumanInputMode,
    max_turns: int | None,
    timeout: float,
    budget: Budget | str | None = None,
) -> ChatResult:
    global _team
    if _team is None:
        _team = Team(model)
    team = _team
    team.prepare(model=model, human=human, timeout=timeout)

    async def chat() -> ChatResult:
        if team.notice:
            session.emit(Noticed(team.notice))
            team.notice = ""
        opening = message.strip() + await team.hand_over(inputs)
        return await team.proxy.a_initiate_chat(team.assistant, message=opening, clear_history=False, max_turns=max_turns, budget=budget)

    return await session.run(chat)


async def close_team() -> None:
    """Forget the notebook's conversation and stop its agent kernel."""
    global _team
    team, _team = _team, None
    if team is not None:
        await team.close()


def _approval(given: str | None) -> str:
    return given or os.environ.get(APPROVE_VARIABLE, "").strip().lower() or "always"


def _one_of(value: str, name: str, known: Sequence[str]) -> str:
    if value not in known:
        raise UsageError(f"{name} is {value!r}; it must be one of {', '.join(known)}.")
    return value
