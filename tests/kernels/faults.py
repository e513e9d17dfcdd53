"""Every fault of an agent kernel that we know of, how to cause it on a real one, and what then happens, as a row of a table.

``docs/reliability.md`` holds the table; ``python tools/generate_kernel_reliability.py`` writes it, and a test causes each fault again.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.errors import KernelStartError
from autogen_jupyter.kernels import ExecutionResult, KernelCodeExecutor

LONGEST = 230
"""Characters of a text that fit into a cell of the table."""
TIMEOUT = 1.0
"""Seconds that the blocks below may take."""


@dataclass(frozen=True)
class Row:
    """What happened when a fault was caused."""

    fault: str
    noticed: float
    """Seconds from the fault (or from the time limit) until the executor knew."""
    recovered: float
    """Seconds from the same moment until the next block had its result."""
    human: str
    model: str
    kept: str

    @property
    def texts(self) -> tuple[str, ...]:
        """What has to be the same each time."""
        return (self.fault, self.human, self.model, self.kept)


@dataclass(frozen=True)
class Fault:
    """A fault and how it is caused."""

    name: str
    code: str = ""
    bound: float = 10.0
    """Seconds within which the next block has its result, on any machine that is not overwhelmed."""
    options: Mapping[str, object] = field(default_factory=dict)
    cause: Callable[[Fault, Path], Awaitable[Row]] | None = None

    async def happen(self, folder: Path) -> Row:
        """Cause it in a kernel of its own that works in ``folder``."""
        return await (self.cause or _in_a_block)(self, folder)


class Watch:
    """The states of a kernel, as a person is shown them, with the time of each."""

    def __init__(self) -> None:
        self.states: list[tuple[float, str]] = []

    def __call__(self, state: str, detail: str) -> None:
        self.states.append((time.time(), f"{state} ({detail})" if detail else state))

    def first(self, state: str, since: float) -> float | None:
        return next((at for at, text in self.states if at >= since and text.startswith(state)), None)

    def since(self, moment: float) -> str:
        """Return what became of the kernel, from its death on if it died; that it works and rests goes without saying."""
        texts = [text for at, text in self.states if at >= moment and text not in ("busy", "closed", "starting")]
        first = next((number for number, text in enumerate(texts) if text.startswith(("dead", "restarting"))), len(texts) - 1)
        return " → ".join(dict.fromkeys(texts[first:]))


def _executor(fault: Fault, folder: Path, watch: Watch) -> KernelCodeExecutor:
    return KernelCodeExecutor(**{"cwd": folder, "timeout": TIMEOUT, "warm_up": (), "isolate": "none", "on_state": watch, **fault.options})  # type: ignore[arg-type]


async def _run(executor: KernelCodeExecutor, code: str) -> ExecutionResult:
    return await executor.execute_code_blocks([CodeBlock("python", code)])


async def _in_a_block(fault: Fault, folder: Path) -> Row:
    """The code itself is the fault. It touches the file ``now`` when it happens, unless it happens when its time is up."""
    watch = Watch()
    async with _executor(fault, folder, watch) as executor:
        await _run(executor, "kept = 'kept'")
        started = time.time()
        result = await _run(executor, fault.code)
        ended = time.time()
        when = (folder / "now").stat().st_mtime if (folder / "now").exists() else ended
        if result.status == "timeout":
            when = started + executor.timeout if executor.timeout and ended - started > executor.timeout else ended
        after = await _run(executor, "globals().get('kept')")
        recovered = time.time() - when
    noticed = watch.first("dead", when) or (when if result.status == "timeout" else ended)
    human = f"`{result.status}`; kernel {watch.since(started)}"
    return Row(fault.name, max(noticed - when, 0.0), recovered, human, _short(result.output), _kept(result, after))


def _kept(result: ExecutionResult, after: ExecutionResult) -> str:
    variables = "variables" if after.output.endswith("'kept'") else ""
    return ", ".join(filter(None, (variables, "outputs" if result.outputs else ""))) or "what was shown before"


def _short(text: str) -> str:
    """Return the end of a text in one line, without what differs from run to run."""
    text = re.sub(r"\.agent-output/[\w.-]+", ".agent-output/…", text)
    text = re.sub(r"\b[\d,]{7,}(?= characters of output dropped)", "N", text)
    text = re.sub(r"first [\d.]+ MB", "first … MB", text)
    text = re.sub(r"/\S+/(?=[\w.]+\b)", "…/", text)
    lines = [line for line in text.splitlines() if line.strip()]
    whole = " ⏎ ".join(line.strip() if len(line) < 200 else line[:20] + " …" for line in lines[-3:])
    return whole if len(whole) <= LONGEST else "… " + whole[-LONGEST:]


async def _dies_between_blocks(fault: Fault, folder: Path) -> Row:
    watch = Watch()
    async with _executor(fault, folder, watch) as executor:
        pid = int((await _run(executor, "import os; os.getpid()")).output)
        when = time.time()
        os.kill(pid, signal.SIGKILL)
        while watch.first("dead", when) is None:  # noqa: ASYNC110  # a state has no event
            await asyncio.sleep(0.002)
        result = await _run(executor, "1 + 1")
        recovered = time.time() - when
    noticed = watch.first("dead", when) or time.time()
    return Row(fault.name, noticed - when, recovered, f"kernel {watch.since(when)}", _short(result.output), "outputs of earlier blocks")


async def _child_outlives(fault: Fault, folder: Path) -> Row:
    watch = Watch()
    async with _executor(fault, folder, watch) as executor:
        result = await _run(executor, fault.code)
        child = int(result.output)
        lives_on = _is_alive(child)
        when = time.time()
    gone = time.time() - when
    human = "nothing; the program lives on" if lives_on else "the program ended"
    kept = "the program, until its kernel goes" if not _is_alive(child) else "the program is left behind"
    return Row(fault.name, 0.0, gone, human, "the block's own output", kept)


def _is_alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and was not yet buried does not."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


async def _thread_outlives(fault: Fault, folder: Path) -> Row:
    watch = Watch()
    async with _executor(fault, folder, watch) as executor:
        started = time.time()
        await _run(executor, fault.code)
        when = time.time()
        after = await _run(executor, "1 + 1")
        recovered = time.time() - when
        states = watch.since(started)
    return Row(
        fault.name, 0.0, recovered, f"`{after.status}`; kernel {states}", f"next block: {_short(after.output)}", "variables, the thread"
    )


async def _does_not_start(fault: Fault, folder: Path) -> Row:
    """A kernel spec whose program is ``fault.code``."""
    spec = folder / "kernels" / "broken"
    spec.mkdir(parents=True)
    (spec / "program.py").write_text(fault.code)
    words = ", ".join(f'"{word}"' for word in (sys.executable, str(spec / "program.py"), "{connection_file}"))
    (spec / "kernel.json").write_text(f'{{"argv": [{words}], "display_name": "broken", "language": "python"}}')
    former = os.environ.get("JUPYTER_PATH")
    os.environ["JUPYTER_PATH"] = str(folder)
    watch = Watch()
    executor = _executor(fault, folder, watch)
    when = time.time()
    try:
        async with executor:
            await _run(executor, "1")
        said = "it started"
    except KernelStartError as error:
        said = str(error).splitlines()[0] + " …"
    finally:
        os.environ.pop("JUPYTER_PATH") if former is None else os.environ.update(JUPYTER_PATH=former)
    took = time.time() - when
    return Row(fault.name, took, took, "kernel dead; the error with the last words", _short(said), "nothing was there")


OWNER = """
import asyncio
from autogen_jupyter import CodeBlock, KernelCodeExecutor
executor = KernelCodeExecutor(warm_up=(), isolate="none")
code = "import os, subprocess; p = subprocess.Popen(['sleep', '614'], start_new_session=True); print(os.getpid(), p.pid)"
print(asyncio.run(executor.execute_code_blocks([CodeBlock("python", code)])).output, flush=True)
asyncio.run(executor.execute_code_blocks([CodeBlock("python", "sum(range(10**12))")]))
"""


async def _notebook_is_killed(fault: Fault, folder: Path) -> Row:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": str(folder)}
    owner = await asyncio.to_thread(subprocess.Popen, [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True, env=env)
    assert owner.stdout is not None
    left = [int(word) for word in (await asyncio.to_thread(owner.stdout.readline)).split()]
    when = time.time()
    owner.kill()
    await asyncio.to_thread(owner.communicate)
    while (any(map(_is_alive, left)) or os.listdir(folder)) and time.time() - when < fault.bound:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    took = time.time() - when
    is_clean = not any(map(_is_alive, left)) and not os.listdir(folder)
    kept = "no process and no temporary file left" if is_clean else "something is left"
    return Row(fault.name, took, took, "the notebook's own restart", "nothing; it is not there", kept)


NOW = "open('now', 'w').close(); "
DETACHED = """
import subprocess, time
p = subprocess.Popen(['yes'], start_new_session=True)
while p.poll() is None:
    try:
        time.sleep(1)
    except KeyboardInterrupt:
        pass
