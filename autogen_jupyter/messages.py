"""What agents say to each other: an immutable message, and its way to and from the classic's dictionaries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any, Literal, cast, overload

from .errors import UsageError, WrongType
from .image_parts import with_reference
from .redaction import OURS

__all__ = ["Content", "Message", "MessageView", "Role", "ToolCall", "ToolResult", "content_str", "new_id"]

Role = Literal["system", "user", "assistant", "tool", "function"]
Content = str | tuple[Mapping[str, Any], ...] | None
"""Text, parts as the OpenAI API writes them (``{"type": "text", …}``), or nothing (a message that only calls tools)."""

_ids = count(1)


def new_id(prefix: str) -> str:
    """Return an identifier that is unique in this process, such as ``"m12"``."""
    return f"{prefix}{next(_ids)}"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model asks for a tool to be called."""

    id: str
    name: str
    arguments: str
    """The arguments as the model wrote them: a JSON object, hopefully."""

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What one tool call returned, as text for the model."""

    tool_call_id: str
    content: str

    def to_dict(self) -> dict[str, Any]:
        return {"role": "tool", "tool_call_id": self.tool_call_id, "content": self.content}


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation. It never changes, so that every history can hold the same object.

    Example:
        >>> Message("user", "How many penguins?", sender="user").to_dict()
        {'content': 'How many penguins?', 'role': 'user', 'name': 'user'}
    """

    role: Role = field(metadata=OURS)
    content: Content
    sender: str = ""
    """Name of the agent that wrote it (the classic's ``name``)."""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_results: tuple[ToolResult, ...] = ()
    tool_call_id: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Keys the classic lets a message carry: ``context``, ``function_call``, ``override_role``."""
    id: str = field(default_factory=lambda: new_id("m"), compare=False, metadata=OURS)

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls that it asks for, also in the older form: a ``function_call`` is one call, whose id is made of the message's."""
        if self.tool_calls or not self.extra or not isinstance(function_call := self.extra.get("function_call"), Mapping):
            return self.tool_calls
        name, arguments = (str(function_call.get(key) or "") for key in ("name", "arguments"))
        return (ToolCall(f"function_{self.id}", name, arguments),)

    @property
    def text(self) -> str:
        """The content as plain text; images become ``<image>``."""
        return content_str(self.content)

    def with_role(self, role: Role) -> Message:
        """Return this message as it stands in another history. Tool and function messages keep their role, as does who says so."""
        if self.extra:
            role = self.extra.get("override_role", role)
        if self.role == role or self.role in ("tool", "function", "system"):
            return self
        if self.tool_calls or "function_call" in self.extra:
            role = "assistant"
        # Written out: this is done for each message delivered, and dataclasses.replace takes five times as long.
        return Message(role, self.content, self.sender, self.tool_calls, self.tool_results, self.tool_call_id, self.extra, self.id)

    def to_dict(self) -> dict[str, Any]:
        """Return the classic's dictionary (``content``, ``role``, ``name``, ``tool_calls``, …)."""
        made: dict[str, Any] = {"content": list(self.content) if isinstance(self.content, tuple) else self.content}
        made["role"] = self.role
        if self.sender:
            made["name"] = self.sender
        if self.tool_calls:
            made["tool_calls"] = [call.to_dict() for call in self.tool_calls]
        if self.tool_results:
            made["tool_responses"] = [result.to_dict() for result in self.tool_results]
        if self.tool_call_id is not None:
            made["tool_call_id"] = self.tool_call_id
        return made | self.extra if self.extra else made  # type: ignore[operator]

    @classmethod
    def from_dict(cls, given: Mapping[str, Any] | str, *, role: Role = "assistant", sender: str = "") -> Message:
        """Build a message from the classic's dictionary, or from plain text.

        Args:
            given: text, or a mapping with ``content``, ``function_call`` or ``tool_calls``.
            role: the role of a message that names none.
            sender: the author of a message that names none.

        Raises:
            UsageError: nothing in it can be sent.
        """
        if isinstance(given, str):
            return cls(role, given, sender=sender)
        if not isinstance(given, Mapping):
            raise UsageError(f"A message is text or a dictionary, not {type(given).__name__}: {given!r:.80}.")
        if not any(given.get(key) is not None for key in ("content", "function_call", "tool_calls", "tool_responses")):
            raise UsageError(
                f"The message {dict(given)!r:.120} has neither content, tool_calls nor function_call, so it cannot be sent. "
                'Give it a "content" (an empty text is allowed).'
            )
        content = given.get("content")
        known = {"content", "role", "name", "tool_calls", "tool_responses", "tool_call_id"}
        return cls(
            role=cast(Role, given.get("role") or role),
            content=tuple(map(with_reference, content)) if isinstance(content, (list, tuple)) else content,
            sender=str(given.get("name") or sender),
            tool_calls=tuple(_tool_call(call) for call in given.get("tool_calls") or ()),
            tool_results=tuple(
                ToolResult(str(result.get("tool_call_id", "")), content_str(result.get("content")))
                for result in given.get("tool_responses") or ()
            ),
            tool_call_id=given.get("tool_call_id"),
            extra={key: value for key, value in given.items() if key not in known and value is not None},
        )


