"""A chat that runs in the background, as its caller holds it: events to iterate over, questions to answer, and a result."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from typing import Any

from ..context import LiveSession, enter, new_session
from ..events import ChatEvent, InputReceived, InputRequested, InputWithdrawn
from ..human_input import InputAnswer, InputRequest
from ..models.budget_meter import unmeter
from ..portal import Started, call, on_portal, run_sync, submit
from .chat_result import ChatResult, leave_chat
from .context_variables import ContextVariables
from .stopping import unwatch

__all__ = ["RunResponse"]

LEFT = "nobody waited for it any more"


class RunResponse:
    """What ``agent.run`` returns at once, while the chat goes on.

    Example:
        >>> from autogen_jupyter import ConversableAgent, ScriptedModel
        >>> bot = ConversableAgent("bot", llm_config=ScriptedModel(["Hello."]), human_input_mode="NEVER")
        >>> response = ConversableAgent("me", human_input_mode="NEVER").run(bot, message="Hi.", max_turns=1)
        >>> [event.message.text for event in response.events if event.kind == "message_added"]
        ['Hi.', 'Hello.']
        >>> response.summary
        'Hello.'
    """

    def __init__(self, chat: Callable[[], Coroutine[Any, Any, ChatResult]], context_variables: ContextVariables | None = None) -> None:
        self.context_variables = context_variables
        """What the agents of a group that follows a pattern know together; None for other chats."""
        self._session: LiveSession = new_session()
        self._events: list[ChatEvent] = []
        self._questions: dict[str, InputRequest] = {}
        self._news = threading.Condition()
        self._wakers: list[Callable[[], None]] = []
        self._session.subscribe(self._take)
        self._started: Started[ChatResult] = submit(self._session.run(functools.partial(_apart, chat)))
        self._started.add_done_callback(lambda _: self._wake())

    # --- watching

    @property
    def events(self) -> Events:
        """The events, from the first one; ``for`` and ``async for`` both wait for the next. Leaving the loop early ends the chat."""
        return Events(self)

    def answer(self, request_id: str, answer: InputAnswer | str) -> bool:
        """Answer a question that an ``InputRequested`` event brought, from any thread.

        Args:
            request_id: ``event.request.id``.
            answer: the decision; or text, read as the classic reads a line: empty goes on, ``exit`` ends.

        Returns:
            Whether this answer came first.
        """
        if isinstance(answer, str):
            request = self._questions.get(request_id)
            if request is None:
                return False
            answer = InputAnswer.from_classic(answer, request, via="api")
        return self._session.answer(request_id, answer)

    def stop(self, reason: str = "stopped by the caller") -> None:
        """End the chat; its result is there as soon as it has ended."""
        self._session.interrupt(reason)

    @property
    def is_running(self) -> bool:
        return not self._started.done()

    # --- what came of it

    @on_portal
    async def a_process(self, processor: Callable[[ChatEvent], Any] | None = None) -> ChatResult:
        """Wait for the end and show the chat meanwhile.

        Args:
            processor: called with each event. Default: the chat is shown, and its questions are asked, where a chat begun with
                ``initiate_chat`` would be.
        """
        if processor is not None:
            async for event in self.events:
                await call(processor, event)
            return await self
        async with enter() as shown:
            async for event in self.events:
                if isinstance(event, InputRequested):
                    self.answer(event.request.id, await shown.human.ask(event.request))
                elif not isinstance(event, (InputReceived, InputWithdrawn)):
                    shown.emit(event)
        return await self

    process = run_sync(a_process)

    @on_portal
    async def _a_result(self) -> ChatResult:
        try:
            return await asyncio.shield(asyncio.wrap_future(self._started))
        except asyncio.CancelledError:
            self._left()  # whoever waited was interrupted; the chat does not go on unseen
            raise

    _wait = run_sync(_a_result)

    def __await__(self) -> Generator[Any, None, ChatResult]:
        return self._a_result().__await__()

    @property
    def result(self) -> ChatResult:
        """The result; waits for the end. ``await response`` does the same. An error that ended the chat is raised here.

        Interrupting the wait ends the chat. Questions are not asked meanwhile: answer them from elsewhere, or use ``process``.
        """
        return self._started.result() if self._started.done() else self._wait()

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.result.chat_history

    @property
    def summary(self) -> Any:
        return self.result.summary

    @property
    def cost(self) -> dict[str, Any]:
        return self.result.cost

    @property
    def last_speaker(self) -> str:
        """Name of the agent that spoke last; empty when nobody did."""
        return str(self.messages[-1].get("name", "")) if self.messages else ""

    # --- how events get here

    def _take(self, event: ChatEvent) -> None:
        if isinstance(event, InputRequested):
            self._questions[event.request.id] = event.request
        self._events.append(event)
        self._wake()

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()
            wakers = tuple(self._wakers)
        for waker in wakers:
            waker()

    def _left(self) -> None:
        if self.is_running:
            self.stop(LEFT)


async def _apart(chat: Callable[[], Coroutine[Any, Any, ChatResult]]) -> ChatResult:
    """Run a chat that is no part of the one that began it: it has a result, an end and a budget of its own."""
    leave_chat()
    unwatch()
    unmeter()
    return await chat()


class Events:
    """The events of a chat in the background, for one reader."""

    def __init__(self, response: RunResponse) -> None:
        self._response = response

    def __iter__(self) -> Iterator[ChatEvent]:
        response, seen = self._response, 0
        try:
            while True:
                with response._news:
                    while seen >= len(response._events) and response.is_running:
                        response._news.wait(0.2)  # in slices, so that an interrupt is seen
                if seen >= len(response._events):
                    return
                yield response._events[seen]
                seen += 1
        finally:
            response._left()

    async def __aiter__(self) -> AsyncIterator[ChatEvent]:
        response, seen = self._response, 0
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        waker = _waker(loop, news)
        response._wakers.append(waker)
        try:
            while True:
                news.clear()
                if seen < len(response._events):
                    yield response._events[seen]
                    seen += 1
                elif not response.is_running:
                    return
                else:
                    await news.wait()
        finally:
            response._wakers.remove(waker)
            response._left()


def _waker(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> Callable[[], None]:
    def wake() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(news.set)

    return wake
