"""Parameters of tools that the model neither sees nor sets: shared variables, the chat, and things of the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest

from autogen_jupyter import (
    BaseContext,
    ChatContext,
    ContextVariables,
    ConversableAgent,
    Depends,
    ReplyResult,
    ScriptedModel,
    ToolCall,
    UsageError,
    register_function,
)
from autogen_jupyter.tools import Field, Signature
from tests.conversation.doubles import Room


@dataclass
class Account(BaseContext):
    owner: str


def calling(name, arguments="{}"):
    return (ToolCall("call1", name, arguments),)


async def result_of(function, arguments="{}", *, executor=None):
    """Let a model call the function through another agent; return the tool as the model was told of it, and its result."""
    name = function.__name__
    caller = ConversableAgent("caller", human_input_mode="NEVER", llm_config=ScriptedModel([calling(name, arguments), "done"]))
    executor = executor or ConversableAgent("executor", human_input_mode="NEVER")
    register_function(function, caller=caller, executor=executor, description="A tool.")
    result = await Room().chat(executor, caller, message="go", max_turns=2)
    (told,) = caller.model_client.requests[0].tools
    return told["function"]["parameters"], result.chat_history[2]["content"]


async def test_context_variables_are_given_to_a_tool_and_hidden_from_the_model():
    def count(step: int, context_variables: ContextVariables) -> str:
        context_variables["count"] += step
        return f"{context_variables['count']}"

    executor = ConversableAgent("executor", human_input_mode="NEVER", context_variables={"count": 1})
    parameters, result = await result_of(count, '{"step": 2}', executor=executor)
    assert list(parameters["properties"]) == parameters["required"] == ["step"]
    assert (result, executor.context_variables.to_dict()) == ("3", {"count": 3})


async def test_a_plain_function_map_gives_them_too():
    def peek(context_variables):
        return context_variables["secret"]

    agent = ConversableAgent("agent", function_map={"peek": peek}, context_variables={"secret": "42"})
    assert await agent.a_execute_function({"name": "peek", "arguments": "{}"}) == (
        True,
        {"name": "peek", "role": "function", "content": "42"},
    )


@pytest.mark.parametrize("takes_more", [False, True])
async def test_a_model_cannot_set_what_is_injected(takes_more):
    def strict(context_variables: ContextVariables) -> str:
        return str(context_variables.to_dict())

    def loose(context_variables: ContextVariables, **more: str) -> str:
        return str(context_variables.to_dict())

    function = loose if takes_more else strict
    _, result = await result_of(function, '{"context_variables": {"admin": true}}')
    assert result == "{}" if takes_more else "context_variables: there is no such argument" in result


async def test_the_chat_is_given_to_a_parameter_of_that_type():
    def repeat(chat: ChatContext) -> str:
        return f"{chat.last_message['name']} called, after {len(next(iter(chat.chat_messages.values())))} messages"

    parameters, result = await result_of(repeat)
    assert parameters["properties"] == {}
    assert result == "caller called, after 2 messages"


async def test_depends_gives_an_object_or_what_a_function_returns():
    opened = []

    async def connection(account: Annotated[Account, Depends(Account("ben"))]) -> str:
        opened.append(account.owner)
        return f"connection of {account.owner}"

    def balance(
        currency: Annotated[str, Field("three letters")],
        account: Annotated[Account, Depends(Account("ann"))],
        through: str = Depends(connection),
        limit: Annotated[int, Depends(7)] = 0,
    ) -> str:
        return f"{account.owner} {currency} {through} {limit}"

    parameters, result = await result_of(balance, '{"currency": "EUR"}')
    assert parameters["properties"] == {"currency": {"type": "string", "description": "three letters"}}
    assert result == "ann EUR connection of ben 7"
    assert opened == ["ben"]


async def test_outside_of_a_group_a_reply_result_changes_the_variables_and_is_its_message():
    def log_in() -> ReplyResult:
        return ReplyResult("Welcome.", context_variables={"logged_in": True})

    executor = ConversableAgent("executor", human_input_mode="NEVER")
    _, result = await result_of(log_in, executor=executor)
    assert (result, executor.context_variables.to_dict()) == ("Welcome.", {"logged_in": True})


def test_a_context_that_nobody_gives_is_refused_where_the_tool_is_registered():
    def balance(account: Account) -> str: ...

    with pytest.raises(UsageError, match=r"account of balance is a Account.*Depends\(Account\(…\)\)"):
        Signature(balance)


def test_what_is_injected_does_not_reach_the_agent_kernel():
    def count(context_variables): ...

    agent = ConversableAgent("agent", code_execution_config={})
    with pytest.raises(UsageError, match="count is given context_variables by the notebook"):
        agent.register_for_execution(where="kernel")(count)
