"""The part of an agent that begins chats: the classic's ``initiate_chat``, and its result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from ..agent import Agent
from ..context import ChatContext, enter
from ..errors import UsageError
from ..events import ChatEnded, ChatEvent, ChatStarted
from ..messages import new_id
from ..portal import call, on_portal, run_sync
from ..replies.base import Reply
from ..replies.code import CodePolicy
from .chat import Exchange
from .chat_result import ChatRecord, ChatResult
from .history import History
from .structured import parsed_answer
from .summary import SummaryMethod, summarize

if TYPE_CHECKING:
    from ..models.base import ModelClient

__all__ = ["ChatStarter", "OpeningMessage", "take_back_cancellation"]

OpeningMessage = str | Mapping[str, Any] | Callable[..., Any] | None


class ChatStarter:
    """Begins chats with other agents."""

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
        **kwargs: Any,
    ) -> ChatResult:
        """Begin a chat and return when it is over.

        Args:
            recipient: the agent to talk to.
            clear_history: forget what the two said before; False continues it.
            silent: show nothing of it.
            cache: accepted for compatibility.
            max_turns: round trips at the most. Default: until one of the two stops.
            summary_method: ``"last_msg"``, ``"reflection_with_llm"``, a function ``(sender, recipient, summary_args)``, or None.
            summary_args: for the summary method.
            message: the opening: text, a dictionary, a function ``(sender, recipient, context)``, or None to ask the person.
            **kwargs: ``carryover`` (text or a list, appended to the message) and whatever the message function reads.

        Raises:
            UsageError: an argument cannot work.
            ModelError: the model could not answer; the histories keep what was said.
            NoHumanError: a person has to decide, and nobody is there.
        """
        _check_turns(max_turns)
        async with enter() as context:
            record = ChatRecord()
            with_record = replace(context, emit=_tee(record.apply, context.emit))
            async with enter(with_record):
                reason = await self._converse(with_record, recipient, clear_history, silent, max_turns, message, kwargs)
                summary = await summarize(self, recipient, summary_method, summary_args or {})  # type: ignore[arg-type]
            return ChatResult(
                chat_id=kwargs.get("chat_id"),
                chat_history=[dict(message) for message in self.history_with(recipient).as_dicts()],
                summary=summary,
                parsed=parsed_answer(self.history_with(recipient).messages, (cast(Agent, self), recipient)),
                cost=record.cost,
                human_input=[*self._human_input, *_human_input(recipient)],
                stop_reason=reason,
                usage=record.usage,
                code=record.code,
                outputs=record.outputs,
            )

    initiate_chat = run_sync(a_initiate_chat)

    async def _converse(
        self,
        context: ChatContext,
        recipient: Agent,
        clear_history: bool,
        silent: bool | None,
        max_turns: int | None,
        message: OpeningMessage,
        kwargs: Mapping[str, Any],
    ) -> str:
        me = cast(Agent, self)
        self._prepare(recipient, clear_history, answers=max_turns is None, context=context)
        if isinstance(recipient, ChatStarter):
            recipient._prepare(me, clear_history, answers=True, context=context)
        chat_id = new_id("chat")
        context.emit(ChatStarted(chat_id, self.name, recipient.name))
        reason = "interrupted"
        try:
            opening = await self.a_generate_init_message(message, recipient=recipient, **kwargs)
            exchange = Exchange(me, recipient, silent, max_turns)
            reason = await exchange.run(Reply(opening), request_reply=True)
        except asyncio.CancelledError:
            if not context.stop_reason():
                raise
            reason = context.stop_reason()
            take_back_cancellation()
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise
        finally:
            context.emit(ChatEnded(chat_id, reason))
        return reason

    def _prepare(self, other: Agent, clear_history: bool, *, answers: bool, context: ChatContext) -> None:
        self.reset_consecutive_auto_reply_counter(other)
        self._answers[other] = answers
        self._human_input.clear()
        if clear_history:
            self.clear_history(other)
        if self._code_policy is not None:
            self._code_policy.attach(context)

    async def a_generate_init_message(
        self, message: OpeningMessage, *, recipient: Agent | None = None, carryover: str | Sequence[Any] | None = None, **kwargs: Any
    ) -> str | dict[str, Any]:
        """Return the opening message: as given, as a function makes it, or as the person types it, with the carryover appended."""
        if message is None:
            message = await self.a_get_human_input(">")
        if callable(message):
            context = kwargs if carryover is None else kwargs | {"carryover": carryover}
            made: str | Mapping[str, Any] = await call(message, self, recipient, context)
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

    @property
    def model_client(self) -> ModelClient | None:
        raise NotImplementedError


def _carryover_text(carryover: str | Sequence[Any]) -> str:
    items = [carryover] if isinstance(carryover, str) else carryover
    if not isinstance(items, (list, tuple)):
        raise UsageError(f"carryover is {type(carryover).__name__}; it must be text or a list.")
    texts = [str(item["content"]) if isinstance(item, Mapping) and "content" in item else str(item) for item in items]
    return "\nContext: \n" + "\n".join(texts)


def _check_turns(max_turns: int | None) -> None:
    if max_turns is not None and (not isinstance(max_turns, int) or max_turns < 1):
        raise UsageError(f"max_turns is {max_turns!r}; it must be a whole number of round trips, 1 or more, or None for no limit.")


def take_back_cancellation() -> None:
    """The chat was told to stop and has stopped; what comes after it is not cancelled."""
    task = asyncio.current_task()
    uncancel = getattr(task, "uncancel", None)  # Python 3.11 and later count cancellations
    if uncancel is not None:
        uncancel()


def _human_input(agent: Agent) -> Sequence[str]:
    return getattr(agent, "_human_input", ())


def _tee(first: Callable[[ChatEvent], None], second: Callable[[ChatEvent], None]) -> Callable[[ChatEvent], None]:
    def emit(event: ChatEvent) -> None:
        first(event)
        second(event)

    return emit
