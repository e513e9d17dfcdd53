"""What a person agreed to beforehand: whether code asks before it runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import NoHumanError
from ..human_input import InputRequest
from ..kernels import describe
from .differences import difference
from .kernel_options import KernelOptions
from .open_session import here
from .options import ChatOptions
from .team import Team

if TYPE_CHECKING:
    from .chat import Chat

__all__ = ["APPROVE_VARIABLE", "approval", "check_replacing", "may_bring_back", "said_approval"]

BRING_BACK, LEAVE = "Bring back", "Leave them"
_YES = {BRING_BACK.lower(), "y", "yes", "1"}

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
    return "never" if boundary.isolated else "always"


def check_replacing(options: ChatOptions, existing: Mapping[str, object]) -> None:
    """Refuse a request whose end nobody could agree to.

    Raises:
        NoHumanError: a variable of the notebook would be replaced, and nobody is there to see what changes.
    """
    if existing and not options.yes and not here().has_person:
        raise NoHumanError(
            f"-o {next(iter(existing))} would replace a variable of the notebook, and this run has nobody to ask. "
            "Nothing was sent to a model. Add --yes to accept it, or bring it back under another name."
        )


async def may_bring_back(chat: Chat, values: Mapping[str, object], existing: Mapping[str, object]) -> bool:
    """Say whether variables may come back; who is asked sees what would change in those of the same name.

    Code that may run unasked is another matter than what leaves its kernel: only a permission in words, or nobody to ask, answers for new
    names; what replaces a variable is asked about in any case.
    """
    replaced = {name: difference(existing[name], value) for name, value in values.items() if name in existing}
    if chat.options.yes or (not replaced and (said_approval(chat.options) in ("never", "risky") or not here().has_person)):
        return True
    lines = [
        f"{describe(name, value)}" + (f"\n  replaces yours: {replaced[name]}" if name in replaced else "") for name, value in values.items()
    ]
    question = InputRequest(
        "choice", "Bring back " + ";\n".join(lines) + f"? ({BRING_BACK} / {LEAVE}) ", agent="user", choices=(BRING_BACK, LEAVE)
    )
    answer = await chat.session.ask(question)
    return answer.text.strip().lower() in _YES
