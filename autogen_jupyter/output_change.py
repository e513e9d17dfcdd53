"""How the outputs of a run grow, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["OutputChange"]


@dataclass(frozen=True, slots=True)
class OutputChange:
    """One step in the life of a run's list of outputs (nbformat output dictionaries, over all blocks of the run).

    ``add`` appends ``output``; ``append`` adds ``text`` to the stream output at ``index``; ``replace`` puts ``output`` at ``index``
    (an updated display); ``clear`` empties the list.
    """

    op: Literal["add", "append", "replace", "clear"]
    index: int = 0
    output: Mapping[str, Any] | None = None
    text: str = ""

    def apply_to(self, outputs: list[dict[str, Any]]) -> None:
        """Change a list of outputs in place. An index that is not there (the list was cleared meanwhile) changes nothing."""
        is_there = 0 <= self.index < len(outputs)
        if self.op == "clear":
            outputs.clear()
        elif self.op == "add" and self.output is not None:
            outputs.append(dict(self.output))
        elif self.op == "replace" and self.output is not None and is_there:
            outputs[self.index] = dict(self.output)
        elif self.op == "append" and is_there:
            before = outputs[self.index].get("text", "")
            outputs[self.index]["text"] = (before if isinstance(before, str) else "".join(before)) + self.text
