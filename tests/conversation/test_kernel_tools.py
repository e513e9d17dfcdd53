"""Tools that run in the agent kernel."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import pytest

from autogen_jupyter import AssistantAgent, CodeBlock, KernelCodeExecutor, UsageError, UserProxyAgent
from autogen_jupyter.models import ScriptedModel


class Kind(Enum):
    ROWS = "rows"


def count(what: Annotated[str, "what"], kind: Kind = None) -> int:
    """Count a variable of the kernel."""
    return {"length": len(globals()[what]), "kind": kind}


async def double(text: str) -> str:
    """Say it twice."""
    import asyncio

    await asyncio.sleep(0)
    return text + text


def fail() -> None:
    """Fail."""
    raise KeyError("price")


async def test_it_runs_among_the_kernels_variables_and_its_output_is_the_result():
    async with KernelCodeExecutor(warm_up=()) as executor:
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": executor})
        for function in (count, double, fail):
            user.register_for_execution(where="kernel")(function)
        await executor.execute_code_blocks([CodeBlock("python", "rows = [1, 2, 3]")])
        run = user.a_execute_function
        ok, counted = await run({"name": "count", "arguments": '{"what": "rows", "kind": "rows"}'})
        assert (ok, counted["content"].strip()) == (True, "{'length': 3, 'kind': 'rows'}")
        ok, doubled = await run({"name": "double", "arguments": '{"text": "it\'s \\"ü\\"\\n"}'})
        assert (ok, doubled["content"].rstrip()) == (True, 'it\'s "ü"\nit\'s "ü"')
        ok, failed = await run({"name": "fail", "arguments": "{}"})
        assert not ok
        assert "KeyError: 'price'" in failed["content"]
        ok, wrong = await run({"name": "count", "arguments": '{"kind": "columns"}'})
        assert not ok
        assert "what is missing" in wrong["content"]


def test_what_cannot_be_sent_is_refused():
    user = UserProxyAgent("user")
    outside = 3

    def closure() -> int:
        """Return it."""
        return outside

    with pytest.raises(UsageError, match="uses outside of the function around it"):
        user.register_for_execution(where="kernel")(closure)
    with pytest.raises(UsageError, match="source of len cannot be read"):
        user.register_for_execution(where="kernel")(len)
    with pytest.raises(UsageError, match="runs no Python code"):
        AssistantAgent("a", llm_config=ScriptedModel([])).register_for_execution(where="kernel")(count)
    with pytest.raises(UsageError, match='"notebook" or "kernel"'):
        user.register_for_execution(where="moon")
