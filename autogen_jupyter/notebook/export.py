"""Write what was asked, said and run into a file for people: a notebook, a page, or Markdown."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..errors import UsageError
from ..session.transcript import Entry, Status
from .as_notebook import as_notebook

if TYPE_CHECKING:
    from ..session.output_view import Picture

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
    """Write a chat to a file that only its owner can read. Beside Markdown, its plots are in a folder, as nbconvert has them.

    Raises:
        UsageError: the file's name says no form that there is, or it cannot be written.
    """
    path = Path(path).expanduser()
    suffix = check_form(path)
    if suffix == ".ipynb":
        import nbformat

        text = nbformat.writes(as_notebook([(asked, entries) for asked, entries, _ in parts], title=title))
    else:
        from ..session.static_html import html_of
        from ..session.static_markdown import markdown_of

        render = html_of if suffix == ".html" else partial(markdown_of, keep=_PlotFiles(path).keep)
        text = "\n\n".join(render(entries, status) for _, entries, status in parts)
    write_private(path, text)


class _PlotFiles:
    """The plots of a chat that is written as Markdown, each in a file. A drawing (SVG) may hold scripts, and has none."""

    def __init__(self, path: Path) -> None:
        self._folder = path.with_name(f"{path.stem}_files")
        self._count = 0

    def keep(self, picture: Picture) -> str:
        """Write a plot, and return its address as seen from the Markdown."""
        ending = _ENDINGS.get(picture.mime)
        if ending is None:
            return ""
        self._count += 1
        file = self._folder / f"plot-{self._count}{ending}"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{self._folder} cannot be made, where the plots would be: {error}.") from error
        write_private(file, base64.b64decode(picture.data))
        return quote(f"{self._folder.name}/{file.name}")


_ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif"}


def write_private(name: str | Path, content: str | bytes) -> None:
    """Write a file that only its owner can read.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        descriptor = os.open(Path(name).expanduser(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        raise UsageError(f"{name} cannot be written: {error}.") from error
