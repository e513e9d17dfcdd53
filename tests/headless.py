"""Run cells in a real kernel with nobody before it, as nbconvert and papermill do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
LOAD = "%load_ext autogen_jupyter"


def environment(**variables: str) -> dict[str, str]:
    """Return the environment without any model or policy of the developer's own, and with these variables; this package is found."""
    ours = ("OPENAI_", "AZURE_OPENAI_", "OAI_", "AUTOGEN_JUPYTER_", "ANTHROPIC_", "GEMINI_", "OPENROUTER_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    kept["AUTOGEN_JUPYTER_LOCAL_SERVERS"] = "off"  # of what else runs on this machine, tests know nothing
    return kept | {"PYTHONPATH": os.pathsep.join([str(ROOT), kept.get("PYTHONPATH", "")])} | variables


def run_cells(*cells: str, folder: Path, **variables: str) -> NotebookNode:
    """Execute the cells and return the notebook; a cell that fails does not end the run."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (LOAD, *cells)])
    client = NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    try:
        client.execute(env=environment(**variables))
    except CellExecutionError as error:  # pragma: no cover - allow_errors keeps it from happening
        raise AssertionError(str(error)) from error
    nbformat.validate(notebook)
    return notebook


def error_of(cell: NotebookNode) -> str:
    """Return what a person reads of a cell's error."""
    (error,) = [output for output in cell.outputs if output.output_type == "error"]
    return "\n".join(error.traceback)


def text_of(cell: NotebookNode) -> str:
    """Return what a cell printed and the text of its results."""
    return "".join(_text(output) for output in cell.outputs)


def _text(output: Mapping[str, Any]) -> str:
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))
