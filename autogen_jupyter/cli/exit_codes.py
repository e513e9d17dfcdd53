"""What ``jupyter agentchat`` ends with, so that a script can tell what became of a run."""

from __future__ import annotations

import re

from ..errors import NoHumanError, UsageError

__all__ = ["ANSWERED", "EXIT_CODES", "FAILED", "LIMITED", "MISUSED", "STOPPED", "UNATTENDED", "code_of_error", "code_of_reason"]

ANSWERED, FAILED, MISUSED, LIMITED, UNATTENDED, STOPPED = 0, 1, 2, 3, 4, 130

EXIT_CODES = {
    ANSWERED: "the agents have answered, the notebook ran to its end",
    FAILED: "an error: the model, the agent kernel, a cell",
    MISUSED: "the command cannot work as written",
    LIMITED: "a limit ended it: the budget, --max-turns; what there is was written",
    UNATTENDED: "a person has to decide, and none is there",
    STOPPED: "stopped with Ctrl-C, or by the person who was asked",
}
"""The codes and their meaning, for the help and the documentation."""

_LIMITS = re.compile(r"\bbudget\b|max_turns|max_round|, its limit$|goes in circles")
_ENDED_BY_A_PERSON = re.compile(r"the human ended|stopped by the human|^interrupted")


def code_of_reason(reason: str) -> int:
    """Return the exit code of a chat that ended for a reason (``ChatResult.stop_reason``).

    Example:
        >>> code_of_reason("max_turns=2 was reached")
        3
    """
    if _LIMITS.search(reason):
        return LIMITED
    return STOPPED if _ENDED_BY_A_PERSON.search(reason) else ANSWERED


def code_of_error(error: BaseException) -> int:
    """Return the exit code of an error."""
    if isinstance(error, NoHumanError):
        return UNATTENDED
    return MISUSED if isinstance(error, UsageError) else FAILED
