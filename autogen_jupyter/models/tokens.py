"""How many tokens a history has: an estimate that learns from what servers counted, so that no vocabulary is downloaded."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from ..messages import Message
from .base import ModelRequest, Usage

__all__ = ["IMAGE_TOKENS", "TokenCounter", "tokens"]

CHARACTERS = 3.6
"""In one token, before anything is known of a model."""
IMAGE_TOKENS = 800
"""What an image counts; servers count them in ways of their own."""
MESSAGE_TOKENS = 4
"""What a message costs besides its text."""
_FEWEST, _MOST = 0.5, 8.0
_TOO_SHORT = 400
"""Characters. In a shorter request the server's own template weighs more than the text."""
_WEIGHT = 0.3
"""Of the newest observation."""
ANSWER_TOKENS = 300
"""What an answer takes, before anything is known of a model."""


class TokenCounter:
    """Estimates tokens, and learns each model's characters per token from the usage that its server reports.

    Example:
        >>> TokenCounter().count([{"role": "user", "content": "x" * 36}], "gpt-6-luna")
        14
    """

    def __init__(self) -> None:
        self._ratios: dict[str, float] = {}
        self._answers: dict[str, float] = {}
        self._last = ""
        self._lock = threading.Lock()

    def characters_per_token(self, model: str | None = None) -> float:
        """Return what is known of a model; None means the model that answered last."""
        return self._ratios.get(self._last if model is None else model, CHARACTERS)

    def text(self, text: str, model: str | None = None) -> int:
        """Return the tokens of a text."""
        return round(len(text) / self.characters_per_token(model))

    def count(self, messages: Iterable[Message | Mapping[str, Any]], model: str | None = None) -> int:
        """Return the tokens of messages: ours, or the classic's dictionaries."""
        characters, images, many = _size(messages)
        return round(characters / self.characters_per_token(model)) + images * IMAGE_TOKENS + many * MESSAGE_TOKENS

    def of_request(self, request: ModelRequest, model: str | None = None) -> int:
        """Return the tokens of a request, its tools included."""
        return self.count(request.messages, model) + self.text(_tools_text(request), model)

    def of_answer(self, options: Mapping[str, Any], model: str) -> int:
        """Return the tokens that the answer will probably have: the mean of the model's newest ones, within the limit that was set."""
        expected = self._answers.get(model, ANSWER_TOKENS)
        limits = [options.get(name) for name in ("max_completion_tokens", "max_tokens")]
        return round(min([expected, *(limit for limit in limits if isinstance(limit, int))]))

    def learn(self, model: str, request: ModelRequest, usage: Usage | None) -> None:
        """Take note of what a server counted for a request."""
        if usage is None or not usage.tokens:
            return
        with self._lock:
            mean = self._answers.get(model, usage.completion_tokens)
            self._answers[model] = (1 - _WEIGHT) * mean + _WEIGHT * usage.completion_tokens
        characters, images, many = _size(request.messages)
        characters += len(_tools_text(request))
        counted = usage.prompt_tokens - images * IMAGE_TOKENS - many * MESSAGE_TOKENS
        if characters < _TOO_SHORT or counted <= 0:
            return
        seen = min(_MOST, max(_FEWEST, characters / counted))
        with self._lock:
            before = self._ratios.get(model)
            self._ratios[model] = seen if before is None else (1 - _WEIGHT) * before + _WEIGHT * seen
            self._last = model


tokens = TokenCounter()
"""What is known in this process."""


def _tools_text(request: ModelRequest) -> str:
    return json.dumps(request.tools, default=str) if request.tools else ""


def _size(messages: Iterable[Message | Mapping[str, Any]]) -> tuple[int, int, int]:
    """Return the characters, images and number of messages."""
    characters = images = many = 0
    for given in messages:
        message = given.to_dict() if isinstance(given, Message) else given
        more_characters, more_images = _size_of(message)
        characters, images, many = characters + more_characters, images + more_images, many + 1
    return characters, images, many


def _size_of(message: Mapping[str, Any]) -> tuple[int, int]:
    characters, images = 0, 0
    content = message.get("content") or ""
    results = message.get("tool_responses") or ()
    images += len(message.get("images") or ()) if isinstance(content, str) else 0
    if isinstance(content, str):
        characters += 0 if results and message.get("role") == "tool" else len(content)  # there it only repeats the results
    else:
        characters += sum(len(str(part.get("text") or "")) for part in content)
        images += sum(part.get("type") != "text" for part in content)
    characters += sum(len(str(result.get("content") or "")) for result in results)
    calls = [call.get("function") or {} for call in message.get("tool_calls") or ()] + [message.get("function_call") or {}]
    characters += sum(len(str(call.get("name", ""))) + len(str(call.get("arguments", ""))) for call in calls)
    return characters, images
