"""How much a long chat adds to a notebook, beside the plots that are in it. Sizes are the same on every machine."""

from __future__ import annotations

import base64
import random
import struct
import zlib

import nbformat
import pytest

from autogen_jupyter.kernels.model_text import outputs_text
from autogen_jupyter.session.bundle import bundle
from autogen_jupyter.session.transcript import Code, Entry, MessageEntry, RunEntry, Status

from .sample import displayed, printed

TURNS = 50
PLOTS = 10
CODE = """import matplotlib.pyplot as plt
means = penguins.groupby("species")["body_mass_g"].mean()
means.plot.bar(ylabel="body mass (g)")
plt.show()"""
TABLE = "species\nAdelie       3700.66\nChinstrap    3733.09\nGentoo       5076.02\nName: body_mass_g, dtype: float64\n"


def plot(seed: int, size: int) -> str:
    """Return a picture of about ``size`` bytes as a notebook holds it."""
    width = 256
    height = size // (3 * width)
    noise = random.Random(seed)
    rows = b"".join(b"\0" + noise.randbytes(3 * width) for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    whole = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(whole).decode() + "\n"


def conversation(size: int) -> tuple[list[Entry], int]:
    """Return a chat of 50 turns, a quarter of them with a plot of ``size`` bytes until there are ten, and what the plots take."""
    entries: list[Entry] = [MessageEntry("m", "user", "assistant", "user", "Which penguin species is the heaviest, and since when?")]
    taken = 0
    for turn in range(0, TURNS, 2):
        outputs = [printed(TABLE)]
        if turn // 2 < PLOTS:
            picture = plot(turn, size)
            taken += len(picture)
            outputs.append(displayed({"image/png": picture, "text/plain": "<Figure size 640x480 with 1 Axes>"}))
        asks = f"Step {turn}: I look at the mean body mass of each species.\n\n```python\n{CODE}\n```"
        entries.append(MessageEntry(f"a{turn}", "assistant", "user", "assistant", asks, model="gpt-6-luna"))
        reads = outputs_text(outputs)
        ran = RunEntry(
            f"r{turn}", "user", f"a{turn}", [Code("python", CODE)], "ok", outputs=outputs, exit_code=0, seconds=0.3, output=reads
        )
        tells = MessageEntry(f"t{turn}", "assistant", "user", "assistant", "Gentoo is the heaviest, with 5076 g on average. " * 3)
        entries += [ran, tells]
    return entries, taken


def written(entries: list[Entry]) -> int:
    """Return the size of the notebook file that holds the chat."""
    output = nbformat.v4.new_output("display_data", bundle(entries, Status("ended"), versions={"autogen_jupyter": "0.1"}))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%%agentchat", outputs=[output])])
    nbformat.validate(notebook)
    return len(nbformat.writes(notebook).encode())


TYPICAL = {
    "bar chart": 18_000,
    "four histograms": 40_400,
    "heat map": 64_500,
    "scatter of 344": 73_300,
    "five lines": 115_700,
    "scatter of 2,000": 170_000,
}
"""Characters of what matplotlib draws with nothing set, at 100 dots per inch; at a retina display's 200 they are 43,000 to 526,000."""
ENOUGH = 74_000
"""Characters of a plot from which on the chat around ten of them is less than 15 %."""


def test_a_chat_of_fifty_turns_adds_less_than_15_percent_to_ten_plots_that_are_not_small() -> None:
    entries, plots = conversation(bytes_of(ENOUGH))
    added = written(entries) - plots
    assert plots / PLOTS == pytest.approx(ENOUGH, rel=0.01)
    assert added / plots < 0.15, f"{added:,} bytes beside {plots:,} of plots"


def test_it_adds_less_than_15_percent_to_ten_typical_plots() -> None:
    entries, plots = conversation(bytes_of(sum(TYPICAL.values()) // len(TYPICAL)))
    added = written(entries) - plots
    assert added / plots < 0.14, f"{added:,} bytes beside {plots:,} of plots"


def bytes_of(characters: int) -> int:
    """Return the bytes that so many characters of base64 stand for."""
    return characters * 3 // 4


@pytest.mark.parametrize("size", [10_000, 30_000, 150_000])
def test_what_is_added_does_not_grow_with_the_plots(size: int) -> None:
    entries, plots = conversation(size)
    assert written(entries) - plots < 110_000


def test_a_short_chat_is_short_in_the_file() -> None:
    entries, _ = conversation(0)
    assert written(entries[:1] + entries[3:4]) < 10_000
