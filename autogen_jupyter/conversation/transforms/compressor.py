"""Let a compressor of the user's shorten texts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ...errors import UsageError
from ...models.config_list import filter_config
from .base import Dicts, refuse_no_tokens
from .texts import text_tokens

__all__ = ["TextCompressor", "TextMessageCompressor"]


class TextCompressor(Protocol):
    """Shortens a text, as the classic's ``LLMLingua`` does."""

    def compress_text(self, text: str, **compression_params: Any) -> Mapping[str, Any]:
        """Return a dictionary with the ``compressed_prompt``."""
        ...


class TextCache(Protocol):
    """Keeps texts, as ``Cache`` and the classic's caches do."""

    def get(self, key: str) -> Any: ...

    def set(self, key: str, value: Any) -> None: ...


class TextMessageCompressor:
    """Shortens the texts of messages, each text once.

    Args:
        text_compressor: an object with ``compress_text(text, **compression_params)``, or a function from text to text.
        min_tokens: shorter histories are left as they are.
        compression_params: for the compressor.
        cache: keeps shortened texts beyond this object's life, such as ``Cache.disk()``; one cache for each compressor.
        filter_dict: messages that have these values are left as they are …
        exclude_filter: … or, if False, only those are changed.

    Example:
        >>> TextMessageCompressor(lambda text: text.replace("very ", "")).apply_transform([{"content": "a very very long text"}])
        [{'content': 'a long text'}]
    """

    def __init__(
        self,
        text_compressor: TextCompressor | Callable[..., str] | None = None,
        min_tokens: int | None = None,
        compression_params: Mapping[str, Any] | None = None,
        cache: TextCache | None = None,
        filter_dict: Mapping[str, Any] | None = None,
        exclude_filter: bool = True,
    ) -> None:
        compress = getattr(text_compressor, "compress_text", text_compressor)
        if not callable(compress):
            raise UsageError("TextMessageCompressor needs a text_compressor: a function from text to text, or an object with compress_text")
        refuse_no_tokens(min_tokens=min_tokens)
        if cache is not None and not (hasattr(cache, "get") and hasattr(cache, "set")):
            raise UsageError(f"cache is {cache!r:.80}; give Cache.disk() or another object with get and set, or None for no cache.")
        self._compress: Callable[..., Any] = compress
        self._min_tokens = min_tokens
        self._params = dict(compression_params or {})
        self._cache = cache
        self._filter = filter_dict
        self._exclude = exclude_filter
        self._known: dict[str, str] = {}

    def apply_transform(self, messages: Dicts) -> Dicts:
        """Return the messages with shorter texts. Tool calls and their results stay as they are."""
        if self._min_tokens is not None and text_tokens(messages) < self._min_tokens:
            return messages
        return [self._changed(message) if filter_config([message], self._filter, self._exclude) else message for message in messages]

    def get_logs(self, pre_transform_messages: Dicts, post_transform_messages: Dicts) -> tuple[str, bool]:
        """Say how many tokens were saved."""
        saved = text_tokens(pre_transform_messages) - text_tokens(post_transform_messages)
        return (f"{saved} tokens saved with text compression.", True) if saved > 0 else ("No tokens saved with text compression.", False)

    def _changed(self, message: dict[str, Any]) -> dict[str, Any]:
        content = message.get("content")
        if not content or message.get("tool_responses"):
            return message
        if isinstance(content, str):
            return {**message, "content": self._shorter(content)}
        parts = [{**part, "text": self._shorter(part["text"])} if part.get("type") == "text" else part for part in content]
        return {**message, "content": parts}

    def _shorter(self, text: str) -> str:
        if text not in self._known:
            self._known[text] = self._asked(text) if self._cache is None else self._kept(text, self._cache)
        return self._known[text]

    def _kept(self, text: str, cache: TextCache) -> str:
        asked = json.dumps(["compressed text", self._params, text], sort_keys=True, default=repr)
        key = hashlib.sha256(asked.encode()).hexdigest()
        found = cache.get(key)
        if found is None:
            found = self._asked(text)
            cache.set(key, found)
        return str(found)

    def _asked(self, text: str) -> str:
        made = self._compress(text, **self._params)
        return str(made["compressed_prompt"]) if isinstance(made, Mapping) else str(made)
