"""Answer every kind of question in every front end and write the table in ``docs/front-ends.md``: ``python tools/generate_front_ends.py``.

Takes a minute, and a browser (see ``find_chromium.py``)."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
# Kernels of headless runs start in other folders.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))

from tests.ui.front_ends import HEADLESS, IPYKERNELS, Row, by_clicks, table  # noqa: E402
from tests.ui.jupyter import App, Notebook, page, server  # noqa: E402

TARGET = ROOT / "docs" / "front-ends.md"
BEGIN, END = "<!-- front ends: generated -->", "<!-- front ends: end -->"
APPS: tuple[App, ...] = ("lab", "notebook")


def documented() -> list[str]:
    """Return the lines of the table's body as they stand in the docs."""
    region = TARGET.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    return region.strip().splitlines()[2:]


def measure() -> Iterator[Row]:
    """Go through all front ends."""
    with page() as one:
        for app in APPS:
            with server(app) as running:
                for ipykernel in IPYKERNELS:
                    yield by_clicks(Notebook(one, running), ipykernel)
    for answer in HEADLESS.values():
        with tempfile.TemporaryDirectory() as folder:
            yield answer(Path(folder))


def main() -> None:
    """Rewrite the region between the two marks."""
    rows = []
    for row in measure():
        sys.stdout.write(f"{row}\n")
        rows.append(row)
    before, _, rest = TARGET.read_text(encoding="utf-8").partition(BEGIN)
    TARGET.write_text(f"{before}{BEGIN}\n{table(rows)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
