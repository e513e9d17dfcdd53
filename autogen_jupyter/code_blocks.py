"""Find the code in a message: fenced blocks, and which language they are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["PYTHON", "SHELL", "CodeBlock", "extract_code_blocks", "infer_language", "without_code_blocks"]

PYTHON = frozenset({"python", "py", "python3", "ipython"})
SHELL = frozenset({"sh", "bash", "shell", "console", "zsh"})
_OPENING = re.compile(r"^(?P<indent>[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\r\n]*)$")
"""An item of a list may begin with a fence."""
_SLIGHTLY = 3
"""Columns that a closing fence may stand further in than its opening one. What is further in belongs to the code: to a docstring."""
_TAB = 4


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A piece of code that a message proposes to run.

    Example:
        >>> extract_code_blocks("Try this:\\n```python\\nprint(1)\\n```")
        [CodeBlock(language='python', code='print(1)')]
    """

    language: str
    """Lower case, as the fence names it; guessed when the fence names none; ``"unknown"`` when that fails."""
    code: str


def extract_code_blocks(text: str) -> list[CodeBlock]:
    """Return every fenced block of ``text``, in order.

    Fences follow CommonMark: backticks or tildes, three or more, closed by a fence of the same kind at least as long; words after
    the language are ignored; a fence that is never closed runs to the end. Besides, as models often write it, a fence may be indented
    as far as one likes, such as below a list, and a closing fence glued to the last line of code closes the block too.
    """
    return [block for _, _, block in _found(text.splitlines())]


def without_code_blocks(text: str) -> str:
    """Return a text without its fenced blocks.

    Example:
        >>> without_code_blocks("Try this:\n```python\nprint(1)\n```\nWell?")
        'Try this:\nWell?'
    """
    lines, kept, at = text.splitlines(), [], 0
    for start, end, _ in _found(lines):
        kept += lines[at:start]
        at = end
    return "\n".join([*kept, *lines[at:]])


def _found(lines: Sequence[str]) -> Iterator[tuple[int, int, CodeBlock]]:
    """Yield each block with its first line and the one after its last."""
    at = 0
    while at < len(lines):
        start, opening = at, _opening(lines[at])
        at += 1
        if opening is None:
            continue
        body, at = _body(lines, at, opening["fence"], _as_blank(opening["indent"]))
        code = "\n".join(body)
        yield start, at, CodeBlock(_language(opening["info"], code), code)


def _opening(line: str) -> re.Match[str] | None:
    opening = _OPENING.match(line)
    return None if opening is None or (opening["fence"][0] == "`" and "`" in opening["info"]) else opening


def _body(lines: Sequence[str], at: int, fence: str, indent: str) -> tuple[list[str], int]:
    """Return the lines of code from ``at`` on, and where to go on after them."""
    furthest_in = _width(indent) + _SLIGHTLY
    too_far_in: int | None = None
    for n in range(at, len(lines)):
        line = lines[n]
        code = _before_closing(line, fence)
        if code:
            return _unindented([*lines[at:n], code], indent), n + 1
        if code is not None and _width(_blank(line)) <= furthest_in:
            return _unindented(lines[at:n], indent), n + 1
        if code is not None and too_far_in is None:
            too_far_in = n
        if too_far_in is not None and code is None and _opening(line) and _width(_blank(line)) <= furthest_in:
            break  # the next block begins
    end = len(lines) if too_far_in is None else too_far_in
    return _unindented(lines[at:end], indent), end + 1


def _before_closing(line: str, fence: str) -> str | None:
    """Return what stands before a fence that closes, or None where the line has none."""
    line = line.rstrip(" \t")
    code = line.rstrip(fence[0])
    if len(line) - len(code) < len(fence):
        return None
    return code.rstrip(" \t") if code.strip() else ""


def _unindented(lines: Sequence[str], indent: str) -> list[str]:
    """Take the indent of the fence away from each line, as far as the line has it."""
    return [_unindent(line, indent) for line in lines]


def _unindent(line: str, indent: str) -> str:
    if line.startswith(indent):
        return line[len(indent) :]
    blank = _blank(line)
    return " " * max(0, _width(blank) - _width(indent)) + line[len(blank) :]


def _blank(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _as_blank(indent: str) -> str:
    """Return what stands before a fence, with blanks in the place of a list's marker."""
    return re.sub(r"[^ \t]", " ", indent)


def _width(blank: str) -> int:
    return len(blank.expandtabs(_TAB))


def _language(info: str, code: str) -> str:
    words = re.split(r"[\s{}:,;]+", info.strip().strip("{}").lstrip("."), maxsplit=1)
    return words[0].lower() if words and words[0] else infer_language(code)


def infer_language(code: str) -> str:
    """Guess the language of an unnamed block: ``"sh"``, ``"python"`` or ``"unknown"`` (the classic's ``infer_lang``)."""
    if code.startswith(("python ", "pip ", "pip3 ", "python3 ", "%pip ", "!")):
        return "python" if code.startswith(("%", "!")) else "sh"
    try:
        compile(code, "<block>", "exec")
    except (SyntaxError, ValueError):
        return "unknown"
    return "python" if code.strip() else "unknown"
