"""The demo model in a team: it can only do the analyst's work. What others do there it declines, in the form that teams understand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["part_in_team"]

_REVIEW = (
    "I am the built-in demo script, not a language model: I cannot judge an analysis, so this is no review. Read the code and its output "
    "yourself.\n\nAPPROVED"
)
_PLAN = (
    "I am the built-in demo script, not a language model: this plan is the same for every request.\n\n"
    "1. Look at the data: its size, its types, what is missing.\n2. Compute what the request asks for.\n"
    "3. Answer with numbers from the output."
)


def part_in_team(messages: Sequence[Mapping[str, Any]]) -> str | None:
    """Return what the demo model says as a reviewer or a planner, by the system message; None where it is the analyst."""
    first = messages[0] if messages and isinstance(messages[0], Mapping) else {}
    told = first.get("content") if first.get("role") == "system" else None
    if not isinstance(told, str):
        return None
    if "write APPROVED in the last line" in told:
        return _REVIEW
    return _PLAN if told.startswith("You plan ") else None
