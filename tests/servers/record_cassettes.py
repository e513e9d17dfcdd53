"""Record what a real llama.cpp server answers, byte for byte: ``python -m tests.servers.record_cassettes``.

It asks what ``tests/models/test_contract.py`` asks, in both protocols. What is in the way of a diff stays as it came: identifiers, times.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Literal

import httpx2

from autogen_jupyter.messages import Message, ToolResult
from autogen_jupyter.models import ChatCompletionsClient, ModelRequest, complete

from .in_process import CASSETTES, PATHS, kind_of
from .llama_server import running_llama_server

__all__ = ["RECORDED"]

RECORDED = "llama.cpp"
"""The folder of ``cassettes``."""


class Recorder(httpx2.AsyncHTTPTransport):
    """Passes requests on, and writes the answers of one protocol to files."""

    def __init__(self, protocol: str) -> None:
        super().__init__()
        self.protocol = protocol

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if not request.url.path.endswith(PATHS[self.protocol]):
            return response
        content = await response.aread()
        file = CASSETTES / RECORDED / self.protocol / f"{kind_of(json.loads(request.content))}.sse"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return httpx2.Response(response.status_code, headers={"content-type": response.headers["content-type"]}, content=content)


async def record(url: str, protocol: Literal["chat", "responses"]) -> None:
    """Ask for each kind of answer once."""
    from ..models.test_contract import TYPE, WEATHER, asking

    client = ChatCompletionsClient("scripted", base_url=url, api=protocol, transport=Recorder(protocol))
    await complete(client, asking("Hello"))
    await complete(client, asking("The weather as JSON.", options={"response_format": TYPE}))
    question = asking("What will the weather be?").messages
    (call,) = (await complete(client, ModelRequest(question, tools=(WEATHER,)))).tool_calls
    result = Message("tool", "rain", tool_results=(ToolResult(call.id, "rain"),))
    await complete(client, ModelRequest((*question, Message("assistant", None, tool_calls=(call,)), result), tools=(WEATHER,)))


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running_llama_server(Path(folder)) as url:
        await record(url, "chat")
        await record(url, "responses")


if __name__ == "__main__":
    asyncio.run(main())
