"""Runs inside the agent kernel, as its first cell; the executor sends this file's text there. It imports nothing of ours.

It bounds what code can print, makes the output of subprocesses and C libraries arrive in time and whole, drops the copies of all
output that IPython keeps, and holds the few helpers that the executor calls. ``install`` reports what it could do: an ipykernel whose
insides differ keeps working with its own ways.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipykernel.iostream import OutStream as Stream
else:
    Stream = object

KEEP = 1_000_000
"""Characters that one cell may print before the rest is dropped."""
STOP = 8_000_000
"""Characters after which printing raises an error."""
SWITCHES = 200
"""How often a cell may change between the two streams and still have them in exact order; it takes a round trip each time."""
CODE_SUFFIXES = (
    ".py",
    ".ipy",
    ".sh",
    ".bash",
    ".sql",
    ".md",
    ".txt",
    ".r",
    ".jl",
    ".js",
    ".ts",
    ".css",
    ".html",
    ".yaml",
    ".yml",
    ".toml",
    ".cfg",
)
SHELLS = {"bash": ["bash", "sh"], "sh": ["sh", "bash"], "zsh": ["zsh", "bash", "sh"]}
HOME_FOLDER = Path.cwd()


class OutputLimitExceeded(RuntimeError):  # noqa: N818  # it is a limit that says so, and models read this name
    """The cell printed more than anybody will read."""


class Meter:
    """Counts what a cell prints, on both streams."""

    def __init__(self) -> None:
        self.is_running = False
        """Whether a cell runs."""
        self.reset()

    def reset(self) -> None:
        self.printed = 0
        self.dropped = 0
        self.stopped = False
        self.last: Bounded | None = None
        self.switches = 0

    def admit(self, text: str) -> str:
        """Return the part of ``text`` that may still be printed."""
        room = max(KEEP - self.printed, 0)
        self.printed += len(text)
        self.dropped += max(len(text) - room, 0)
        return text[:room]

    def is_flooded(self) -> bool:
        """Say whether it is time to stop the cell; said once, then again after as much more."""
        if self.printed <= STOP:
            return False
        self.printed = KEEP
        self.stopped = True
        return True

    def note(self) -> str:
        """Return what to tell the reader about dropped text, if anything."""
        if not self.dropped:
            return ""
        ending = f"; stopped, because more than {STOP:,} were printed" if self.stopped else ""
        return f"\n[{self.dropped:,} characters of output dropped{ending}]\n"


METER = Meter()


class Fence:
    """Reads what programs write to a file descriptor, and can tell when all of it has been passed on.

    ipykernel reads such output in pieces of 1000 bytes, which damages text in other scripts, and does not wait for it at the end of
    a cell, which loses it.
    """

    def __init__(self, stream: Any, fd: int) -> None:
        self._stream = stream
        self._busy = False
        self._patience = 0.5
        self._waiting = array("i", [0])
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pipe, writing_end = os.pipe()
        os.dup2(writing_end, fd)
        os.close(writing_end)
        threading.Thread(target=self._watch, name=f"output-fence-{fd}", daemon=True).start()

    def _watch(self) -> None:
        while True:
            select.select([self._pipe], [], [])
            self._busy = True  # before the pipe is emptied, so that nobody sees it empty and idle with text in our hands
            try:
                read = os.read(self._pipe, 65536)
                if not read:
                    return
                self._stream.adopt_cell()
                self._stream.write(self._decoder.decode(read))
            finally:
                self._busy = False

    def wait(self) -> None:
        """Return when everything written so far is in the stream; give up on a program that never stops writing."""
        import fcntl
        import termios

        end = time.monotonic() + self._patience
        while time.monotonic() < end:
            fcntl.ioctl(self._pipe, termios.FIONREAD, self._waiting)
            if not (self._waiting[0] or self._busy):
                self._patience = 0.5
                return
            time.sleep(0.0001)
        self._patience = 0.02


class Bounded(Stream):  # type: ignore[misc]
    """What an agent kernel's stdout and stderr do besides what ipykernel's stream class does; mixed into that class."""

    fence: Fence | None = None
    fence_fd = -1
    is_flushing = False
    cell_parent: Any = None

    def adopt_cell(self) -> None:
        """Let what this thread writes belong to the running cell, and not to the one that started the thread."""
        variable: Any = getattr(self, "_parent_header", None)
        if self.cell_parent is not None and hasattr(variable, "set"):
            variable.set(self.cell_parent)

    def write(self, text: str) -> int | None:
        if not isinstance(text, str):
            return super().write(text)  # raises what it always raises
        kept = METER.admit(text)
        if kept:
            self.come_next()
            super().write(kept)
        if METER.is_flooded():
            if threading.current_thread() is threading.main_thread():
                raise OutputLimitExceeded(f"more than {STOP:,} characters were printed by one cell")
            os.killpg(os.getpgrp(), signal.SIGINT)  # a subprocess floods: stop it and the cell that waits for it
        return len(text)

    def come_next(self) -> None:
        """Send what the other stream holds, so that the two are read in the order in which they were written."""
        before = METER.last
        if before is self or threading.current_thread() is not threading.main_thread():
            return
        METER.last = self
        METER.switches += 1
        if before is not None and METER.switches <= SWITCHES:
            before.flush()

    def flush(self) -> None:
        if self.fence is not None and threading.current_thread() is threading.main_thread():
            self.fence.wait()
        with self._buffer_lock:
            has_text = bool(self._buffers)
        if has_text or self.is_flushing:
            super().flush()  # costs a round trip to the sending thread, and ipykernel asks for six of them a cell

    def _flush(self) -> None:
        self.is_flushing = True
        try:
            super()._flush()
        finally:
            self.is_flushing = False

    def fileno(self) -> int:
        return self.fence_fd if self.fence is not None else int(super().fileno())


def bound_streams(shell: Any) -> None:
    """Count and bound what is printed, and tell the reader what was dropped."""
    for stream in (sys.stdout, sys.stderr):
        if not (hasattr(stream, "_buffer_lock") and hasattr(stream, "_buffers") and hasattr(stream, "_flush")):
            raise TypeError(f"{type(stream).__name__} is not a stream of ipykernel's that is known here")
    for stream in (sys.stdout, sys.stderr):
        stream.__class__ = type("AgentStream", (Bounded, type(stream)), {})

    def tell(*_: object) -> None:
        note = METER.note()
        METER.reset()
        METER.is_running = False
        if note:
            sys.stderr.write(note)

    def start(*_: object) -> None:
        METER.reset()
        METER.is_running = True
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, Bounded):
                stream.cell_parent = getattr(stream, "parent_header", None)

    shell.events.register("pre_run_cell", start)
    shell.events.register("post_run_cell", tell)


def fence_output(shell: Any) -> None:
    """Take over the file descriptors 1 and 2. Nothing is echoed to the terminal that started the notebook any more."""
    if os.name != "posix":
        raise OSError("pipes cannot be watched here")
    if not all(hasattr(stream, "fence") for stream in (sys.stdout, sys.stderr)):
        raise TypeError("the streams are not ours")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    streams: tuple[tuple[Any, int], ...] = (sys.stdout, 1), (sys.stderr, 2)
    for stream, fd in streams:
        if hasattr(stream, "_original_stdstream_copy"):
            os.dup2(nowhere, stream._original_stdstream_copy)
        stream.fence_fd = fd
        stream.fence = Fence(stream, fd)
    os.close(nowhere)
    shell.kernel._execute_sleep = 0  # it gives late output time to arrive; the fence has seen to that


def keep_no_copies(shell: Any) -> None:
    """Stop IPython 9 from keeping every printed character and every plot for as long as the kernel lives."""
    if hasattr(shell, "_tee"):
        shell._tee = lambda **_: contextlib.nullcontext()

        def unshadow() -> None:
            for stream in (sys.stdout, sys.stderr):
                vars(stream).pop("write", None)  # left by the _tee around this very cell; it would hide AgentStream.write

        shell.kernel.io_loop.add_callback(unshadow)
    if hasattr(shell.history_manager, "outputs"):
        shell.events.register("post_run_cell", lambda *_: shell.history_manager.outputs.clear())


def show_interrupts_briefly(shell: Any) -> None:
    """Show where an interrupt hit, without the long way through library code.

    To format all of that takes seconds in the middle of an import, and an executor that waits for the cell to end would lose patience.
    """

    def show(shell: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: int | None = None) -> list[str]:  # noqa: ARG001
        lines = [line for frame in traceback.extract_tb(trace) for line in cell_line(shell, frame)]
        shown = [*lines[-3:], f"{kind.__name__}: {error}" if str(error) else kind.__name__]
        shell._showtraceback(kind, error, shown)
        return shown

    shell.set_custom_exc((KeyboardInterrupt, asyncio.CancelledError), show)


def cell_line(shell: Any, frame: traceback.FrameSummary) -> list[str]:
    """Return a frame as IPython writes it, if it lies in a cell."""
    name = shell.compile.format_code_name(frame.filename)
    return [f"{' '.join(name)}, line {frame.lineno}\n----> {frame.lineno} {frame.line}"] if name else []


def show_plots_inline(_shell: Any) -> None:
    """Make figures appear as pictures in the outputs, whoever imports matplotlib first."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")


