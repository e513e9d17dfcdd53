"""Where the quickstart notebook is, in a clone and in an installed copy."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import UsageError

__all__ = ["place_quickstart"]

NAME = "quickstart.ipynb"
PACKAGE = Path(__file__).resolve().parent.parent
CLONE = PACKAGE.parent / "notebooks"
INSTALLED = PACKAGE / "quickstart"


def place_quickstart(out: Path | None = None) -> Path:
    """Return the path of a quickstart notebook that may be run where it is, with its data beside it.

    Args:
        out: folder to copy it to. Without one, a clone's notebook stays where it is and an installed one is copied to
            ``agentchat-quickstart`` in the current folder. Files that are there already are left alone.

    Raises:
        UsageError: the notebook is not there, or the folder cannot be written.
    """
    source = next((folder for folder in (CLONE, INSTALLED) if (folder / NAME).is_file()), None)
    if source is None:
        raise UsageError(f"The quickstart notebook is neither in {CLONE} nor in {INSTALLED}. Install autogen_jupyter again.")
    if source == CLONE and out is None:
        return source / NAME
    folder = out or Path("agentchat-quickstart")
    files = [source / NAME, *(path for path in (source / "data").rglob("*") if path.is_file())]
    try:
        for file in files:
            target = folder / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copyfile(file, target)
    except OSError as error:
        raise UsageError(f"The quickstart cannot be copied to {folder}: {error}. Choose another folder with --out.") from error
    return folder / NAME
