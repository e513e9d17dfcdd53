"""What two agents have said to each other, as one of them remembers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..messages import Message, Role
from ..redaction import without_secrets
from .live_messages import LiveMessage, LiveMessages

__all__ = ["History"]


class History:
    """Messages in order; they are shared with other histories, never copied.

    Secrets are taken out of a message when it comes in.
    The classic's dictionaries are made when somebody looks at them, once for each message; who changes them changes the history.
    """

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self.messages: list[Message] = list(messages)
        self._dicts = LiveMessages(self)
        """The messages that somebody has looked at: the first ones, or all."""

    def append(self, message: Message, role: Role) -> Message:
        """Add a message as it stands here: ``assistant`` when this agent sent it, ``user`` when it was received."""
        return self.share(without_secrets(message), role)

    def share(self, message: Message, role: Role) -> Message:
        """Add a message out of another history, where its secrets were taken out."""
        here = message.with_role(role)
        self.messages.append(here)
        return here

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the history as the classic's dictionaries: the same list each time, grown by what is new."""
        made = len(self._dicts)
        if made < len(self.messages):
            list.extend(self._dicts, [LiveMessage.made_from(message, self) for message in self.messages[made:]])
        return self._dicts

    def copied(self) -> list[dict[str, Any]]:
        """Return the history as the classic's dictionaries that nothing changes."""
        self.as_dicts()
        return [message.plain() if isinstance(message, LiveMessage) else dict(message) for message in self._dicts]

    def take_over(self) -> None:
        """Become what somebody has made of the dictionaries.

        Raises:
            UsageError: there is something in the list that is no message; it is as it was before.
        """
        try:
            live = [LiveMessage.of(given, self) for given in self._dicts]
        except Exception:
            list.clear(self._dicts)
            self.as_dicts()
            raise
        list.__setitem__(self._dicts, slice(None), live)
        self.messages = [one.message for one in live]

    def clear(self, keep: int = 0) -> None:
        """Forget all but the last ``keep`` messages; one more is kept where a tool result would lose the call it answers."""
        start = len(self.messages) - keep if keep else len(self.messages)
        if 0 < start < len(self.messages) and self.messages[start].role == "tool":
            start -= 1
        start = max(start, 0)
        self.messages = self.messages[start:]
        list.__delitem__(self._dicts, slice(start))

    def cut(self, to: int) -> None:
        """Forget all but the first ``to`` messages."""
        self.messages = self.messages[:to]
        list.__delitem__(self._dicts, slice(to, None))

    @classmethod
    def from_dicts(cls, messages: Iterable[Mapping[str, Any]]) -> History:
        """Read a history that was kept as the classic's dictionaries."""
        return cls(Message.from_dict(message) for message in messages)