def show_charts_as_data(shell: Any) -> None:
    """Make Altair's charts appear as the data they are drawn from: its page of scripts is not run by those who look at outputs."""
    for n in (5, 6):
        made = lambda chart, n=n, **_: {f"application/vnd.vegalite.v{n}.json": chart.to_dict()}  # noqa: E731
        shell.display_formatter.mimebundle_formatter.for_type_by_name(f"altair.vegalite.v{n}.api", "TopLevelMixin", made)


STEPS = (show_plots_inline, show_charts_as_data, show_interrupts_briefly, bound_streams, fence_output, keep_no_copies)


def install() -> dict[str, str]:
    """Do all of the above to the running kernel; return what could not be done, and why."""
    from IPython import get_ipython

    shell = get_ipython()
    failures = {step.__name__: attempt(step, shell) for step in STEPS}
    return {name: failure for name, failure in failures.items() if failure}


def attempt(step: Callable[[Any], None], shell: Any) -> str:
    """Do one step; return why it could not be done. With another ipykernel its own way is good enough."""
    try:
        step(shell)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def warm_up(modules: Sequence[str]) -> None:
    """Import modules while nothing runs; code that runs imports what it needs by itself, and faster when nobody else does."""
    for name in modules:
        while METER.is_running:
            time.sleep(0.05)
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def run_shell(language: str, script: str) -> None:
    """Run a shell script in the kernel's working directory; its exit code goes where ``!`` leaves it, in ``_exit_code``."""
    from IPython import get_ipython

    names = SHELLS.get(language, SHELLS["bash"])
    shell = next(filter(None, map(which, names)), None)
    if shell is None:
        sys.stderr.write(f"not executed: there is no {' or '.join(names)} on this machine\n")
        get_ipython().user_ns["_exit_code"] = 127
        return
    sys.stdout.flush()
    with subprocess.Popen([shell, "-c", script], stdin=subprocess.DEVNULL) as process:  # noqa: S603  # running it is the point
        try:
            code = process.wait()
        except KeyboardInterrupt:
            code = 128 + signal.SIGINT
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)  # the interrupt went to the whole group: let it end by itself
            process.kill()
    get_ipython().user_ns["_exit_code"] = 128 - code if code < 0 else code


