"""Output that programs and C libraries write past Python: none lost, none damaged, none under another cell."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.kernels import KernelCodeExecutor

pytestmark = pytest.mark.skipif(os.name != "posix", reason="file descriptors")
CELLS = int(os.environ.get("AUTOGEN_JUPYTER_FD_CELLS", "90"))
"""How many cells to run; the full count is 1500."""

WAYS = (
    "import subprocess; r = subprocess.run(['printf', '%s', {text!r}])",
    "import os; r = os.write(1, {text!r}.encode())",
    "import ctypes; c = ctypes.CDLL(None); r = c.printf({text!r}.encode()); r = c.fflush(None)",
)


@pytest.fixture
def load() -> Iterator[None]:
    """A machine that is busy with other things."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    yield
    for process in busy:
        process.kill()
        process.wait()


@pytest.mark.usefixtures("load")
async def test_it_all_arrives_whole_and_in_its_cell_on_a_loaded_machine(tmp_path: Path) -> None:
    wrong = []
    async with KernelCodeExecutor(cwd=tmp_path, warm_up=()) as executor:
        for number in range(CELLS):
            text = f"<{number}>" + "æøå✓" * (number % 400) + f"</{number}>"
            result = await executor.execute_code_blocks([CodeBlock("python", WAYS[number % len(WAYS)].format(text=text))])
            if result.output != text:
                wrong.append((number, result.output[:40], len(result.output), len(text)))
    assert wrong == []
