"""Puts the notebook's variables into a prompt, where it names them in braces: ``{df}``, ``{In[3]}``, ``{df.shape}``, ``{x!r:>8}``.

What stands in the braces is looked up, never evaluated: names, attributes and items; no calls, no operators, no names that begin with
an underscore, nothing inside a module. Braces that mean something else (JSON, LaTeX, code) stay as they are. One pass: what was inserted
is never read again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .told import rendered

__all__ = ["Added", "Interpolated", "interpolate", "looked_up"]

_REFERENCE = r"(?P<root>[^\W\d]\w*)(?P<path>(?:\.[^\W\d]\w*|\[[^\[\]{}\n]{1,100}\])*)"
_SPEC = r"(?:[^\s{}]?[<>=^])?[+\-]?z?\#?0?\d{0,4}[,_]?(?:\.\d{1,3})?[bcdeEfFgGnosxX%]?|[%\w\-/:., ]{0,40}%[%\w\-/:., ]{0,40}"
_BRACES = re.compile(
    r"(?P<aside>```.*?(?:```|\Z)|\$\$.{1,2000}?\$\$|\\\(.{1,2000}?\\\)|\\\[.{1,2000}?\\\])"
    rf"|\{{\{{(?P<literal>{_REFERENCE.replace('<root>', '<root1>').replace('<path>', '<path1>')})\}}\}}"
    rf"|\{{{_REFERENCE}(?P<conversion>![rsa])?(?::(?P<spec>{_SPEC}))?\}}",
    re.DOTALL,
)
_STEP = re.compile(r"\.([^\W\d]\w*)|\[([^\[\]]+)\]")
_SCRIPT = re.compile(r"(?:\\[A-Za-z]+|(?:^|[^\w])\w|[}\])]|\s|^)[\^_]$|\^$")
"""Before a brace: LaTeX's ``x_{i}``, ``\\alpha^{2}``; but not ``plot_{name}``."""
_MACRO = re.compile(r"\\[A-Za-z]+\*?$")
_F_STRING = re.compile(r"(?:^|[^\w])[rR]?[fF][rR]?(?:'[^'\n]*|\"[^\"\n]*)$")
_FARTHEST = 1_000
"""Characters before a brace that are looked at to tell what it means."""


@dataclass(frozen=True)
class Added:
    """Something of the notebook that a prompt named, and that goes to the model with it."""

    written: str
    """As it stands in the prompt: ``{df}``, ``@cell[3]``."""
    note: str
    """What it is, in one line, for the person."""
    text: str
    """What was added."""


@dataclass(frozen=True)
class Interpolated:
    """A prompt with its variables in it."""

    text: str
    added: tuple[Added, ...] = ()
    left: tuple[str, ...] = ()
    """What looks like a variable and is none, or none that can be inserted; it stays in the text as it was written."""


class _Missing(Exception):  # noqa: N818 - a way out, never shown
    """There is nothing under that name."""


def interpolate(text: str, namespace: Mapping[str, Any], *, data: str = "schema", copied: Collection[str] = ()) -> Interpolated:
    """Return the text with the variables that it names. It never raises.

    Args:
        text: what the person wrote.
        namespace: the variables.
        data: how much of a table or an array is told, as ``--data`` has it. Other values are inserted as they print.
        copied: names of variables that the agent kernel gets too.

    Example:
        >>> interpolate('{n:03d} of {total}, {"a": 1}', {"n": 7}).text
        '007 of {total}, {"a": 1}'
    """
    added: dict[str, Added] = {}
    left: dict[str, None] = {}
    below: dict[str, str] = {}

    def insert(match: re.Match[str]) -> str:
        written = match[0]
        if match["aside"] or _means_something_else(text, match.start()):
            return written
        if match["literal"]:
            return written[1:-1]
        reference = match["root"] + match["path"]
        try:
            value = looked_up(match["root"], match["path"], namespace)
            shown = rendered(reference, value, data, conversion=match["conversion"] or "", spec=match["spec"] or "")
        except Exception:  # properties and __str__ of other people's objects can raise anything
            left[written] = None
            return written
        is_here = match["root"] in copied
        inline = (
            shown.text if shown.is_whole else f"`{reference}` ({shown.text}{'' if is_here else '; in the notebook, not in your kernel'})"
        )
        below.update({reference: shown.below} if shown.below else {})
        hint = "" if shown.is_whole or is_here else f"; with -i {match['root']} the agents could work with it"
        added[written] = Added(written, f"{shown.note}{hint}", inline + (f"\n{shown.below}" if shown.below else ""))
        return inline

    changed = _BRACES.sub(insert, text)
    appendix = "".join(f"\n\n{reference}:\n{lines}" for reference, lines in below.items())
    return Interpolated(changed + appendix, tuple(added.values()), tuple(left))


def looked_up(root: str, path: str, namespace: Mapping[str, Any]) -> Any:
    """Return what ``root`` and a path of attributes and items lead to.

    Raises:
        Exception: there is nothing, or it is not for insertion: a module, a function, a class, a private name.
    """
    if root.startswith("_") and root.strip("_"):
        raise _Missing(root)
    value = namespace[root]
    for attribute, item in _STEP.findall(path):
        if attribute.startswith("_") or isinstance(value, ModuleType):
            raise _Missing(attribute)
        value = getattr(value, attribute) if attribute else _item(value, item)
    if isinstance(value, (ModuleType, type)) or callable(value):
        raise _Missing(root)
    return value


def _item(value: Any, key: str) -> Any:
    """Return an item: a whole number means a place or a number, anything else a text, with quotes or without."""
    key = key.strip()
    if re.fullmatch(r"-?\d{1,18}", key):
        try:
            return value[int(key)]
        except (KeyError, TypeError):
            return value[key]
    is_quoted = len(key) > 1 and key[0] == key[-1] and key[0] in "'\""
    return value[key[1:-1] if is_quoted else key]


def _means_something_else(text: str, at: int) -> bool:
    """Say whether the brace at ``at`` belongs to LaTeX, to the shell or to an f-string."""
    if at == 0:
        return False
    before = text[max(0, at - _FARTHEST) : at]
    line = before.rpartition("\n")[2]
    return before[-1] in "\\$" or bool(_SCRIPT.search(line)) or _follows_macro(before) or bool(_F_STRING.search(line))


def _follows_macro(before: str) -> bool:
    """Say whether only groups stand between a LaTeX macro and here, as before the second group of ``\\frac{…}{…}``."""
    end = len(before)
    while end and before[end - 1] in "}]":
        end = _opening(before, end - 1)
        if end < 0:
            return False
    return bool(_MACRO.search(before[:end]))


def _opening(text: str, at: int) -> int:
    """Return where the group that closes at ``at`` begins; -1 when that is not in sight."""
    depth = 0
    for position in range(at, -1, -1):
        if text[position] in "}]":
            depth += 1
        elif text[position] in "{[":
            depth -= 1
            if depth == 0:
                return position
    return -1
