"""One run of a chat, from its first event to its last: it ends with a reason, whatever ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..cancellation import take_back
from ..context import ChatContext
from ..errors import BudgetReached
from ..events import ChatEnded, ChatStarted, ToolReturned
from ..messages import new_id
from ..replies.base import Reply
from ..replies.pieces import NOT_RUN
from .chat import Exchange
from .stopping import StopWatch

__all__ = ["ChatRun", "take_back_cancellation"]


@dataclass
class ChatRun:
    """An exchange of messages, and what may end it from outside."""

    exchange: Exchange
    opening: Callable[[], Awaitable[Reply]]
    watch: StopWatch
    context: ChatContext
    is_nested: bool = False
    """Whether it runs within another chat; being told to stop then ends that one, and this one with it."""

    async def run(self) -> str:
        """Run the chat and return why it ended."""
        chat_id = new_id("chat")
        emit = self.context.emit
        emit(ChatStarted(chat_id, self.exchange.speaker.name, self.exchange.listener.name))
        reason = "interrupted"
        try:
            reason = await (self._converse() if self.watch.wakes_in is None else self._converse_until_woken())
        except asyncio.CancelledError:
            reason = self.context.stop_reason() or reason
            if self.is_nested or not self.context.stop_reason():
                raise
            take_back_cancellation()
        except BudgetReached:
            reason = self.watch.own_reason
            if not reason:  # it is the budget of a chat around this one
                reason = self.watch.reason
                raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise
        finally:
            for call in self.exchange.open_calls():
                emit(ToolReturned(call.id, NOT_RUN, True, 0.0, self.context.silent))
            emit(ChatEnded(chat_id, reason, self.context.silent))
        return reason

    async def _converse(self) -> str:
        return await self.exchange.run(await self.opening(), request_reply=True)

    async def _converse_until_woken(self) -> str:
        """Converse, and look at the stop condition when its time has come: a reply that is being made then is interrupted."""
        conversing = asyncio.ensure_future(self._converse())
        try:
            while not conversing.done() and not self.watch.own_reason:
                await asyncio.wait({conversing}, timeout=self.watch.wakes_in)
            if conversing.done():
                return conversing.result()
            reason = self.watch.own_reason
        finally:
            conversing.cancel()
            await asyncio.wait({conversing})
            if not conversing.cancelled():
                conversing.exception()  # it has been seen, also where the reason is another
        return reason


def take_back_cancellation() -> None:
    """The chat was told to stop and has stopped; what comes after it is not cancelled."""
    task = asyncio.current_task()
    if task is not None:
        take_back(task)
