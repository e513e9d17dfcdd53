"""What two agents have said to each other, as one of them remembers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..messages import Message, Role
from ..redaction import without_secrets

__all__ = ["History"]


class History:
    """Messages in order; they are shared with other histories, never copied.

    Secrets are taken out of a message when it comes in.
    The classic's dictionaries are made when somebody looks at them, once for each message.
    """

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self.messages: list[Message] = list(messages)
        self._dicts: list[dict[str, Any]] = []
        self._made = 0

    def append(self, message: Message, role: Role) -> Message:
        """Add a message as it stands here: ``assistant`` when this agent sent it, ``user`` when it was received."""
        return self.share(without_secrets(message), role)

    def share(self, message: Message, role: Role) -> Message:
        """Add a message out of another history, where its secrets were taken out."""
        here = message.with_role(role)
        self.messages.append(here)
        return here

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the history as the classic's dictionaries: the same list each time, grown by what is new.

        Whoever adds to that list, or takes from it, changes nothing here: it is made anew.
        """
        if len(self._dicts) != self._made:
            self._dicts, self._made = [], 0
        if self._made < len(self.messages):
            self._dicts += [message.to_dict() for message in self.messages[self._made :]]
            self._made = len(self._dicts)
        return self._dicts

    def clear(self, keep: int = 0) -> None:
        """Forget all but the last ``keep`` messages; one more is kept where a tool result would lose the call it answers."""
        start = len(self.messages) - keep if keep else len(self.messages)
        if 0 < start < len(self.messages) and self.messages[start].role == "tool":
            start -= 1
        self.messages = self.messages[max(start, 0) :]
        self._dicts, self._made = [], 0

    def cut(self, to: int) -> None:
        """Forget all but the first ``to`` messages."""
        self.messages = self.messages[:to]
        self._dicts = []

    @classmethod
    def from_dicts(cls, messages: Iterable[Mapping[str, Any]]) -> History:
        """Read a history that was kept as the classic's dictionaries."""
        return cls(Message.from_dict(message) for message in messages)
