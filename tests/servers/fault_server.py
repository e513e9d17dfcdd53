"""A real HTTP server on a free port that misbehaves as told: one act for each request, the last one again and again."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

Act = Callable[["Exchange"], Awaitable[None]]


@dataclass
class Exchange:
    """One request that came in, and the connection to answer on."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: FaultServer

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    async def head(self, status: int, kind: str, **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"content-type: {kind}", "connection: close", "x-request-id: req_123"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode())

    async def chunk(self, data: bytes) -> None:
        self.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self.writer.drain()

    async def until_the_client_leaves(self) -> None:
        while await self.reader.read(1024):
            pass
        self.server.disconnected.set()


class FaultServer:
    """Serves while it is entered.

    ``asked`` is set when the first request has come, ``disconnected`` when a client has left before its answer was at its end.
    """

    def __init__(self, *acts: Act, is_listening: bool = True) -> None:
        self._is_listening = is_listening
        self.acts = list(acts)
        self.seen: list[Exchange] = []
        self.asked = asyncio.Event()
        self.disconnected = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://{self.host}/v1"

    @property
    def host(self) -> str:
        host, port = self._socket.getsockname()[:2]
        return f"{host}:{port}"

    async def __aenter__(self) -> FaultServer:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused, and nobody else can answer there
        if self._is_listening:
            await self.listen()
        return self

    async def listen(self) -> None:
        """Begin to take connections, if it does not yet."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, sock=self._socket)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._server is not None:
            self._server.close()
        self._socket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            exchange = await self._read(reader, writer)
            self.seen.append(exchange)
            self.asked.set()
            await (self.acts.pop(0) if len(self.acts) > 1 else self.acts[0])(exchange)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.disconnected.set()
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().rstrip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Exchange(method, path, headers, body, reader, writer, self)


def status(code: int, body: Any, **headers: str) -> Act:
    """Refuse with a status."""

    async def act(exchange: Exchange) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        kind = "text/html" if isinstance(body, str) else "application/json"
        await exchange.head(code, kind, content_length=str(len(data)), **headers)
        exchange.writer.write(data)

    return act


def events(*pieces: Any, then: str = "end") -> Act:
    """Stream events (dictionaries, or bytes as they are); then ``end``, ``cut``, ``reset``, ``silence`` or ``endless`` repetition."""

    async def act(exchange: Exchange) -> None:
        await exchange.head(200, "text/event-stream", transfer_encoding="chunked")
        for piece in pieces:
            await exchange.chunk(_event(piece))
        if then == "end":
            await exchange.chunk(b"data: [DONE]\n\n")
            exchange.writer.write(b"0\r\n\r\n")
        elif then == "reset":
            exchange.writer.transport.abort()
        elif then == "silence":
            await exchange.until_the_client_leaves()
        while then == "endless":
            await exchange.chunk(_event(pieces[-1]))

    return act


def _event(piece: Any) -> bytes:
    if isinstance(piece, bytes):
        return piece
    named = f"event: {piece['type']}\n".encode() if "type" in piece else b""
    return named + b"data: " + json.dumps(piece).encode() + b"\n\n"


async def silence(exchange: Exchange) -> None:
    """Take the request and say nothing."""
    await exchange.until_the_client_leaves()


async def reset(exchange: Exchange) -> None:
    """Take the request and break the connection."""
    exchange.writer.transport.abort()
