"""Bring variables back from the agent kernel: as data, never as objects that could hold code.

What arrives was made by generated code, so it is read as data and checked piece by piece. Nothing is unpickled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..kernels import KernelCodeExecutor, pull
from ..portal import on_portal
from ..redaction import redacted

if TYPE_CHECKING:
    from .chat import Chat

__all__ = ["NotBroughtBack", "bring_back"]

SHOWN = 12
"""Variables that are named when one is missing."""


class NotBroughtBack(UsageError):  # noqa: N818 - a fact, as its neighbours
    """Some variables could not be brought back. What the agents said is not lost with them.

    Example:
        >>> error = NotBroughtBack("no `clean`", {"raw": [1]})
        >>> error.values
        {'raw': [1]}
    """

    chat: Chat | None = None
    """The chat that has the answer."""

    def __init__(self, message: str, values: dict[str, object]) -> None:
        super().__init__(message)
        self.values = values
        """Those that could be."""


@on_portal
async def bring_back(executor: KernelCodeExecutor, names: Sequence[str]) -> dict[str, object]:
    """Return copies of variables of the agent kernel, by name: tables, arrays and plain data, with their types.

    Raises:
        NotBroughtBack: a variable is not there, or is of another kind; the others are in the error.
        KernelError: the kernel could not be asked.

    Example:
        >>> await bring_back(executor, ["clean"])  # doctest: +SKIP
        {'clean':    species  year ...}
    """
    values, problems = await pull(executor, names)
    if problems:
        told = [_refusal(name, why) for name, why in problems.items()]
        raise NotBroughtBack(" ".join([*told, *([] if all(problems.values()) else [await _there(executor)])]), values)
    return values


def _refusal(name: str, why: str) -> str:
    if not why:
        return f"You asked for {name!r}, and the agent kernel has no such variable."
    return (
        f"The variable {name!r} cannot be brought back ({redacted(why)}). What can: a DataFrame, a Series, an array, or plain data "
        "(numbers, text, times, lists, dictionaries). Ask the agents to make one of these, or to save a file."
    )


async def _there(executor: KernelCodeExecutor) -> str:
    """Say what the agent kernel has instead."""
    known = await executor.variables()
    if not known:
        return "It has no variables."
    named = ", ".join(f"{one.name} ({one.type.rpartition('.')[2]})" for one in known[-SHOWN:])
    return f"It has {named}{f' and {len(known) - SHOWN} more' if len(known) > SHOWN else ''}. `%agentchat pull NAME` brings one back."
