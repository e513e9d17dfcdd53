"""What is in a kernel, for people and programs that look into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Variable", "as_variables"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the agent kernel, as seen from outside.

    Example:
        >>> for variable in await executor.variables():
        ...     print(variable.name, variable.type, variable.shape)
    """

    name: str
    type: str
    shape: tuple[int, ...] | None
    """Lengths: of a table its rows and columns; None for what has none."""
    size: int | None
    """Bytes, where that is known; of a container without what it contains."""
    text: str
    """A short text for the value: columns of a table, dtype of an array, the first items of a list."""


def as_variables(rows: Iterable[Mapping[str, Any]]) -> list[Variable]:
    """Read what a kernel told of its variables; code in the kernel can have told anything."""
    return [
        Variable(
            str(row["name"])[:200],
            str(row["type"])[:200],
            tuple(int(side) for side in row["shape"]) if row["shape"] is not None else None,
            int(row["size"]) if row["size"] is not None else None,
            str(row["text"])[:200],
        )
        for row in rows
    ]
