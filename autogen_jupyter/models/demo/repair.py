"""Mending code after an error: each rule reads the error's text, says what it changes, and changes the code."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .programs import load_line, search, with_imports
from .request import Source
from .schema import Column, Frame
from .writing import code_list, inline, literal

__all__ = ["Failure", "Repair", "repair"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Code that failed, and what is known about the data it works on."""

    code: str
    output: str
    frames: tuple[Frame, ...] = ()
    sources: tuple[Source, ...] = ()
    values: tuple[Column, ...] = ()
    """The columns that the tasks measure."""
    frame: str = ""
    """The variable that holds these columns."""

    @property
    def error(self) -> str:
        """The last line of the traceback that names an error."""
        lines = [line.strip() for line in self.output.splitlines() if re.match(r"\s*[A-Za-z_][\w.]*(Error|Exception|Interrupt)\b", line)]
        return lines[-1] if lines else ""


@dataclass(frozen=True, slots=True)
class Repair:
    """What is changed, in one sentence (Markdown), and the changed code. Without code there is only something to say."""

    reason: str
    code: str = ""


def repair(failure: Failure) -> Repair | None:
    """Return the first repair that changes something, or None."""
    for rule in _RULES:
        made = rule(failure)
        if made is not None and made.code != failure.code:
            return made
    return None


def _module_missing(failure: Failure) -> Repair | None:
    match = re.search(
        r"(?:ModuleNotFoundError: No module named|ImportError: .*?[Mm]issing optional dependency) '(?P<name>[\w.-]+)'", failure.output
    )
    if not match:
        return None
    name = match["name"].split(".")[0]
    return Repair(f"The package {inline(name)} is missing where the code runs. Install it with `pip install {name}` and ask again.")


def _file_missing(failure: Failure) -> Repair | None:
    match = re.search(r"FileNotFoundError: .*?(?P<path>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", failure.output)
    path = next((source.path for source in failure.sources if source.path and match and source.path in match["path"]), None)
    if path is None or "://" in path:
        return None
    return Repair(f"There is no file {inline(path)} in the working folder, so I look for files of that kind nearby.", search(path))


def _text_in_correlation(failure: Failure) -> Repair | None:
    if ".corr()" not in failure.code or not re.search(
        r"could not convert string to float|unsupported operand|must be (a )?(real )?number", failure.error
    ):
        return None
    value = re.search(r"could not convert string to float: (?P<value>'[^']*')", failure.error)
    example = f" such as {inline(value['value'])}" if value else ""
    reason = f"The table also has text columns (values{example}), which have no correlation, so I restrict it to the number columns."
    return Repair(reason, failure.code.replace(".corr()", ".corr(numeric_only=True)"))


_TEXT_NUMBERS = (
    r"TypeError: .*(str|object|string|method 'nlargest'|method 'nsmallest'|agg function failed|[Cc]ould not convert)",
    r"ValueError: (could not convert string|Unknown format code|Cannot specify ',')",
)


def _text_numbers(failure: Failure) -> Repair | None:
    texts = [column for column in failure.values if column.looks_numeric]
    fits = any(re.search(error, failure.error) for error in _TEXT_NUMBERS)
    if not texts or not failure.frame or not fits or "pd.to_numeric" in failure.code:
        return None
    decimal_comma = any(re.search(r"\d,(?!\d{3}(\D|$))\d", str(example)) for column in texts for example in column.examples)
    swap = '.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)' if decimal_comma else ""
    lines = [
        f"for column in {code_list(column.label for column in texts)}:",
        f'    cleaned = {failure.frame}[column].astype(str){swap}.str.replace(r"[^0-9.+-]", "", regex=True)',
        f'    {failure.frame}[column] = pd.to_numeric(cleaned, errors="coerce")',
    ]
    said = ", ".join(inline(column.label) for column in texts)
    how = "reading the comma as decimal sign; " if decimal_comma else ""
    reason = f"The values of {said} are stored as text, so I turn them into numbers first ({how}what is no number becomes a missing value)."
    return Repair(reason, with_imports("\n".join(lines) + "\n\n" + failure.code))


def _unknown_column(failure: Failure) -> Repair | None:
    if "KeyError" not in failure.error:
        return None
    for wanted in re.findall(r"'((?:[^'\\]|\\.)*)'", failure.error):
        known = [str(column.label) for frame in failure.frames for column in frame.columns if isinstance(column.label, str)]
        near = _nearest(wanted, known)
        if near is not None and near != wanted and literal(wanted) in failure.code:
            reason = f"There is no column {inline(wanted)}; the nearest name in the data is {inline(near)}, so I use that."
            return Repair(reason, failure.code.replace(literal(wanted), literal(near)))
    return None


