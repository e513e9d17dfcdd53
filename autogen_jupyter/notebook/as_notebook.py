"""A conversation as a plain notebook: runs without this package, holds nothing but text, code and outputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nbformat import NotebookNode, v4

from ..code_blocks import without_code_blocks
from ..session.model_markdown import defused
from ..session.transcript import Entry, MessageEntry, RunEntry

__all__ = ["as_notebook"]

_MAGIC = {"sh": "%%bash", "bash": "%%bash", "shell": "%%bash"}


def as_notebook(requests: Iterable[tuple[str, Sequence[Entry]]], *, title: str) -> NotebookNode:
    """Return a notebook of what was asked and what came of it.

    Code that was run stands in code cells, with its outputs, and is left out of the message that proposed it. Code that was refused or
    failed stays text: the notebook can be run from top to bottom.

    Args:
        requests: what was asked, and the entries that followed.
        title: the heading.
    """
    cells = [v4.new_markdown_cell(f"# {title}")]
    for request, entries in requests:
        cells.append(v4.new_markdown_cell(_quoted(request)))
        ran = {entry.message_id for entry in entries if isinstance(entry, RunEntry) and entry.state == "ok"}
        first = True
        for entry in entries:
            if isinstance(entry, RunEntry) and entry.state == "ok":
                cells += _code_cells(entry)
            elif isinstance(entry, MessageEntry):
                if first and not entry.model:
                    first = False
                    continue  # the request itself, which stands above
                text = without_code_blocks(entry.text) if entry.id in ran else entry.text
                if text.strip():
                    cells.append(v4.new_markdown_cell(f"**{entry.sender}:** {defused(text.strip())}"))
    notebook = v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"chat-{number}"
    return notebook


def _code_cells(run: RunEntry) -> list[NotebookNode]:
    sources = [f"{_MAGIC[block.language]}\n{block.code}" if block.language in _MAGIC else block.code for block in run.blocks]
    cells = [v4.new_code_cell(source) for source in sources]
    if cells:
        cells[-1]["outputs"] = [nbformat_output(output) for output in run.outputs]
    return cells


def nbformat_output(output: dict[str, object]) -> NotebookNode:
    """Return an output as a notebook file holds it."""
    kind = str(output.get("output_type"))
    fields = {name: value for name, value in output.items() if name in _FIELDS.get(kind, ())}
    return v4.new_output(kind, **fields)


_FIELDS = {
    "stream": ("name", "text"),
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
    "error": ("ename", "evalue", "traceback"),
}


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.strip().splitlines())
