"""The wire to a kernel: sends requests, and hands every message that arrives to one function."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.session import Session

__all__ = ["Channel", "KernelChannels", "OnMessage"]

Channel = Literal["shell", "iopub", "stdin", "control"]
OnMessage = Callable[[Channel, dict[str, Any]], None]

MAX_MESSAGE = 100_000_000
"""Bytes of the biggest message accepted; zmq drops the connection on a bigger one, and connects anew."""
TURN = 0.005
"""Seconds that one channel may keep the loop."""

_log = logging.getLogger(__name__)


class KernelChannels:
    """A kernel's four zmq sockets, read as long as the connection lives.

    They are read where the loop says that something may have arrived, until nothing is there: a task and a future for each message cost
    more than the message. A kernel reached in another way needs a class with the same three methods.
    """

    def __init__(self, client: AsyncKernelClient, on_message: OnMessage) -> None:
        self._client = client
        self._on_message = on_message
        self._is_closed = False
        self._loop = asyncio.get_running_loop()
        self._readers = _readers(self._loop)
        channels: tuple[Channel, ...] = ("iopub", "shell", "stdin", "control")  # iopub first, to miss nothing
        self._sockets: dict[Channel, zmq.Socket[bytes]] = {
            channel: zmq.Socket.shadow(getattr(client, f"{channel}_channel").socket) for channel in channels
        }
        for channel in channels:
            self._readers.add_reader(self._sockets[channel].FD, self._read, channel)
            self._loop.call_soon(self._read, channel)  # zmq tells of what arrives from now on, and not of what is there

    @property
    def session_id(self) -> str:
        """The identifier that replies to our requests carry."""
        return str(self._client.session.session)

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
        """Send a message and return its identifier.

        Args:
            parent: header of the message that this one answers.
            header: entries to add to the message's own header.
            buffers: bytes to go with it.
        """
        session, socket = self._client.session, self._sockets[channel]
        message = session.msg(msg_type, dict(content), parent=parent)
        message["header"].update(header or {})
        if not self._is_closed:
            try:
                socket.send_multipart([*session.serialize(message), *buffers], zmq.NOBLOCK)
            except zmq.Again:  # a thousand messages wait already: the kernel reads none, and its time limit will end that
                _log.warning("A message to the agent kernel's %s channel was dropped: the kernel takes none.", channel)
            # Sending can use up zmq's notice that something has arrived, and nobody would look at a message that is there.
            self._loop.call_soon(self._read, channel)
        return str(message["header"]["msg_id"])

    async def close(self) -> None:
        """Stop reading and close the sockets."""
        if self._is_closed:
            return
        self._is_closed = True
        for socket in self._sockets.values():
            self._readers.remove_reader(socket.FD)
        if self._readers is not self._loop:
            self._readers.close()
        self._client.stop_channels()

    def _read(self, channel: Channel) -> None:
        """Take what has arrived; what takes longer than a turn is taken after what else the loop has to do."""
        socket, session = self._sockets[channel], self._client.session
        end = time.monotonic() + TURN
        while not self._is_closed:
            try:
                parts: list[bytes] = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            try:
                self._on_message(channel, _message(session, parts))
            except Exception:  # generated code can send anything; the next message may be a good one
                _log.warning("A message on the agent kernel's %s channel could not be read.", channel, exc_info=True)
            if time.monotonic() > end:
                self._loop.call_soon(self._read, channel)
                return


def _readers(loop: asyncio.AbstractEventLoop) -> Any:
    """Return what watches sockets for a loop: itself, but for the loops of Windows that cannot."""
    if hasattr(loop, "_selector") or sys.platform != "win32":
        return loop
    from tornado.platform.asyncio import SelectorThread

    return SelectorThread(loop)


def _message(session: Session, parts: list[bytes]) -> dict[str, Any]:
    """Return a message that arrived, with its signature checked and its dates left as text: nobody here reads them, and making them
    takes longer than all the rest.

    Raises:
        ValueError: it is none, or somebody else wrote it.
    """
    frames: list[Any] = session.feed_identities(parts)[1]
    if session.auth is not None and not hmac.compare_digest(session.sign(frames[1:5]), frames[0]):
        raise ValueError("the signature is wrong")
    header, parent, metadata, content = map(_part, frames[1:5])
    if not str(header.get("version", "")).startswith("5."):
        return dict(session.deserialize(frames))  # an old kernel, whose messages have to be put into today's words
    return {
        "header": header,
        "msg_id": header["msg_id"],
        "msg_type": header["msg_type"],
        "parent_header": parent,
        "metadata": metadata,
        "content": content,
        "buffers": [memoryview(frame) for frame in frames[5:]],
    }


def _part(frame: bytes) -> Any:
    return json.loads(frame.decode("utf-8", "replace"))  # given bytes, json would first guess their encoding