def _unknown_name(failure: Failure) -> Repair | None:
    match = re.match(r"NameError: name '(?P<name>\w+)' is not defined", failure.error)
    if not match:
        return None
    name = match["name"]
    imports = {
        "pd": "import pandas as pd",
        "np": "import numpy as np",
        "plt": "import matplotlib.pyplot as plt",
        "display": "from IPython.display import display",
    }
    if name in imports:
        return Repair(f"`{name}` was not imported in the kernel, so I import it.", f"{imports[name]}\n{failure.code}")
    load = next((load_line(source) for source in _loadable(failure) if source.name == name), "")
    if load:
        return Repair(f"`{name}` is no longer in the kernel, so I load it again.", with_imports(f"{load}\n\n{failure.code}"))
    return None


def _loadable(failure: Failure) -> Iterable[Source]:
    yield from failure.sources
    yield from (Source(frame.name, frame.path) for frame in failure.frames)


def _dates(failure: Failure) -> Repair | None:
    match = re.search(r"pd\.to_datetime\((?P<what>[^()\n]+)\)", failure.code)
    if not match or not re.search(
        r"time data|[Uu]nknown (datetime )?string format|day is out of range|must be in 1\.\.12|[Oo]ut of bounds|DateParseError",
        failure.error,
    ):
        return None
    if 'format="mixed"' in failure.code:
        return None
    changed = f'pd.to_datetime({match["what"]}, format="mixed", errors="coerce")'
    reason = "The dates are not all written in the same way, so I read each one by itself and leave out what is no date."
    code = failure.code.replace(match[0], changed)
    # A row without a date cannot stand on a time axis.
    return Repair(reason, re.sub(r"= (\w+)\.set_index\(dates\)(.*)", r"= \1[dates.notna()].set_index(dates.dropna())\2", code))


_MERGE = re.compile(
    r"= (?P<left>\w+)\.merge\((?P<right>\w+), how=\"left\", "
    r"(?:on=(?P<on>.+?)|left_on=(?P<first>.+?), right_on=(?P<second>.+?)), suffixes"
)


def _join_types(failure: Failure) -> Repair | None:
    match = re.search(r"trying to merge on \S+ and \S+ columns", failure.error)
    call = _MERGE.search(failure.code)
    if not match or not call or ".astype(str)" in failure.code:
        return None
    left_key, right_key = (call["on"], call["on"]) if call["on"] else (call["first"], call["second"])
    lines = [f"{frame}[{key}] = {frame}[{key}].astype(str)" for frame, key in ((call["left"], left_key), (call["right"], right_key))]
    reason = "The key is text in one table and a number in the other, so I compare both as text."
    return Repair(reason, _before_heading(failure.code, lines))


def _unhashable(failure: Failure) -> Repair | None:
    if "unhashable type" not in failure.error:
        return None
    code = failure.code.replace("values.nunique()", "values.astype(str).nunique()").replace(
        "values.dropna().unique()", "values.dropna().astype(str).unique()"
    )
    return Repair("A column holds lists or dictionaries, which cannot be compared, so I compare them as text.", code)


def _encoding(failure: Failure) -> Repair | None:
    if not failure.error.startswith("UnicodeDecodeError") or "encoding=" in failure.code:
        return None
    code = re.sub(r"(pd\.read_csv\((?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))", r'\1, encoding="latin-1"', failure.code)
    return Repair("The file is not written in UTF-8, so I read it as Latin-1.", code)


def _separator(failure: Failure) -> Repair | None:
    if "Error tokenizing data" not in failure.error or "sep=None" in failure.code:
        return None
    code = re.sub(r"(pd\.read_csv\((?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))", r'\1, sep=None, engine="python"', failure.code)
    return Repair("The file does not seem to be separated by commas, so I let pandas find the separator.", code)


def _plot_mathematics(failure: Failure) -> Repair | None:
    if "ParseException" not in failure.output and "ParseFatalException" not in failure.output:
        return None
    code = 'plt.rcParams["text.parse_math"] = False\n' + failure.code.replace('plt.rcParams["text.parse_math"] = False\n', "")
    return Repair("Matplotlib reads the dollar signs of a name as mathematics, so I switch that off.", with_imports(code))


def _before_heading(code: str, lines: Sequence[str]) -> str:
    before, mark, after = code.partition("print('== join of")
    return f"{before}{chr(10).join(lines)}\n{mark}{after}"


def _nearest(wanted: str, known: Sequence[str]) -> str | None:
    plain = {re.sub(r"\W|_", "", name.lower()): name for name in known}
    near = difflib.get_close_matches(re.sub(r"\W|_", "", wanted.lower()), list(plain), n=1, cutoff=0.6)
    return plain[near[0]] if near else None


_RULES: tuple[Callable[[Failure], Repair | None], ...] = (
    _module_missing, _file_missing, _text_in_correlation, _text_numbers, _unknown_column, _unknown_name, _dates, _join_types, _unhashable,
    _encoding, _separator, _plot_mathematics,
)  # fmt: skip
