"""Runs inside the agent kernel, before its first cell; the executor sends this file's text there. It imports nothing of ours.

It bounds what code can print, makes the output of subprocesses and C libraries arrive in time and whole, drops the copies of all
output that IPython keeps. ``install`` reports what it could do: an ipykernel whose insides differ keeps working with its own ways.
``toolbox.py`` (what the executor calls), ``showing.py`` (how things look) and ``shell_replies.py`` become part of the same module there.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipykernel.iostream import OutStream as Stream

    from .fence import Fence, end_fences, let_programs_come_first, raise_fence  # noqa: TC004
    from .messages_out import leave_as_a_script_does, send_readable_messages  # noqa: TC004
    from .shell_replies import answer_through_stream  # noqa: TC004
    from .showing import SHOWING  # noqa: TC004  # in the kernel they are in this very module
    from .toolbox import find_packages_of_its_own  # noqa: TC004
else:
    Stream = object

KEEP = 1_000_000
"""Characters that one cell may print before the rest is dropped."""
STOP = 8_000_000
"""Characters after which printing raises an error."""
SPILL = 25_000_000
"""Bytes of a cell's dropped text that are kept in a file."""
SPILLED_FILES = 4
"""How many such files there are at most; the oldest goes."""
BUNDLE = 10_000_000
"""Characters that one displayed object may have in one format."""
SHOWN = 20_000_000
"""Characters that all displayed objects of a cell may have."""
METADATA = 100_000
"""Characters that the metadata of a displayed object may weigh."""
SWITCHES = 200
"""How often a cell may change between the two streams and still have them in exact order; it takes a round trip each time."""


class OutputLimitExceeded(RuntimeError):  # noqa: N818  # it is a limit that says so, and models read this name
    """The cell printed more than anybody will read."""


