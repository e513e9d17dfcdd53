from __future__ import annotations

import time

import pytest

from autogen_jupyter.code_blocks import CodeBlock, extract_code_blocks, infer_language

FENCE = "```"


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("no code `inline` here", []),
        (f"{FENCE}python\nx = 1\n{FENCE}", [("python", "x = 1")]),
        (f"{FENCE}Python\r\nx = 1\r\n{FENCE}\r\n", [("python", "x = 1")]),
        (f"a\n{FENCE}python\n1\n{FENCE}\nb\n{FENCE}sh\nls\n{FENCE}", [("python", "1"), ("sh", "ls")]),
        (f"last block without a newline:\n{FENCE}python\nx = 1{FENCE}", [("python", "x = 1")]),
        ("~~~python\nx = 1\n~~~", [("python", "x = 1")]),
        (f'{FENCE}python title="a.py" {{1,2}}\nx = 1\n{FENCE}', [("python", "x = 1")]),
        (f"{FENCE}{{python}}\nx = 1\n{FENCE}", [("python", "x = 1")]),
        (f"{FENCE}{{.python .numberLines}}\nx = 1\n{FENCE}", [("python", "x = 1")]),
        (f"{FENCE}python\nnever closed", [("python", "never closed")]),
        ("````markdown\n```python\ninner\n```\n````", [("markdown", "```python\ninner\n```")]),
        (f"1. item\n   {FENCE}python\n   if x:\n       y\n   {FENCE}", [("python", "if x:\n    y")]),
        (f"{FENCE}\nimport math\n{FENCE}", [("python", "import math")]),
        (f"{FENCE}\npip install pandas\n{FENCE}", [("sh", "pip install pandas")]),
        (f"{FENCE}\nsome words here\n{FENCE}", [("unknown", "some words here")]),
        (f"{FENCE}python\n\n\n{FENCE}", [("python", "\n")]),
    ],
)
def test_blocks_are_found(text, blocks):
    assert extract_code_blocks(text) == [CodeBlock(language, code) for language, code in blocks]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"1. Load:\n\n    {FENCE}python\n    if x:\n        y = 5\n    {FENCE}\n2. Look.", "if x:\n    y = 5"),
        (f"\t{FENCE}python\n\tif x:\n\t\ty = 5\n\t{FENCE}\ntext", "if x:\n\ty = 5"),
        (f"\t{FENCE}python\n    if x:\n        y = 5\n    {FENCE}\ntext", "if x:\n    y = 5"),
        (f"          {FENCE}python\n    less indented\n\n          z = 1\n{FENCE}\ntext", "less indented\n\nz = 1"),
        (f"1. {FENCE}python\n   x = 5\n   {FENCE}\n2. next", "x = 5"),
        (f"  - {FENCE}python\n    x = 5\n    {FENCE}", "x = 5"),
        (f"    {FENCE}python\n    never closed", "never closed"),
    ],
)
def test_a_fence_may_be_indented_and_its_code_is_then_not(text, code):
    assert extract_code_blocks(text) == [CodeBlock("python", code)]


DOCSTRING = f'''def f():
    """Return 1.

    {FENCE}python
    f()
    {FENCE}

    Or:

    {FENCE}
    f()
    {FENCE}
    """
    return 1'''


def test_a_fence_inside_of_the_code_that_is_further_in_neither_ends_the_block_nor_begins_one():
    assert extract_code_blocks(f"{FENCE}python\n{DOCSTRING}\n{FENCE}\ntext") == [CodeBlock("python", DOCSTRING)]
    below = "\n".join(f"    {line}" if line else "" for line in f"{FENCE}python\n{DOCSTRING}\n{FENCE}".splitlines())
    assert extract_code_blocks(f"1. Write:\n\n{below}\n\n2. Run.") == [CodeBlock("python", DOCSTRING)]


def test_a_closing_fence_that_is_too_far_in_closes_where_no_other_does():
    code = f"{FENCE}python\nif x:\n    y\n    {FENCE}\n"
    assert extract_code_blocks(f"{code}text") == [CodeBlock("python", "if x:\n    y")]
    both = [CodeBlock("python", "if x:\n    y"), CodeBlock("sh", "ls")]
    assert extract_code_blocks(f"{code}and then\n{FENCE}sh\nls\n{FENCE}") == both


@pytest.mark.parametrize(("code", "language"), [("python x.py", "sh"), ("%pip install x", "python"), ("x = (", "unknown"), ("", "unknown")])
def test_the_language_of_an_unnamed_block_is_guessed(code, language):
    assert infer_language(code) == language


def test_a_very_long_line_is_read_in_one_pass():
    started = time.monotonic()
    assert extract_code_blocks(f"{FENCE}python\n{' ' * 200_000}x\n{FENCE}")[0].code.endswith("x")
    assert time.monotonic() - started < 5  # it took minutes where each blank was tried as a beginning
