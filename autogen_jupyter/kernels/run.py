"""One request to a kernel on its way: over when its reply and its idle have both been seen, in either order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextvars import copy_context
from typing import Any

__all__ = ["Ask", "Run", "TakeOutput"]

Ask = Callable[[str, bool], Awaitable[str]]
"""Answers a prompt; the second argument says whether the answer is a password."""
TakeOutput = Callable[[str, Mapping[str, Any]], bool]
"""Takes an output message's type and content; returns False when there has been far too much of it."""

_log = logging.getLogger(__name__)

GRACE = 3.0
"""Seconds without any output after which a reply without its idle is taken for the end: the idle was dropped on the way."""
LIMITED = ("IOPub message rate exceeded.", "IOPub data rate exceeded.")
"""How a Jupyter server begins to say that it drops outputs from now on."""
END_OF_FILE = "\x04"
"""The answer that makes ``input()`` raise EOFError in the kernel."""


class Run:
    """What is known of a request so far."""

    def __init__(self, take: TakeOutput | None, ask: Ask | None, answer: Callable[[Mapping[str, Any], str], None]) -> None:
        loop = asyncio.get_running_loop()
        self.over: asyncio.Future[None] = loop.create_future()
        self.flooded: asyncio.Future[None] = loop.create_future()
        """Done when there is so much output that the run should be stopped."""
        self.reply: Mapping[str, Any] | None = None
        self.asking: asyncio.Task[None] | None = None
        """Set while a person is being asked."""
        self.asked_seconds = 0.0
        self.interrupted = False
        """Whether somebody asked for it to be interrupted."""
        self.lost_output = False
        self._answered: tuple[Mapping[str, Any], str] | None = None
        self._stirred: asyncio.Future[None] = loop.create_future()
        self._is_idle = False
        self._progress = 0
        self._take = take
        self._ask = ask
        self._answer = answer
        self._context = copy_context()  # outputs and questions belong to whoever runs the code, not to whoever reads the sockets

    def on_message(self, channel: str, message: Mapping[str, Any]) -> None:
        """Take in a message that answers this request."""
        if channel == "shell":
            self.reply = message["content"]
            self._settle()
            self._wait_for_idle(-1)
        elif channel == "iopub":
            self._on_output(message["msg_type"], message["content"])
        elif channel == "stdin" and message["msg_type"] == "input_request":
            self.asking = self._context.run(asyncio.ensure_future, self._put_question(message))

    async def stirs(self, timeout: float | None) -> None:
        """Wait until something of it may have changed, or for ``timeout`` seconds."""
        loop = asyncio.get_running_loop()
        timer = None if timeout is None else loop.call_later(timeout, self.stir)
        try:
            await self._stirred
        finally:
            self._stirred = loop.create_future()
            if timer is not None:
                timer.cancel()

    def stir(self, *_: object) -> None:
        """Wake who waits for a change."""
        if not self._stirred.done():
            self._stirred.set_result(None)

    def reconnect(self, *, is_whole: bool) -> None:
        """After the connection broke: note that outputs were lost, or say the last answer again. A kernel that has it takes it once."""
        if not is_whole:
            self.lost_output = True
        elif self._answered is not None:
            self._answer(*self._answered)

    def lose_end(self) -> None:
        """Note that its end was lost with the connection: there is nothing to wait for."""
        self.lost_output = True
        self._end()

    def close(self) -> None:
        """Stop asking; nobody waits for the answer any more."""
        if self.asking is not None:
            self.asking.cancel()

    def _on_output(self, msg_type: str, content: Mapping[str, Any]) -> None:
        self._progress += 1
        if msg_type == "status":
            if content["execution_state"] == "idle":
                self._is_idle = True
                self._settle()
            return
        if msg_type == "stream" and content["text"].startswith(LIMITED):
            self.lost_output = True
        if self._take is not None and not self._context.run(self._take, msg_type, content) and not self.flooded.done():
            self.flooded.set_result(None)
            self.stir()

    def _settle(self) -> None:
        if self.reply is not None and self._is_idle:
            self._end()

    def _end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)
            self.stir()

    def _wait_for_idle(self, progress: int) -> None:
        if self.over.done():
            return
        if progress == self._progress:
            self.lost_output = True
            self._end()
            return
        asyncio.get_running_loop().call_later(GRACE, self._wait_for_idle, self._progress)

    async def _put_question(self, message: Mapping[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        content = message["content"]
        answer = END_OF_FILE
        try:
            if self._ask is not None:
                answer = await self._ask(str(content.get("prompt", "")), bool(content.get("password")))
        except Exception as error:
            _log.info("Generated code asked for input and got none: %s", error)  # it sees the end of its input
        finally:
            self.asked_seconds += loop.time() - started
            self.asking = None
            self.stir()
        self._answered = message["header"], answer
        self._answer(*self._answered)
