"""How often a request that failed is made again, and how long to wait before."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

__all__ = ["Retries", "asked_to_wait"]


@dataclass(frozen=True)
class Retries:
    """Wait longer before each retry, a little at random, or as long as the server asks. All times are in seconds.

    Example:
        >>> Retries().wait(3, {"retry-after": "7"})
        7.0
    """

    most: int = 2
    first: float = 0.5
    longest: float = 8.0
    patience: float = 120.0
    """The longest time a server may ask to wait; where it asks for more, the request is not made again."""

    def wait(self, done: int, headers: Mapping[str, str]) -> float:
        """Return how long to wait after ``done`` retries."""
        asked = asked_to_wait(headers)
        if asked is not None:
            return asked
        # Many chats that failed together must not come back together.
        return float(min(self.first * 2**done, self.longest) * random.uniform(0.75, 1.0))  # noqa: S311


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait, as ``Retry-After`` writes them: a number, or a date. None: it asks for nothing."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        given = headers.get(name, "").strip()
        try:
            seconds = float(given) / unit
        except ValueError:
            continue
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    try:
        date = parsedate_to_datetime(headers.get("retry-after", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, date.timestamp() - time.time())
