"""The wire to a kernel on a Jupyter server: one websocket, which may break and is made anew without losing what the kernel said.

A server keeps what arrives while nobody listens, but what was already on its way when the connection broke is in no buffer of its. So
a Python kernel remembers its last messages itself (``replay.py``), and is asked for those after the last one that arrived. What was on
its way to the kernel is sent once more, and the kernel does what it is asked twice only once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from jupyter_client.session import Session
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError

from .channels import TURN, Channel, OnMessage
from .frames import V1, pack, unpack
from .server_api import UNREACHED, KernelGone

__all__ = ["REPLAY", "WebsocketChannels"]

REPLAY = "agent_replay_request"
"""Asks the kernel, on its control channel, for the messages after the last one that arrived."""
RECONNECT = 60.0
"""Seconds for which a lost connection is tried again."""
PAUSES = (0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds between the tries; the last one from then on."""
REPLAYED = 5.0
"""Seconds for the kernel to say again what was lost."""
REMEMBERED = 500
"""How many messages that must not count twice are remembered."""

Dial = Callable[[], Awaitable[WebSocketClientConnection]]
_log = logging.getLogger(__name__)


class WebsocketChannels:
    """A kernel's channels over one websocket; it has the methods of ``KernelChannels``."""

    def __init__(
        self, ws: WebSocketClientConnection, dial: Dial, on_message: OnMessage, *, on_gone: Callable[[str], None], session: Session
    ) -> None:
        """Begin to read.

        Args:
            dial: opens another connection to the same kernel, in the same session.
            on_gone: called with the reason when the kernel will not be reached any more.
        """
        self.can_replay = False
        """Whether the kernel remembers its messages."""
        self.owed: set[str] = set()
        """Requests that the kernel has not answered yet."""
        self.unseen: dict[str, tuple[dict[str, Any], Sequence[bytes | memoryview]]] = {}
        """Those of them that it has not begun to work on: each with its message and the bytes that went with it."""
        self.on_reconnect: Callable[[bool], Awaitable[None]] | None = None
        """Awaited after a new connection; says whether everything that was lost has been said again."""
        self._session = session
        self._dial = dial
        self._on_message = on_message
        self._on_gone = on_gone
        self._ws: WebSocketClientConnection | None = ws
        self._waiting: deque[bytes | str] = deque()
        self._held: list[tuple[Channel, dict[str, Any]]] | None = None
        self._replay: tuple[str, asyncio.Future[Mapping[str, Any]]] | None = None
        self._last_output = ""
        self._said_again: set[str] = set()
        self._seen: deque[str] = deque(maxlen=REMEMBERED)
        self._catching_up: asyncio.Task[None] | None = None
        self._reader = asyncio.create_task(self._live(ws))

    @property
    def session_id(self) -> str:
        """The identifier that replies to our requests carry."""
        return str(self._session.session)

    def send(
        self,
        channel: Channel,
        msg_type: str,
        content: Mapping[str, Any],
        *,
        parent: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        buffers: Sequence[bytes | memoryview] = (),
    ) -> str:
        """Send a message, now or when there is a connection again, and return its identifier.

        Args:
            parent: header of the message that this one answers.
            header: entries to add to the message's own header.
            buffers: bytes to go with it.
        """
        message = self._session.msg(msg_type, dict(content), parent=dict(parent) if parent else None)
        message["header"].update(header or {})
        message["header"]["date"] = message["header"]["date"].isoformat()
        if message["parent_header"]:
            message["parent_header"] = {name: _as_json(value) for name, value in message["parent_header"].items()}
        if channel == "shell" and msg_type.endswith("_request"):
            self.owed.add(message["header"]["msg_id"])
            self.unseen[message["header"]["msg_id"]] = message, buffers
        self._write(pack(channel, message, buffers, v1=self._is_v1))
        return str(message["header"]["msg_id"])

    async def close(self) -> None:
        """Stop reading and close the connection."""
        tasks = [task for task in (self._reader, self._catching_up) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._ws is not None:
            self._ws.close()

    @property
    def _is_v1(self) -> bool:
        return self._ws is None or self._ws.selected_subprotocol == V1

    def _write(self, frame: bytes | str) -> None:
        if self._ws is None:
            self._waiting.append(frame)
            return
        try:
            sent = asyncio.ensure_future(self._ws.write_message(frame, binary=isinstance(frame, bytes)))
        except WebSocketClosedError:
            self._waiting.append(frame)
            return
        sent.add_done_callback(lambda done: done.cancelled() or done.exception())  # the reader sees the end of the connection

    async def _live(self, ws: WebSocketClientConnection | None) -> None:
        """Read from one connection after the other."""
        try:
            while ws is not None:
                await self._read(ws)
                ws.close()
                self._ws = None
                if self._catching_up is not None:
                    self._catching_up.cancel()
                ws = await self._dial_again()
                if ws is not None:
                    self._resume(ws)
        except KernelGone as gone:
            self._on_gone(str(gone))

    async def _dial_again(self) -> WebSocketClientConnection:
        loop = asyncio.get_running_loop()
        end, tries = loop.time() + RECONNECT, 0
        while loop.time() < end:
            try:
                return await self._dial()
            except UNREACHED as error:
                _log.info("The connection to the agent kernel is not back yet: %s", error)
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1
        raise KernelGone(f"its server could not be reached for {RECONNECT:g} seconds")

    def _resume(self, ws: WebSocketClientConnection) -> None:
        self._ws = ws
        self._held = [*(self._held or ())]  # what a try before has held back is still to be told
        self._catching_up = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        """Ask for what was lost, tell it in its place, send again what the kernel did not begin, and go on."""
        is_whole, again = False, []
        if self.can_replay:
            answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
            self._replay = (self.send("control", REPLAY, {"after": self._last_output}), answer)
            with contextlib.suppress(asyncio.TimeoutError):
                told = await asyncio.wait_for(answer, REPLAYED)
                again, is_whole = list(told.get("messages", ())), bool(told.get("whole"))
        held, self._held, self._replay = self._held or [], None, None
        self._said_again = {message["header"]["msg_id"] for message in again}
        for message in again:
            self._tell(message["channel"], {"buffers": [], **message, "msg_type": message["header"]["msg_type"]})
        for channel, message in held:
            self._tell_once(channel, message)
        for message, buffers in self.unseen.values() if is_whole else ():
            # what differs from the first copy is its signature: a kernel complains of one that it has seen
            self._write(pack("shell", {**message, "metadata": {"sent_again": True}}, buffers, v1=self._is_v1))
        for _ in range(len(self._waiting)):
            self._write(self._waiting.popleft())
        if self.on_reconnect is not None:
            await self.on_reconnect(is_whole)

    async def _read(self, ws: WebSocketClientConnection) -> None:
        is_v1 = ws.selected_subprotocol == V1
        sock = _socket_of(ws)
        since = time.monotonic()
        while (frame := await ws.read_message()) is not None:
            _acknowledge(sock)
            if time.monotonic() - since > TURN:
                await asyncio.sleep(0)
                since = time.monotonic()
            try:
                channel, message = unpack(frame, v1=is_v1)
                self._take(channel, message)  # type: ignore[arg-type]  # an unknown channel is nobody's
            except Exception:  # generated code can send anything; the next message may be a good one
                _log.warning("A message from the agent kernel's server could not be read.", exc_info=True)

    def _take(self, channel: Channel, message: dict[str, Any]) -> None:
        if self._replay is not None and message["parent_header"].get("msg_id") == self._replay[0]:
            if channel == "control" and not self._replay[1].done():
                self._replay[1].set_result(message["content"])
        elif self._held is not None:
            self._held.append((channel, message))
        else:
            self._tell_once(channel, message)

    def _tell_once(self, channel: Channel, message: dict[str, Any]) -> None:
        """Tell what the kernel has not said again: the server, too, repeats what it kept, sooner or later."""
        if message["header"]["msg_id"] not in self._said_again:
            self._tell(channel, message)

    def _tell(self, channel: Channel, message: dict[str, Any]) -> None:
        msg_id, answered = message["header"]["msg_id"], message["parent_header"].get("msg_id")
        self.unseen.pop(answered, None)
        if channel == "shell":
            self.owed.discard(answered)
        if channel == "iopub":
            if message["parent_header"]:  # what the server says by itself is not the kernel's
                self._last_output = msg_id
        elif msg_id in self._seen:
            return
        else:
            self._seen.append(msg_id)
        try:
            self._on_message(channel, message)
        except Exception:
            _log.warning("A message on the agent kernel's %s channel could not be read.", channel, exc_info=True)


def _as_json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _socket_of(ws: WebSocketClientConnection) -> socket.socket | None:
    return getattr(getattr(getattr(ws, "protocol", None), "stream", None), "socket", None)


def _acknowledge(sock: socket.socket | None) -> None:
    """Say at once that a packet has arrived: servers of Jupyter hold the next one back until then, and Linux takes 40 ms for it."""
    option = getattr(socket, "TCP_QUICKACK", None)
    if sock is not None and option is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, option, 1)
