"""Write what was asked, said and run into a file for people: a notebook, a page, or Markdown."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError
from ..session.transcript import Entry, Status
from .as_notebook import as_notebook

__all__ = ["FORMS", "check_form", "check_target", "export_chat", "write_private"]

FORMS = (".ipynb", ".html", ".md")
Part = tuple[str, Sequence[Entry], Status]
"""One request: what was asked, what stood on its page, and how it ended."""


def check_form(name: str | Path) -> str:
    """Return the ending of a file's name, which says the form.

    Raises:
        UsageError: there is no such form.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in FORMS:
        raise UsageError(f"A chat cannot be exported as {suffix or str(name)!r}; give a name that ends in .ipynb, .html or .md.")
    return suffix


def check_target(path: Path) -> str:
    """Return the ending of a file's name, before anything is spent on what it is to hold.

    Raises:
        UsageError: there is no such form, or no such folder.
    """
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path} cannot be written: there is no folder {path.parent}. Make it first, or choose another.")
    return check_form(path)


def export_chat(parts: Sequence[Part], *, title: str, path: str | Path) -> None:
    """Write a chat to a file that only its owner can read.

    Raises:
        UsageError: the file's name says no form that there is, or it cannot be written.
    """
    suffix = check_form(path)
    if suffix == ".ipynb":
        import nbformat

        text = nbformat.writes(as_notebook([(asked, entries) for asked, entries, _ in parts], title=title))
    else:
        from ..session.static_html import html_of
        from ..session.static_markdown import markdown_of

        render = html_of if suffix == ".html" else markdown_of
        text = "\n\n".join(render(entries, status) for _, entries, status in parts)
    write_private(path, text)


def write_private(name: str | Path, text: str) -> None:
    """Write a file that only its owner can read.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        descriptor = os.open(Path(name).expanduser(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{name} cannot be written: {error}.") from error
