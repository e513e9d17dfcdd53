"""A small MCP server, run by the tests as a program: ``python mcp_server.py``."""

from __future__ import annotations

import os

from mcp.server import MCPServer

server = MCPServer("sums")


@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def fail(why: str) -> str:
    """Never work."""
    raise ValueError(why)


@server.tool()
def secret() -> str:
    """Say what the environment has as key."""
    return os.environ.get("OPENAI_API_KEY", "nothing")


if __name__ == "__main__":
    server.run()
