"""The wire to a kernel: sends requests, and hands every message that arrives to one function."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from jupyter_client.asynchronous.client import AsyncKernelClient

__all__ = ["Channel", "KernelChannels", "OnMessage"]

Channel = Literal["shell", "iopub", "stdin", "control"]
OnMessage = Callable[[Channel, dict[str, Any]], None]

MAX_MESSAGE = 100_000_000
"""Bytes of the biggest message accepted; zmq drops the connection on a bigger one, and connects anew."""
TURN = 0.005
"""Seconds that one reader may keep the loop: receiving a message that is there does not yield by itself."""

_log = logging.getLogger(__name__)


class KernelChannels:
    """A kernel's four zmq sockets, each with a reader task that lives as long as the connection.

    A kernel reached in another way needs a class with the same three methods.
    """

    def __init__(self, client: AsyncKernelClient, on_message: OnMessage) -> None:
        self._client = client
        self._on_message = on_message
        channels: tuple[Channel, ...] = ("iopub", "shell", "stdin", "control")  # iopub first, to miss nothing
        self._sockets = {channel: getattr(client, f"{channel}_channel").socket for channel in channels}
        self._readers = [asyncio.create_task(self._read(channel)) for channel in channels]

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
        if not socket.closed:
            # Not session.send: it goes past the asyncio socket. Sending can use up zmq's notice that something has arrived, and the
            # reader would wait for ever for a message that is there; the asyncio socket looks again after it has sent.
            socket.send_multipart([*session.serialize(message), *buffers])
        return str(message["header"]["msg_id"])

    async def close(self) -> None:
        """Stop reading and close the sockets."""
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self._client.stop_channels()

    async def _read(self, channel: Channel) -> None:
        socket, session = self._sockets[channel], self._client.session
        since = time.monotonic()
        while True:
            parts = await socket.recv_multipart()
            if time.monotonic() - since > TURN:
                await asyncio.sleep(0)
                since = time.monotonic()
            try:
                _, frames = session.feed_identities(parts)
                self._on_message(channel, session.deserialize(frames))
            except Exception:  # generated code can send anything; the next message may be a good one
                _log.warning("A message on the agent kernel's %s channel could not be read.", channel, exc_info=True)
