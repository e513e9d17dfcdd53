"""Several tools at once, and tools that were written for other frameworks."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest
from pydantic import BaseModel, TypeAdapter
from typing_extensions import TypedDict

from autogen_jupyter import ConversableAgent, Interoperability, ScriptedModel, Tool, Toolkit, UsageError, tool
from autogen_jupyter.tools import ArgumentError


@tool(description="Add two numbers.")
def add(a: int, b: int) -> int:
    return a + b


@tool(description="Double a number.")
def double(a: int) -> int:
    return 2 * a


class SearchInput(BaseModel):
    query: str
    limit: int = 3


class LangChainTool:
    """What a tool of LangChain is to those who call it."""

    name, description, args_schema = "web search", "Search the web.", SearchInput

    def invoke(self, arguments):
        return f"found {arguments['query']}"


class AsyncLangChainTool(LangChainTool):
    async def ainvoke(self, arguments):
        return f"awaited {arguments['query']}"


class CrewAITool:
    name, args_schema = "Search!", SearchInput
    description = "Tool Name: Search!\nTool Arguments: {}\nTool Description: Search the web."

    def run(self, query, limit=3):
        return f"{limit} of {query}"


class PydanticAITool:
    name, description, takes_ctx = "roll", "Roll dice.", False

    def __init__(self, takes_ctx=False):
        adapter = TypeAdapter(TypedDict("Arguments", {"sides": int}))
        self.takes_ctx = takes_ctx
        self.function_schema = SimpleNamespace(json_schema=adapter.json_schema(), validator=adapter.validator)

    def function(self, sides):
        return sides


def test_a_toolkit_registers_all_its_tools():
    toolkit = Toolkit([add, double])
    caller, executor = ConversableAgent("caller", llm_config=ScriptedModel([])), ConversableAgent("executor")
    toolkit.register_for_llm(caller)
    toolkit.register_for_execution(executor)
    assert [one["function"]["name"] for one in caller._tool_schemas()] == ["add", "double"]
    assert executor.can_execute_function(["add", "double"])
    assert ConversableAgent("both", llm_config=ScriptedModel([]), tools=toolkit).can_execute_function(["add", "double"])


def test_a_toolkit_is_changed_by_name():
    toolkit = Toolkit([add])
    toolkit.set_tool(double)
    toolkit.remove_tool("add")
    assert (len(toolkit), toolkit.tools, toolkit.get_tool("double")) == (1, [double], double)


def test_what_a_toolkit_cannot_hold_is_named():
    with pytest.raises(UsageError, match="has no tool 'zap'; it has add"):
        Toolkit([add]).get_tool("zap")
    with pytest.raises(UsageError, match="has no tool 'zap'; it has none"):
        Toolkit().remove_tool("zap")
    with pytest.raises(UsageError, match="two tools named 'add'"):
        Toolkit([add, add])
    with pytest.raises(UsageError, match="got <built-in function print>"):
        Toolkit([print])


def test_a_tool_is_made_of_a_function_or_a_tool_as_in_ag2():
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    made = Tool(name="sum", description="Sum.", func_or_tool=add)
    assert (made(1, 2), made.schema) == (3, Tool.from_function(add, name="sum", description="Sum.").schema)
    assert Tool(func_or_tool=made, name="again").description == "Sum."
    assert Tool(func_or_tool=add).schema == Tool.from_function(add).schema
    assert dataclasses.replace(made, name="other").name == "other"
    with pytest.raises(UsageError, match=r"or func_or_tool=f, or Tool\.from_function"):
        Tool(name="sum", description="Sum.")


def test_a_tool_registers_itself():
    agent = ConversableAgent("agent", llm_config=ScriptedModel([]))
    add.register_tool(agent)
    assert (agent.can_execute_function("add"), len(agent._tool_schemas())) == (True, 1)


@pytest.mark.parametrize(
    ("kind", "given", "name", "arguments", "result"),
    [
        ("langchain", LangChainTool(), "web_search", '{"query": "x"}', "found x"),
        ("langchain", AsyncLangChainTool(), "web_search", '{"query": "x"}', "awaited x"),
        ("crewai", CrewAITool(), "Search_", '{"query": "x", "limit": 2}', "2 of x"),
        ("pydanticai", PydanticAITool(), "roll", '{"sides": 6}', "6"),
    ],
)
async def test_tools_of_other_frameworks_are_converted_with_their_own_schema(kind, given, name, arguments, result):
    made = Interoperability.convert_tool(tool=given, type=kind)
    agent = ConversableAgent("agent", llm_config=ScriptedModel([]))
    made.register_tool(agent)
    assert (made.name, made.description) == (name, given.description.split(": ")[-1])
    assert made.parameters["type"] == "object"
    assert (await agent.a_execute_function({"name": name, "arguments": arguments}))[1]["content"] == result


@pytest.mark.parametrize(("kind", "given"), [("langchain", LangChainTool()), ("crewai", CrewAITool()), ("pydanticai", PydanticAITool())])
def test_their_arguments_are_checked_before_the_call(kind, given):
    with pytest.raises(ArgumentError, match=r"do not fit\.\n- "):
        Interoperability.convert_tool(tool=given, type=kind).check({"query": 1, "sides": "many"})


@pytest.mark.parametrize(
    ("kind", "package"), [("langchain", "Install langchain-core"), ("crewai", "Install crewai"), ("pydanticai", "Install pydantic-ai")]
)
def test_what_is_no_tool_of_a_framework_names_its_package(kind, package):
    with pytest.raises(UsageError, match=package):
        Interoperability.convert_tool(tool=print, type=kind)


def test_frameworks_and_options_that_are_not_known_are_named():
    assert Interoperability.get_supported_types() == ["crewai", "langchain", "pydanticai"]
    with pytest.raises(UsageError, match="type is 'semantic'; it must be one of 'crewai'"):
        Interoperability.convert_tool(tool=print, type="semantic")
    with pytest.raises(UsageError, match="got 'deps'"):
        Interoperability.convert_tool(tool=CrewAITool(), type="crewai", deps=1)
    with pytest.raises(UsageError, match="'roll' takes a RunContext"):
        Interoperability.convert_tool(tool=PydanticAITool(takes_ctx=True), type="pydanticai")
