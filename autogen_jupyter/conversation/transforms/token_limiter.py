"""Keep a history within a number of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import UsageError
from ...models.config_list import filter_config
from ...models.tokens import tokens
from ...replies.pieces import is_result, without_orphans
from .base import Dicts, refuse_no_tokens
from .texts import text_tokens, texts

__all__ = ["MessageTokenLimiter"]

_CUT = " …"


class MessageTokenLimiter:
    """Shows the agent as much of the newest messages as fits; the message that does not fit whole is cut, older ones are left out.

    Args:
        max_tokens_per_message: longer messages are cut to this; None for no limit.
        max_tokens: of all messages together; None for no limit.
        min_tokens: shorter histories are left as they are.
        model: whose tokens. They are estimated, from what its server counted so far. Default: the model that answered last.
        filter_dict: messages that have these values (``{"role": ["system"]}``) are left as they are …
        exclude_filter: … or, if False, only those are changed.

    Example:
        >>> limiter = MessageTokenLimiter(max_tokens_per_message=2, model="any")
        >>> limiter.apply_transform([{"content": "A long message."}])
        [{'content': 'A lon …'}]
    """

    def __init__(
        self,
        max_tokens_per_message: int | None = None,
        max_tokens: int | None = None,
        min_tokens: int | None = None,
        model: str | None = None,
        filter_dict: Mapping[str, Any] | None = None,
        exclude_filter: bool = True,
    ) -> None:
        refuse_no_tokens(max_tokens_per_message=max_tokens_per_message, max_tokens=max_tokens, min_tokens=min_tokens)
        if max_tokens is not None and min_tokens is not None and max_tokens < min_tokens:
            raise UsageError(f"max_tokens is {max_tokens}, less than min_tokens ({min_tokens}).")
        self._per_message = max_tokens_per_message
        self._max_tokens = max_tokens
        self._min_tokens = min_tokens
        self._model = model
        self._filter = filter_dict
        self._exclude = exclude_filter

    def apply_transform(self, messages: Dicts) -> Dicts:
        """Return what fits, from the newest message back."""
        if self._min_tokens is not None and self._count(messages) < self._min_tokens:
            return messages
        kept: Dicts = []
        left = self._max_tokens
        for message in reversed(messages):
            if left is not None and left <= 0 and kept:
                break
            whole = not filter_config([message], self._filter, self._exclude)
            limits = [limit for limit in (self._per_message, left) if limit is not None]
            kept.insert(0, message if whole or not limits else self._cut(message, max(0, min(limits))))
            if left is not None:
                limit = None if whole else self._per_message
                left -= self._count([message]) if limit is None else min(self._count([message]), limit)
        return without_orphans(kept) or self._with_its_call(messages, kept)

    def get_logs(self, pre_transform_messages: Dicts, post_transform_messages: Dicts) -> tuple[str, bool]:
        """Say how many tokens were left out."""
        before, after = self._count(pre_transform_messages), self._count(post_transform_messages)
        if after < before:
            return f"Truncated {before - after} tokens. Number of tokens reduced from {before} to {after}", True
        return "No tokens were truncated.", False

    def _with_its_call(self, messages: Dicts, kept: Dicts) -> Dicts:
        """Only results fitted. They are what has to be answered, so the call that they belong to comes along."""
        start = len(messages) - len(kept)
        while start > 0 and is_result(messages[start]):
            start -= 1
            kept = [messages[start], *kept]
        return kept

    def _count(self, messages: Dicts) -> int:
        """Return the tokens of the texts, as the classic counts them."""
        return text_tokens(messages, self._model)

    def _cut(self, message: dict[str, Any], limit: int) -> dict[str, Any]:
        """Cut the texts of a message, in their order, to ``limit`` tokens together."""
        whole = sum(map(len, texts(message)))
        room = int(limit * tokens.characters_per_token(self._model))
        return message if whole <= room else _Cutter(room).cut(message)


class _Cutter:
    """Cuts one text after another until there is no room left."""

    def __init__(self, room: int) -> None:
        self._room = room

    def cut(self, message: dict[str, Any]) -> dict[str, Any]:
        made = dict(message)
        if results := message.get("tool_responses"):
            made["tool_responses"] = [{**result, "content": self._text(str(result.get("content") or ""))} for result in results]
            made["content"] = "\n\n".join(result["content"] for result in made["tool_responses"])
        elif isinstance(message.get("content"), str):
            made["content"] = self._text(message["content"])
        else:
            made["content"] = [
                {**part, "text": self._text(part["text"])} if part.get("type") == "text" else part for part in message.get("content") or ()
            ]
        return made

    def _text(self, text: str) -> str:
        if len(text) <= self._room:
            self._room -= len(text)
            return text
        kept, self._room = text[: max(0, self._room - len(_CUT))], 0
        return kept + _CUT if kept else ""
