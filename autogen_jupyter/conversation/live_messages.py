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
        return made

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
        try:
            read = Message.from_dict(self)
        except UsageError:
            read = Message.from_dict({**self, "content": ""})
        clean = without_secrets(read)
        if clean is not read:
            dict.update(self, clean.to_dict())
        self.message = replace(clean, id=self.message.id)
        self.owner.take_over()

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)


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
    def method(self: LiveMessage | LiveMessages, *args: Any, **kwargs: Any) -> Any:
        self.will_change()
        result = change(self, *args, **kwargs)
        self.has_changed()
        return result

    return method


for _name in ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update"):
    setattr(LiveMessage, _name, _noticed(getattr(dict, _name)))
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
    setattr(LiveMessages, _name, _noticed(getattr(list, _name)))
