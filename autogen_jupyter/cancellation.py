"""How often a task was asked to stop. Python 3.11 and later count it; before, nobody did."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

__all__ = ["cancellations", "take_back"]

if sys.version_info >= (3, 11):

    def cancellations(task: asyncio.Task[Any]) -> int:
        """Return how many cancellations of a task nobody has taken back."""
        return task.cancelling()

    def take_back(task: asyncio.Task[Any]) -> int:
        """Take one cancellation back, after the task has overcome it; return how many are left."""
        return task.uncancel()

else:

    def cancellations(_task: asyncio.Task[Any]) -> int:
        return 0

    def take_back(_task: asyncio.Task[Any]) -> int:
        return 0
