"""Point out what in a piece of code deserves a look before it runs.

This helps a person to decide; it is not a boundary. Code that wants to hide from it can, so what cannot be read counts as risky.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..code_blocks import PYTHON, CodeBlock

__all__ = ["risks"]

_HARMLESS = frozenset(
    {
        "altair", "bisect", "calendar", "collections", "csv", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools",
        "itertools", "json", "math", "matplotlib", "numpy", "operator", "pandas", "plotly", "polars", "random", "re", "scipy", "seaborn",
        "sklearn", "statistics", "statsmodels", "string", "textwrap", "time", "typing", "warnings", "zoneinfo",
    }
)  # fmt: skip
_DANGEROUS_CALLS = frozenset(
    {"eval", "exec", "compile", "__import__", "open", "input", "breakpoint", "getattr", "setattr", "globals", "vars"}
)
_WRITING = ("to_", "save", "dump", "write", "unlink", "remove", "rename", "rmdir", "mkdir", "tofile")
_NOT_WRITING = frozenset(
    {
        "to_datetime", "to_dict", "to_frame", "to_list", "to_markdown", "to_numeric", "to_numpy", "to_period", "to_string", "to_timedelta",
        "to_timestamp",
    }
)  # fmt: skip


def risks(block: CodeBlock) -> list[str]:
    """Return what is risky in a block, in words; an empty list when nothing was found.

    Example:
        >>> risks(CodeBlock("python", "import os\\nos.remove('x')"))
        ['imports os', 'calls remove()']
        >>> risks(CodeBlock("python", "import pandas as pd\\nprint(pd.read_csv('x.csv').describe())"))
        []
    """
    if block.language not in PYTHON:
        return [f"is {block.language}, which is not looked into"]
    try:
        tree = ast.parse(block.code)
    except (SyntaxError, ValueError, RecursionError):
        return ["cannot be read as Python (magics and shell commands included)"]
    found: list[str] = []
    for node in ast.walk(tree):
        found.extend(risk for risk in _of(node) if risk not in found)
    return found


def _of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        names = [alias.name.split(".")[0] for alias in node.names]
        yield from (f"imports {name}" for name in names if name not in _HARMLESS)
    elif isinstance(node, ast.ImportFrom):
        name = (node.module or ".").split(".")[0]
        if name not in _HARMLESS:
            yield f"imports {name}"
    elif isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if (name in _DANGEROUS_CALLS and isinstance(node.func, ast.Name)) or (name.startswith(_WRITING) and name not in _NOT_WRITING):
            yield f"calls {name}()"
    elif isinstance(node, ast.Attribute) and node.attr.startswith("__"):
        yield f"reaches into {node.attr}"
