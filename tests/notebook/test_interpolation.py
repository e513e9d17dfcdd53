"""Variables of the notebook in a prompt: what is inserted, what stays, and that nothing is ever evaluated."""

from __future__ import annotations

import datetime
import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autogen_jupyter.notebook.interpolation import interpolate

FRAME = pd.DataFrame({"city": [f"secret-{number}" for number in range(9)], "n": range(9)})


class Hostile:
    def __str__(self):
        raise RuntimeError("no")

    @property
    def broken(self):
        raise ValueError("no")


NAMES = {
    "name": "Bob",
    "n": 7,
    "rate": 0.256,
    "template": "use {name}",
    "d": {"a": 1, "two words": 2, 3: "three"},
    "items": ["x", "y"],
    "df": FRAME,
    "frames": {"one": FRAME},
    "array": np.arange(4),
    "day": datetime.date(2026, 11, 22),
    "In": ["", "print(1)"],
    "Out": {5: "five"},
    "a": 9,
    "b": 8,
    "i": 1,
    "os": os,
    "function": lambda: 5,
    "hostile": Hostile(),
    "_private": 1,
}


@pytest.mark.parametrize(
    ("written", "inserted"),
    [
        ("hi {name}", "hi Bob"),
        ("{In[1]}", "print(1)"),
        ("{Out[5]}", "five"),
        ("{df.shape}", "(9, 2)"),
        ("{df.columns}", "city, n"),
        ("{d[a]}{d['a']}", "11"),
        ("{d[two words]}", "2"),
        ("{d[3]}", "three"),
        ("{items[-1]}", "y"),
        ("{name!r:>8}|", "   'Bob'|"),
        ("{rate:.0%}", "26%"),
        ("{n:03d}", "007"),
        ("{day:%Y-%m}", "2026-11"),
        ("{{name}}", "{name}"),
        ("save plot_{name}.png", "save plot_Bob.png"),
        ("{name}{n}", "Bob7"),
        ("{items}", "['x', 'y']"),
    ],
)
def test_what_a_prompt_names_in_braces_is_inserted(written, inserted):
    assert interpolate(written, NAMES).text == inserted


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": 1}}',
        "{}",
        "{",
        "{n: 5}",
        "{v:k for k,v in d.items()}",
        "{1+1}",
        "{function()}",
        "\\frac{a}{b}",
        "\\frac{\\sqrt{a}}{b}",
        "x^{a} + x_{i} + \\alpha_{i}",
        "$$ {a} $$ and \\( {b} \\)",
        "${name}",
        "```python\nprint({name})\n```",
        "print(f\"{name}\", f'{n} x')",
        "\\begin{a}",
        "$name costs $5",
    ],
)
def test_braces_that_mean_something_else_stay_and_nobody_is_warned(text):
    got = interpolate(text, NAMES)
    assert (got.text, got.added, got.left) == (text, (), ())


@pytest.mark.parametrize(
    "written",
    [
        *("{missing}", "{missing.x}", "{Out[9]}", "{d[z]}", "{hostile}", "{hostile.broken}", "{os.environ}", "{os}"),
        *("{function}", "{name.__class__}", "{_private}", "{df._mgr}", "{name:d}"),
    ],
)
def test_what_cannot_be_inserted_stays_and_is_named(written):
    got = interpolate(f"see {written}.", NAMES)
    assert got.text == f"see {written}."
    assert got.left == (written,)


def test_values_are_never_read_again():
    assert interpolate("{template} and {name}", NAMES).text == "use {name} and Bob"


@pytest.mark.parametrize("written", ["{df}", "{df!r}", "{df[city]}", "{frames}", "{df.values}", "{frames[one]}"])
def test_rows_of_a_table_are_told_only_when_data_allows_it(written):
    for data in ("none", "schema"):
        assert "secret" not in interpolate(written, NAMES, data=data).text
    assert "city" not in interpolate("{frames}{array}", NAMES, data="none").text
    sample = interpolate("Look at {df}.", NAMES, data="sample").text
    assert "secret-4" in sample
    assert "secret-5" not in sample
    assert "secret-8" in interpolate("{df}", NAMES, data="full").text


def test_a_table_keeps_its_name_in_the_sentence():
    got = interpolate("How large is {df}?", NAMES)
    assert got.text == (
        "How large is `df` (DataFrame, 9 rows x 2 columns: city (object), n (int64); in the notebook, not in your kernel)?".replace(
            "city (object)", f"city ({FRAME.dtypes.iloc[0]})"
        )
    )
    assert got.added[0].written == "{df}"
    assert "with -i df" in got.added[0].note
    assert "not in your kernel" not in interpolate("{df}", NAMES, copied=["df"]).text


def test_long_values_are_cut():
    got = interpolate("{x}", {"x": "y" * 100_000})
    assert 20_000 < len(got.text) < 20_100


ALPHABET = st.sampled_from([*"{}[]().:!\"'\\$^_`@ \n", "name", "df", "n", "frac", "{name}", "{{n}}", "```", "$$", "é", "0"])


@settings(max_examples=3_000, deadline=None)
@given(st.lists(ALPHABET, max_size=40).map("".join))
def test_nothing_raises_and_only_what_is_reported_has_changed(text):
    got = interpolate(text, NAMES)
    if not got.added and "{{" not in text:
        assert got.text == text
    assert "secret" not in got.text


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=300))
def test_a_prompt_without_names_arrives_unchanged(text):
    assert interpolate(text, {}).text == text or "{{" in text


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_a_value_arrives_as_it_is_whatever_it_holds(value, around):
    around = around.replace("{", "").replace("}", "").replace("`", "").replace("\\", "")
    assert interpolate(f"{around}\n{{value}}", {"value": value, "name": "Bob"}).text == f"{around}\n{value}"
