"""Any result of a tool, and any error, as bounded text for the model."""

from __future__ import annotations

import dataclasses
import datetime
import json

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

from autogen_jupyter.tools import ToolError, error_text, result_text


class Point(BaseModel):
    x: int


@dataclasses.dataclass
class Size:
    width: int


def test_text_is_left_as_it_is_and_a_model_is_json() -> None:
    assert result_text("Grüße\n") == "Grüße\n"
    assert result_text(Point(x=1)) == '{"x":1}'


@pytest.mark.parametrize("value", [None, 1, 1.5, True, ["ä"], {"a": [1, None]}])
def test_plain_data_is_json_without_escapes(value: object) -> None:
    assert result_text(value) == json.dumps(value, ensure_ascii=False)


def test_what_json_does_not_know_is_written_plainly_inside_it() -> None:
    mixed = {"p": Point(x=1), "s": Size(2), "n": np.int64(3), "d": datetime.date(2026, 1, 2), "set": {1}}
    assert json.loads(result_text(mixed)) == {"p": {"x": 1}, "s": {"width": 2}, "n": 3, "d": "2026-01-02", "set": [1]}


def test_a_table_is_bounded_and_says_its_shape() -> None:
    text = result_text(pd.DataFrame({"a": range(10_000), "b": "x"}))
    assert text.endswith("[10,000 rows x 2 columns]")
    assert "9999" in text
    assert len(text.splitlines()) < 40


def test_a_wide_table_and_long_cells_stay_bounded() -> None:
    assert len(result_text(pd.DataFrame({f"c{n}": ["y" * 10_000] * 100 for n in range(300)}))) < 40_000


def test_a_series_and_an_array_say_their_shape() -> None:
    assert result_text(pd.Series([1, 2])).endswith("[2 values, dtype int64]")
    assert result_text(np.zeros((1000, 1000))).endswith("[shape (1000, 1000), dtype float64]")
    assert len(result_text(np.zeros((1000, 1000)))) < 5_000


def test_anything_else_is_a_bounded_repr() -> None:
    class Long:
        def __repr__(self) -> str:
            return "z" * 1_000_000

    class Broken:
        def __repr__(self) -> str:
            raise ValueError

    assert len(result_text(Long())) < 5_000
    assert result_text(Broken()) == "<Broken that cannot be shown: ValueError>"
    loop: list[object] = []
    loop.append(loop)
    assert result_text(loop) == "[[...]]"


def test_an_endless_text_loses_its_middle_and_says_how_much() -> None:
    text = result_text("a" * 300_000 + "end")
    assert len(text) < 101_000
    assert "200,003 characters left out" in text
    assert text.endswith("end")


def inner() -> None:
    raise KeyError("price")


def outer() -> None:
    for _ in range(1):
        inner()


def test_an_error_keeps_its_type_and_says_where_in_the_users_code_it_happened() -> None:
    with pytest.raises(KeyError) as caught:
        outer()
    first, *places = error_text(caught.value, outer).splitlines()
    assert first == "Error: KeyError: 'price'"
    assert [place.split(", in ")[1] for place in places] == ["outer: inner()", 'inner: raise KeyError("price")']


def recursive(n: int) -> None:
    if not n:
        raise ValueError("v" * 100_000)
    recursive(n - 1)


def test_a_deep_error_with_a_long_message_stays_short() -> None:
    with pytest.raises(ValueError, match="v") as caught:
        recursive(100)
    text = error_text(caught.value, recursive)
    assert len(text) < 5_000
    assert text.count("in recursive") == 3


def test_a_tool_error_is_its_message_alone() -> None:
    assert error_text(ToolError("The shop is closed.")) == "Error: The shop is closed."
