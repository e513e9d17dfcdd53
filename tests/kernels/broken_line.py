"""A line between a notebook and a server that can be cut, with what is on its way."""

from __future__ import annotations

import asyncio
import contextlib


class Line:
    """A TCP proxy. ``cut`` drops its connections at once, and what it has read of them and not passed on."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.cuts = 0
        self.passed = 0
        self.dialed = asyncio.Queue[None]()
        """Grows with each websocket to a kernel."""
        self.cut_after: int | None = None
        """Bytes from the server after which the line is cut by itself; half of the piece then read is lost."""
        self.is_down = False
        self.is_deaf = False
        """Whether what the notebook says is lost."""
        self.unheard = asyncio.Queue[None]()
        """Grows with each piece that was lost so."""

    async def __aenter__(self) -> Line:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Drop all connections."""
        self.cuts += 1
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers |= {writer, back}
        await asyncio.gather(self._pass(reader, back, counts=False), self._pass(there, writer, counts=True))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counts: bool) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while piece := await reader.read(8192):
                self.passed += len(piece) if counts else 0
                if not counts and self.is_deaf:
                    self.unheard.put_nowait(None)
                    continue
                if not counts and b"/channels" in piece.split(b"\r\n", 1)[0]:
                    self.dialed.put_nowait(None)
                if counts and self.cut_after is not None and self.passed > self.cut_after:
                    self.cut_after = None
                    writer.write(piece[: len(piece) // 2])
                    self.cut()
                    return
                writer.write(piece)
                await writer.drain()
        writer.close()
