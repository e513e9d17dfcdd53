"""Taking a request apart: the files and variables it names, and its clauses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from .writing import identifier

__all__ = ["Request", "Source", "read_request"]

_SUFFIX = r"(?:csv|tsv|txt|parquet|xlsx?|json|jsonl)(?:\.(?:gz|zip|bz2|xz))?"
_PATH = re.compile(
    rf"""(?P<quote>['"`])(?P<quoted>[^'"`\n]{{1,300}}?\.{_SUFFIX})(?P=quote)|(?<![\w/.])(?P<bare>(?:https?://)?[\w~./\\:@%+-]{{1,300}}\.{_SUFFIX})(?!\w)""",
    re.IGNORECASE,
)
_VARIABLES = re.compile(r"^Variables in the kernel:[ \t]*\n(?P<lines>(?:[ \t]*-.*(?:\n|\Z))+)", re.MULTILINE)
_VARIABLE = re.compile(r"^[ \t]*- `?(?P<name>[A-Za-z_]\w*)`?: (?P<kind>[\w.]+)", re.MULTILINE)
_STARTS = (
    "describe|summari[sz]e|explore|show|plot|draw|visuali[sz]e|chart|graph|list|find|compute|calculate|fit|what|which|how|give|tell|join|"
    "merge|combine|correlate|compare|count|pivot|group|detect|is|are|use|display|report|check|look|also|do|make|rank|predict|estimate|"
    "load|read|add|the top|its?"
)
_CLAUSE = re.compile(
    rf"[.?!;:]+(?=\s|$)|\n+|,?\s+(?:and\s+)?(?:then|also)\s+|,?\s+and\s+(?=(?:{_STARTS})\b)|,\s+(?=(?:{_STARTS})\b)", re.IGNORECASE
)
_LIMIT = re.compile(
    r"(?:\b(?:above|over|below|under|(?:more|less|greater|fewer|heavier|lighter|longer|shorter|larger|smaller|older|younger|higher|lower|"
    r"warmer|colder) than|at least|at most|exceeding|before|after|since|until|during|between|in|from)|[<>]=?)\s*[-+]?\d[\d.,/-]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Source:
    """Data that a request names: a file, or a variable of the kernel."""

    name: str
    """The variable that holds it once it is loaded."""
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request taken apart. Paths are replaced by the names of the variables that hold them, in ⟨angle brackets⟩."""

    clauses: tuple[str, ...]
    sources: tuple[Source, ...]

    @property
    def text(self) -> str:
        """All clauses without the names of files."""
        return re.sub(r"⟨\w+⟩", " ", " ".join(self.clauses))

    @property
    def limit(self) -> str | None:
        """A condition on numbers or dates, such as "above 4000", which no task understands."""
        match = _LIMIT.search(self.text)
        return match[0].strip() if match else None


def read_request(text: str, taken: Iterable[str] = ()) -> Request:
    """Take a request apart.

    Args:
        text: the person's message, perhaps with a block of lines ``Variables in the kernel:``.
        taken: names of variables that a newly named file must not overwrite.
    """
    text = text[:20_000]
    handed = [
        match["name"] for block in _VARIABLES.finditer(text) for match in _VARIABLE.finditer(block["lines"]) if match["kind"] == "DataFrame"
    ]
    text = _VARIABLES.sub("", text)
    used = [*taken, *handed]
    files: dict[str, str] = {}

    def name_of(match: re.Match[str]) -> str:
        path = match["quoted"] or match["bare"]
        if path not in files:
            files[path] = identifier(PurePosixPath(path.replace("\\", "/")).name.split(".")[0], [*used, *files.values()])
        return f"⟨{files[path]}⟩"

    plain = _PATH.sub(name_of, text)
    mentioned = [name for name in handed if re.search(rf"\b{re.escape(name)}\b", plain)]
    variables = mentioned or ([] if files else handed)
    sources = [Source(name, path) for path, name in files.items()] + [Source(name) for name in dict.fromkeys(variables)]
    clauses = [" ".join(clause.split()) for clause in _CLAUSE.split(plain)]
    return Request(tuple(clause for clause in clauses if re.search(r"\w", clause)), tuple(sources[:4]))
