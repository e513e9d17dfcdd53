"""Code that a function of the user's has an agent run, such as a tool of the classic's notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest

from autogen_jupyter import AssistantAgent, CodeBlock, ConversableAgent, KernelCodeExecutor, UsageError, UserProxyAgent, register_function
from autogen_jupyter.context import ChatContext, enter
from autogen_jupyter.events import CodeFinished, CodeProposed
from autogen_jupyter.human_input import ScriptedInput
from autogen_jupyter.messages import ToolCall
from autogen_jupyter.models import ScriptedModel
from autogen_jupyter.portal import run_sync


@pytest.fixture
def user() -> Iterator[UserProxyAgent]:
    executor = KernelCodeExecutor(warm_up=())
    yield UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": executor}, max_consecutive_auto_reply=2)
    run_sync(executor.close)()


def test_blocks_run_in_order_until_one_fails_and_the_state_stays(user: UserProxyAgent) -> None:
    assert user.execute_code_blocks([("sh", "echo 1"), ("", "x = 1\nprint(x + 1)")]) == (0, "\n1\n2")
    code, logs = user.execute_code_blocks([CodeBlock("python", "1/0"), ("python", "print('never')")])
    assert (code, logs[0], "ZeroDivisionError" in logs, "never" in logs) == (1, "\n", True, False)
    assert user.run_code("print(x)") == (0, "1", None)
    assert user.run_code("echo $((1 + 1))", lang="sh", use_docker=False) == (0, "2", None)
    assert user.run_code("print(1", lang="python")[0] == 1
    assert user.execute_code_blocks([("cobol", "DISPLAY 1")])[0] == 1


async def test_they_can_be_awaited(user: UserProxyAgent) -> None:
    assert await user.a_execute_code_blocks([("python", "print(1)")]) == (0, "\n1")
    assert await user.a_run_code("print(2)") == (0, "2", None)


def test_a_tool_runs_code_within_a_chat(user: UserProxyAgent, capsys: pytest.CaptureFixture[str]) -> None:
    def exec_python(cell: Annotated[str, "Python to run."]) -> Any:
        """Run Python."""
        return user.execute_code_blocks([("python", cell)])

    async def exec_sh(script: Annotated[str, "Shell script to run."]) -> Any:
        """Run a shell script."""
        return await user.a_execute_code_blocks([("sh", script)])

    model = ScriptedModel(
        [
            (ToolCall("c1", "exec_python", '{"cell": "print(40 + 2)"}'), ToolCall("c2", "exec_sh", '{"script": "echo four"}')),
            (ToolCall("c3", "exec_python", '{"cell": "print(6 * 7)"}'),),
            "TERMINATE",
        ]
    )
    assistant = AssistantAgent("assistant", llm_config=model)
    for function in (exec_python, exec_sh):
        register_function(function, caller=assistant, executor=user, description="Run.")
    result = user.initiate_chat(assistant, message="Compute.")
    printed = capsys.readouterr().out
    assert (
        printed.index("EXECUTING CODE BLOCK 0") < printed.index("exit code 0") < printed.index("EXECUTED FUNCTION") < printed.index("[0,")
    )
    answers = [message["content"] for message in result.chat_history if message["role"] == "tool"]
    assert answers == ['[0, "\\n42"]\n\n[0, "\\nfour"]', '[0, "\\n42"]']


@pytest.mark.parametrize(
    ("answer", "outcome"), [("", (0, "\n1")), ("too risky", (1, "\nThe code was not run: a person did not allow it. too risky"))]
)
async def test_what_the_chat_has_approved_is_approved_there_too(user: UserProxyAgent, answer: str, outcome: tuple[int, str]) -> None:
    events: list[object] = []
    human = ScriptedInput([answer])
    async with enter(ChatContext(events.append, human, approval="always")):
        assert await user.a_execute_code_blocks([("python", "print(1)")]) == outcome
    assert [request.blocks for request in human.requests] == [(CodeBlock("python", "print(1)"),)]
    assert isinstance(events[0], CodeProposed)
    assert isinstance(events[-1], CodeFinished)
    assert events[-1].status == ("refused" if answer else "ok")


def test_an_agent_that_runs_no_code_says_so(user: UserProxyAgent) -> None:
    with pytest.raises(UsageError, match="idle was made to run no code; make it with a code_execution_config"):
        ConversableAgent("idle").execute_code_blocks([("sh", "ls")])
    with pytest.raises(UsageError, match="idle was made to run no code"):
        ConversableAgent("idle").run_code("1")
    with pytest.raises(UsageError, match="run_code got timeout=3; set that in the code_execution_config of user"):
        user.run_code("1", timeout=3)
    with pytest.raises(UsageError, match="A code block is 'ls'"):
        user.execute_code_blocks(["ls"])
