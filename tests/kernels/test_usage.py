"""What a sandbox uses, as it is seen from outside."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.kernels import KernelCodeExecutor
from autogen_jupyter.kernels.provisioners.usage import can_limit_namespace, memory_use

from .test_escapes import isolates

MiB = 1 << 20
FORKS = """
import os, sys, time
block = bytearray(100 << 20); block[::4096] = b"x" * len(block[::4096])
for _ in range(4):
    if os.fork() == 0:
        time.sleep(60)
print("ready", flush=True); time.sleep(60)
"""
HOLDS = """
import os, time
os.write(os.memfd_create("m"), bytes(50 << 20))
print("ready", flush=True); time.sleep(60)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def _started(code: str, folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=str(folder), start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@isolates
@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not can_limit_namespace(), reason="ordinary users are held by an rlimit"
)
async def test_root_is_held_to_a_number_of_processes_with_every_kernel(tmp_path: Path) -> None:
    for _ in range(3):
        async with KernelCodeExecutor(isolate="bubblewrap", warm_up=(), cwd=tmp_path, processes=50) as executor:
            said = await executor.execute_code_blocks([CodeBlock("python", "print(open('/proc/sys/kernel/pid_max').read())")])
            assert said.output.strip() == "301", "the fewest that Linux can hold a namespace to"


def test_pages_that_processes_share_count_once_when_it_matters(tmp_path: Path) -> None:
    process = _started(FORKS, tmp_path)
    try:
        assert 100 * MiB < memory_use(process.pid, 50 * MiB) < 200 * MiB
        assert memory_use(process.pid, 1000 * MiB) > 500 * MiB, "a bound that costs nothing, where that is enough"
    finally:
        _end(process)


def test_files_that_are_nothing_but_memory_count(tmp_path: Path) -> None:
    process = _started(HOLDS, tmp_path)
    try:
        assert 50 * MiB < memory_use(process.pid, 0) < 80 * MiB
    finally:
        _end(process)
