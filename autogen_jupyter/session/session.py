"""A chat that is being watched: it keeps the transcript, tells its subscribers, takes answers from any door, and can be stopped."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ..context import Approval, ChatContext, enter
from ..errors import UsageError
from ..events import ChatEvent, InputReceived, InputRequested, InputWithdrawn, Noticed, PermissionsChanged, Subscriber
from ..human_input import HumanInput, InputAnswer, InputRequest, Permission, Scope
from ..portal import on_portal
from .entries import PartOf
from .event_secrets import NOTICE, says_so, without_secrets
from .files_told import told_files
from .permissions import Permissions
from .transcript import Change, Transcript

__all__ = ["Session", "Watcher", "subscribe_everywhere"]

T = TypeVar("T")
Watcher = Callable[[Sequence[Change]], None]
_log = logging.getLogger(__name__)
_everywhere: list[Subscriber] = []


def subscribe_everywhere(subscriber: Subscriber) -> Callable[[], None]:
    """Call ``subscriber`` with every event of every session from now on; return the function that ends this."""
    _everywhere.append(subscriber)
    return lambda: _everywhere.remove(subscriber)


class Session:
    """Runs chats one after another and shows them to whoever subscribes.

    Args:
        door: who is asked first when an agent needs a person; answers may come through ``answer`` meanwhile. Default: only those.
        approval: when generated code must be approved before it runs.

    Example:
        >>> session = Session(approval="never")
        >>> seen = []
        >>> unsubscribe = session.subscribe(seen.append)
    """

    def __init__(self, *, door: HumanInput | None = None, approval: Approval = "always") -> None:
        self.approval: Approval = approval
        self.transcript = Transcript()
        self.door = door
        """Who is asked first; may be set later, when what it needs is there."""
        self.part_of: PartOf | None = None
        """The conversation that its chats belong to; set by whoever leads one."""
        self.executors: list[object] = []
        """What ran code for its chats, the last one used last."""
        self._subscribers: list[Subscriber] = []
        self._watchers: list[Watcher] = []
        self._pending: dict[str, tuple[InputRequest, asyncio.Future[InputAnswer]]] = {}
        self._task: asyncio.Task[Any] | None = None
        self._permissions = Permissions()
        self._stop_reason = ""
        self._has_said_so = False
        self._lock = threading.RLock()

    # --- watching

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call ``subscriber`` with every event from now on; return the function that ends this."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call ``watcher`` with every change of the transcript from now on; return the function that ends this."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def emit(self, event: ChatEvent) -> None:
        """Take an event into the transcript and tell everybody, without secrets. Who fails is logged and does not disturb the chat."""
        event = without_secrets(event)
        with self._lock:
            changes = self.transcript.apply(event)
            for subscriber in (*self._subscribers, *_everywhere):
                _tell(subscriber, event)
            if changes:
                for watcher in tuple(self._watchers):
                    _tell(watcher, changes)
            if not self._has_said_so and says_so(event):
                self._has_said_so = True
                self.emit(Noticed(NOTICE))

    # --- answering

    @property
    def pending(self) -> InputRequest | None:
        """The question that waits for an answer, if there is one."""
        return next((request for request, _ in self._pending.values()), None)

    async def ask(self, request: InputRequest) -> InputAnswer:
        """Ask a person, through every door at once; the first answer counts (see ``HumanInput``). What is allowed is not asked."""
        if self._permissions.cover(request):
            return InputAnswer("run", via="permission")
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[InputAnswer] = loop.create_future()
        self._pending[request.id] = (request, answered)
        self.emit(InputRequested(request))
        asking = loop.create_task(self.door.ask(request)) if self.door is not None else None
        try:
            await asyncio.wait({answered, asking} if asking else {answered}, return_when=asyncio.FIRST_COMPLETED)
            answer = answered.result() if answered.done() else asking.result()  # type: ignore[union-attr]
        except BaseException:
            self.emit(InputWithdrawn(request.id))
            raise
        finally:
            del self._pending[request.id]
            if asking is not None:
                asking.cancel()
        self.emit(InputReceived(request.id, replace(answer, text="") if request.kind == "password" else answer))
        return answer

    def answer(self, request_id: str, answer: InputAnswer, *, allow: Scope | None = None) -> bool:
        """Answer a question, from any thread.

        Args:
            request_id: the question; see ``pending``.
            answer: the decision.
            allow: how far a yes reaches: for all code of the chat, for code like this, or for this tool. Default: this once.

        Returns:
            Whether this answer came first; False when the question was answered before or is unknown.
        """
        pending = self._pending.get(request_id)
        if pending is None or pending[1].done():
            return False
        if allow is not None and answer.action == "run" and self._permissions.give(pending[0], allow):
            self.emit(PermissionsChanged(self.permissions))
        pending[1].get_loop().call_soon_threadsafe(_settle, pending[1], answer)
        return True

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """What may run without a question, because a person said so in this chat."""
        return self._permissions.given

    def revoke(self, permission_id: str) -> bool:
        """Ask again from now on; return whether there was such a permission."""
        is_revoked = self._permissions.revoke(permission_id)
        if is_revoked:
            self.emit(PermissionsChanged(self.permissions))
        return is_revoked

    # --- running

    @property
    def context(self) -> ChatContext:
        """The surroundings of a chat in this session."""
        return ChatContext(self.emit, self, self.approval, lambda: self._stop_reason, self._add_executor)

    def _add_executor(self, executor: object) -> None:
        self.executors = [*(known for known in self.executors if known is not executor), executor]

    @on_portal
    async def run(self, chat: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a chat in this session and return its result.

        Raises:
            UsageError: a chat is running in it already.
        """
        if self._task is not None:
            raise UsageError("A chat is still running in this session; stop it, or wait until it has ended.")
        self._stop_reason = ""
        self._task = asyncio.current_task()
        try:
            async with enter(self.context):
                return await chat()
        finally:
            self._task = None
            if self.part_of is None:
                await self.tell_files()

    async def tell_files(self) -> None:
        """Say at the end of a chat which files isolated code made. Whoever leads a conversation says so; a silent chat shows nothing."""
        if self.transcript.entries and (line := await told_files(self.executors)):
            self.emit(Noticed(line))

    @property
    def is_running(self) -> bool:
        return self._task is not None

    def interrupt(self, reason: str = "stopped by the human") -> None:
        """Stop the running chat, from any thread: the model call and the running code end, both kernels keep their state."""
        task = self._task
        if task is not None:
            self._stop_reason = reason
            task.get_loop().call_soon_threadsafe(task.cancel)


def _tell(listener: Callable[[T], None], news: T) -> None:
    try:
        listener(news)
    except Exception:
        _log.exception("%r failed on %.200r", listener, news)


def _settle(future: asyncio.Future[InputAnswer], answer: InputAnswer) -> None:
    if not future.done():
        future.set_result(answer)
