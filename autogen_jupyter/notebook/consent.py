"""What a person agreed to beforehand: whether code asks before it runs."""

from __future__ import annotations

import os

from .kernel_options import KernelOptions
from .options import ChatOptions
from .team import Team

__all__ = ["APPROVE_VARIABLE", "approval", "said_approval"]

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
