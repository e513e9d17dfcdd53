from __future__ import annotations

import ast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from autogen_jupyter.notebook.transformer import AgentChatLine, transform_agentchat


def transformed(cell: str) -> str:
    manager = TransformerManager()
    manager.cleanup_transforms.insert(0, transform_agentchat)
    manager.token_transformers.insert(0, AgentChatLine)
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


def test_a_backslash_continues_the_first_line():
    assert arguments("%%agentchat -q \\\n   -m x \\\n  -n y\nhello \\\nyou\n") == ("agentchat", "-q -m x -n y", "hello \\\nyou\n")
    assert arguments("%agentchat what is \\\n the mean?\n") == ("agentchat", "what is the mean?")


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("a = 1\n%agentchat why?\nb = 2", "why?"),
        ("x = %agentchat what is the mean?", "what is the mean?"),
        ("if 1:\n    %agentchat it's 5 (or 6?\n    b = 2", "it's 5 (or 6?"),
        ("a = 1\n%agentchat C:\\data\\ '''odd?", "C:\\data\\ '''odd?"),
        ("for q in [1]:\n    %agentchat status\n", "status"),
    ],
)
def test_a_line_among_code_is_awaited_with_its_question_mark(cell, line):
    calls = [node for node in ast.walk(ast.parse(transformed(cell))) if isinstance(node, ast.Await)]
    assert [argument.value for argument in calls[0].value.args] == ["agentchat", line]


@pytest.mark.parametrize("cell", ["s = '''\n%agentchat why?\n'''\n", "%agentchat?\n", "%agentchat??\n", "%timeit?\n", "x = 5 %agentchat\n"])
def test_strings_calls_for_help_and_other_code_are_not_ours(cell):
    assert "await" not in transformed(cell)
