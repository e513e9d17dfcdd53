"""The part of an agent that begins chats: the classic's ``initiate_chat``, and its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ..agent import Agent
from ..context import ChatContext, enter
from ..errors import InvalidCarryOverType, UsageError
from ..events import ChatEvent
from ..images import with_references
from ..models.budget import Budget
from ..models.budget_meter import use_meter
from ..models.cache import use_cache
from ..portal import call, on_portal, run_sync
from ..replies.base import Reply
from ..replies.code import CodePolicy
from .chat import Exchange
from .chat_result import ChatRecord, ChatResult, heard_from_human
from .chat_run import ChatRun
from .history import History
from .stopping import LoopDetector, StopCondition, StopWatch
from .stopping.budget import with_budget
from .structured import parsed_answer
from .summary import DEFAULT_SUMMARY_PROMPT, SummaryMethod, summarize

if TYPE_CHECKING:
    from ..models.base import ModelClient

__all__ = ["ChatStarter", "OpeningMessage", "beginning_of", "carryover_items", "text_of_carryover"]

OpeningMessage = str | Mapping[str, Any] | Callable[..., Any] | None


class ChatStarter:
    """Begins chats with other agents."""

    DEFAULT_SUMMARY_METHOD = "last_msg"
    DEFAULT_SUMMARY_PROMPT = DEFAULT_SUMMARY_PROMPT
    notice_loops = True
    """Whether chats that this agent begins end when only empty messages or thanks are exchanged (see ``LoopDetector``)."""

    _answers: dict[Agent, bool]
    _human_input: list[str]
    _code_policy: CodePolicy | None

    @on_portal
    async def a_initiate_chat(
        self,
        recipient: Agent,
        clear_history: bool = True,
        silent: bool | None = False,
        cache: Any = None,
        max_turns: int | None = None,
        summary_method: SummaryMethod = "last_msg",
        summary_args: Mapping[str, Any] | None = None,
        message: OpeningMessage = None,
        *,
        stop: StopCondition | None = None,
        budget: Budget | str | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        """Begin a chat and return when it is over.

        Args:
            recipient: the agent to talk to.
            clear_history: forget what the two said before; False continues it.
            silent: show nothing of it.
            cache: a ``Cache`` that answers are taken from and kept in. Default: none, or the one of ``cache_seed``.
            max_turns: round trips at the most. Default: until one of the two stops.
            summary_method: ``"last_msg"``, ``"reflection_with_llm"``, a function ``(sender, recipient, summary_args)``, or None.
            summary_args: for the summary method.
            message: the opening: text, a dictionary, a function ``(sender, recipient, context)``, or None to ask the person.
            stop: when to end it besides, such as ``TextMention("DONE") | Timeout(600)``.
            budget: what it may take: a ``Budget``, or text such as ``"0.50usd, 20 turns"``. The chat ends when it is used up.
            **kwargs: ``carryover`` (text or a list, appended to the message) and whatever the message function reads.

        Raises:
            UsageError: an argument cannot work.
            ModelError: the model could not answer; the histories keep what was said.
            NoHumanError: a person has to decide, and nobody is there.
        """
        _check(recipient, max_turns)
        condition, meter = with_budget(stop, budget)
        async with enter() as context:
            record, watch = ChatRecord(), StopWatch(condition)
            watched = replace(context, emit=_tee(record.apply, watch.apply, context.emit), silent=bool(silent))
            async with enter(watched), use_cache(cache), use_meter(meter):
                with record.recording(), watch.watching():
                    self._prepare_both(recipient, clear_history, max_turns, watched, is_nested=record.is_nested)
                    opening = partial(self._opening, message, recipient, kwargs, is_nested=record.is_nested)
                    exchange = Exchange(
                        cast(Agent, self), recipient, silent, max_turns, loops=LoopDetector() if self.notice_loops else None
                    )
                    reason = await ChatRun(exchange, opening, watch, watched, is_nested=record.is_nested).run()
                summary = await summarize(self, recipient, summary_method, summary_args or {})  # type: ignore[arg-type]
            return ChatResult(
                chat_id=kwargs.get("chat_id"),
                chat_history=self.history_with(recipient).copied(),
                summary=summary,
                parsed=parsed_answer(self.history_with(recipient).messages, record.typed, (cast(Agent, self), recipient)),
                cost=record.cost,
                human_input=record.human_input,
                stop_reason=reason,
                usage=record.usage,
                code=record.code,
                outputs=record.outputs,
            )

    initiate_chat = run_sync(a_initiate_chat)

    def chat_messages_for_summary(self, agent: Agent) -> list[dict[str, Any]]:
        """Return what was said with ``agent``, which is what a summary is made of."""
        return self.history_with(agent).as_dicts()

    def _prepare_both(self, recipient: Agent, clear_history: bool, max_turns: int | None, context: ChatContext, *, is_nested: bool) -> None:
        both: tuple[tuple[object, Agent, bool], ...] = ((self, recipient, max_turns is None), (recipient, cast(Agent, self), True))
        for agent, other, answers in both:
            if isinstance(agent, ChatStarter):
                if not is_nested:
                    agent._human_input.clear()
                agent._prepare(other, clear_history, answers=answers, context=context)

    def _prepare(self, other: Agent, clear_history: bool, *, answers: bool, context: ChatContext) -> None:
        self.reset_consecutive_auto_reply_counter(other)
        self._answers[other] = answers
        if clear_history:
            self.clear_history(other)
        if self._code_policy is not None:
            self._code_policy.attach(context)

    async def _opening(self, message: OpeningMessage, recipient: Agent, kwargs: Mapping[str, Any], *, is_nested: bool) -> Reply:
        own_way = self._overridden("a_generate_init_message", "generate_init_message")
        make = own_way or self.a_generate_init_message
        if message is None and own_way is None:
            message = await self._type_opening()
        made = await call(make, message, **({} if own_way else {"recipient": recipient}), **kwargs)
        if isinstance(message, str) and not is_nested:  # there, and in the carryover, it is what a model wrote
            made = with_references(made, message, self, recipient)
        return Reply(made)

    @on_portal
    async def a_generate_init_message(
        self, message: OpeningMessage, *, recipient: Agent | None = None, carryover: str | Sequence[Any] | None = None, **kwargs: Any
    ) -> str | dict[str, Any]:
        """Return the opening message: as given, as a function makes it, or as the person types it, with the carryover appended."""
        if message is None:
            message = await self._type_opening()
        if callable(message):
            context = kwargs if carryover is None else kwargs | {"carryover": carryover}
            made = await call(message, self, recipient, context)
            if not isinstance(made, (str, Mapping)):
                name = getattr(message, "__name__", message)
                raise UsageError(f"The message function {name} returned {made!r:.80}; it must return the opening: text or a dictionary.")
            return made if isinstance(made, str) else dict(made)
        if not isinstance(message, (str, Mapping)):
            raise UsageError(f"The opening message is {type(message).__name__}; it must be text, a dictionary, a function or None.")
        if not carryover:
            return message if isinstance(message, str) else dict(message)
        context_text = _carryover_text(carryover)
        if isinstance(message, str):
            return message + context_text
        content = message.get("content")
        if isinstance(content, (list, tuple)):
            return dict(message) | {"content": [{"type": "text", "text": context_text}, *content]}
        return dict(message) | {"content": f"{content or ''}{context_text}"}

    generate_init_message = run_sync(a_generate_init_message)

    async def _type_opening(self) -> str:
        ask = self._overridden("a_get_human_input", "get_human_input") or self.a_get_human_input
        text = str(await call(ask, ">"))
        self._human_input.append(text)
        heard_from_human(text)
        return text

    # what the chat needs of the agent that this is a part of

    @property
    def name(self) -> str:
        raise NotImplementedError

    def history_with(self, other: Agent) -> History:
        raise NotImplementedError

    def clear_history(self, recipient: Agent | None = None) -> None:
        raise NotImplementedError

    def reset_consecutive_auto_reply_counter(self, sender: Agent | None = None) -> None:
        raise NotImplementedError

    async def a_get_human_input(self, prompt: str) -> str:
        raise NotImplementedError

    def _overridden(self, *names: str) -> Callable[..., Any] | None:
        raise NotImplementedError

    @property
    def model_client(self) -> ModelClient | None:
        raise NotImplementedError


def beginning_of(agent: Any) -> Callable[..., Any]:
    """Return the method by which an agent begins chats: its own ``initiate_chat`` where it has one."""
    own_way = agent._overridden("a_initiate_chat", "initiate_chat") if isinstance(agent, ChatStarter) else None
    return own_way or agent.a_initiate_chat


def _carryover_text(carryover: str | Sequence[Any]) -> str:
    return "\nContext: \n" + "\n".join(map(text_of_carryover, carryover_items(carryover)))


def carryover_items(carryover: str | Sequence[Any]) -> list[Any]:
    """Return what is carried over, one by one.

    Raises:
        InvalidCarryOverType: it is neither text nor a list.
    """
    items = [carryover] if isinstance(carryover, str) else carryover
    if not isinstance(items, (list, tuple)):
        raise InvalidCarryOverType(f"carryover is {type(carryover).__name__}; it must be text or a list.")
    return list(items)


def text_of_carryover(item: object) -> str:
    """Return one item of a carryover as the text that a chat is told."""
    return str(item["content"]) if isinstance(item, Mapping) and "content" in item else str(item)


def _check(recipient: object, max_turns: int | None) -> None:
    if not hasattr(recipient, "name") or not (hasattr(recipient, "a_generate_reply") or hasattr(recipient, "generate_reply")):
        raise UsageError(f"The recipient is {recipient!r:.80}; it must be an agent.")
    if max_turns is not None and (not isinstance(max_turns, int) or max_turns < 1):
        raise UsageError(f"max_turns is {max_turns!r}; it must be a whole number of round trips, 1 or more, or None for no limit.")


def _tee(*listeners: Callable[[ChatEvent], None]) -> Callable[[ChatEvent], None]:
    def emit(event: ChatEvent) -> None:
        for listener in listeners:
            listener(event)

    return emit
