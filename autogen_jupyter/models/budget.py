"""How much may be spent: a value, and how people write it down."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import Literal

from ..errors import UsageError

__all__ = ["Budget", "as_budget", "parse_budget"]

_EXAMPLES = '"0.50usd", "200k tokens", "10min", "20 turns", "5usd per day", or several: "1usd, 20 turns"'
_SCALE = {"k": 1_000, "m": 1_000_000}
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_PART = re.compile(
    r"(?P<dollar>\$)?\s*(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d[\d_]*(?:\.\d+)?|\.\d+)\s*"
    r"(?:(?P<usd>usd|dollars?|\$)|(?P<scale>[km])?\s*(?P<tokens>tokens?|tok)|(?P<turns>turns?)"
    r"|(?P<time>seconds?|secs?|s|minutes?|mins?|m|hours?|h))?(?![a-z])"
    r"(?P<day>\s*(?:/|per|a)\s*day)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:,|;|\+|and\b|\s)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Budget:
    """What a chat may take. When it is used up the chat ends, says so, and can be gone on with under a higher one.

    It is looked at before every request, with what the request will probably take, and after it. An answer that is being written is
    not cut off, so that money and tokens may be exceeded by what one answer takes more than expected; time interrupts.

    Args:
        usd: US dollars in one chat.
        tokens: tokens in one chat, read and written.
        seconds: time for one chat, waiting for people included.
        turns: turns in one chat, a message and the reply to it.
        day_usd: US dollars in one day, of everything you run with this user account.
        day_tokens: tokens in one day, likewise.
        unknown: what a price that is not known means for a budget in dollars: ``"stop"``, since it cannot be kept, or ``"ignore"``.

    Example:
        >>> str(Budget(usd=0.5, tokens=200_000))
        '$0.50, 200,000 tokens'
    """

    usd: float | None = None
    tokens: int | None = None
    seconds: float | None = None
    turns: int | None = None
    day_usd: float | None = None
    day_tokens: int | None = None
    unknown: Literal["stop", "ignore"] = "stop"

    def __post_init__(self) -> None:
        given = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "unknown"}
        if all(value is None for value in given.values()):
            raise UsageError(f"A Budget needs a limit, such as Budget(usd=0.50), or written as {_EXAMPLES}.")
        for name, value in given.items():
            whole = name in ("tokens", "turns", "day_tokens")
            is_number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
            if value is not None and not (is_number and 0 < value < math.inf):
                raise UsageError(f"Budget got {name}={value!r}; it must be a {'whole ' if whole else ''}number above 0.")
        if self.unknown not in ("stop", "ignore"):
            raise UsageError(f'Budget got unknown={self.unknown!r}; it must be "stop" or "ignore".')

    def __str__(self) -> str:
        parts = [f"${self.usd:.2f}" if self.usd >= 0.01 else f"${self.usd:g}"] if self.usd is not None else []
        parts += [f"{self.tokens:,} tokens"] if self.tokens is not None else []
        parts += [f"{self.seconds:g} seconds"] if self.seconds is not None else []
        parts += [f"{self.turns:,} turns"] if self.turns is not None else []
        parts += [f"${self.day_usd:g} per day"] if self.day_usd is not None else []
        parts += [f"{self.day_tokens:,} tokens per day"] if self.day_tokens is not None else []
        return ", ".join(parts)

    @property
    def is_in_usd(self) -> bool:
        """Whether it limits money."""
        return self.usd is not None or self.day_usd is not None

    @property
    def is_daily(self) -> bool:
        """Whether it limits a day."""
        return self.day_usd is not None or self.day_tokens is not None


def parse_budget(text: str) -> Budget:
    """Return the budget that a text means: amounts with their units, separated by commas.

    Raises:
        UsageError: a part of it means nothing, or the same thing is limited twice.

    Example:
        >>> parse_budget("0.50usd, 200k tokens")
        Budget(usd=0.5, tokens=200000, seconds=None, turns=None, day_usd=None, day_tokens=None, unknown='stop')
    """
    if not isinstance(text, str) or not text.strip():
        raise UsageError(f"The budget is {text!r}; write it as {_EXAMPLES}.")
    limits: dict[str, float] = {}
    rest = text.strip()
    while rest:
        found = _PART.match(rest)
        name, value = _limit(found) if found else ("", 0.0)
        if found is None or not name:
            raise UsageError(f"The budget {text!r} has a part that means nothing: {rest!r}. Write it as {_EXAMPLES}.")
        if name in limits:
            raise UsageError(f"The budget {text!r} limits {name.replace('_', ' ')} twice.")
        limits[name] = value
        rest = rest[found.end() :]
        between = _BETWEEN.match(rest)
        if rest and between is None:
            raise UsageError(f"The budget {text!r} has a part that means nothing: {rest!r}. Write it as {_EXAMPLES}.")
        rest = rest[between.end() :] if between else rest
    return Budget(**limits)  # type: ignore[arg-type]


def _limit(found: re.Match[str]) -> tuple[str, float]:
    number = float(found["number"].replace(",", "").replace("_", ""))
    day = "day_" if found["day"] else ""
    if found["usd"] or found["dollar"]:
        return ("", 0.0) if found["tokens"] or found["turns"] or found["time"] else (f"{day}usd", number)
    if found["tokens"]:
        return f"{day}tokens", _whole(number * _SCALE.get((found["scale"] or "").lower(), 1))
    if day:
        return "", 0.0
    if found["turns"]:
        return "turns", _whole(number)
    if found["time"]:
        return "seconds", number * _SECONDS[found["time"][0].lower()]
    return "", 0.0


def _whole(number: float) -> float:
    return round(number) if math.isclose(number, round(number)) else number


def as_budget(given: object) -> Budget | None:
    """Return a budget that is given as one, as text, or not at all.

    Raises:
        UsageError: it is something else.
    """
    if given is None or isinstance(given, Budget):
        return given
    if isinstance(given, str):
        return parse_budget(given)
    raise UsageError(f"budget is {given!r:.80}; give a Budget, or text such as {_EXAMPLES}.")
