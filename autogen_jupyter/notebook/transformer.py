"""Turn ``%%agentchat`` cells and ``%agentchat`` lines into code that awaits the chat, so that the front end is heard while it runs.

IPython has no async magics: a magic that returns a coroutine is not awaited. A cell that awaits leaves the kernel's loop free for
widget messages. The text is taken before IPython's other transformers see it, so that a prompt that begins with ``>>>``, ``In [3]:`` or
ends with a question mark arrives as it was written.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator, Sequence
from typing import Any

from IPython.core.inputtransformer2 import TokenTransformBase

__all__ = ["AgentChatLine", "transform_agentchat"]

_CELL = re.compile(r"%%agentchat(?P<line>[ \t].*)?$")
_LINE = re.compile(r"%agentchat(?P<line>[ \t].*)?$")
_CONTINUED = re.compile(r"(^|[ \t])\\[ \t]*$")
_ASSIGNED = re.compile(r"[A-Za-z_]\w*[ \t]*=[ \t]*")
_BEFORE_CODE = {tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT}


def transform_agentchat(lines: Sequence[str]) -> list[str]:
    """Rewrite a cell that is ours; leave any other as it is (an ``input_transformers_cleanup`` hook).

    A backslash at the end of the first line continues it on the next.

    Example:
        >>> transform_agentchat(["%%agentchat -q\\n", "What is it?\\n"])
        ["await get_ipython().run_cell_magic('agentchat', '-q', 'What is it?\\\\n')\\n"]
    """
    lines = list(lines)
    start = next((number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
    if start is None or not lines[start].startswith(("%%agentchat", "%agentchat")):
        return lines
    first, end = _joined(lines, start)
    if cell := _CELL.match(first):
        body = "".join(lines[end:]).replace("\r\n", "\n") or "\n"  # IPython refuses a cell magic without a body, which asks us for help
        return [f"await get_ipython().run_cell_magic('agentchat', {(cell['line'] or '').strip()!r}, {body!r})\n"]
    is_alone = not any(line.strip() for line in lines[end:])
    if is_alone and (line := _LINE.match(first)):
        return [_awaited(line["line"] or "")]
    return lines


# A terminal asks while one types whether the cell is complete; what it should see then is a cell magic, which a blank line ends.
transform_agentchat.has_side_effects = True  # type: ignore[attr-defined]


class AgentChatLine(TokenTransformBase):  # type: ignore[misc]
    """Rewrites ``%agentchat …`` on a line among other code, before IPython takes a question mark at its end for a call for help.

    ``%agentchat?`` and ``%agentchat??`` stay calls for help, and text in strings stays text.
    """

    priority = 1

    @classmethod
    def find(cls, tokens_by_line: Sequence[Sequence[Any]]) -> AgentChatLine | None:
        """Return a transformer for the first such line."""
        return next((cls(start) for tokens in tokens_by_line for start in _starts(tokens)), None)

    def transform(self, lines: Sequence[str]) -> list[str]:
        first, end = _joined(lines, self.start_line)
        before, _, line = first.partition("%agentchat")
        return [*lines[: self.start_line], before + _awaited(line), *lines[end:]]


def _starts(tokens: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Yield where the line that these tokens begin runs ``%agentchat``, if it does."""
    token = next((token for token in tokens if token.type not in _BEFORE_CODE), None)
    if token is None:
        return
    text = token.line.splitlines()[0][token.start[1] :] if token.line else ""
    assigned = _ASSIGNED.match(text)
    if _LINE.match(text[assigned.end() if assigned else 0 :]):
        yield token.start


def _joined(lines: Sequence[str], start: int) -> tuple[str, int]:
    """Return the line at ``start`` with those that continue it, and the number of the line after them."""
    text, end = lines[start].rstrip("\r\n"), start + 1
    while _CONTINUED.search(text) and end < len(lines):
        text = f"{_CONTINUED.sub('', text)} {lines[end].strip()}"
        end += 1
    return _CONTINUED.sub("", text), end


def _awaited(line: str) -> str:
    return f"await get_ipython().run_line_magic('agentchat', {line.strip()!r})\n"
