"""What is said becomes a message when it is sent or received, with its blanks filled in: the classic's ``context``."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import UsageError
from ..messages import Message, Role

__all__ = ["as_received", "as_sent", "filled_in", "told_with_blanks_filled", "with_blanks_filled"]


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
        message: its content may be a function of its ``context``; or a text with ``{blanks}`` for what is in the context.
        llm_config: blanks are filled in if it says ``allow_format_str_template``.

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
        return _with_content(message, made, context)
    if context and not isinstance(context, _Used) and isinstance(content, str) and _allows_blanks(llm_config):
        return _with_content(message, _formatted(content, context), context)
    return message


def told_with_blanks_filled(messages: Sequence[Message], llm_config: object) -> Sequence[Message]:
    """Return messages as they are told to a model; see ``with_blanks_filled``. The history keeps them as they were written."""
    if not _allows_blanks(llm_config) or not any("context" in message.extra for message in messages):
        return messages
    return [with_blanks_filled(message, llm_config)[0] for message in messages]


def with_blanks_filled(message: Message, llm_config: object) -> tuple[Message, str]:
    """Return a message as its recipient shows it, with the blanks filled in from its own context where ``llm_config`` allows that.

    One whose blanks are not all there is returned as it is, and what is wrong with it.
    """
    if not (_allows_blanks(llm_config) and _is_template(message)):
        return message, ""
    try:
        return replace(message, content=_formatted(str(message.content), message.extra["context"])), ""
    except UsageError as error:
        return message, str(error)


def _is_template(message: Message) -> bool:
    context = message.extra.get("context")
    return bool(context) and isinstance(context, Mapping) and not isinstance(context, _Used) and isinstance(message.content, str)


def _allows_blanks(llm_config: object) -> bool:
    return isinstance(llm_config, Mapping) and bool(llm_config.get("allow_format_str_template"))


class _Used(dict[str, Any]):
    """A context that was filled in: the text that came of it may have braces, and is no template."""


def _with_content(message: Mapping[str, Any], content: Any, context: Any) -> dict[str, Any]:
    return {**message, "content": content, **({"context": _Used(context)} if context and isinstance(context, Mapping) else {})}


class _Blanks(string.Formatter):
    """Fills in values by their names alone: a text must not reach into them, as ``{user.__class__}`` would."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:
        if not field_name.isidentifier():
            raise ValueError(f"{{{field_name}}} is not a name alone")
        return kwargs[field_name], field_name


def _formatted(content: str, context: Mapping[str, Any]) -> str:
    try:
        return _Blanks().vformat(content, (), context)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise UsageError(
            f"The blanks of the message {content!r:.80} cannot be filled in from its context: {error!r}. "
            "A blank is a name in the context, such as {name}; write {{ and }} for braces in the text."
        ) from error


def _in_role(message: Mapping[str, Any] | str, role: Role) -> Mapping[str, Any] | str:
    """Return a message as it is sent or received: the role follows from that, but for results of calls, and ``override_role``."""
    if not isinstance(message, Mapping) or message.get("content") is None or message.get("role") in (None, role, "tool", "function"):
        return message
    return {**message, "role": message.get("override_role", role)}
