"""The classic's lists of messages: whoever changes such a list, or a message in it, changes what the agent remembers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, Protocol

from ..errors import UsageError
from ..messages import Message
from ..redaction import without_secrets

__all__ = ["LiveMessage", "LiveMessages"]

_PARTED = ("content", "tool_calls", "tool_responses", "function_call")
"""The keys whose values may be changed in place, and count then."""


class _Owner(Protocol):
    """The history that a list stands for."""

    def as_dicts(self) -> list[dict[str, Any]]:
        """Bring the list up to date."""
        ...

    def take_over(self) -> None:
        """Become what the list is now."""
        ...


class LiveMessage(dict[str, Any]):
    """A message as the classic's dictionary. Copies of it are plain dictionaries, which change nothing."""

    __slots__ = ("message", "owner")
    message: Message
    owner: _Owner

    @classmethod
    def made_from(cls, message: Message, owner: _Owner) -> LiveMessage:
        """Return a message of ``owner``. Not a constructor, which would take twice the time."""
        made = cls(message.to_dict())
        made.message = message
        made.owner = owner
        # Asked one by one: this is done for each message that somebody looks at, and most are text.
        if message.tool_calls or message.tool_results or message.content.__class__ is tuple or "function_call" in message.extra:
            made._enliven()
        return made

    def _enliven(self) -> None:
        """Notice changes within the message too."""
        for key in _PARTED:
            if isinstance(value := self.get(key), (dict, list)):
                dict.__setitem__(self, key, _live(value, self))

    def plain(self) -> dict[str, Any]:
        """Return a copy that shares nothing with this."""
        return {key: value if value.__class__ is str else _plain(value) for key, value in self.items()}

    @classmethod
    def of(cls, given: object, owner: _Owner) -> LiveMessage:
        """Return what somebody put into a list of ``owner``, which may be there already.

        Raises:
            UsageError: it is no message.
        """
        if isinstance(given, LiveMessage) and given.owner is owner:
            return given
        if not isinstance(given, Mapping):
            raise UsageError(f"A history got {given!r:.80}; its messages are dictionaries, such as {{'role': 'user', 'content': 'Hi.'}}.")
        return cls.made_from(without_secrets(Message.from_dict(given)), owner)

    def will_change(self) -> None:
        """Do nothing: a message is always up to date."""

    def has_changed(self) -> None:
        """Be the message that the dictionary tells of now; one with nothing in it yet, which cannot be, is empty."""
        given = self.plain()
        try:
            read = Message.from_dict(given)
        except UsageError:
            read = Message.from_dict({**given, "content": ""})
        clean = without_secrets(read)
        if clean is not read:
            dict.update(self, clean.to_dict())
        self._enliven()
        self.message = replace(clean, id=self.message.id)
        self.owner.take_over()

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)


class _Part:
    """A dictionary or list within a message: its parts, calls and results. Copies of it are plain."""

    __slots__ = ()
    root: LiveMessage

    def will_change(self) -> None:
        """Do nothing: a message is always up to date."""

    def has_changed(self) -> None:
        """Let the message be read again, with what was put in."""
        self.root.has_changed()


class _LiveDict(_Part, dict[str, Any]):
    __slots__ = ("root",)

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)


class _LiveList(_Part, list[Any]):
    __slots__ = ("root",)

    def __reduce__(self) -> tuple[type, tuple[list[Any]]]:
        return list, (list(self),)


def _live(value: Any, root: LiveMessage) -> Any:
    """Return a value in a message so that changes in it are noticed; what is so already is kept, so that it can be held on to."""
    if not isinstance(value, (dict, list)):
        return value
    if not (isinstance(value, _Part) and value.root is root):
        made = _LiveDict(value) if isinstance(value, dict) else _LiveList(value)
        made.root = root
        value = made
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if (live := _live(item, root)) is not item:
            (dict if isinstance(value, dict) else list).__setitem__(value, key, live)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


class LiveMessages(list[dict[str, Any]]):
    """The messages of a history. Copies of it are plain lists.

    The history itself changes it by the methods of ``list``, which tell nobody.
    """

    __slots__ = ("_owner",)

    def __init__(self, owner: _Owner) -> None:
        super().__init__()
        self._owner = owner

    def will_change(self) -> None:
        """Hold what was said since somebody looked."""
        self._owner.as_dicts()

    def has_changed(self) -> None:
        """Let the history be what the list is now."""
        self._owner.take_over()

    def __reduce__(self) -> tuple[type, tuple[list[dict[str, Any]]]]:
        return list, (list(self),)


def _noticed(change: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(change)
    def method(self: LiveMessage | LiveMessages | _Part, *args: Any, **kwargs: Any) -> Any:
        self.will_change()
        result = change(self, *args, **kwargs)
        self.has_changed()
        return result

    return method


for _name in ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update"):
    for _kind in (LiveMessage, _LiveDict):
        setattr(_kind, _name, _noticed(getattr(dict, _name)))
for _name in (
    "__setitem__",
    "__delitem__",
    "__iadd__",
    "__imul__",
    "append",
    "clear",
    "extend",
    "insert",
    "pop",
    "remove",
    "reverse",
    "sort",
):
    for _list in (LiveMessages, _LiveList):
        setattr(_list, _name, _noticed(getattr(list, _name)))
