import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.kernels import KernelCodeExecutor

pytestmark = pytest.mark.skipif(os.name != "posix", reason="looks at file descriptors and process groups")


def _footprint(temp: Path) -> dict[str, object]:
    me = psutil.Process()
    return {
        "children": [child.pid for child in me.children(recursive=True)],
        "files": sorted(os.listdir(temp)),
        "descriptors": me.num_fds(),
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "native threads": me.num_threads(),
    }


async def _until(condition: object, seconds: float = 10) -> None:
    for _ in range(int(seconds * 50)):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come about")


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty, so that what stays there is seen."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


async def test_close_leaves_no_process_file_thread_or_descriptor(temp: Path) -> None:
    async def use(code: str) -> None:
        async with KernelCodeExecutor(timeout=1) as executor:
            await executor.execute_code_blocks([CodeBlock("python", code)])

    await use("1")  # what Python and zmq set up once and for all
    await _until(lambda: not any(thread.name == "autogen-jupyter-worker" for thread in threading.enumerate()), 15)  # idle ones leave
    before = _footprint(temp)
    await use("import subprocess, matplotlib.pyplot as plt; plt.plot([1]); child = subprocess.Popen(['sleep', '600'])")
    await use("sum(range(10**12))")
    await use("import os; os._exit(1)")
    await _until(lambda: _footprint(temp) == before, 3)


async def test_closing_while_it_starts_leaves_nothing(temp: Path) -> None:
    before = _footprint(temp)
    executor = KernelCodeExecutor()
    executor.start()
    await _until(lambda: executor.state == "starting")
    await executor.close()
    assert _footprint(temp)["children"] == before["children"]
    assert os.listdir(temp) == []


async def test_a_forgotten_executor_takes_its_kernel_along(temp: Path) -> None:
    before = _footprint(temp)["children"]
    executor = KernelCodeExecutor(warm_up=())
    await executor.execute_code_blocks([CodeBlock("python", "1")])
    assert _footprint(temp)["children"] != before
    del executor
    gc.collect()
    await _until(lambda: _footprint(temp)["children"] == before and not os.listdir(temp))


isolations = pytest.mark.parametrize("isolate", ["none", "auto"])

OWNER = """
import asyncio, os, sys, time
import psutil
from autogen_jupyter.kernels import KernelCodeExecutor
from autogen_jupyter.code_blocks import CodeBlock

executor = KernelCodeExecutor(warm_up=(), isolate=sys.argv[2])
code = "1"
said = asyncio.run(executor.execute_code_blocks([CodeBlock("python", code)])).output
print(*(child.pid for child in psutil.Process().children(recursive=True)), flush=True)
print(said, flush=True)
if sys.argv[1] == "busy":
    executor_run = executor.execute_code_blocks([CodeBlock("python", "sum(range(10**12))")])
    asyncio.run(executor_run)
if sys.argv[1] == "wait":
    time.sleep(600)
"""


def _owner(temp: Path, *arguments: str) -> "subprocess.Popen[str]":
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": str(temp)}
    return subprocess.Popen([sys.executable, "-c", OWNER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def _pids(line: str) -> list[int]:
    pids = [int(word) for word in line.split()]
    assert pids
    return pids


@isolations
async def test_python_exiting_without_close_leaves_nothing_and_says_nothing(temp: Path, isolate: str) -> None:
    owner = _owner(temp, "exit", isolate)
    out, err = await asyncio.to_thread(owner.communicate, timeout=60)
    assert err == ""
    assert owner.returncode == 0
    await _until(lambda: not any(map(psutil.pid_exists, _pids(out.splitlines()[0]))), 3)
    assert os.listdir(temp) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it takes ipykernel's own look at its parent")
@pytest.mark.parametrize("what", ["wait", "busy"])
@isolations
async def test_a_killed_notebook_takes_its_agent_kernel_along(temp: Path, what: str, isolate: str) -> None:
    owner = _owner(temp, what, isolate)
    assert owner.stdout is not None
    kernels = _pids(await asyncio.to_thread(owner.stdout.readline))
    assert all(map(psutil.pid_exists, kernels))
    owner.send_signal(signal.SIGKILL)
    await asyncio.to_thread(owner.communicate)
    await _until(lambda: not any(map(psutil.pid_exists, kernels)))


async def test_the_kernels_own_chatter_reaches_neither_terminal_nor_outputs(temp: Path) -> None:
    code = "import os, sys; os.write(2, b'fd'); sys.__stderr__.write('raw'); import logging; get_ipython().kernel.log.error('kernel log')"
    script = OWNER.replace('code = "1"', f"code = {code!r}")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": str(temp)}
    owner = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script, "exit", "auto"], capture_output=True, text=True, env=env, timeout=60, check=True
    )
    assert owner.stderr == ""
    assert "kernel log" not in owner.stdout
    assert "fd" in owner.stdout


RUNAWAYS = """
import subprocess, sys
hidden = "setsid sh -c 'trap : TERM; sleep 612' &"
for way in (["setsid", "sleep", "612"], ["nohup", "sleep", "612"], ["sh", "-c", "(sleep 612 &) &"], ["sh", "-c", hidden]):
    subprocess.Popen(way, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
"""


def _runaways() -> list[int]:
    return [process.pid for process in psutil.process_iter(["cmdline"]) if "612" in (process.info["cmdline"] or [])]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process's environment cannot be read")
@isolations
async def test_what_code_started_goes_with_its_kernel_however_it_hides(temp: Path, isolate: str) -> None:
    async with KernelCodeExecutor(warm_up=(), isolate=isolate) as executor:
        await executor.execute_code_blocks([CodeBlock("python", RUNAWAYS)])
        await _until(lambda: len(_runaways()) >= 4)
    assert _runaways() == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process's environment cannot be read")
@isolations
async def test_a_killed_notebook_leaves_no_program_and_no_file(temp: Path, isolate: str) -> None:
    script = OWNER.replace('code = "1"', f"code = {RUNAWAYS!r}")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": str(temp)}
    command = [sys.executable, "-c", script, "wait", isolate]
    owner = await asyncio.to_thread(subprocess.Popen, command, stdout=subprocess.PIPE, text=True, env=env)
    assert owner.stdout is not None
    await asyncio.to_thread(owner.stdout.readline)
    await _until(lambda: len(_runaways()) >= 4)
    owner.send_signal(signal.SIGKILL)
    await asyncio.to_thread(owner.communicate)
    await _until(lambda: not _runaways() and not os.listdir(temp))