class MessageView(Sequence[Message]):
    """A history as it stands now, seen without copying it: a long chat asks its model as cheaply as a short one.

    Args:
        first: messages that come before the history, such as the system message.
        history: the messages; the list may grow afterwards, and the view does not see that. It must not change otherwise.
    """

    __slots__ = ("_first", "_history", "_length")

    def __init__(self, first: Sequence[Message], history: Sequence[Message]) -> None:
        self._first = tuple(first)
        self._history = history
        self._length = len(history)

    @property
    def parts(self) -> tuple[Sequence[Message], Sequence[Message], int]:
        """What comes first, the history, which may have grown since, and how many messages of it are seen here."""
        return self._first, self._history, self._length

    def __len__(self) -> int:
        return len(self._first) + self._length

    @overload
    def __getitem__(self, index: int) -> Message: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Message, ...]: ...

    def __getitem__(self, index: int | slice) -> Message | tuple[Message, ...]:
        if isinstance(index, slice):
            return tuple(self)[index]
        at = range(len(self))[index]
        return self._first[at] if at < len(self._first) else self._history[at - len(self._first)]

    def __iter__(self) -> Iterator[Message]:
        yield from self._first
        yield from islice(self._history, self._length)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (MessageView, tuple, list)) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"MessageView({list(self)!r})"


def _tool_call(given: Mapping[str, Any]) -> ToolCall:
    function = given.get("function") or {}
    arguments = function.get("arguments", "")
    return ToolCall(
        id=str(given.get("id") or ""),
        name=str(function.get("name") or ""),
        arguments=arguments if isinstance(arguments, str) else json.dumps(arguments),
    )


def content_str(content: str | Sequence[Mapping[str, Any]] | None) -> str:
    """Return message content as one text, as the classic's ``code_utils.content_str`` does.

    Args:
        content: text, a list of parts, or None (which gives an empty text).

    Raises:
        WrongType: the content, or a part of it, is something else.
        UsageError: a part has no known type.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence):
        raise WrongType(f"The content of a message is {content!r:.80}; it must be text, a list of parts, or None.")
    return "".join(_part_str(part) for part in content)


def _part_str(part: Any) -> str:
    if not isinstance(part, Mapping):
        raise WrongType(f'A content part is {part!r:.80}; it must be a dictionary, such as {{"type": "text", "text": "…"}}.')
    kind = part.get("type")
    if kind == "text":
        return str(part.get("text", ""))
    if kind in ("image_url", "input_image"):
        return "<image>"
    raise UsageError(f'A content part has the type {kind!r}; known are "text" and "image_url".')
