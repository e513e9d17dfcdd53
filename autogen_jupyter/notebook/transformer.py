"""Turn an ``%%agentchat`` cell into one that awaits the chat, so that the front end is heard while the cell runs.

IPython has no async magics: a magic that returns a coroutine is not awaited. A cell that awaits leaves the kernel's loop free for
widget messages. The body is taken before IPython's other transformers see it, so that a prompt that begins with ``>>>``, ``In [3]:`` or
ends with a question mark arrives as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["transform_agentchat"]

_CELL = re.compile(r"%%agentchat(?P<line>[ \t].*)?$")
_LINE = re.compile(r"%agentchat(?P<line>[ \t].*)?$")


def transform_agentchat(lines: Sequence[str]) -> list[str]:
    """Rewrite a cell that is ours; leave any other as it is (an ``input_transformers_cleanup`` hook).

    Example:
        >>> transform_agentchat(["%%agentchat -q\\n", "What is it?\\n"])
        ["await get_ipython().run_cell_magic('agentchat', '-q', 'What is it?\\\\n')\\n"]
    """
    lines = list(lines)
    start = next((number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
    if start is None:
        return lines
    first = lines[start].rstrip("\r\n")
    if cell := _CELL.match(first):
        body = "".join(lines[start + 1 :]).replace("\r\n", "\n")
        return [f"await get_ipython().run_cell_magic('agentchat', {(cell['line'] or '').strip()!r}, {body!r})\n"]
    is_alone = not any(line.strip() for line in lines[start + 1 :])
    if is_alone and (line := _LINE.match(first)):
        return [f"await get_ipython().run_line_magic('agentchat', {(line['line'] or '').strip()!r})\n"]
    return lines


# A terminal asks while one types whether the cell is complete; what it should see then is a cell magic, which a blank line ends.
transform_agentchat.has_side_effects = True  # type: ignore[attr-defined]
