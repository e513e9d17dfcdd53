"""Many kernels, one after another and at once: what they leave is nothing."""

import asyncio
import gc
import os
import threading
from pathlib import Path

import psutil
import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.kernels import KernelCodeExecutor

pytestmark = pytest.mark.skipif(os.name != "posix", reason="looks at file descriptors and shared memory")
CHATS = int(os.environ.get("AUTOGEN_JUPYTER_SOAK", "8"))
"""How many chats one after another; the full count is 300."""
AT_ONCE = 20 if CHATS >= 300 else 4

CODE = """
import multiprocessing.shared_memory as shm, subprocess, threading, time
subprocess.Popen(["sleep", "613"], start_new_session=True)
threading.Thread(target=time.sleep, args=(613,), daemon=True).start()
print(6 * 7)
"""


def _footprint(temp: Path) -> dict[str, object]:
    me = psutil.Process()
    return {
        "processes": sorted(child.name() for child in me.children(recursive=True)),
        "runaways": [process.pid for process in psutil.process_iter(["cmdline"]) if "613" in (process.info["cmdline"] or [])],
        "files": sorted(os.listdir(temp)),
        "shared memory": sorted(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else [],
        "descriptors": me.num_fds(),
        "sockets": len(me.net_connections(kind="all")),
        "threads": sorted(thread.name for thread in threading.enumerate() if thread.name != "autogen-jupyter-worker"),
    }


async def _chat(folder: Path) -> None:
    async with KernelCodeExecutor(cwd=folder, warm_up=()) as executor:
        result = await executor.execute_code_blocks([CodeBlock("python", CODE)])
        assert result.output == "42"


async def _settled(temp: Path, before: dict[str, object]) -> dict[str, object]:
    """Return the footprint once it is what it was, or what it still is after a while."""
    for _ in range(150):
        gc.collect()
        if _footprint(temp) == before:
            break
        await asyncio.sleep(0.02)
    return _footprint(temp)


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty, so that what stays there is seen."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


async def test_chats_one_after_another_leave_nothing(temp: Path, tmp_path: Path) -> None:
    await _chat(tmp_path)  # what Python and zmq set up once and for all
    before = _footprint(temp)
    for _ in range(CHATS):
        await _chat(tmp_path)
    assert await _settled(temp, before) == before


async def test_chats_at_once_leave_nothing(temp: Path, tmp_path: Path) -> None:
    await asyncio.gather(*(_chat(tmp_path) for _ in range(AT_ONCE)))
    before = _footprint(temp)
    await asyncio.gather(*(_chat(tmp_path) for _ in range(AT_ONCE)))
    assert await _settled(temp, before) == before
