"""``jupyter agentchat run notebook.ipynb``: its cells in a kernel, with parameters, and the executed copy as a file."""

from __future__ import annotations

import ast
import asyncio
import difflib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..notebook.export import check_form, check_target, write_private
from .demo import require, short
from .exit_codes import ANSWERED, FAILED, STOPPED, UNATTENDED
from .screen import Screen

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["NotebookOptions", "parameter_value", "run_notebook_file", "with_parameters"]

_WORDS = {"true": True, "false": False, "none": None, "null": None}


@dataclass(frozen=True)
class NotebookOptions:
    """What the command line asked for."""

    path: Path
    parameters: Mapping[str, str]
    environment: Mapping[str, str]
    out: Sequence[Path] = ()
    as_json: bool = False
    quiet: bool = False


def run_notebook_file(options: NotebookOptions) -> int:
    """Run the notebook, write the results, and return the exit code."""
    require(("nbclient",), "demo")
    from .headless import read_notebook, run_notebook

    path = options.path.resolve()
    out = options.out or (path.with_name(f"{path.stem}.executed.ipynb"),)
    forms = {check_target(name) for name in out}
    if forms - {".ipynb"}:
        require(("nbconvert",), "demo")
    for name in out:
        if name.resolve() == path:
            raise UsageError(f"{name} is the notebook itself, which stays as it is. Give the results another name with --out.")
    notebook = with_parameters(read_notebook(path), options.parameters)
    run = asyncio.run(run_notebook(notebook, path.parent, environment=options.environment, screen=_screen(options)))
    for name in out:
        _write(run.notebook, name)
        print(f"Written: {short(name)}", file=sys.stderr)
    if run.failure is None:
        return ANSWERED
    print(f"jupyter agentchat: {run.failure}", file=sys.stderr)
    return {"NoHumanError": UNATTENDED, "KeyboardInterrupt": STOPPED}.get(run.failure.ename, FAILED)


def with_parameters(notebook: NotebookNode, parameters: Mapping[str, str]) -> NotebookNode:
    """Put a cell that assigns the parameters after the one that is tagged ``parameters``, as papermill does; else first.

    Raises:
        UsageError: a name is no Python name, or the parameters cell does not have it.
    """
    from nbformat.v4 import new_code_cell

    if not parameters:
        return notebook
    cells = [cell for cell in notebook.cells if "injected-parameters" not in _tags(cell)]
    at = next((number for number, cell in enumerate(cells) if "parameters" in _tags(cell)), None)
    known = _assigned(cells[at].source) if at is not None else None
    for name in parameters:
        if not name.isidentifier():
            raise UsageError(f"-p {name!r} is no name of a variable.")
        if known is not None and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"It has {', '.join(known) or 'none'}."
            raise UsageError(f"The notebook's parameters cell has no {name!r}. {hint}")
    source = "\n".join(["# Parameters", *(f"{name} = {parameter_value(value)!r}" for name, value in parameters.items())])
    cell = new_code_cell(source, metadata={"tags": ["injected-parameters"]})
    if notebook.nbformat_minor < 5:
        cell.pop("id", None)
    if at is None:
        print("No cell is tagged `parameters`: the values go first, and a cell that sets them again wins.", file=sys.stderr)
    cells.insert(0 if at is None else at + 1, cell)
    notebook.cells = cells
    return notebook


def parameter_value(text: str) -> Any:
    """Return what a parameter's text means: a number, true, false, null, a list or dictionary, else the text itself.

    Example:
        >>> parameter_value("0.5"), parameter_value("true"), parameter_value("north"), parameter_value("[1, 2]")
        (0.5, True, 'north', [1, 2])
    """
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _tags(cell: Mapping[str, Any]) -> Sequence[str]:
    return cell.get("metadata", {}).get("tags", ()) if cell.get("cell_type") == "code" else ()


def _assigned(source: str) -> list[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


class _Events(Screen):
    """Writes the chats' events, one JSON object a line, and nothing else."""

    def __init__(self) -> None:
        super().__init__(lambda text: None, color=False)

    def event(self, event: dict[str, Any]) -> None:
        print(json.dumps(event, ensure_ascii=False), flush=True)


def _screen(options: NotebookOptions) -> Screen:
    if options.as_json:
        return _Events()
    is_silent = options.quiet or not sys.stdout.isatty()
    return Screen(lambda text: None, color=False) if is_silent else Screen.on()


def _write(notebook: NotebookNode, path: Path) -> None:
    import nbformat

    suffix = check_form(path)
    if suffix == ".ipynb":
        write_private(path, nbformat.writes(notebook))
        return
    from nbconvert import HTMLExporter, MarkdownExporter

    exporter = HTMLExporter() if suffix == ".html" else MarkdownExporter()
    folder = f"{path.stem}_files"
    text, resources = exporter.from_notebook_node(
        notebook, resources={"metadata": {"name": path.stem}, "output_files_dir": folder, "unique_key": path.stem}
    )
    for name, data in (resources.get("outputs") or {}).items():
        target = path.parent / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    write_private(path, text)
