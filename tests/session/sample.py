"""A realistic conversation, and small outputs to make others from."""

from __future__ import annotations

from typing import Any

from autogen_jupyter.session.transcript import Code, Entry, MessageEntry, NoticeEntry, RunEntry, Status

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAFUlEQVR4nGM8ISfHwMDAwMDAxAADABMuAQhqwGVhAAAAAElFTkSuQmCC"
JPEG = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////////////////////"
    "2wBDAVVaWnhpeOuCguv/////////////////////////////////////////////////////////////////////////wAARCAACAAMDASIAAhEBAxEB/8QA"
    "FQABAQAAAAAAAAAAAAAAAAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAgT/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oA"
    "DAMBAAIRAxEAPwCQAKH/2Q=="
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"><rect width="3" height="2"/></svg>'
TABLE = """<div><style scoped>td { color: red }</style>
<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>species</th><th>mass</th></tr></thead>
<tbody><tr><th>0</th><td onclick="x()">1</td><td>2</td></tr></tbody></table></div>"""


def printed(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def displayed(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


def failed(name: str, value: str, traceback: list[str]) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback}


def conversation() -> tuple[list[Entry], Status]:
    """A request, an error, its repair with a table and a plot, and a summary."""
    demo: dict[str, Any] = {"model": "builtin/demo", "is_language_model": False}
    code = 'by_species = penguins.groupby("species")["body_mass_g"].mean()\nby_species'
    traceback = [
        "\x1b[31mKeyError\x1b[39m  Traceback (most recent call last)",
        "----> 1 penguins['mass']",
        "\x1b[31mKeyError\x1b[39m: 'mass'",
    ]
    table = '<table class="dataframe"><tr><th>species</th><th>body_mass_g</th></tr><tr><th>Gentoo</th><td>5076.02</td></tr></table>'
    summary = "### Result\n\n**Gentoo** is heaviest.\n\n| species | mass |\n|:--|--:|\n| Gentoo | 5076.02 |\n\n> [Data](https://a.example)"
    entries: list[Entry] = [
        MessageEntry("m1", "user", "assistant", "user", "Which species in `penguins.csv` is the heaviest?"),
        MessageEntry("m2", "assistant", "user", "assistant", "```python\npenguins['mass']\n```", **demo),
        RunEntry("r1", "user", "m2", [Code("python", "penguins['mass']")], "error", exit_code=1, seconds=0.2, output="exitcode: 1"),
        MessageEntry("m3", "assistant", "user", "assistant", f"Once more:\n```python\n{code}\n```", reasoning="It is body_mass_g.", **demo),
        RunEntry("r2", "user", "m3", [Code("python", code)], "ok", is_edited=True, exit_code=0, seconds=1.24, output="exitcode: 0\nGentoo"),
        NoticeEntry("n5", "The agent kernel uses 1.2 GB.", "warning"),
        MessageEntry("m4", "assistant", "user", "assistant", summary, **demo),
    ]
    failure, success = entries[2], entries[4]
    assert isinstance(failure, RunEntry)
    assert isinstance(success, RunEntry)
    failure.outputs.append(failed("KeyError", "'mass'", traceback))
    success.outputs.extend(
        [
            printed("\x1b[32m344 rows\x1b[0m\n" + "checked\n" * 40),
            displayed({"text/html": table, "text/plain": "species  body_mass_g\nGentoo   5076.02"}),
            printed("UserWarning: 2 rows have gaps\n", "stderr"),
            displayed({"image/png": PNG, "text/plain": "<Figure size 3x2 with 1 Axes>"}),
        ]
    )
    return entries, Status(state="ended", reason="the task is done", prompt_tokens=2400, completion_tokens=312, usd=0.0)
