"""What generated code does to a kernel, and what is left afterwards. Every case leaves an executor that works."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.errors import KernelStartError
from autogen_jupyter.events import OutputChange
from autogen_jupyter.kernels import ExecutionResult, KernelCodeExecutor
from autogen_jupyter.kernels.model_text import LIMIT

from .conftest import Run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and process groups")


@pytest.fixture
def hurried(executor: KernelCodeExecutor, monkeypatch: pytest.MonkeyPatch) -> KernelCodeExecutor:
    """The shared kernel, where a block may take one second."""
    monkeypatch.setattr(executor, "timeout", 1.0)
    return executor


class Seen:
    """Wait for some text in the outputs of a running block."""

    def __init__(self, text: str) -> None:
        self._text, self._loop, self._event = text, asyncio.get_running_loop(), asyncio.Event()

    def __call__(self, block: int, change: OutputChange) -> None:
        if self._text in str(change):
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self) -> None:
        await asyncio.wait_for(self._event.wait(), 15)


INTERRUPTIBLE = {
    "a loop": "while True: pass",
    "a sleep": "import time; time.sleep(60)",
    "a subprocess": "import subprocess; subprocess.run(['sleep', '60'])",
    "an awaited sleep": "import asyncio; await asyncio.sleep(60)",
    "an awaited subprocess": "import asyncio; p = await asyncio.create_subprocess_exec('sleep', '60'); await p.wait()",
    "a lock": "import threading; threading.Event().wait()",
    "a loop that catches everything": "while True:\n    try:\n        while True: pass\n    except Exception: pass",
}


@pytest.mark.parametrize("code", INTERRUPTIBLE.values(), ids=INTERRUPTIBLE)
async def test_a_timeout_interrupts_and_keeps_the_state(hurried: KernelCodeExecutor, run: Run, code: str) -> None:
    await run("kept = 'kept'")
    result = await run(f"print('before', flush=True)\n{code}")
    assert (result.exit_code, result.status, result.state_kept) == (124, "timeout", True)
    assert result.output.startswith("before\n")
    assert result.output.endswith("[Timeout: stopped after 1 seconds. State kept: variables are still there.]")
    assert (await run("kept")).output == "'kept'"


async def test_a_timeout_of_a_shell_block_ends_its_programs(hurried: KernelCodeExecutor, run: Run) -> None:
    result = await run("echo $$; sleep 61", "sh")
    assert (result.exit_code, result.status, result.state_kept) == (124, "timeout", True)
    shell = int(result.output.splitlines()[0])
    result = await run(f"import os; os.kill({shell}, 0)")
    assert "ProcessLookupError" in result.output


@pytest.mark.parametrize(
    "code", ["sum(range(10**12))", "import signal, time; signal.signal(2, lambda *_: None)\nwhile True: time.sleep(1)"]
)
async def test_code_that_cannot_be_interrupted_costs_the_state_and_the_model_is_told(
    hurried: KernelCodeExecutor, run: Run, code: str
) -> None:
    await run("lost = 1")
    result = await run(code)
    assert (result.exit_code, result.status, result.state_kept) == (124, "timeout", False)
    assert "State lost: all variables are gone." in result.output
    after = await run("lost")
    assert "NameError" in after.output
    assert "new one" not in after.output, "what was told once is not told again"


async def test_interrupt_stops_the_code_and_keeps_the_state(executor: KernelCodeExecutor, run: Run) -> None:
    seen = Seen("started")
    running = asyncio.create_task(run("kept = 5\nprint('started', flush=True)\nimport time; time.sleep(60)", on_output=seen))
    await seen.wait()
    await executor.interrupt()
    result = await asyncio.wait_for(running, 10)
    assert (result.exit_code, result.status, result.state_kept) == (130, "interrupted", True)
    assert (await run("kept")).output == "5"


async def test_interrupt_with_nothing_running_does_nothing(executor: KernelCodeExecutor, run: Run) -> None:
    await executor.interrupt()
    assert (await run("1")).output == "1"


async def test_cancelling_interrupts_the_code_and_keeps_the_state(run: Run) -> None:
    seen = Seen("started")
    running = asyncio.create_task(run("kept = 6\nprint('started', flush=True)\nwhile True: pass", on_output=seen))
    await seen.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await run("kept")).output == "6"


async def test_cancelling_before_the_kernel_is_up_keeps_the_kernel(folder: Path) -> None:
    async with KernelCodeExecutor(cwd=folder, warm_up=()) as executor:
        running = asyncio.create_task(executor.execute_code_blocks([CodeBlock("python", "1")]))
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert (await executor.execute_code_blocks([CodeBlock("python", "2")])).output == "2"


async def test_two_runs_at_once_take_turns(executor: KernelCodeExecutor) -> None:
    code = "import time\nfor i in range(3): print({0}, flush=True); time.sleep(.01)"
    runs = [executor.execute_code_blocks([CodeBlock("python", code.format(i))]) for i in (1, 2)]
    first, second = await asyncio.gather(*runs)
    assert (first.output, second.output) == ("1\n1\n1", "2\n2\n2")


async def test_a_flood_of_prints_is_stopped_and_the_state_kept(run: Run) -> None:
    result = await run("kept = 7\nwhile True: print('x' * 1000)")
    assert (result.exit_code, result.status, result.state_kept) == (1, "error", True)
    assert "OutputLimitExceeded" in result.output
    assert sum(len(output.get("text", "")) for output in result.outputs) < 1_100_000
    assert len(result.output) < LIMIT + 500
    assert (await run("kept")).output == "7"


async def test_a_flood_from_a_subprocess_is_stopped(run: Run) -> None:
    result = await run("import subprocess; subprocess.run(['yes'])")
    assert (result.exit_code, result.state_kept) == (1, True)
    assert "characters of output dropped; stopped" in result.output


async def test_one_huge_print_is_bounded(run: Run) -> None:
    result = await run("print('x' * 100_000_000)")
    assert sum(len(output.get("text", "")) for output in result.outputs) < 1_100_000


async def test_a_flood_of_displays_is_bounded(run: Run) -> None:
    result = await run("for i in range(3000): display(i)")
    assert result.exit_code == 0
    assert len(result.outputs) <= 501
    assert "outputs dropped" in result.output


async def test_output_counts_anew_for_each_block(run: Run) -> None:
    for _ in range(3):
        result = await run("print('x' * 900_000)")
        assert "dropped" not in result.output


@pytest.mark.parametrize(
    ("code", "exit_code", "told"),
    [
        ("import os; os._exit(3)", 3, "exit code 3"),
        ("import os; os._exit(0)", 1, "exit code 0"),
        ("import os; os.kill(os.getpid(), 9)", 137, "killed by SIGKILL. Most likely it used up the memory."),
        ("import ctypes\ndef crash():\n    ctypes.string_at(0)\ncrash()", 139, "your code, line 6 in crash"),
    ],
)
async def test_a_death_is_told_and_the_next_block_has_a_new_kernel(run: Run, code: str, exit_code: int, told: str) -> None:
    result = await asyncio.wait_for(run(f"import time\nprint('last words', flush=True)\ntime.sleep(.1)\n{code}"), 8)
    assert (result.exit_code, result.status, result.state_kept) == (exit_code, "died", False)
    assert result.output.startswith("last words\n")
    assert told in result.output
    assert "State lost" in result.output
    assert (await run("1")).output == "1"


async def test_a_death_between_blocks_is_told_with_the_next_result(executor: KernelCodeExecutor, run: Run) -> None:
    await run("lost = 1")
    kernel = executor._keeper.kernel
    assert kernel is not None
    assert kernel.process.pid is not None
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    kernel.died.add_done_callback(lambda _: loop.call_soon_threadsafe(told.set))
    os.kill(kernel.process.pid, signal.SIGKILL)
    await told.wait()
    assert executor.state == "dead"
    result = await run("1 + 1")
    assert result.output == "[The kernel is a new one (killed by SIGKILL): all earlier variables are gone.]\n2"
    assert result.state_kept is False
    assert (await run("1 + 1")).output == "2"


async def test_restart_forgets_the_state_and_stops_running_code(executor: KernelCodeExecutor, run: Run) -> None:
    seen = Seen("started")
    running = asyncio.create_task(run("lost = 1\nprint('started', flush=True)\nwhile True: pass", on_output=seen))
    await seen.wait()
    await executor.restart()
    result = await running
    assert (result.status, result.state_kept) == ("interrupted", False)
    assert "NameError" in (await run("lost")).output


async def test_threads_and_leftover_output_do_not_reach_the_next_block(run: Run) -> None:
    await run("import threading, time\nt = threading.Thread(target=lambda: (time.sleep(.2), print('late')))\nt.start()")
    assert (await run("1 + 1")).output == "2"
    await run("t.join()")


def _kernelspec(folder: Path, name: str, argv: list[str]) -> None:
    spec = folder / "kernels" / name
    spec.mkdir(parents=True)
    words = ", ".join(f'"{word}"' for word in argv)
    (spec / "kernel.json").write_text(f'{{"argv": [{words}], "display_name": "{name}", "language": "python"}}')


async def _start(name: str) -> ExecutionResult:
    async with KernelCodeExecutor(kernel_name=name, warm_up=()) as executor:
        return await executor.execute_code_blocks([CodeBlock("python", "1 + 1")])


async def test_a_kernel_that_crashes_at_once_shows_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _kernelspec(tmp_path, "crashing", [sys.executable, "-c", "raise ImportError('no such wheel')", "{connection_file}"])
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with pytest.raises(KernelStartError, match="no such wheel") as caught:
        await asyncio.wait_for(_start("crashing"), 10)
    assert "exit code 1" in str(caught.value)
    assert len(str(caught.value).splitlines()) < 20


async def test_a_kernel_whose_interpreter_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _kernelspec(tmp_path, "uprooted", [str(tmp_path / "gone/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with pytest.raises(KernelStartError, match="gone/python"):
        await _start("uprooted")


async def test_a_kernel_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _kernelspec(tmp_path, "silent", [sys.executable, "-c", "import time; time.sleep(600)", "{connection_file}"])
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setattr("autogen_jupyter.kernels.kernel.START", 1.0)
    with pytest.raises(KernelStartError, match="did not answer within 1 s"):
        await _start("silent")


async def test_an_installed_kernel_of_another_name_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _kernelspec(tmp_path, "mine", [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert (await _start("mine")).output == "2"
