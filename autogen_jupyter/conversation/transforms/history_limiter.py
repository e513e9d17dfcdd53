"""Keep the newest messages."""

from __future__ import annotations

from ...errors import UsageError
from ...replies.pieces import newest, pieces
from .base import Dicts

__all__ = ["MessageHistoryLimiter"]


class MessageHistoryLimiter:
    """Shows the agent the newest messages only. A tool call and its results stay together: they are kept or left out as one.

    Args:
        max_messages: how many at most; None for all. The last message is always kept, and a result brings its call along.
        keep_first_message: keep the first message too, as one of them.

    Example:
        >>> MessageHistoryLimiter(max_messages=1).apply_transform([{"content": "a"}, {"content": "b"}])
        [{'content': 'b'}]
    """

    def __init__(self, max_messages: int | None = None, keep_first_message: bool = False) -> None:
        if max_messages is not None and (not isinstance(max_messages, int) or max_messages < 1):
            raise UsageError(f"max_messages is {max_messages!r}; it must be a whole number, 1 or more, or None for all.")
        self._max_messages = max_messages
        self._keep_first_message = keep_first_message

    def apply_transform(self, messages: Dicts) -> Dicts:
        """Return the newest messages."""
        limit = self._max_messages
        if limit is None or len(messages) <= limit:
            return messages
        first = pieces(messages)[0] if self._keep_first_message else []
        return first + newest(messages[len(first) :], limit - len(first)) if len(first) < len(messages) else messages

    def get_logs(self, pre_transform_messages: Dicts, post_transform_messages: Dicts) -> tuple[str, bool]:
        """Say how many messages were left out."""
        before, after = len(pre_transform_messages), len(post_transform_messages)
        if after < before:
            return f"Removed {before - after} messages. Number of messages reduced from {before} to {after}.", True
        return "No messages were removed.", False
