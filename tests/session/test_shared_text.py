"""Text that a chat has twice is in its saved entries once, and comes back as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autogen_jupyter.kernels.model_text import outputs_text
from autogen_jupyter.session.bundle import MIME, bundle, entries_of
from autogen_jupyter.session.shared_text import with_repeats
from autogen_jupyter.session.transcript import Code, MessageEntry, RunEntry, Status

from .sample import PNG, displayed, printed

# Code

CODE = "import pandas as pd\n\npenguins = pd.read_csv('data/penguins.csv')\n" + "penguins.describe()  # 🐧\n" * 9 + "print('done')"


def test_code_that_stands_in_its_message_is_in_the_entries_once() -> None:
    said = MessageEntry("m", "assistant", "user", "assistant", f"Look:\n\n```python\n{CODE}\n```\n\n1. And:\n   ```sh\n   ls\n   ```")
    edited = CODE.replace("done", "edited")
    ran = RunEntry("r", "user", "m", [Code("python", CODE), Code("sh", "ls"), Code("python", edited)], state="ok")
    made = bundle([said, ran], Status("ended"), versions={})
    assert [block["code"] for block in made[MIME]["entries"][1]["blocks"]] == [{"$ref": "message", "lines": "4-16"}, "ls", edited]
    assert [block["code"] for block in entries_of(made)[1]["blocks"]] == [CODE, "ls", edited]


@pytest.mark.parametrize("lines", ["", "4", "0-3", "4-400", "9-4", "a-b"])
def test_code_whose_message_is_gone_or_other_is_left_out(lines: str) -> None:
    blocks = [{"language": "python", "code": {"$ref": "message", "lines": lines}}, {"language": "sh", "code": "ls"}]
    made = {MIME: {"version": 2, "entries": [{"kind": "run", "id": "r", "agent": "user", "message_id": "m", "blocks": blocks}]}}
    assert entries_of(made)[0]["blocks"] == blocks[1:]


# What the model reads


PRINTED = "species  body_mass_g\n" + "Adelie       3700.66\n" * 9 + "Gentoo 🐧    5076.02"
PLOT = displayed({"image/png": PNG, "text/plain": "<Figure size 3x2 with 1 Axes>"})


def saved_run(outputs: list[dict[str, Any]], read: str) -> tuple[object, object]:
    """Return what the saved entries have for what the model reads of a run, and what comes back of it."""
    ran = RunEntry("r", "user", "m", [], "ok", outputs=outputs, output=read)
    made = json.loads(json.dumps(bundle([ran], Status("ended"), versions={})))
    return made[MIME]["entries"][0]["output"], entries_of(made)[0]["output"]


@pytest.mark.parametrize(
    ("outputs", "rest"),
    [
        ([printed(PRINTED)], {}),
        ([printed(PRINTED + " \n\n")], {}),
        ([printed(PRINTED[:150]), printed(PRINTED[150:] + "\n", "stderr")], {}),
        ([printed(PRINTED + "\n"), PLOT], {"rest": "\n[image/png 3x2]"}),
        ([printed(PRINTED), PLOT, printed("done\n"), PLOT], {"rest": "\n[image/png 3x2]\ndone\n[image/png 3x2]"}),
    ],
)
def test_what_was_printed_is_in_the_entries_once(outputs: list[dict[str, Any]], rest: dict[str, str]) -> None:
    read = outputs_text(outputs)
    assert saved_run(outputs, read) == ({"$ref": "outputs", **rest}, read)


def test_a_note_on_what_was_printed_is_kept() -> None:
    read = PRINTED + "\n(The kernel was restarted.)"
    assert saved_run([printed(PRINTED + "\n")], read) == ({"$ref": "outputs", "rest": "\n(The kernel was restarted.)"}, read)


@pytest.mark.parametrize(
    ("outputs", "read"),
    [
        ([printed("Gentoo\n"), PLOT], "Gentoo\n[image/png 3x2]"),
        ([printed(f"\x1b[32m{PRINTED}\x1b[0m\n")], PRINTED),
        ([printed(f"10%\r{PRINTED}\n")], PRINTED),
        ([printed(PRINTED * 9)], PRINTED + "\n… [1,000 characters cut]"),
        ([printed(PRINTED)], f"The kernel was restarted.\n{PRINTED}"),
        ([PLOT, printed(PRINTED)], f"[image/png 3x2]\n{PRINTED}"),
        ([], PRINTED),
    ],
    ids=["short", "colours", "overwritten", "cut", "news", "printed later", "not kept"],
)
def test_what_the_model_reads_stays_where_it_does_not_begin_with_what_was_printed(outputs: list[dict[str, Any]], read: str) -> None:
    assert saved_run(outputs, read) == (read, read)


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        ({"output": {"$ref": "outputs", "rest": 5}}, "ab"),
        ({"output": {"$ref": "elsewhere", "rest": "c"}}, "c"),
        ({"output": {}}, ""),
        ({"outputs": None}, "c"),
        ({"outputs": "ab"}, "c"),
        ({"outputs": [{"output_type": "stream"}, {"output_type": "stream", "text": ["x", "y"]}, {}]}, "xyc"),
    ],
)
def test_what_was_printed_is_read_from_any_file(changes: dict[str, Any], read: str) -> None:
    entry = {"kind": "run", "id": "r", "agent": "user", "message_id": "m", "blocks": [], "outputs": [printed("ab\n")]}
    (restored,) = with_repeats([entry | {"output": {"$ref": "outputs", "rest": "c"}} | changes])
    assert restored["output"] == read
