"""Whole code blocks: the first look at the data, a search for files, and the analysis itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from .output import parse_literal
from .request import Source
from .tasks import Task
from .writing import literal

__all__ = ["analysis", "fenced", "files_found", "load_line", "look", "search"]

_IMPORTS = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "Path": "from pathlib import Path",
}
_FILE = re.compile(r"^file: (?P<path>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")$")
_LOOK = """
for name, frame in {{{frames}}}.items():
    print(f"{{name}}: {{len(frame)}} rows x {{frame.shape[1]}} columns")
    for column, values in frame.items():
        examples = str(values.dropna().unique()[:6].tolist())[:200]
        print(f"- {{column!r}}: {{values.dtype}}, {{values.isna().sum()}} missing, {{values.nunique()}} different, such as {{examples}}")
"""
_SEARCH = """
wanted = Path({path})
folders = [folder for folder in (Path("."), wanted.parent) if folder.is_dir()]
for pattern in {patterns}:
    for path in sorted({{path for folder in folders for path in folder.glob(pattern)}})[:30]:
        print(f"file: {{path.as_posix()!r}}")
print("search finished")
"""


def fenced(code: str) -> str:
    """Return the code as the one block of a message."""
    return f"```python\n{code}\n```"


def load_line(source: Source) -> str:
    """Return the statement that reads a file into its variable, or an empty text for a variable that is there already."""
    if source.path is None:
        return ""
    return f"{source.name} = {_reader(source.path)}"


def _reader(path: str) -> str:
    suffixes = PurePosixPath(path.replace("\\", "/").lower()).suffixes
    kind = next((suffix for suffix in reversed(suffixes) if suffix not in (".gz", ".zip", ".bz2", ".xz")), ".csv")
    if kind in (".tsv", ".txt"):
        return f'pd.read_csv({literal(path)}, sep="\\t")'
    reader = {".parquet": "read_parquet", ".xlsx": "read_excel", ".xls": "read_excel", ".json": "read_json", ".jsonl": "read_json"}.get(
        kind, "read_csv"
    )
    return f"pd.{reader}({literal(path)}{', lines=True' if kind == '.jsonl' else ''})"


def look(sources: Sequence[Source]) -> str:
    """Return code that loads the sources and prints what is in them, one line for each column."""
    loads = [line for source in sources if (line := load_line(source))]
    frames = ", ".join(f"{_heading(source)}: {source.name}" for source in sources)
    return with_imports("\n".join([*loads, *([""] if loads else []), _LOOK.strip("\n").format(frames=frames)]))


def _heading(source: Source) -> str:
    return literal(source.name if source.path is None else f"{source.name}, read from {literal(source.path)}")


def search(path: str) -> str:
    """Return code that lists files of the same kind near a path that does not exist."""
    suffix = PurePosixPath(path.replace("\\", "/")).suffix
    return with_imports(_SEARCH.strip("\n").format(path=literal(path), patterns=f"[{literal('*' + suffix)}, {literal('*/*' + suffix)}]"))


def files_found(output: str) -> list[str]:
    """Return the paths that a search printed."""
    found = [str(parse_literal(match["path"])) for line in output.splitlines() if (match := _FILE.match(line.strip()))]
    return list(dict.fromkeys(found))


def analysis(tasks: Iterable[Task]) -> str:
    """Return the code of the tasks as one block."""
    return with_imports("\n\n".join(task.code() for task in tasks))


def with_imports(code: str) -> str:
    """Put the imports that the code needs before it."""
    needed = [line for name, line in _IMPORTS.items() if re.search(rf"(?<![\w.'\"]){name}[.(]", code) and line not in code]
    return "\n".join([*sorted(needed), "", code]) if needed else code
