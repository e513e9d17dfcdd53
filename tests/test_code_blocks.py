from __future__ import annotations

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


@pytest.mark.parametrize(("code", "language"), [("python x.py", "sh"), ("%pip install x", "python"), ("x = (", "unknown"), ("", "unknown")])
def test_the_language_of_an_unnamed_block_is_guessed(code, language):
    assert infer_language(code) == language
