"""A kernel on a Jupyter server: started, interrupted and ended over HTTP, and reached by websocket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from jupyter_client.session import Session
from tornado.httpclient import HTTPError
from tornado.websocket import WebSocketClientConnection

from ..errors import KernelStartError
from .channels import Channel, OnMessage
from .server import Server
from .server_api import UNREACHED, KernelGone, ServerApi
from .websocket import WebsocketChannels

__all__ = ["RemoteKernel"]

INTERRUPT = 3.0
"""Seconds for the server to pass an interrupt on, before the kernel itself is asked."""
END = 10.0
"""Seconds for the server to end a kernel."""
WATCH = 3.0
"""Seconds between looks whether the server still has a kernel that owes an answer: it need not say when somebody else ends it."""
_ENDED = {"restarting": "its server had to start another in its place", "dead": "its server could not start it again"}


class RemoteKernel:
    """One kernel on a server. See ``Home`` for what it can do."""

    folder = None
    connection_file = None
    is_remote = True
    why_killed = ""

    def __init__(self, api: ServerApi, kernel_id: str) -> None:
        self.died: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self.kernel_id = kernel_id
        self._api = api
        self._why = ""
        self._is_deleted = False
        self._session = Session(digest_history_size=0)
        self._first: WebSocketClientConnection | None = None
        self._channels: WebsocketChannels | None = None
        self._watching: asyncio.Task[None] | None = None
        self._on_message: OnMessage = lambda channel, message: None

    @classmethod
    async def start(cls, server: Server, kernel_name: str, *, env: Mapping[str, str]) -> RemoteKernel:
        """Start a kernel on the server; it is not ready yet when this returns.

        Args:
            env: of these, the server's own launcher gets those that begin with ``KERNEL_``, which gateways read.

        Raises:
            KernelStartError: the server cannot be reached, does not let us in, or has no such kernel.
        """
        api = ServerApi(server)
        try:
            languages = await api.languages()
            _check(kernel_name, languages, server)
            kernel = cls(api, await api.create(kernel_name, {name: value for name, value in env.items() if name.startswith("KERNEL_")}))
        except BaseException:
            api.close()
            raise
        try:
            kernel._first = await kernel._dial()
        except BaseException as error:
            await asyncio.shield(asyncio.ensure_future(kernel.end()))
            if isinstance(error, (KernelGone, HTTPError, OSError)):
                raise KernelStartError(
                    f"The agent kernel was started on {server.url}, but its websocket cannot be opened: {error}. "
                    "A proxy between may not let websockets through."
                ) from error
            raise
        return kernel

    def connect(self, on_message: OnMessage) -> WebsocketChannels:
        """Read from the channels; messages may arrive at once."""
        if self._first is None:
            raise RuntimeError("a remote kernel is connected to once")
        self._on_message = on_message
        first, self._first = self._first, None
        self._channels = WebsocketChannels(first, self._dial, self._take, on_gone=self._gone, session=self._session)
        self._watching = asyncio.create_task(self._watch())
        return self._channels

    async def _watch(self) -> None:
        while not self.died.done():
            await asyncio.sleep(WATCH)
            if self._channels is not None and self._channels.owed:
                with contextlib.suppress(*UNREACHED, KernelGone):
                    if not await self._api.exists(self.kernel_id):
                        self._gone("its server does not have it any more")
                    elif self._channels.unseen.keys() == self._channels.owed:
                        await self._knock()

    async def _knock(self) -> None:
        """Connect once more: ipykernel 7.0 to 7.3 can overlook what came in while they replied, until then (ipykernel's issue 1554)."""
        (await self._api.open(self.kernel_id, Session().session)).close()

    def cause(self) -> str:
        """Say in words how it ended."""
        return self._why or "it was ended"

    def last_words(self) -> str:
        """Return nothing: what a kernel writes outside of cells stays on its server."""
        return ""

    def forget_words(self) -> None:
        """There are none."""

    async def interrupt(self) -> None:
        """Interrupt what it runs: through the server, or by a message to the kernel where the server does not answer."""
        try:
            await self._api.interrupt(self.kernel_id, patience=INTERRUPT)
        except UNREACHED:
            if self._channels is not None:
                self._channels.send("control", "interrupt_request", {})

    async def kill(self) -> None:
        """Let the server end it."""
        if not self._is_deleted:
            self._is_deleted = True
            with contextlib.suppress(*UNREACHED, asyncio.TimeoutError):
                await asyncio.wait_for(self._api.delete(self.kernel_id), END)
        self._gone("")

    async def end(self) -> None:
        """End it, and close the connections."""
        await self.kill()
        if self._watching is not None:
            self._watching.cancel()
        if self._channels is not None:
            await self._channels.close()
        if self._first is not None:
            self._first.close()
        self._api.close()

    async def _dial(self) -> WebSocketClientConnection:
        return await self._api.open(self.kernel_id, self._session.session)

    def _take(self, channel: Channel, message: dict[str, Any]) -> None:
        """Notice what the server says of the kernel: a message that answers nothing, and that no kernel sends."""
        self._on_message(channel, message)
        if channel == "iopub" and message["msg_type"] == "status" and not message["parent_header"]:
            state = message["content"].get("execution_state")
            if state == "autorestarting" or state in _ENDED:
                self._gone(_ENDED.get(state, _ENDED["restarting"]))

    def _gone(self, why: str) -> None:
        if not self.died.done():
            self._why = why
            self.died.set_result(None)


def _check(kernel_name: str, languages: Mapping[str, str], server: Server) -> None:
    if kernel_name not in languages:
        known = ", ".join(sorted(languages)) or "none"
        raise KernelStartError(f"{server.url} has no kernel named {kernel_name!r}; it has: {known}. Choose one with kernel_name.")
