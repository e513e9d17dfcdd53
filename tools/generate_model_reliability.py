"""Write the models section of ``docs/reliability.md`` from what really happens: ``python tools/generate_model_reliability.py``."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

TARGET = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- models: generated -->", "<!-- models: end -->"
HEAD = """
Each row was lived through on a real server, with one retry allowed (the default is two). `HOST` stands for the server's address.

| what happened | what you read | what was kept | what next |
|---|---|---|---|
"""


async def generate() -> str:
    """Return the section, from its opening mark up to its closing one."""
    faults = import_module("tests.servers.faults")
    # One after another: an endless answer would make its neighbours miss their time limits.
    rows = [_row(fault, await faults.live_through(fault)) for fault in faults.FAULTS]
    return BEGIN + "\n" + HEAD + "".join(rows) + "\n"


def _row(fault: Any, seen: Any) -> str:
    kept = "the chat, and what came of the answer" if seen.kept else "the chat"
    tried = "it was asked again, in vain; then " if seen.notices else ""
    next_ = f"{tried}the chat goes on with the next message" if seen.went_on else "a new chat"
    return "| " + " | ".join(_cell(text) for text in (fault.what, seen.message, kept, next_)) + " |\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


if __name__ == "__main__":
    before = TARGET.read_text(encoding="utf-8")
    start, end = before.index(BEGIN), before.index(END)
    TARGET.write_text(before[:start] + asyncio.run(generate()) + before[end:], encoding="utf-8")
    sys.stdout.write(f"Wrote {TARGET.relative_to(ROOT)}\n")
