"""What a group is told about its members before it begins."""

from __future__ import annotations

from collections.abc import Iterable

from ..agent import Agent

__all__ = ["DEFAULT_INTRO_MSG", "introductions", "roles"]

DEFAULT_INTRO_MSG = "Hello everyone. We have assembled a great team today to answer questions and solve tasks. In attendance are:"


def roles(agents: Iterable[Agent]) -> str:
    """Return one line for each agent: its name and its description."""
    return "\n".join(f"{agent.name}: {(agent.description or '').strip()}".strip() for agent in agents)


def introductions(agents: Iterable[Agent]) -> str:
    """Return the message that introduces the members of a group to each other."""
    return f"{DEFAULT_INTRO_MSG}\n\n{roles(agents)}"
