"""Cause every fault of the agent kernel and write the table in ``docs/reliability.md``: ``python tools/generate_kernel_reliability.py``."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.kernels.faults import FAULTS, Fault, Row  # noqa: E402

TARGET = ROOT / "docs" / "reliability.md"
COMMAND = "python tools/generate_kernel_reliability.py"
BEGIN, END = "<!-- kernels: generated -->", "<!-- kernels: end -->"
HEAD = "| fault | noticed in | next block done in | at most | you see | the model reads | kept |\n|---|---|---|---|---|---|---|"


def line(fault: Fault, row: Row) -> str:
    """Return a row of the table."""
    times = (f"{row.noticed:.2f} s", f"{row.recovered:.1f} s", f"{fault.bound:g} s")
    return "| " + " | ".join(_cell(text) for text in (row.fault, *times, row.human, row.model, row.kept)) + " |"


def _cell(text: str) -> str:
    return re.sub(r"([|<>*])", r"\\\1", text)


def documented() -> dict[str, tuple[str, ...]]:
    """Return the texts of each documented row by the name of its fault; the measured times are left out."""
    region = TARGET.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [
        [re.sub(r"\\([|<>*])", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        for row in region.splitlines()
        if row.startswith("| ")
    ]
    return {row[0]: (row[0], *row[4:]) for row in rows[1:]}


async def _measure() -> list[str]:
    lines = []
    for fault in FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            row = await fault.happen(Path(folder))
        sys.stdout.write(f"{row.recovered:6.2f} s  {row.fault}\n")
        lines.append(line(fault, row))
    return lines


def main() -> None:
    """Rewrite the region between the two marks."""
    text = TARGET.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    table = "\n".join([HEAD, *asyncio.run(_measure())])
    TARGET.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