class Spill:
    """The dropped text of one cell, in a file that people can open: as much of it as fits."""

    files: list[Path] = []  # noqa: RUF012  # of all cells

    def __init__(self) -> None:
        self._file: Any = None
        self.size = 0

    def write(self, text: str) -> None:
        if self.size >= SPILL:
            return
        with contextlib.suppress(OSError):
            if self._file is None:
                self._open()
            self.size += self._file.write(text[: SPILL - self.size].encode("utf-8", "replace")) or 0

    def _open(self) -> None:
        folder = Path.cwd() / ".agent-output"
        folder.mkdir(exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{len(self.files) + 1}.txt"
        self._file = (folder / name).open("xb", buffering=0)
        self.files.append(folder / name)
        for old in self.files[:-SPILLED_FILES]:
            old.unlink(missing_ok=True)

    def close(self) -> str:
        """Return where the text is, and how much of it."""
        if self._file is None:
            return ""
        self._file.close()
        self._file = None
        return f"; the first {self.size / 1e6:.1f} MB of them are in .agent-output/{self.files[-1].name}"


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
        self.killed: list[str] = []
        self.shown = 0
        self.spill = Spill()
        self.last: Bounded | None = None
        self.switches = 0

    def admit(self, text: str) -> str:
        """Return the part of ``text`` that may still be printed."""
        room = max(KEEP - self.printed, 0)
        self.printed += len(text)
        if len(text) > room:
            self.dropped += len(text) - room
            self.spill.write(text[room:])
        return text[:room]

    def admit_bundle(self, data: Any) -> Any:
        """Return what of a displayed object may still be shown, with a note in place of the rest."""
        if not isinstance(data, dict):
            return data
        sizes = {mime: weight(value) for mime, value in data.items()}
        kept = dict(data)
        for mime, size in sorted(sizes.items(), key=lambda item: item[1]):
            if size <= BUNDLE and self.shown + size <= SHOWN:
                self.shown += size
            else:
                del kept[mime]
        if len(kept) < len(data):
            left_out = ", ".join(f"{mime} of {sizes[mime]:,} characters" for mime in data if mime not in kept)
            kept["text/plain"] = f"{kept.get('text/plain', '')}[not shown, too big: {left_out}]"
        return kept

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
        if self.killed:
            ending += f"; killed, because it went on: {', '.join(self.killed)}"
        return f"\n[{self.dropped:,} characters of output dropped{ending}{self.spill.close()}]\n"


def weight(value: Any) -> int:
    """Return the characters of a displayed value; data count fourfold, because that is what they take where they are read."""
    return len(value) if isinstance(value, (str, bytes)) else 4 * len(json.dumps(value, default=str))


METER = Meter()


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
        was_stopped = METER.stopped
        if METER.is_flooded():
            if threading.current_thread() is threading.main_thread():
                raise OutputLimitExceeded(f"more than {STOP:,} characters were printed by one cell")
            os.killpg(os.getpgrp(), signal.SIGINT)  # a subprocess floods: stop it and the cell that waits for it
            if was_stopped and self.fence is not None and threading.current_thread() is self.fence.thread:
                with contextlib.suppress(OSError):  # it was not stopped: it has a group of its own, or does not listen
                    METER.killed += self.fence.end_programs()
        return len(text)

    def close(self) -> None:
        """Stay open, as the stream of whatever runs next; ipykernel's would wait for a thread that the fence has replaced."""
        self.flush()

    def come_next(self) -> None:
        """Send what was written before, by programs and to the other stream, so that all is read in the order in which it was written."""
        if threading.current_thread() is threading.main_thread():
            let_programs_come_first()
        before = METER.last
        if before is self:
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
    out, err = sys.stdout, sys.stderr
    for stream in (out, err):
        stream.__class__ = type("AgentStream", (Bounded, type(stream)), {})

    def tell(*_: object) -> None:
        end_fences()
        note = METER.note() + put_back(out, err)
        METER.reset()
        METER.is_running = False
        if note:
            err.write(note)

    def start(*_: object) -> None:
        METER.reset()
        METER.is_running = True
        for stream in (out, err):
            if isinstance(stream, Bounded):
                stream.cell_parent = getattr(stream, "parent_header", None)

    shell.events.register("pre_run_cell", start)
    shell.events.register("post_run_cell", tell)


def put_back(out: Any, err: Any) -> str:
    """Let the streams be in their places again: code that failed may have left its own there, and nobody would see what is printed."""
    if sys.stdout is out and sys.stderr is err:
        return ""
    sys.stdout, sys.stderr = out, err
    return "[The code had put something else in the place of sys.stdout or sys.stderr; they are back.]\n"


def bound_displays(shell: Any) -> None:
    """Leave out of displayed objects what is too big to be sent."""
    publisher, hook = shell.display_pub, shell.displayhook

    class Publisher(type(publisher)):  # type: ignore[misc]
        def publish(self, data: Any, metadata: Any = None, **options: Any) -> Any:
            return super().publish(METER.admit_bundle(data), small(metadata), **options)

    class Hook(type(hook)):  # type: ignore[misc]
        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> Any:
            return super().write_format_data(METER.admit_bundle(format_dict), small(md_dict))

    publisher.__class__ = Publisher
    hook.__class__ = Hook


def small(metadata: Any) -> Any:
    """Return metadata of a displayed object, unless there is no end of them."""
    return metadata if not metadata or weight(metadata) <= METADATA else {}


def die_first(_shell: Any) -> None:
    """Let Linux kill this process, and not the notebook's, when the machine runs out of memory."""
    if sys.platform == "linux":
        Path("/proc/self/oom_score_adj").write_text("1000")


def lose_no_request(shell: Any) -> None:
    """Mend how ipykernel 7.0 to 7.3 replies."""
    answer_through_stream(shell.kernel)


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
        stream.fence = raise_fence(stream, fd)
    os.close(nowhere)
    shell.kernel._execute_sleep = 0  # it gives late output time to arrive; the fence has seen to that


def keep_no_copies(shell: Any) -> None:
    """Stop IPython 9 from keeping every printed character and every plot for as long as the kernel lives."""
    if hasattr(shell, "_tee"):
        shell._tee = lambda **_: contextlib.nullcontext()
        for stream in (sys.stdout, sys.stderr):
            vars(stream).pop("write", None)  # left by the last _tee; it would hide AgentStream.write
    if hasattr(shell.history_manager, "outputs"):
        shell.events.register("post_run_cell", lambda *_: shell.history_manager.outputs.clear())


STEPS = (
    *SHOWING,
    find_packages_of_its_own,
    lose_no_request,
    send_readable_messages,
    leave_as_a_script_does,
    bound_streams,
    fence_output,
    keep_no_copies,
    bound_displays,
    die_first,
)


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
