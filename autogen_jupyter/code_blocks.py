"""Find the code in a message: fenced blocks, and which language they are written in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["PYTHON", "SHELL", "CodeBlock", "extract_code_blocks", "infer_language"]

PYTHON = frozenset({"python", "py", "python3", "ipython"})
SHELL = frozenset({"sh", "bash", "shell", "console", "zsh"})
_OPENING = re.compile(r"^(?P<indent>[ ]{0,3})(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\r\n]*)$")


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
    the language are ignored; a fence that is never closed runs to the end. Unlike the classic's pattern, a closing fence glued
    to the last line of code closes the block too, as models often write it.
    """
    blocks: list[CodeBlock] = []
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        opening = _OPENING.match(lines[at])
        at += 1
        if not opening or (opening["fence"][0] == "`" and "`" in opening["info"]):
            continue
        body, at = _body(lines, at, opening["fence"], len(opening["indent"]))
        code = "\n".join(body)
        blocks.append(CodeBlock(_language(opening["info"], code), code))
    return blocks


def _body(lines: Sequence[str], at: int, fence: str, indent: int) -> tuple[list[str], int]:
    closing = re.compile(rf"^(?P<code>.*?)[ \t]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$")
    body: list[str] = []
    while at < len(lines):
        line = lines[at]
        at += 1
        closed = closing.match(line)
        if closed:
            if closed["code"].strip():
                body.append(_unindent(closed["code"], indent))
            break
        body.append(_unindent(line, indent))
    return body, at


def _unindent(line: str, indent: int) -> str:
    return line[min(indent, len(line) - len(line.lstrip(" "))) :]


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
