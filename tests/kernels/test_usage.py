"""What a sandbox uses, as it is seen from outside."""

import os
import signal
import subprocess
import sys

import pytest

from autogen_jupyter.kernels.provisioners.usage import memory_use

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


def _started(code: str, folder: object) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=str(folder), start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_pages_that_processes_share_count_once_when_it_matters(tmp_path: object) -> None:
    process = _started(FORKS, tmp_path)
    try:
        assert 100 * MiB < memory_use(process.pid, 50 * MiB) < 200 * MiB
        assert memory_use(process.pid, 1000 * MiB) > 500 * MiB, "a bound that costs nothing, where that is enough"
    finally:
        _end(process)


def test_files_that_are_nothing_but_memory_count(tmp_path: object) -> None:
    process = _started(HOLDS, tmp_path)
    try:
        assert 50 * MiB < memory_use(process.pid, 0) < 80 * MiB
    finally:
        _end(process)
