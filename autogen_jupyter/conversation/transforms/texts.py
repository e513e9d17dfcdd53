"""The texts of messages, and their tokens, which is what the limits of transforms are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...models.tokens import tokens

__all__ = ["text_tokens", "texts"]


def texts(message: Mapping[str, Any]) -> list[str]:
    """Return the texts in one of the classic's messages, in their order."""
    if results := message.get("tool_responses"):
        return [str(result.get("content") or "") for result in results]
    content = message.get("content") or ""
    if isinstance(content, str):
        return [content]
    return [str(part["text"]) for part in content if part.get("type") == "text"]


def text_tokens(messages: Iterable[Mapping[str, Any]], model: str | None = None) -> int:
    """Return the tokens of the texts alone: not what a server adds for each message, nor calls, nor images."""
    return tokens.text("".join(text for message in messages for text in texts(message)), model)
