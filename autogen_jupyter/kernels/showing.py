"""Runs inside the agent kernel, like ``bootstrap.py``, in whose module it ends up: how what happens there is shown."""

from __future__ import annotations

import asyncio
import os
import traceback
import warnings
from typing import Any


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


def leave_without_advice(_shell: Any) -> None:
    """Keep IPython from telling a model how to leave a terminal."""
    warnings.filterwarnings("ignore", message="To exit: use")


SHOWING = (leave_without_advice, show_plots_inline, show_charts_as_data, show_interrupts_briefly)
