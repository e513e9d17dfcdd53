"""The classic's ``OpenAIWrapper``: one request to the first model of a list that answers, outside any chat."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..conversation.usage import both_summaries, usage_summary, usage_texts
from ..errors import UsageError
from ..messages import Message
from ..models import ModelReply, ModelRequest, client_from_llm_config, complete
from ..models.cache import use_cache
from ..models.guarded import guarded
from ..models.usage import usage_of, usage_row
from ..portal import on_portal, run_sync
from .iostream import IOStream

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion, ChatCompletionMessage

__all__ = ["OpenAIWrapper"]

_NO_MEANING = ("agent", "stream")
"""Accepted: agents ask by themselves, and every answer is streamed."""


class OpenAIWrapper:
    """Asks models, the next of the list where one fails.

    Args:
        config_list: the models. Default: the one that ``base_config`` describes.
        **base_config: what holds for each of them that does not say otherwise.

    Raises:
        UsageError: a model is not named, or a key is not known.

    Example:
        >>> client = OpenAIWrapper(config_list=[{"model": "my-model", "base_url": "http://127.0.0.1:8080/v1"}])
        >>> response = client.create(messages=[{"role": "user", "content": "2 + 2 ="}])  # doctest: +SKIP
        >>> client.extract_text_or_completion_object(response)  # doctest: +SKIP
        ['4']
    """

    def __init__(self, *, config_list: Sequence[Mapping[str, Any]] | None = None, **base_config: Any) -> None:
        self._config: dict[str, Any] = dict(base_config)
        if config_list is not None:
            self._config["config_list"] = list(config_list)
        self._client = client_from_llm_config(self._config)
        self._usage: list[dict[str, Any]] = []

    @on_portal
    async def a_create(self, **config: Any) -> ChatCompletion:
        """Ask the models in order and return the first answer.

        Args:
            **config: ``messages``, perhaps ``tools``, a ``cache``, and options such as ``temperature``; an entry's own value wins.

        Returns:
            What the openai library returns, and ``cost`` on it: USD, or None where the price is not known.

        Raises:
            UsageError: there are no messages, or an option is not known.
            ModelError: none of the models answered.
        """
        messages, tools, cache = config.pop("messages", None), config.pop("tools", None) or (), config.pop("cache", None)
        if not messages:
            raise UsageError('create needs messages, such as messages=[{"role": "user", "content": "Hello"}].')
        options = {key: value for key, value in config.items() if key not in _NO_MEANING}
        client = client_from_llm_config({**self._config, **options}) if options else self._client
        request = ModelRequest(tuple(Message.from_dict(message, role="user") for message in messages), tools=tuple(tools))
        async with use_cache(cache):
            return self._completion(await complete(guarded(client), request))

    create = run_sync(a_create)

    @staticmethod
    def extract_text_or_completion_object(response: ChatCompletion) -> list[str | ChatCompletionMessage]:
        """Return the text of each choice, or its whole message where it asks for tools."""
        messages = (choice.message for choice in response.choices)
        return [message if message.tool_calls else message.content or "" for message in messages]

    @property
    def actual_usage_summary(self) -> dict[str, Any] | None:
        """Cost (USD) and tokens for each model, and ``total_cost``; None before the first answer."""
        paid = [row for row in self._usage if not row["cached"]]
        return usage_summary(paid) if paid else None

    @property
    def total_usage_summary(self) -> dict[str, Any] | None:
        """The same as if answers from the cache had been paid again."""
        return both_summaries(self._usage)["usage_including_cached_inference"] if self._usage else None

    def print_usage_summary(self, mode: str | Sequence[str] = ("actual", "total")) -> None:
        """Print what was paid (``"actual"``), the same with answers from the cache as if paid again (``"total"``), or both."""
        for text in usage_texts(mode, self.actual_usage_summary, self.total_usage_summary):
            IOStream.get_default().print(text)

    def clear_usage_summary(self) -> None:
        """Begin to count again."""
        self._usage.clear()

    def _completion(self, reply: ModelReply) -> ChatCompletion:
        from openai.types.chat import ChatCompletion

        usage = reply.usage
        prompt, completion = (usage.prompt_tokens, usage.completion_tokens) if usage else (None, None)
        cost = usage.usd if usage else None
        self._usage.append(usage_row(usage_of(reply, "")))
        message = {"role": "assistant", "content": reply.text or None, "refusal": reply.refusal or None}
        if reply.tool_calls:
            message["tool_calls"] = [call.to_dict() for call in reply.tool_calls]  # type: ignore[assignment]
        finish = reply.finish_reason or ("tool_calls" if reply.tool_calls else "stop")
        tokens = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": (prompt or 0) + (completion or 0)}
        return ChatCompletion.model_validate(
            {
                "id": f"chatcmpl-{uuid.uuid4().hex}",
                "object": "chat.completion",
                "created": int(time.time()),
                "model": reply.model,
                "choices": [{"index": 0, "finish_reason": finish, "message": message, "logprobs": None}],
                "usage": tokens if usage else None,
                "cost": cost,
            }
        )
