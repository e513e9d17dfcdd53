"""Tools from MCP servers: a server's tools, ready to be registered with agents.

It needs the ``mcp`` package, which is loaded when a server is first used: ``pip install "autogen_jupyter[mcp]"``.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .errors import AgentChatError, UsageError
from .portal import on_portal, run_sync
from .tools import Tool, ToolError, normalized_name

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult
    from mcp.types import Tool as ServerTool

__all__ = ["HttpServer", "McpTools", "StdioServer", "mcp_tools"]


@dataclass(frozen=True)
class StdioServer:
    """A server that is a program on this machine, spoken to over its standard input and output."""

    command: str
    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    """Environment variables for it, besides the harmless ones it gets anyway. Keys are never passed on by themselves."""
    cwd: str | os.PathLike[str] | None = None

    def __str__(self) -> str:
        return shlex.join((self.command, *self.args))


@dataclass(frozen=True)
class HttpServer:
    """A server on the network (streamable HTTP)."""

    url: str

    def __str__(self) -> str:
        return self.url


def mcp_tools(server: StdioServer | HttpServer, *, name: str | None = None, timeout: float = 60.0) -> McpTools:
    """Connect to an MCP server; the block that follows has its tools.

    Args:
        server: what to start, or where to connect.
        name: put before the tools' names, so that servers can be told apart. Default: what the server calls itself.
        timeout: seconds the server gets to start, and for each call.

    Example:
        >>> async with mcp_tools(StdioServer("uvx", ["mcp-server-time"])) as tools:  # doctest: +SKIP
        ...     for one in tools:
        ...         register_function(one, caller=assistant, executor=user)
        ...     await user.a_initiate_chat(assistant, message="What time is it in Tokyo?")
    """
    return McpTools(server, name=name, timeout=timeout)


class McpTools:
    """A connection to an MCP server, as a context manager (``with`` or ``async with``) that gives the server's tools."""

    def __init__(self, server: StdioServer | HttpServer, *, name: str | None = None, timeout: float = 60.0) -> None:
        if not isinstance(server, (StdioServer, HttpServer)):
            raise UsageError(f'The server is {server!r:.80}; give StdioServer("command", ["argument"]) or HttpServer("https://…/mcp").')
        self._server = server
        self._name = name
        self._timeout = timeout
        self._owner: asyncio.Task[None] | None = None
        self._leave = asyncio.Event()

    @on_portal
    async def a_open(self) -> list[Tool]:
        """Start the server and return its tools.

        Raises:
            UsageError: the connection is open already, or the ``mcp`` package is missing.
            AgentChatError: the server did not start, or did not answer in time.
        """
        if self._owner is not None:
            raise UsageError(f"The MCP server {self._server} is in use already; open a second connection with mcp_tools().")
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[list[Tool]] = loop.create_future()
        self._leave = asyncio.Event()
        self._owner = loop.create_task(self._own(ready))
        try:
            return await self._ready(self._owner, ready)
        except BaseException:
            await self.a_close()
            raise

    async def _ready(self, owner: asyncio.Task[None], ready: asyncio.Future[list[Tool]]) -> list[Tool]:
        waited: set[asyncio.Future[Any]] = {ready, owner}
        await asyncio.wait(waited, timeout=self._timeout, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            return ready.result()
        problem = _innermost(owner.exception()) if owner.done() else None
        if isinstance(problem, UsageError):
            raise problem
        said = f": {type(problem).__name__}: {problem}" if problem else f" within {self._timeout:g} s"
        raise AgentChatError(f"The MCP server {self._server} did not get ready{said}") from problem

    @on_portal
    async def a_close(self) -> None:
        """End the connection, and the server if we started it. Closing twice does nothing."""
        owner, self._owner = self._owner, None
        if owner is None:
            return
        self._leave.set()
        done, _ = await asyncio.wait({owner}, timeout=5)
        if not done:
            owner.cancel()
        await asyncio.gather(owner, return_exceptions=True)

    open = run_sync(a_open)
    close = run_sync(a_close)

    async def __aenter__(self) -> list[Tool]:
        return await self.a_open()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.a_close()

    def __enter__(self) -> list[Tool]:
        return self.open()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    async def _own(self, ready: asyncio.Future[list[Tool]]) -> None:
        """Hold the connection: the library's scopes have to be left in the task that entered them."""
        client_class, target, log = await asyncio.to_thread(_client_for, self._server)
        with log:
            async with client_class(target, read_timeout_seconds=self._timeout) as client:
                offered = await _all_tools(client)
                if not ready.done():
                    ready.set_result([self._tool(client, one) for one in offered])
                await self._leave.wait()

    def _tool(self, client: Client, offered: ServerTool) -> Tool:
        info = client.server_info
        server = self._name or (info.name if info is not None else "mcp")

        @on_portal
        async def call_tool(**arguments: Any) -> str:
            if self._owner is None or self._owner.done():
                raise ToolError(f"the MCP server {server} is not connected any more.")
            result = await client.call_tool(offered.name, arguments)
            text = _text_of(result)
            if result.is_error:
                raise ToolError(text)
            return text

        call_tool.__name__ = offered.name
        description = offered.description or offered.title or offered.name
        return Tool(normalized_name(f"{server}_{offered.name}"), description, dict(offered.input_schema), call_tool)


async def _all_tools(client: Client) -> list[ServerTool]:
    page = await client.list_tools()
    tools = list(page.tools)
    while page.next_cursor:
        page = await client.list_tools(cursor=page.next_cursor)
        tools += page.tools
    return tools


def _client_for(server: StdioServer | HttpServer) -> tuple[type[Client], Any, Any]:
    """Load the library, which takes a second; return its client, what it connects to, and the file that takes the server's chatter."""
    try:
        from mcp import Client, StdioServerParameters, stdio_client
    except ImportError as error:
        raise UsageError('Tools of MCP servers need the mcp package: pip install "autogen_jupyter[mcp]"') from error
    log = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - the caller closes it; a notebook's stderr is no file
    if isinstance(server, HttpServer):
        return Client, server.url, log
    folder = None if server.cwd is None else os.fspath(server.cwd)
    parameters = StdioServerParameters(command=server.command, args=list(server.args), env=dict(server.env), cwd=folder)
    return Client, stdio_client(parameters, errlog=log), log


def _text_of(result: CallToolResult) -> str:
    """Return a result as text; pictures and other data stand by their type."""
    texts = [getattr(part, "text", None) or f"<{part.type}>" for part in result.content]
    return "\n".join(texts) or "(no content)"


def _innermost(error: BaseException | None) -> BaseException | None:
    """Return the one cause inside the groups that the library's task groups make."""
    while error is not None and getattr(error, "exceptions", None):
        error = error.exceptions[0]  # type: ignore[attr-defined]
    return error
