"""Turn what a person wrote into what the agents are sent: with the parts of the notebook that it names, and nothing else of it.

In braces stand variables (``interpolation``); after an ``@`` parts of the notebook: ``@cell``, ``@cell[3]``, ``@Out[5]``, ``@error``,
``@variables``, ``@variables[df,sales_*]``. The words stay in the sentence, and what they mean is put below it.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .cells import Cells
from .interpolation import Added, interpolate
from .told import indented, rendered, shape_of

__all__ = ["Prompt", "compose", "fix_request"]

_WORD = re.compile(r"(?<![\w@.`/\\])@(?P<word>cell|Out|error|variables)(?:\[(?P<which>[^\[\]\n]{1,200})\])?(?![\w@]|\.\w)")
_MOST_VARIABLES = 100
_MOST_SOURCE = 20_000


@dataclass(frozen=True)
class Prompt:
    """What the agents are sent, and what of the notebook is in it."""

    text: str
    added: tuple[Added, ...] = ()
    left: tuple[str, ...] = ()
    """What looks as if it named something, and does not."""

    @property
    def to_approve(self) -> tuple[Added, ...]:
        """Lists that the person wants to see before they are sent: they name what the prompt did not."""
        return tuple(one for one in self.added if one.written == "@variables" or "*" in one.written)

    def without(self, refused: Collection[Added]) -> Prompt:
        """Return the prompt without some of what was added."""
        text = self.text
        for one in refused:
            text = text.replace(f"\n\n{one.text}", "", 1)
        return Prompt(text, tuple(one for one in self.added if one not in refused), self.left)


def compose(text: str, namespace: Mapping[str, Any], cells: Cells, *, data: str = "schema", copied: Collection[str] = ()) -> Prompt:
    """Return what the agents are sent for what a person wrote. It never raises.

    Args:
        text: what was written.
        namespace: the notebook's variables.
        cells: the notebook's cells.
        data: how much of tables is told, as ``--data`` has it.
        copied: names of variables that the agent kernel gets too.
    """
    own = {"In": cells.sources} if namespace.get("In") is namespace.get("_ih") else {}
    filled = interpolate(text, {**namespace, **own}, data=data, copied=copied)
    added, left = list(filled.added), list(filled.left)
    found = {match[0]: match for match in _WORD.finditer(text)}
    below = ""
    for written, match in found.items():
        part = _part(written, match["word"], match["which"], namespace, cells, data)
        if part is None:
            left.append(written)
        elif part.text not in below:
            below += f"\n\n{part.text}"
            added.append(part)
    return Prompt(filled.text + below, tuple(added), tuple(left))


def _part(written: str, word: str, which: str | None, namespace: Mapping[str, Any], cells: Cells, data: str) -> Added | None:
    """Return what a word means; None when there is nothing of the kind."""
    try:
        if word == "cell":
            return _cell(written, which, cells)
        if word == "Out":
            return _out(written, which, namespace, data)
        if word == "error":
            return _error(written, cells) if which is None else None
        return _variables(written, which, namespace)
    except Exception:  # a number that is none, or a value whose own methods raise
        return None


def _cell(written: str, which: str | None, cells: Cells) -> Added | None:
    number = int(which) if which is not None else cells.last
    source = cells.source(number) if number is not None else None
    if source is None:
        return None
    text = source.rstrip()[:_MOST_SOURCE]
    return Added(written, f"cell {number}, {len(text.splitlines())} lines", f"Cell {number} of the notebook:\n{indented(text)}")


def _out(written: str, which: str | None, namespace: Mapping[str, Any], data: str) -> Added | None:
    values = namespace["Out"]
    number = int(which) if which is not None else max(values)
    if number not in values:
        return None
    shown = rendered(f"Out[{number}]", values[number], data)
    lines = "\n".join(filter(None, [indented(shown.text), shown.below]))
    return Added(written, f"Out[{number}]: {shown.note}", f"Out[{number}] of the notebook:\n{lines}")


def _error(written: str, cells: Cells) -> Added | None:
    failure = cells.failure
    if failure is None:
        return None
    source = indented(failure.source.rstrip()[:_MOST_SOURCE])
    text = f"Cell {failure.number} of the notebook failed:\n{source}\n\nIts traceback:\n{indented(failure.traceback)}"
    return Added(written, f"cell {failure.number} and its traceback: {failure.traceback.splitlines()[-1][:200]}", text)


def _variables(written: str, which: str | None, namespace: Mapping[str, Any]) -> Added | None:
    hidden = {"In", "Out", "get_ipython", "exit", "quit", "open"}
    names = [name for name, value in namespace.items() if not name.startswith("_") and name not in hidden and _is_variable(value)]
    if which is not None:
        patterns = [pattern.strip() for pattern in which.split(",")]
        names = [name for name in names if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]
    if not names:
        return None
    lines = [f"- {name}: {_kind_and_shape(namespace[name])}" for name in names[:_MOST_VARIABLES]]
    lines += [f"- … and {len(names) - _MOST_VARIABLES} more"] if len(names) > _MOST_VARIABLES else []
    shown = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
    text = "Variables of the notebook, which are not in your kernel:\n" + "\n".join(lines)
    return Added(written, f"names, types and shapes of {shown}", text)


def _is_variable(value: Any) -> bool:
    return not isinstance(value, (ModuleType, type)) and not callable(value)


def _kind_and_shape(value: Any) -> str:
    return " ".join([type(value).__name__, " x ".join(map(str, shape_of(value)))]).strip()


def fix_request(cells: Cells, say: Callable[[str], Exception]) -> Prompt:
    """Return the request to mend the last cell that failed.

    Args:
        cells: the notebook's cells.
        say: makes the error to raise when none failed.
    """
    part = _error("fix", cells)
    if part is None:
        raise say("No cell has failed since the extension was loaded, so there is nothing to fix.")
    request = (
        "A cell of the notebook failed; it stands below with its traceback. Say in a sentence or two what the cause is, and give the whole "
        "corrected cell in a block marked ```text, which is not run. Your kernel does not have the notebook's variables: run code only to "
        "check something that needs none of them."
    )
    return Prompt(f"{request}\n\n{part.text}", (part,))
