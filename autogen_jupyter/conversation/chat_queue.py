"""Several chats, as the classic writes them down: one after another, or as a graph whose independent chats run at once."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..context import ChatContext, current, enter
from ..errors import UsageError
from ..events import Noticed, QueuedChatStarted
from ..portal import call, on_portal, run_sync
from .chat_result import ChatResult, in_chat
from .chat_run import take_back_cancellation
from .chat_starter import beginning_of, carryover_items, text_of_carryover

__all__ = ["ChatInfo", "a_initiate_chats", "chats_in_order", "initiate_chats"]

ChatInfo = Mapping[str, Any]
"""What ``initiate_chat`` takes, with ``sender``, ``recipient``, and perhaps ``chat_id``, ``prerequisites`` (chat ids) and
``finished_chat_indexes_to_exclude_from_carryover``."""
_EXCLUDED = "finished_chat_indexes_to_exclude_from_carryover"
_OURS = ("sender", "prerequisites", _EXCLUDED)


@dataclass(frozen=True)
class _Planned:
    """One chat, and the chats that come before it."""

    info: ChatInfo
    after: tuple[Hashable, ...]
    carries: tuple[Hashable, ...]
    """The chats whose summaries it is told."""

    @property
    def pair(self) -> frozenset[int]:
        """The two agents; they can only hold one conversation at a time."""
        return frozenset({id(self.info["sender"]), id(self.info["recipient"])})

    async def run(self, finished: Mapping[Hashable, ChatResult]) -> ChatResult:
        carryover = [*carryover_items(self.info.get("carryover") or []), *(finished[chat].summary for chat in self.carries)]
        arguments = {key: value for key, value in self.info.items() if key not in _OURS}
        current().emit(self._started(carryover))
        result: ChatResult = await call(beginning_of(self.info["sender"]), **arguments | {"carryover": carryover})
        return result

    def _started(self, carryover: Sequence[Any]) -> QueuedChatStarted:
        info = self.info
        started = QueuedChatStarted(info["sender"].name, info["recipient"].name, silent=current().silent or bool(info.get("silent")))
        if not info.get("verbose"):
            return started
        message = info.get("message")
        kind = "Callable: " if callable(message) else "Dict: " if isinstance(message, Mapping) else ""
        told = f"{kind}{getattr(message, '__name__', message)}"
        return replace(started, verbose=True, message=told, carryover="\n".join(map(text_of_carryover, carryover)))


@run_sync
async def initiate_chats(chat_queue: Sequence[ChatInfo]) -> list[ChatResult]:
    """Hold several chats, each told the summaries of those before it, and return their results in the same order.

    Args:
        chat_queue: for each chat a dictionary with ``sender``, ``recipient`` and whatever ``initiate_chat`` takes besides.
            ``finished_chat_indexes_to_exclude_from_carryover`` lists earlier chats whose summaries are left out. With
            ``prerequisites`` anywhere the chats form a graph, as in ``a_initiate_chats``.

    Raises:
        UsageError: the queue cannot work as written.

    When the chats are told to stop, those that have not begun are left out.
    """
    return await chats_in_order(chat_queue)


@on_portal
async def a_initiate_chats(chat_queue: Sequence[ChatInfo]) -> dict[Any, ChatResult]:
    """Hold several chats as a graph, those that do not wait for each other at once, and return their results by chat id.

    Args:
        chat_queue: as for ``initiate_chats``, with ``chat_id`` (default: the place in the queue) and ``prerequisites``: the ids of the
            chats that come first, whose summaries this one is told. Two chats between the same agents run one after the other.

    Raises:
        UsageError: the queue cannot work as written: an unknown prerequisite, or chats that wait for each other in a circle.
    """
    return await _hold(_as_graph(_checked(chat_queue)))


async def chats_in_order(chat_queue: Sequence[ChatInfo]) -> list[ChatResult]:
    """See ``initiate_chats``."""
    chats = _checked(chat_queue)
    finished = await _hold(_as_graph(chats) if any("prerequisites" in chat for chat in chats) else _in_order(chats))
    return list(finished.values())


def _checked(queue: Sequence[ChatInfo]) -> list[ChatInfo]:
    if isinstance(queue, (str, Mapping)) or not isinstance(queue, Iterable):
        raise UsageError(f"A chat queue is a list of dictionaries, not {type(queue).__name__}.")
    for place, chat in enumerate(queue):
        if not isinstance(chat, Mapping):
            raise UsageError(f"Chat {place} of the queue is {chat!r:.80}; it must be a dictionary with sender and recipient.")
        if missing := [key for key in ("sender", "recipient") if chat.get(key) is None]:
            raise UsageError(f"Chat {place} of the queue has no {missing[0]}.")
        needed = chat.get("prerequisites")
        if needed is not None and (isinstance(needed, str) or not isinstance(needed, Iterable)):
            raise UsageError(
                f"The prerequisites of chat {place} are {needed!r:.80}; they must be a list of chat ids, such as [{needed!r:.40}]."
            )
        if not hasattr(chat["sender"], "a_initiate_chat"):
            raise UsageError(f"The sender of chat {place} is {chat['sender']!r:.80}; it must be an agent that can begin chats.")
    return list(queue)


def _in_order(chats: Sequence[ChatInfo]) -> dict[Hashable, _Planned]:
    planned: dict[Hashable, _Planned] = {}
    for place, chat in enumerate(chats):
        excluded = set(chat.get(_EXCLUDED) or ())
        earlier = tuple(one for one in range(place) if one not in excluded)
        planned[place] = _Planned(chat, after=(place - 1,) if place else (), carries=earlier)
    return planned


def _as_graph(chats: Sequence[ChatInfo]) -> dict[Hashable, _Planned]:
    planned: dict[Hashable, _Planned] = {}
    for place, chat in enumerate(chats):
        chat_id = chat.get("chat_id", place)
        if chat_id in planned:
            raise UsageError(f"Two chats of the queue have the chat_id {chat_id!r}; give each its own.")
        needed = tuple(chat.get("prerequisites") or ())
        excluded = set(chat.get(_EXCLUDED) or ())
        planned[chat_id] = _Planned({**chat, "chat_id": chat_id}, needed, tuple(one for one in needed if one not in excluded))
    for chat_id, plan in planned.items():
        if unknown := [one for one in plan.after if one not in planned]:
            raise UsageError(
                f"Chat {chat_id!r} has the prerequisite {unknown[0]!r}, and no chat has that id; there are {', '.join(map(repr, planned))}."
            )
    if circle := _circle(planned):
        raise UsageError(f"These chats wait for each other in a circle: {' → '.join(map(repr, circle))}. Remove one prerequisite.")
    return planned


def _circle(planned: Mapping[Hashable, _Planned]) -> list[Hashable]:
    """Return the ids along a circle of prerequisites, the first one again at the end; an empty list when there is none."""
    waiting = dict(planned)
    while free := [chat for chat, plan in waiting.items() if not any(one in waiting for one in plan.after)]:
        for chat in free:
            del waiting[chat]
    if not waiting:
        return []
    path = [next(iter(waiting))]
    while path[-1] not in path[:-1]:
        path.append(next(one for one in waiting[path[-1]].after if one in waiting))
    return path[path.index(path[-1]) :]


async def _hold(planned: Mapping[Hashable, _Planned]) -> dict[Any, ChatResult]:
    async with enter() as context:
        _warn_of_repeats(planned.values())
        return await _Holding(planned, context).run()


def _warn_of_repeats(planned: Iterable[_Planned]) -> None:
    seen: set[frozenset[int]] = set()
    for plan in planned:
        if plan.pair in seen and plan.info.get("clear_history", True):
            sender, recipient = plan.info["sender"].name, plan.info["recipient"].name
            text = f"{sender} talks to {recipient} more than once in this queue; what they said before is forgotten (clear_history=True)."
            current().emit(Noticed(text, "warning"))
        seen.add(plan.pair)


class _Holding:
    """Chats that are being held: each begins when those before it are finished and its two agents are free."""

    def __init__(self, planned: Mapping[Hashable, _Planned], context: ChatContext) -> None:
        self._planned = planned
        self._context = context
        self._waiting = list(planned)
        self._running: dict[asyncio.Task[ChatResult], Hashable] = {}
        self._finished: dict[Hashable, ChatResult] = {}

    async def run(self) -> dict[Hashable, ChatResult]:
        try:
            self._begin_what_can()
            while self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
                self._collect()
                self._begin_what_can()
        except asyncio.CancelledError:
            if in_chat() or not self._context.stop_reason():
                raise
            await self._end_all()
            take_back_cancellation()
        finally:
            await self._end_all()
        return {chat: self._finished[chat] for chat in self._planned if chat in self._finished}

    def _begin_what_can(self) -> None:
        if self._context.stop_reason():
            return
        busy = [self._planned[chat].pair for chat in self._running.values()]
        for chat in tuple(self._waiting):
            plan = self._planned[chat]
            if plan.pair in busy or any(one not in self._finished for one in plan.after):
                continue
            self._waiting.remove(chat)
            busy.append(plan.pair)
            self._running[asyncio.ensure_future(plan.run(self._finished))] = chat

    def _collect(self) -> None:
        for task in [task for task in self._running if task.done()]:
            chat = self._running.pop(task)
            self._finished[chat] = task.result()

    async def _end_all(self) -> None:
        """Stop what runs; chats that end with a result because they were told to stop are finished."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        for task, chat in tuple(self._running.items()):
            if not task.cancelled() and task.exception() is None:
                self._finished[chat] = task.result()
                del self._running[task]
