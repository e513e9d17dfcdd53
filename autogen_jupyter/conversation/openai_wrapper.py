"""The classic's ``OpenAIWrapper``: one request to the first model of a list that answers, and no conversation."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..context import current, enter
from ..errors import ModelError, UsageError
from ..events import Noticed
from ..messages import Message
from ..models import ModelClient, ModelReply, ModelRequest, client_from_llm_config, complete
from ..models.cache import use_cache
from ..models.cache_client import CachedClient
from ..models.classic_client import registered, with_registered
from ..models.failover import FailoverClient, all_failed
from ..models.guarded import guarded
from ..models.usage import usage_of, usage_row
from ..portal import call, on_portal, run_sync
from ..replies.answer_format import AnswerFormat
from ..replies.tool_hiding import tools_left
from .configuration import for_the_model, hiding_in
from .structured import type_in, without_type
from .templates import filled_in
from .usage import UsageCount, usage_texts

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion, ChatCompletionMessage

__all__ = ["OpenAIWrapper"]

_NOT_OPTIONS = ("agent", "functions", "stream", "tools")
"""Accepted: agents ask by themselves, every answer is streamed, and tools are told apart."""
_MOST_MADE = 16


class _OwnCount(UsageCount):
    """What a wrapper counts that no agent has."""

    _name = ""
    _model_policy = None

    def count_answer(self, reply: ModelReply) -> None:
        self._usage_besides.append(usage_row(usage_of(reply, "")))


class OpenAIWrapper:
    """Asks models, the next of the list where one fails.

    Args:
        config_list: the models. Default: the one that ``base_config`` describes.
        **base_config: what holds for each of them that does not say otherwise; ``tools`` and ``functions`` are those that the models
            are told of where ``create`` names none. A whole ``llm_config`` may be given.

    Raises:
        UsageError: a model is not named, or a key is not known.

    Example:
        >>> client = OpenAIWrapper(config_list=[{"model": "my-model", "base_url": "http://127.0.0.1:8080/v1"}])
        >>> response = client.create(messages=[{"role": "user", "content": "2 + 2 ="}])  # doctest: +SKIP
        >>> client.extract_text_or_completion_object(response)  # doctest: +SKIP
        ['4']
    """

    def __init__(self, *, config_list: Sequence[Mapping[str, Any]] | None = None, **base_config: Any) -> None:
        config = dict(base_config)
        if config_list is not None:
            config["config_list"] = list(config_list)
        self._set_up(None, config, lambda: _tools_in(config), lambda: not config.get("tools"), _OwnCount())

    @classmethod
    def around(
        cls,
        client: ModelClient,
        config: object,
        *,
        tools: Callable[[], Sequence[Mapping[str, Any]]],
        tells_functions: Callable[[], bool],
        count: UsageCount,
    ) -> OpenAIWrapper:
        """Return a wrapper that asks a ready model.

        Args:
            client: the model.
            config: the ``llm_config`` that it was made of; options of ``create`` are sent as they are where it is none.
            tools: returns those that the model is told of where ``create`` names none.
            tells_functions: says whether all of these are functions, the older form.
            count: counts the answers.
        """
        made = cls.__new__(cls)
        made._set_up(client, config if isinstance(config, Mapping) else None, tools, tells_functions, count)
        return made

    def _set_up(
        self,
        client: ModelClient | None,
        config: Mapping[str, Any] | None,
        tools: Callable[[], Sequence[Mapping[str, Any]]],
        tells_functions: Callable[[], bool],
        count: UsageCount,
    ) -> None:
        self._config = None if config is None else for_the_model(without_type(config))
        self._made: dict[str, ModelClient] = {}
        """The models with other options, by these: each has connections."""
        self._client = client_from_llm_config(self._config or {}) if client is None else client
        self._fills_blanks = bool(config and config.get("allow_format_str_template"))
        self._hides = hiding_in(config)
        self._tools = tools
        self._tells_functions = tells_functions
        self._type = type_in(config)
        self._count = count

    @property
    def model_client(self) -> ModelClient:
        """The model that is asked, or all of them in one."""
        return self._client

    def count_with(self, count: UsageCount) -> None:
        """Count answers with an agent from now on, as its own."""
        self._count = count

    @on_portal
    async def a_create(self, **config: Any) -> ChatCompletion:
        """Ask the models in order and return the first answer.

        Args:
            **config: ``messages``, perhaps ``tools``, a ``cache``, and options such as ``temperature``; an entry's own value wins.
                ``context`` fills in contents that are functions of it, or texts with ``{blanks}`` (``allow_format_str_template=True``).
                ``filter_func(context, response)`` returns whether an answer will do; if not, the next model is asked, and the last
                answer is returned anyway.

        Returns:
            What the openai library returns, and on it ``cost`` (USD, or None where the price is not known), ``config_id`` (which entry of
            the list answered), ``pass_filter`` and ``message_retrieval_function``.

        Raises:
            UsageError: there are no messages, or an option is not known.
            ModelError: none of the models answered.
        """
        messages, cache = config.pop("messages", None), config.pop("cache", None)
        if not messages:
            raise UsageError('create needs messages, such as messages=[{"role": "user", "content": "Hello"}].')
        context, filter_func = config.pop("context", None), config.pop("filter_func", None)
        template = {"allow_format_str_template": config.pop("allow_format_str_template", self._fills_blanks)}
        names_tools = bool({"tools", "functions"} & set(config))
        tools = _tools_in(config) if names_tools else self._tools()
        older = bool(tools) and (not config.get("tools") if names_tools else self._tells_functions())
        type_ = type_in(config) or self._type
        options = {key: value for key, value in without_type(config).items() if key not in _NOT_OPTIONS}
        client = self._client
        if options and self._config is not None:
            client, options = self._with(options), {}
        if type_ is not None:
            options["response_format"] = AnswerFormat(type_).option
        filled = (filled_in({**message, "context": context} if context else message, template) for message in messages)
        asked = tuple(Message.from_dict(message, role="user") for message in filled)
        async with use_cache(cache):
            request = ModelRequest(asked, tools=tools_left(tools, asked, self._hides), options=options, as_functions=older)
            return await self._first_that_will_do(client, request, context, filter_func)

    create = run_sync(a_create)

    def _with(self, options: Mapping[str, Any]) -> ModelClient:
        """Return the models with other options."""
        key = repr(sorted(options.items(), key=lambda item: item[0]))
        if key not in self._made:
            if len(self._made) >= _MOST_MADE:
                self._made.pop(next(iter(self._made)))
            self._made[key] = client_from_llm_config({**(self._config or {}), **options})
        return with_registered(self._made[key], self._client)

    def register_model_client(self, model_client_cls: type, **kwargs: Any) -> None:
        """Let a class of the classic's form answer for the entry of the list that names it as ``model_client_cls``."""
        registered(self._client, model_client_cls, kwargs)

    @staticmethod
    def extract_text_or_completion_object(response: ChatCompletion) -> list[str | ChatCompletionMessage]:
        """Return the text of each choice, or its whole message where it asks for tools."""
        messages = (choice.message for choice in response.choices)
        return [message if message.tool_calls or message.function_call else message.content or "" for message in messages]

    @property
    def actual_usage_summary(self) -> dict[str, Any] | None:
        """Cost (USD) and tokens for each model, and ``total_cost``; None before the first answer."""
        return self._count.get_actual_usage()

    @property
    def total_usage_summary(self) -> dict[str, Any] | None:
        """The same as if answers from the cache had been paid again."""
        return self._count.get_total_usage()

    @on_portal
    async def a_print_usage_summary(self, mode: str | Sequence[str] = ("actual", "total")) -> None:
        """Print what was paid (``"actual"``), the same with answers from the cache as if paid again (``"total"``), or both."""
        texts = usage_texts(mode, self.actual_usage_summary, self.total_usage_summary)
        async with enter():
            for text in texts:
                current().emit(Noticed(text))

    print_usage_summary = run_sync(a_print_usage_summary)

    def clear_usage_summary(self) -> None:
        """Begin to count again."""
        self._count.clear_usage_summary()

    async def _first_that_will_do(self, client: ModelClient, request: ModelRequest, context: Any, filter_func: Any) -> ChatCompletion:
        refused: ChatCompletion | None = None
        causes: list[tuple[str, ModelError]] = []
        for number, one in enumerate(_one_by_one(client)):
            try:
                response = self._completion(await complete(guarded(one), request), number, older=request.as_functions)
            except ModelError as error:
                causes.append((one.model, error))
                continue
            passes = filter_func is None or bool(await call(filter_func, context=context, response=response))
            response.pass_filter = passes  # type: ignore[attr-defined]
            if passes:
                return response
            refused = response
        if refused is None:
            raise all_failed(causes)
        return refused

    def _completion(self, reply: ModelReply, number: int, *, older: bool) -> ChatCompletion:
        from openai.types.chat import ChatCompletion

        usage = reply.usage
        prompt, completion = (usage.prompt_tokens, usage.completion_tokens) if usage else (None, None)
        cost = usage.usd if usage else None
        self._count.count_answer(reply)
        message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": reply.refusal or None}
        is_older = older and len(reply.tool_calls) == 1
        if is_older:
            message["function_call"] = reply.tool_calls[0].to_dict()["function"]
        elif reply.tool_calls:
            message["tool_calls"] = [call.to_dict() for call in reply.tool_calls]
        finish = "function_call" if is_older else reply.finish_reason or ("tool_calls" if reply.tool_calls else "stop")
        tokens = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": (prompt or 0) + (completion or 0)}
        made = ChatCompletion.model_validate(
            {
                "id": f"chatcmpl-{uuid.uuid4().hex}",
                "object": "chat.completion",
                "created": int(time.time()),
                "model": reply.model,
                "choices": [{"index": 0, "finish_reason": finish, "message": message, "logprobs": None}],
                "usage": tokens if usage else None,
                "cost": cost,
                "config_id": number,
                "pass_filter": True,
            }
        )
        made.message_retrieval_function = self.extract_text_or_completion_object  # type: ignore[attr-defined]
        return made


def _tools_in(config: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what the classic's ``tools`` and ``functions`` describe, all as tools."""
    functions = ({"type": "function", "function": function} for function in config.get("functions") or ())
    return (*(config.get("tools") or ()), *functions)


def _one_by_one(client: ModelClient) -> list[ModelClient]:
    """Return the models that are tried in order, each behind the cache that is for all of them."""
    inner = client.inner if isinstance(client, CachedClient) else client
    clients = inner.clients if isinstance(inner, FailoverClient) else (inner,)
    return [CachedClient(one, client.cache) if isinstance(client, CachedClient) else one for one in clients]
