"""What a person is shown before a variable of theirs is replaced."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from autogen_jupyter.notebook.differences import difference

from ..headless import error_of, run_cells, text_of

FRAME = pd.DataFrame({"n": [1, 2, 3], "x": [0.5, None, 1.5], "name": ["a", "b", "c"]})

TYPED = pd.DataFrame(
    {
        "c": pd.Categorical(["a", "b", "c"]),
        "w": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"], utc=True).as_unit("us"),
        "o": pd.Series([np.arange(2), [1], None], dtype=object),
        "s": pd.Series(["a", None, "c"], dtype="string"),
        "b": [True, False, True],
    }
)
ROWS = np.array([(1, 2.0), (3, 4.0)], dtype=[("x", "i4"), ("y", "f8")])
TWICE = pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=["x", "x", "y"])


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (FRAME, FRAME.copy(), "3 rows; no changed cells"),
        (FRAME, FRAME.dropna(), "rows 3 -> 2"),
        (FRAME, FRAME.assign(n=[1, 2, 4], x=FRAME.x.fillna(0)), "3 rows; 2 changed cells"),
        (FRAME, FRAME.drop(columns="x").assign(y=1), "3 rows; new columns: y; dropped columns: x; no changed cells"),
        (FRAME, FRAME.astype({"n": float}), "3 rows; dtypes: n int64 -> float64; no changed cells"),
        (FRAME.convert_dtypes(), FRAME.convert_dtypes().assign(n=pd.array([1, None, 3], "Int64")), "3 rows; 1 changed cells"),
        (TYPED, TYPED.copy(), "3 rows; no changed cells"),
        (TYPED, TYPED.iloc[[1, 0, 2]].set_axis(TYPED.index), "3 rows; 10 changed cells"),
        (TYPED[["c"]], pd.DataFrame({"c": pd.Categorical(["a", "b", "z"])}), "3 rows; dtypes: c category -> category; 1 changed cells"),
        (
            TYPED[["w"]],
            TYPED[["w"]].assign(w=TYPED.w.dt.tz_localize(None)),
            "3 rows; dtypes: w datetime64[us, UTC] -> datetime64[us]; 3 changed cells",
        ),
        (TWICE, TWICE.add([0, 1, 0]), "2 rows; 2 changed cells"),
        (TWICE, TWICE.assign(z=1), "2 rows; new columns: z"),
        (np.zeros(3), np.array([0.0, 1.0, 0.0]), "shape (3,); 1 changed cells"),
        (np.zeros(3), np.zeros((2, 2)), "shape (3,) -> (2, 2)"),
        (FRAME, [1], "DataFrame -> list"),
        ([1, 2], [1], "list -> list, 2 -> 1 items"),
        ("a", "a", "str -> str, 1 -> 1 items, the same"),
        ([FRAME], [FRAME.copy()], "list -> list, 1 -> 1 items, the same"),
        ({"a": np.zeros(3)}, {"a": np.ones(3)}, "dict -> dict, 1 -> 1 items"),
        (ROWS, ROWS[::-1], "shape (2,); 2 changed cells"),
        (ROWS, ROWS.view("V12"), "shape (2,); dtype [('x', '<i4'), ('y', '<f8')] -> |V12; 2 changed cells"),
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
