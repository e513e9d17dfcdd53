"""Tell a model who speaks where it does not read names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ...errors import UsageError
from ...models.config_list import filter_config
from .base import Dicts

__all__ = ["TextMessageContentName"]


class TextMessageContentName:
    """Puts the author's name into the text of each message.

    Models in a group are told who speaks without it; this is for a form of your own.

    Args:
        position: ``"start"`` or ``"end"`` of the text.
        format_string: what is put there; ``{name}`` is the author's name.
        deduplicate: leave texts alone that have it already.
        filter_dict: messages that have these values are left as they are …
        exclude_filter: … or, if False, only those are changed.

    Example:
        >>> TextMessageContentName().apply_transform([{"content": "Hello.", "name": "joe"}])
        [{'content': 'joe:\\nHello.', 'name': 'joe'}]
    """

    def __init__(
        self,
        position: Literal["start", "end"] = "start",
        format_string: str = "{name}:\n",
        deduplicate: bool = True,
        filter_dict: Mapping[str, Any] | None = None,
        exclude_filter: bool = True,
    ) -> None:
        if position not in ("start", "end"):
            raise UsageError(f'position is {position!r}; it must be "start" or "end".')
        if not isinstance(format_string, str) or "{name}" not in format_string:
            raise UsageError(f"format_string is {format_string!r}; it must be a text that holds {{name}}.")
        if not isinstance(deduplicate, bool):
            raise UsageError(f"deduplicate is {deduplicate!r}; it must be True or False.")
        self._at_start = position == "start"
        self._format = format_string
        self._deduplicate = deduplicate
        self._filter = filter_dict
        self._exclude = exclude_filter

    def apply_transform(self, messages: Dicts) -> Dicts:
        """Return the messages with names in their texts."""
        return [self._changed(message) if filter_config([message], self._filter, self._exclude) else message for message in messages]

    def get_logs(self, pre_transform_messages: Dicts, post_transform_messages: Dicts) -> tuple[str, bool]:
        """Say how many messages were changed."""
        pairs = zip(pre_transform_messages, post_transform_messages, strict=True)
        changed = sum(before.get("content") != after.get("content") for before, after in pairs)
        return (
            (f"{changed} message(s) changed to incorporate name.", True) if changed else ("No messages changed to incorporate name.", False)
        )

    def _changed(self, message: dict[str, Any]) -> dict[str, Any]:
        content, name = message.get("content"), message.get("name")
        if not content or not name or message.get("role") in ("tool", "function"):
            return message
        mark = self._format.replace("{name}", str(name))
        if isinstance(content, str):
            return {**message, "content": self._marked(content, mark)}
        texts = [n for n, part in enumerate(content) if part.get("type") == "text"]
        if not texts:
            return message
        at = texts[0] if self._at_start else texts[-1]
        parts = [{**part, "text": self._marked(part["text"], mark)} if n == at else part for n, part in enumerate(content)]
        return {**message, "content": parts}

    def _marked(self, text: str, mark: str) -> str:
        if self._deduplicate and (text.startswith(mark) if self._at_start else text.endswith(mark)):
            return text
        return mark + text if self._at_start else text + mark
