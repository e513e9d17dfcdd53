"""What a person is shown before a variable of theirs is replaced."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from autogen_jupyter.notebook.differences import difference

from ..headless import error_of, run_cells, text_of

FRAME = pd.DataFrame({"n": [1, 2, 3], "x": [0.5, None, 1.5], "name": ["a", "b", "c"]})


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (FRAME, FRAME.copy(), "3 rows; no changed cells"),
        (FRAME, FRAME.dropna(), "rows 3 -> 2"),
        (FRAME, FRAME.assign(n=[1, 2, 4], x=FRAME.x.fillna(0)), "3 rows; 2 changed cells"),
        (FRAME, FRAME.drop(columns="x").assign(y=1), "3 rows; new columns: y; dropped columns: x; no changed cells"),
        (FRAME, FRAME.astype({"n": float}), "3 rows; dtypes: n int64 -> float64; no changed cells"),
        (np.zeros(3), np.array([0.0, 1.0, 0.0]), "shape (3,); 1 changed cells"),
        (np.zeros(3), np.zeros((2, 2)), "shape (3,) -> (2, 2)"),
        (FRAME, [1], "DataFrame -> list"),
        ([1, 2], [1], "list -> list, 2 -> 1 items"),
        ("a", "a", "str -> str, 1 -> 1 items, the same"),
    ],
)
def test_a_difference_is_one_line(before: object, after: object, line: str) -> None:
    assert difference(before, after) == line


def test_without_a_person_a_variable_is_replaced_only_by_consent(tmp_path) -> None:
    (tmp_path / "penguins.csv").write_text("species,mass\nAdelie,3700\nGentoo,5000\n")
    ask = "Describe penguins.csv"
    notebook = run_cells(
        "penguins = 'mine'",
        f"%%agentchat --approve never -o penguins\n{ask}",
        "print(penguins)",
        f"%%agentchat --approve never --yes -o penguins\n{ask}",
        "print(type(penguins).__name__)",
        folder=tmp_path,
    )
    assert "-o penguins would replace a variable" in error_of(notebook.cells[2])
    assert text_of(notebook.cells[3]) == "mine\n"
    assert text_of(notebook.cells[5]) == "DataFrame\n"
