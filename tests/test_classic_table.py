"""The table in docs/classic.md is complete, and every claim in it has its test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PAGE = TESTS.parent / "docs" / "classic.md"
ROW = re.compile(r"^\| (?P<number>\d+) \| (?P<name>.*?) \| (?P<here>.*?) \| (?P<tests>.*?) ?\|$", re.MULTILINE)
ROWS = [match.groupdict() for match in ROW.finditer(PAGE.read_text(encoding="utf-8"))]
DEFINED = {name for path in TESTS.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))}
CAPABILITIES = 113

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["number"])


def test_every_capability_of_the_classic_has_its_row() -> None:
    assert [int(row["number"]) for row in ROWS] == list(range(1, CAPABILITIES + 1))


@every_row
def test_a_row_says_same_better_not_yet_or_what_to_use(row: dict[str, str]) -> None:
    assert re.match(r"same$|better: \w|better: `|not yet(: .+)?$|not here: use .+", row["here"])


@every_row
def test_what_is_same_or_better_names_tests_that_exist(row: dict[str, str]) -> None:
    named = re.findall(r"`(test_\w+)`", row["tests"])
    assert bool(named) == row["here"].startswith(("same", "better"))
    assert not set(named) - DEFINED
