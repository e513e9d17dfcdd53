"""What subclasses, or somebody on one object, put in the place of a public method: chats go through it, as they do in the classic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["overridden", "replaced_in"]

OVERRIDABLE = (
    "a_send",
    "send",
    "a_receive",
    "receive",
    "a_generate_reply",
    "generate_reply",
    "a_generate_init_message",
    "generate_init_message",
    "a_get_human_input",
    "get_human_input",
    "a_execute_function",
    "execute_function",
    "a_initiate_chat",
    "initiate_chat",
    "a_process_last_received_message",
    "process_last_received_message",
    "a_process_all_messages_before_reply",
    "process_all_messages_before_reply",
)
"""The methods of an agent that its chats go through."""


def replaced_in(kind: type, base: type) -> frozenset[str]:
    """Return which of the ``OVERRIDABLE`` methods a subclass has in ways of its own: looked up once for an agent, not for a message."""
    return frozenset(name for name in OVERRIDABLE if getattr(kind, name) is not getattr(base, name))


def overridden(owner: object, base: type, *names: str) -> Callable[..., Any] | None:
    """Return the first of these methods of ``base`` that ``owner`` has in a way of its own, or None."""
    kind = type(owner)
    for name in names:
        if name in owner.__dict__ or (kind is not base and getattr(kind, name) is not getattr(base, name)):
            return getattr(owner, name)  # type: ignore[no-any-return]
    return None
