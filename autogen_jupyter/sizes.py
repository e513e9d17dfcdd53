"""Amounts of memory as people write them."""

from __future__ import annotations

import re

from .errors import UsageError

__all__ = ["as_bytes"]

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30, "ti": 1 << 40}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?\s*", re.IGNORECASE)


def as_bytes(size: int | str) -> int:
    """Return a size in bytes.

    Raises:
        UsageError: it is no size.

    Example:
        >>> as_bytes("4GB"), as_bytes("512 MiB")
        (4000000000, 536870912)
    """
    found = _SIZE.fullmatch(str(size))
    factor = _UNITS.get(found[2].lower()) if found else None
    amount = int(float(found[1]) * factor) if found and factor else 0
    if not amount:
        raise UsageError(f"{size!r} is not an amount of memory. Write it like 4GB, 512MiB, or as a number of bytes.")
    return amount
