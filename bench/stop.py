"""How long Stop takes: from the request to the chat's end, while a model writes and while code runs in the agent kernel.

Both kernels keep their state, which is checked each time. Run it from the root of the repository: ``python bench/stop.py``.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable

from autogen_jupyter import AssistantAgent, ChatResult, CodeBlock, KernelCodeExecutor, ScriptedModel, Session, UserProxyAgent
from autogen_jupyter.events import ChatEvent, CodeStarted, MessageDelta
from autogen_jupyter.portal import submit

SLEEPS = "```python\nkept = 42\nimport time\nfor _ in range(600):\n    time.sleep(0.1)\n```"
WRITES = "a very long answer " * 2000
BOUND = 0.3
"""Seconds that the median may take."""


async def stop_when(reply: str, kind: type[ChatEvent], executor: KernelCodeExecutor) -> float:
    """Hold a chat, stop it a little after the first such event, and return how many seconds it went on."""
    session, begun = Session(approval="never"), asyncio.Event()
    session.subscribe(lambda event: begun.set() if isinstance(event, kind) else None)
    bot = AssistantAgent("assistant", llm_config=ScriptedModel([reply], delay=0.02))
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": executor})
    chat: asyncio.Task[ChatResult] = asyncio.ensure_future(session.run(lambda: user.a_initiate_chat(bot, message="go")))
    await begun.wait()
    await asyncio.sleep(0.3)
    before = time.perf_counter()
    session.interrupt()
    result = await chat
    took = time.perf_counter() - before
    assert result.stop_reason == "stopped by the human", result.stop_reason
    return took


async def measure(times: int) -> dict[str, list[float]]:
    cases: dict[str, Callable[[KernelCodeExecutor], object]] = {
        "model writes": lambda executor: stop_when(WRITES, MessageDelta, executor),
        "code runs": lambda executor: stop_when(SLEEPS, CodeStarted, executor),
    }
    took: dict[str, list[float]] = {name: [] for name in cases}
    async with KernelCodeExecutor() as executor:
        for _ in range(times):
            for name, case in cases.items():
                took[name].append(await case(executor))  # type: ignore[misc]
        after = await executor.execute_code_blocks([CodeBlock("python", "print(kept)")])
        assert after.output.strip() == "42", after.output
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    took = submit(measure(5 if parser.parse_args().quick else 20)).result()
    for name, seconds in took.items():
        median = statistics.median(seconds)
        print(f"stop while {name:12}  median {median:.3f} s, longest {max(seconds):.3f} s  ({'ok' if median <= BOUND else 'TOO SLOW'})")


if __name__ == "__main__":
    main()
