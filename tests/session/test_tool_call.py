"""Tool calls as text: the same as the live view's, whose tests are in ``labextension/tests/tools.test.ts``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autogen_jupyter.session.tool_call import long_arguments, short_call

LIVE = Path(__file__).parents[2] / "labextension" / "src" / "tool_call.ts"


def test_numbers_escapes_and_names_stay_as_the_model_wrote_them() -> None:
    given = '{"n":12345678901234567890,"x":1.10,"x":2,"s":"a\\u00e9,  {\\"b\\":1}","e":[],"o":{}}'
    assert "12345678901234567890" in short_call("f", given)[0]
    assert long_arguments(given).split("\n") == [
        "{",
        '  "n": 12345678901234567890,',
        '  "x": 1.10,',
        '  "x": 2,',
        '  "s": "a\\u00e9,  {\\"b\\":1}",',
        '  "e": [],',
        '  "o": {}',
        "}",
    ]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("", ("f()", True)),
        ("{}", ("f()", True)),
        ('{"a":1,\n"b":[1,2]}', ('f({"a": 1, "b": [1, 2]})', True)),
        ("{'a': 1", ("f({'a': 1)", True)),
        ("a\nb", ("f(a b)", False)),
        ('"a\u202eb"', ('f("a⟨U+202E⟩b")', True)),
    ],
)
def test_a_short_call_stands_on_one_line(given: str, shown: tuple[str, bool]) -> None:
    assert short_call("f", given) == shown


def test_a_long_call_is_cut_as_in_the_live_view() -> None:
    longest = re.search(r"LONGEST = (\d+)", LIVE.read_text(encoding="utf-8"))
    assert longest is not None
    text, is_whole = short_call("f", '"' + "x" * 200 + '"')
    assert (len(text), text[-2:], is_whole) == (int(longest[1]), "…)", False)


def test_laying_out_does_not_grow_with_the_depth() -> None:
    assert len(long_arguments("[" * 500 + "]" * 500)) < 500 * 100
    assert long_arguments("[" * 100_000) == "[" * 100_000
