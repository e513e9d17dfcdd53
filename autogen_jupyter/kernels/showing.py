"""Runs inside the agent kernel, like ``bootstrap.py``, in whose module it ends up: how what happens there is shown."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from types import TracebackType
from typing import Any

MOST_CALLS = 40
"""Calls of a traceback that are shown: half of them are the first ones."""
MOST_ERRORS = 10
"""Errors that are shown when each was raised while another was handled."""


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


def show_deep_errors_briefly(shell: Any) -> None:
    """Leave out the middle of endless recursion: IPython takes seconds to format a thousand calls, and looks at every single one.

    Of errors that were raised while others were handled, without end, the last ones and the first are kept. Both is done to the errors
    themselves: a debugger does not find the rest either.
    """
    show_error, show_lines = shell.showtraceback, shell._showtraceback
    left_out = 0

    def shortened(exc_tuple: Any = None, *args: Any, **options: Any) -> None:
        nonlocal left_out
        with contextlib.suppress(Exception):  # whatever an error of somebody's does, it is shown
            left_out = without_middle(exc_tuple[1] if exc_tuple else sys.exc_info()[1])
        show_error(exc_tuple, *args, **options)
        left_out = 0

    def show(kind: type[BaseException], error: BaseException, lines: list[str]) -> None:
        note = [f"[... {left_out:,} more calls ...]"] if left_out else []
        show_lines(kind, error, [*lines[:-1], *note, *lines[-1:]])

    shell.showtraceback, shell._showtraceback = shortened, show


def without_middle(error: BaseException | None) -> int:
    """Shorten the tracebacks of an error and of those before it; return how many calls are left out."""
    chain = {}
    while error is not None and id(error) not in chain:
        chain[id(error)] = error
        error = error.__context__ if error.__cause__ is None else error.__cause__
    errors = list(chain.values())
    if len(errors) > MOST_ERRORS:
        errors = [*errors[: MOST_ERRORS - 1], errors[-1]]  # what began it all is always of interest
        for after, before in zip(errors, errors[1:]):  # noqa: RUF007, B905  # the kernel's Python may be older than ours
            after.__context__ = before
            if after.__cause__ is not None:
                after.__cause__ = before
    left_out = 0
    for shown in errors:
        calls = list(walk(shown.__traceback__))
        if len(calls) > MOST_CALLS:
            calls[MOST_CALLS // 2 - 1].tb_next = calls[-MOST_CALLS // 2]
            left_out += len(calls) - MOST_CALLS
    return left_out


def walk(call: TracebackType | None) -> Iterator[TracebackType]:
    while call is not None:
        yield call
        call = call.tb_next


def show_plots_inline(_shell: Any) -> None:
    """Make figures appear as pictures in the outputs, whoever imports matplotlib first."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")


def show_charts_as_data(shell: Any) -> None:
    """Make Altair's charts appear as the data they are drawn from: its page of scripts is not run by those who look at outputs."""
    for n in (5, 6):
        made = lambda chart, n=n, **_: {f"application/vnd.vegalite.v{n}.json": chart.to_dict()}  # noqa: E731
        shell.display_formatter.mimebundle_formatter.for_type_by_name(f"altair.vegalite.v{n}.api", "TopLevelMixin", made)


def leave_without_advice(_shell: Any) -> None:
    """Keep IPython from telling a model how to leave a terminal."""
    warnings.filterwarnings("ignore", message="To exit: use")


SHOWING = (leave_without_advice, show_plots_inline, show_charts_as_data, show_interrupts_briefly, show_deep_errors_briefly)