"""
FAULTS = (
    Fault("an endless loop", "while True: pass"),
    Fault("a wait without end", "import time; time.sleep(600)"),
    Fault("an `await` without end", "import asyncio; await asyncio.sleep(600)"),
    Fault("a program that does not end", "import subprocess; r = subprocess.run(['sleep', '600'])"),
    Fault("C code that nothing interrupts", "sum(range(10**12))"),
    Fault("code that ignores interrupts", "import signal, time; signal.signal(2, lambda *_: None)\nwhile True: time.sleep(1)"),
    Fault("the time for all code of the chat runs out", "import time; time.sleep(600)", options={"chat_timeout": 1.5, "timeout": 60}),
    Fault("`os._exit`", f"import os; {NOW}os._exit(3)"),
    Fault("killed, as when the machine has no memory left", f"import os; {NOW}os.kill(os.getpid(), 9)"),
    Fault("a crash in C", f"import ctypes\n{NOW}ctypes.string_at(0)"),
    Fault("more memory than the limit", f"{NOW}x = bytearray(4_000_000_000)", options={"memory_limit": 2_000_000_000}),
    Fault("it dies between two blocks", cause=_dies_between_blocks),
    Fault("`sys.exit`", f"import sys; {NOW}sys.exit(3)"),
    Fault("endless recursion", f"def f(): return f()\n{NOW}f()", options={"timeout": 30.0}),
    Fault("prints without end", f"{NOW}\nwhile True: print('x' * 1000)", options={"timeout": 30.0}),
    Fault("a program that prints without end", f"import subprocess; {NOW}r = subprocess.run(['yes'])", options={"timeout": 30.0}),
    Fault("a detached program that prints without end", f"{NOW}\n{DETACHED}", options={"timeout": 30.0}),
    Fault("200 MB in one print", f"{NOW}print('x' * 200_000_000)", options={"timeout": 30.0}),
    Fault(
        "objects of 200 MB displayed",
        f"{NOW}\nfor i in range(10): display({{'text/html': 'x' * 20_000_000}}, raw=True)",
        options={"timeout": 30.0},
    ),
    Fault("`input()`, and nobody can be asked", f"{NOW}input('name? ')", options={"timeout": 10.0}),
    Fault("the output channel is closed by the code", f"{NOW}get_ipython().kernel.iopub_thread.stop()", options={"timeout": 10.0}),
    Fault(
        "a thread that goes on after its cell",
        "import threading, time\nthreading.Thread(target=lambda: (time.sleep(.05), print('late'))).start()",
        cause=_thread_outlives,
    ),
    Fault(
        "a program that goes on after its cell",
        "import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True).pid",
        cause=_child_outlives,
    ),
    Fault(
        "the kernel crashes when it starts", "raise ImportError('no such wheel')", options={"kernel_name": "broken"}, cause=_does_not_start
    ),
    Fault(
        "the kernel starts and never answers",
        "import time; time.sleep(600)",
        bound=75.0,
        options={"kernel_name": "broken"},
        cause=_does_not_start,
    ),
    Fault("the notebook kernel is killed with `-9`", cause=_notebook_is_killed),
)