def save_block(name: str, text: str) -> str:
    """Save a block of code under a name in the working directory; return why not, or nothing."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        return f"{name} lies outside the working directory"
    home = HOME_FOLDER.resolve()
    target = (home / path).resolve()
    if target == home or home not in target.parents:
        return f"{name} lies outside the working directory"
    if target.exists() and (not target.is_file() or target.suffix.lower() not in CODE_SUFFIXES):
        return f"{name} exists and is not a file of code"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
    except OSError as error:
        return f"{name}: {error.strerror or error}"
    return ""


def load(folder: str) -> None:
    """Take over the variables that the notebook left in a folder, and remove them from there."""
    from IPython import get_ipython

    home = Path(folder)
    entries = json.loads((home / "variables.json").read_text(encoding="utf-8"))
    loaded = {name: _load_value(entry, home) for name, entry in entries.items()}
    get_ipython().user_ns.update(loaded)


def _load_value(entry: dict[str, Any], home: Path) -> Any:
    kind = entry["kind"]
    if kind == "json":
        return entry["value"]
    path = home / entry["file"]
    if kind == "npy":
        import numpy

        return numpy.load(path, allow_pickle=False)
    if kind == "arrow":
        pyarrow = importlib.import_module("pyarrow")
        with pyarrow.memory_map(str(path)) as source:
            frame = pyarrow.ipc.open_file(source).read_all().to_pandas()
        return frame.iloc[:, 0] if entry.get("is_series") else frame
    import pickle

    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301  # written by the user's own notebook; nothing ever comes back this way
