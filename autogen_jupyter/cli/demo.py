"""``jupyter agentchat demo``: the quickstart notebook, run while somebody watches."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import AgentChatError, UsageError
from .quickstart import CLONE, place_quickstart

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["DemoOptions", "demo", "require", "short"]

NEEDED = ("nbclient", "nbconvert", "matplotlib", "pandas")
WARNING = "Generated code will run without asking, in a kernel of its own but as you, on this machine."


@dataclass(frozen=True)
class DemoOptions:
    """What the command line asked for; None where it said nothing."""

    model: str | None = None
    approve: Literal["always", "never"] | None = None
    out: Path | None = None
    notebook: Path | None = None
    open_lab: bool = False


def demo(options: DemoOptions) -> int:
    """Run the notebook, write the results, say where they are; return the exit code."""
    require(NEEDED, "demo")
    if options.open_lab:
        require(("jupyterlab",), "lab")
    from .headless import read_notebook, run_notebook
    from .screen import Screen

    screen = Screen.on()
    started = time.monotonic()
    path = (options.notebook or place_quickstart(options.out)).resolve()
    environment = _environment(options, path.parent, screen.say)
    notebook = read_notebook(path)
    screen.say(f"Running {short(path)}")
    run = asyncio.run(run_notebook(notebook, path.parent, environment=environment, screen=screen))
    executed, page = _write_results(run.notebook, path, (options.out or path.parent).resolve())
    if run.failure:
        raise AgentChatError(f"{run.failure}\n\nThe notebook as far as it got: {short(executed)}")
    screen.say(f"\nDone in {time.monotonic() - started:.0f} s.\n  Notebook  {short(executed)}\n  Page      {short(page)}")
    return _open_lab(executed) if options.open_lab else _say_how_to_open(executed, screen.say)


def require(modules: tuple[str, ...], extra: str) -> None:
    """Raise UsageError, with the command that installs it, when a module is missing."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        raise UsageError(f"{', '.join(missing)} is missing. Install it:  {_install_command(extra)}")


def _install_command(extra: str) -> str:
    package = f"-e {shlex.quote(f'{short(CLONE.parent)}[{extra}]')}" if CLONE.is_dir() else f"'autogen_jupyter[{extra}]'"
    return f"{_python()} -m pip install {package}"


def _environment(options: DemoOptions, folder: Path, say: Callable[[str], None]) -> dict[str, str]:
    """Return what the notebook's kernel has to know: which model, and whether code is approved."""
    from ..models.config import resolve_model

    choice = resolve_model(options.model)
    say(choice.notice.partition("\n")[0])
    approval = options.approve or _approval(choice.client.is_language_model, choice.client.model, folder)
    model = {"AUTOGEN_JUPYTER_MODEL": options.model} if options.model else {}
    return model | ({"AUTOGEN_JUPYTER_APPROVE": approval} if approval else {})


def _approval(is_language_model: bool, model: str, folder: Path) -> Literal["always", "never"] | None:
    """Decide who approves generated code when the command line does not say; None where a boundary in the notebook's kernel does."""
    from ..notebook.kernel_options import KernelOptions

    if not is_language_model:
        return "never"  # the built-in demo model's code comes from templates that are part of this package
    if KernelOptions().boundary(str(folder)).isolated:
        return None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            f"The code that {model} writes has to be approved before it runs, and nobody is here to ask. "
            f"Add --approve never if you accept this: {WARNING}"
        )
    if input(f"{WARNING} Go on? [y/N] ").strip().lower() not in ("y", "yes"):
        raise UsageError("Nothing was run. In JupyterLab each piece of code is shown first and runs when you say so.")
    return "never"


def _write_results(notebook: NotebookNode, path: Path, folder: Path) -> tuple[Path, Path]:
    import nbformat
    from nbconvert import HTMLExporter

    executed, page = (folder / f"{path.stem}.executed{suffix}" for suffix in (".ipynb", ".html"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, executed)
        html, _ = HTMLExporter().from_notebook_node(notebook, resources={"metadata": {"name": path.stem}})
        page.write_text(html, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The results cannot be written to {folder}: {error}. Choose another folder with --out.") from error
    return executed, page


def _say_how_to_open(executed: Path, say: Callable[[str], None]) -> int:
    say("Open it in JupyterLab:")
    if importlib.util.find_spec("jupyterlab") is None:
        say(f"  {_install_command('lab')}")
    say(f"  {_python()} -m jupyterlab {shlex.quote(short(executed))}")
    return 0


def _open_lab(executed: Path) -> int:
    command = [sys.executable, "-m", "jupyterlab", str(executed)]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # JupyterLab refuses root by default; whoever ran this command as root has decided
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - JupyterLab itself has to get Ctrl-C, and asks before it ends
    return subprocess.run(command, check=False).returncode  # noqa: S603


def _python() -> str:
    return shlex.quote(short(Path(sys.executable)))


def short(path: Path) -> str:
    """Return the path as one would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
