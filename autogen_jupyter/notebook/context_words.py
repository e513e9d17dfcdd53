"""What of the notebook a request can ask for after an ``@``."""

from __future__ import annotations

__all__ = ["CONTEXT_WORDS"]

CONTEXT_WORDS = {
    "@cell": "the source of the cell before, or of cell 3: @cell[3]",
    "@Out": "the value of cell 5, as --data allows: @Out[5]",
    "@error": "the last cell that failed, and its traceback",
    "@variables": "names, types and shapes of the notebook's variables, or of some: @variables[df,sales_*]",
}
"""What can be asked for after an ``@``."""
