"""Tools of a real MCP server, a process of its own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from autogen_jupyter import AgentChatError, AssistantAgent, ScriptedModel, ToolCall, UsageError, UserProxyAgent, register_function
from autogen_jupyter.mcp_tools import HttpServer, StdioServer, mcp_tools
from autogen_jupyter.tools import ToolError
from tests.conversation.doubles import Room

SERVER = StdioServer(sys.executable, [str(Path(__file__).parent / "servers" / "mcp_server.py")])


async def test_the_tools_of_a_server_are_called_in_a_chat() -> None:
    model = ScriptedModel([(ToolCall("c1", "sums_add", '{"a": 2, "b": 3}'), ToolCall("c2", "sums_fail", '{"why": "no"}')), "TERMINATE"])
    assistant = AssistantAgent("assistant", llm_config=model)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    async with mcp_tools(SERVER) as tools:
        for one in tools:
            register_function(one, caller=assistant, executor=user)
        result = await Room().chat(user, assistant, message="2 + 3?")
    offered = {tool["function"]["name"]: tool["function"] for tool in model.requests[0].tools}
    assert offered["sums_add"]["description"] == "Add two numbers."
    assert offered["sums_add"]["parameters"]["required"] == ["a", "b"]
    added, failed = result.chat_history[2]["tool_responses"]
    assert added["content"] == "5"
    assert failed["content"] == "Error: Error executing tool fail"


async def test_calls_at_once_and_from_another_loop_and_after_the_end() -> None:
    async with mcp_tools(SERVER, name="two words!") as tools:
        by_name = {tool.name: tool for tool in tools}
        add = by_name["two_words__add"]
        assert await asyncio.gather(*(add(a=n, b=n) for n in range(5))) == ["0", "2", "4", "6", "8"]
        assert await asyncio.to_thread(lambda: asyncio.run(add(a=1, b=1))) == "2"
    with pytest.raises(ToolError, match="not connected"):
        await add(a=1, b=1)


def test_the_blocking_form_and_no_key_in_the_servers_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-nobody-else")
    with mcp_tools(SERVER) as tools:
        secret = next(tool for tool in tools if tool.name == "sums_secret")
        assert asyncio.run(secret()) == "nothing"


async def test_bad_arguments_are_told_by_the_server() -> None:
    async with mcp_tools(SERVER) as tools:
        with pytest.raises(ToolError, match="b"):
            await next(tool for tool in tools if tool.name == "sums_add")(a="x")


async def test_a_server_that_does_not_start_is_an_error_that_names_it() -> None:
    with pytest.raises(AgentChatError, match="no-such-program --now did not get ready: "):
        async with mcp_tools(StdioServer("no-such-program", ["--now"])):
            pass
    with pytest.raises(AgentChatError, match="did not get ready"):
        async with mcp_tools(StdioServer(sys.executable, ["-c", "print('no MCP')"]), timeout=20):
            pass
    with pytest.raises(AgentChatError, match=r"127.0.0.1:9/mcp did not get ready"):
        async with mcp_tools(HttpServer("http://127.0.0.1:9/mcp"), timeout=20):
            pass


async def test_without_the_package_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(UsageError, match=r'pip install "autogen_jupyter\[mcp\]"'):
        async with mcp_tools(SERVER):
            pass


def test_a_server_is_not_a_text() -> None:
    with pytest.raises(UsageError, match="StdioServer"):
        mcp_tools("npx server")  # type: ignore[arg-type]
