"""What the conversation needs from an agent: a name, a description, and replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

__all__ = ["Agent", "LLMAgent"]


@runtime_checkable
class Agent(Protocol):
    """Anything that can take part in a conversation; it need not inherit from any class of ours.

    Example:
        >>> class Echo:
        ...     name, description = "echo", "says it again"
        ...     async def a_generate_reply(self, messages=None, sender=None):
        ...         return messages[-1]["content"]
    """

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    async def a_generate_reply(
        self, messages: Sequence[Mapping[str, Any]] | None = None, sender: Agent | None = None
    ) -> str | Mapping[str, Any] | None:
        """Return the reply to the last of ``messages`` (the classic's dictionaries), or None to end the conversation."""
        ...


@runtime_checkable
class LLMAgent(Agent, Protocol):
    """An agent with a system message."""

    @property
    def system_message(self) -> str: ...

    def update_system_message(self, system_message: str) -> None: ...
