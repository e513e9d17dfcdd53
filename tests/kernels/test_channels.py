import asyncio
import time
from pathlib import Path
from typing import Any

from autogen_jupyter.kernels.environment import kernel_environment
from autogen_jupyter.kernels.process import KernelProcess


async def test_a_reply_is_not_missed_when_it_arrives_just_before_something_is_sent(tmp_path: Path) -> None:
    process = await KernelProcess.start("python3", cwd=str(tmp_path), env=kernel_environment())
    replied: set[str] = set()
    changed = asyncio.Event()

    def take(channel: str, message: dict[str, Any]) -> None:
        if channel == "shell":
            replied.add(message["parent_header"]["msg_id"])
            changed.set()

    async def all_of(*sent: str) -> None:
        while not replied.issuperset(sent):
            changed.clear()
            await asyncio.wait_for(changed.wait(), 30)

    channels = process.connect(take)
    try:
        await all_of(channels.send("shell", "kernel_info_request", {}))
        for _ in range(5):
            first = channels.send("shell", "kernel_info_request", {})
            time.sleep(0.2)  # noqa: ASYNC251  # the loop is busy while the reply arrives
            await all_of(first, channels.send("shell", "kernel_info_request", {}))
    finally:
        await channels.close()
        await process.end()
