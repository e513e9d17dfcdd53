from __future__ import annotations

import ast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from autogen_jupyter.notebook.transformer import transform_agentchat


def transformed(cell: str) -> str:
    manager = TransformerManager()
    manager.cleanup_transforms.insert(0, transform_agentchat)
    return manager.transform_cell(cell)


def arguments(cell: str) -> tuple[str, ...]:
    (statement,) = ast.parse(transformed(cell), mode="exec").body
    return tuple(argument.value for argument in statement.value.value.args)


@pytest.mark.parametrize(
    "body",
    [
        "What is the mean?",
        "it's (unbalanced",
        ">>> df.head()",
        "In [3]: df",
        '{"a": {"b": 1}}',
        "\\frac{a}{b}?",
        "!ls\n%time x\n    indented",
        '""" open',
    ],
)
def test_prose_arrives_as_it_was_written(body):
    assert arguments(f"%%agentchat -q\n{body}\n") == ("agentchat", "-q", f"{body}\n")


@given(st.text(max_size=200).filter(lambda text: "\r" not in text and not any(0xD800 <= ord(char) < 0xE000 for char in text)))
@example("\x0c\n")
@example("\x85a")
def test_any_prompt_arrives_unchanged(body):
    given_, expected = f"%%agentchat\n{body}", body
    got = arguments(given_)[2]
    assert got.rstrip("\n") == expected.rstrip("\n")


def test_a_comment_above_and_windows_line_ends_do_no_harm():
    assert arguments("# note\n\n%%agentchat -q\r\nhello\r\nyou?\r\n") == ("agentchat", "-q", "hello\nyou?\n")


def test_a_line_that_stands_alone_is_awaited_too():
    assert arguments("%agentchat what is the mean?") == ("agentchat", "what is the mean?")


@pytest.mark.parametrize("cell", ["%%agentchats\nx", "x = 1\n%%agentchat\n", "%agentchat?", "print('%%agentchat')", ""])
def test_other_cells_are_left_alone(cell):
    lines = cell.splitlines(keepends=True)
    assert transform_agentchat(lines) == lines
