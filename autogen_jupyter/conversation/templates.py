"""What is said becomes a message when it is sent or received, with its blanks filled in: the classic's ``context``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import UsageError
from ..messages import Message, Role

__all__ = ["as_received", "as_sent", "filled_in"]


def as_sent(message: Message | Mapping[str, Any] | str, sender: str, llm_config: object) -> Message:
    """Return what an agent is about to say as a message, with its blanks filled in (see ``filled_in``).

    Args:
        message: a message is taken as it is.
        sender: name of the agent.
        llm_config: the agent's.

    Raises:
        UsageError: it cannot be sent.
    """
    if isinstance(message, Message):
        return message
    if isinstance(message, str):
        return Message("assistant", message, sender)
    return Message.from_dict(_in_role(filled_in(message, llm_config), "assistant"), role="assistant", sender=sender)


def as_received(message: Message | Mapping[str, Any] | str, sender: str) -> Message:
    """Return what an agent was given as a message; a message is taken as it is.

    Args:
        sender: name of the agent that gave it.

    Raises:
        UsageError: there is nothing in it.
    """
    return message if isinstance(message, Message) else Message.from_dict(_in_role(message, "user"), role="user", sender=sender)


def filled_in(message: Mapping[str, Any] | str, llm_config: object) -> Mapping[str, Any] | str:
    """Return a message whose content is text.

    Args:
        message: its content may be a function of its ``context``; or a text with ``{blanks}`` for what is in the context, if the
            sender's ``llm_config`` says ``allow_format_str_template``.
        llm_config: the sender's.

    Raises:
        UsageError: the function does not return text, or a blank is not in the context.
    """
    if isinstance(message, str) or not isinstance(message, Mapping):
        return message
    content, context = message.get("content"), message.get("context") or {}
    if callable(content):
        made = content(context)
        if not isinstance(made, (str, list)):
            raise UsageError(f"The content function of a message returned {made!r:.80}; it must return text.")
        return {**message, "content": made}
    may_have_blanks = isinstance(llm_config, Mapping) and llm_config.get("allow_format_str_template")
    if context and may_have_blanks and isinstance(content, str):
        try:
            return {**message, "content": content.format(**context)}
        except (KeyError, IndexError, ValueError) as error:
            raise UsageError(f"The blanks of the message {content!r:.80} cannot be filled in from its context: {error!r}.") from error
    return message


def _in_role(message: Mapping[str, Any] | str, role: Role) -> Mapping[str, Any] | str:
    """Return a message as it is sent or received: the role follows from that, but for results of calls, and ``override_role``."""
    if not isinstance(message, Mapping) or message.get("content") is None or message.get("role") in (None, role, "tool", "function"):
        return message
    return {**message, "role": message.get("override_role", role)}
