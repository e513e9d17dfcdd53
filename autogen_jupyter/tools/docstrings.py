"""What a docstring says about a function and its arguments: Google, NumPy and reST style."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

__all__ = ["LONGEST", "described", "underlying"]

LONGEST = 1024
"""Characters of a description that the OpenAI API takes."""
_SECTION = re.compile(
    r"^(Args|Arguments|Parameters|Params|Returns?|Raises|Yields?|Examples?|Notes?|See Also|References|Warnings?|Attributes):?\s*$"
)
_ARGUMENTS = ("Args", "Arguments", "Parameters", "Params")
_REST = re.compile(r"^:param\s+(?:[^:]*\s)?(\w+)\s*:\s*(.*)$")
_REST_OTHER = re.compile(r"^:\w+[^:]*:")
_GOOGLE = re.compile(r"^\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")
_NUMPY = re.compile(r"^(\w+)\s*(?::.*)?$")


def underlying(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what was written with ``def``: the function of a partial, the method of a callable object, what a decorator wraps."""
    while isinstance(function, functools.partial):
        function = function.func
    if not (inspect.isroutine(function) or inspect.isclass(function)):
        function = type(function).__call__
    found: Callable[..., Any] = inspect.unwrap(function)
    return found


def described(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """Return the description of a function, and those of its arguments, by name."""
    text = underlying(function).__doc__
    if not isinstance(text, str):
        return "", {}
    lines = inspect.cleandoc(text).splitlines()
    about: list[str] = []
    arguments: dict[str, str] = {}
    at = 0
    while at < len(lines):
        line = lines[at]
        if found := _SECTION.match(line):
            end = _end_of_section(lines, at + 1)
            if found[1] in _ARGUMENTS:
                arguments |= _listed(lines[at + 1 : end])
            at = end
            continue
        if found := _REST.match(line):
            end = _end_of_item(lines, at + 1)
            arguments[found[1]] = _joined([found[2], *lines[at + 1 : end]])
            at = end
            continue
        if not _REST_OTHER.match(line):
            about.append(line)
        at += 1
    return _clipped("\n".join(about).strip()), arguments


def _end_of_section(lines: list[str], start: int) -> int:
    for at in range(start, len(lines)):
        is_underline = at == start and set(lines[at].strip()) == {"-"}
        if _SECTION.match(lines[at]) and not is_underline:
            return at
    return len(lines)


def _end_of_item(lines: list[str], start: int) -> int:
    at = start
    while at < len(lines) and lines[at][:1].isspace():
        at += 1
    return at


def _listed(lines: list[str]) -> dict[str, str]:
    """Read the items of a section: Google's ``name: text``, or NumPy's name on a line and the text indented below it."""
    is_numpy = bool(lines) and set(lines[0].strip()) == {"-"}
    lines = [line for line in lines[1:] if line.strip()] if is_numpy else [line for line in lines if line.strip()]
    if not lines:
        return {}
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    items: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        is_head = len(line) - len(line.lstrip()) == margin
        head = (_NUMPY if is_numpy else _GOOGLE).match(line.strip()) if is_head else None
        if head:
            name = head[1]
            items[name] = [] if is_numpy else [head[2]]
        elif name and not is_head:
            items[name].append(line)
    return {name: _joined(parts) for name, parts in items.items()}


def _joined(parts: list[str]) -> str:
    return _clipped(" ".join(part.strip() for part in parts if part.strip()))


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
