"""Other Jupyter clients on the agent kernel, as ``%agentchat console`` says: they find what the agents left, and leave the kernel alive."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.kernels import KernelCodeExecutor

pytest.importorskip("jupyter_console")
pexpect = pytest.importorskip("pexpect")


def _in_console(file: Path, folder: Path) -> None:
    """Read ``x``, set ``y`` and leave, as a person does."""
    command = ["-m", "jupyter_console", "--existing", str(file), "--simple-prompt"]
    env = {**os.environ, "TERM": "dumb", "IPYTHONDIR": str(folder)}
    child = pexpect.spawn(sys.executable, command, env=env, cwd=str(folder), encoding="utf-8", timeout=60, dimensions=(60, 160))
    try:
        child.expect(r"In \[\d*\]: ")
        child.sendline("y = x + 2; print('sum', y + 1)")
        child.expect_exact("sum 44")
        child.expect(r"In \[\d*\]: ")
        child.sendeof()
        child.expect("really want to exit")
        child.sendline("y")
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize("isolate", ["none", "auto"])
async def test_a_console_works_on_the_agent_kernel_and_leaves_it_alive(isolate: str, tmp_path: Path) -> None:
    executor = KernelCodeExecutor(isolate=isolate, warm_up=())  # type: ignore[arg-type]
    assert executor.connection_file is None
    async with executor:
        await executor.execute_code_blocks([CodeBlock("python", "x = 41")])
        file = executor.connection_file
        assert file is not None
        assert file.parent.parent.stat().st_mode & 0o077 == 0
        assert [path.name for path in file.parent.iterdir()] == [file.name]
        await asyncio.to_thread(_in_console, file, tmp_path)
        result = await executor.execute_code_blocks([CodeBlock("python", "x, y")])
        assert (result.output, result.state_kept) == ("(41, 43)", True)
    assert executor.connection_file is None
