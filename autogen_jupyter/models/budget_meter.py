"""Counts what a chat takes, and refuses requests that its budget does not allow."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

from ..context import current
from ..errors import BudgetReached
from ..events import Noticed
from .budget import Budget
from .day_ledger import DayLedger, Spent, ledger
from .estimate import CallEstimate

__all__ = ["BudgetMeter", "running_meters", "unmeter", "use_meter"]

_NEARLY = 0.8
"""Part of a budget after which the person is told."""

_running: ContextVar[tuple[BudgetMeter, ...]] = ContextVar("autogen_jupyter_budgets", default=())


def running_meters() -> tuple[BudgetMeter, ...]:
    """Return the meters of the running chat and of those around it."""
    return _running.get()


def unmeter() -> None:
    """What runs from here on, in this task, is counted by no chat that runs now."""
    _running.set(())


@asynccontextmanager
async def use_meter(meter: BudgetMeter | None) -> AsyncIterator[None]:
    """Count what runs in this block; without a meter, change nothing."""
    token = _running.set((*_running.get(), meter) if meter is not None else _running.get())
    try:
        if meter is not None and meter.day is not None:
            await asyncio.to_thread(meter.begin_day)
        yield
    finally:
        _running.reset(token)


class BudgetMeter:
    """One chat's budget, and what the chat has taken of it.

    Args:
        budget: the limits.
        day: where a day's spending is counted. Default: the ledger of this user.
        clock: seconds from some beginning.
    """

    def __init__(self, budget: Budget, *, day: DayLedger | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.budget = budget
        self.spent = Spent()
        self.day = day or (ledger() if budget.is_daily else None)
        self.reason = ""
        """Why the chat should end; empty while it may go on."""
        self._pending = Spent()
        self._clock = clock
        self._began = clock()
        self._told = False

    def begin_day(self) -> None:
        """Begin to count the day, if nobody did; say so where it can be counted for this process alone."""
        if self.day is not None:
            self.day.add(0.0, 0)
            if self.day.trouble:
                text = f"The day's spending cannot be kept in {self.day.path}, so only this process is counted: {self.day.trouble}."
                current().emit(Noticed(text, "warning"))

    @property
    def wakes_in(self) -> float | None:
        """Seconds until the time is over, or None."""
        if self.budget.seconds is None:
            return None
        remaining = self._began + self.budget.seconds - self._clock()
        return remaining if remaining > 0 else None

    def look(self) -> str:
        """Return why the chat should end now, or an empty text."""
        seconds = self.budget.seconds
        if not self.reason and seconds is not None and self._clock() - self._began >= seconds:
            self.reason = f"the budget of {seconds:g} seconds is used up. {self._remedy('seconds', seconds * 2)}"
        return self.reason

    def reserve(self, estimate: CallEstimate) -> None:
        """Set aside what a request will probably take.

        Raises:
            BudgetReached: that is more than is left.
        """
        reason = self.look() or self._over(estimate)
        if reason:
            self.reason = reason
            raise BudgetReached(reason)
        self._pending.add(estimate.usd or 0.0, estimate.tokens)

    def settle(self, estimate: CallEstimate) -> None:
        """The request is over; what it really took is counted by ``add``."""
        self._pending.take_back(estimate.usd, estimate.tokens)

    def add(self, usd: float | None, tokens: int, model: str) -> None:
        """Count what an answer took."""
        self.spent.add(usd, tokens, model)
        self.reason = self.reason or self._over(None)
        self._tell()

    def _over(self, estimate: CallEstimate | None) -> str:
        """Return which limit is reached: by what was spent, or by that and a request that is about to be made."""
        budget, next_usd, next_tokens = self.budget, (estimate.usd or 0.0) if estimate else 0.0, estimate.tokens if estimate else 0
        if reason := self._unknown_price(estimate):
            return reason
        pending = self._pending if estimate else Spent()  # an answer that is being written is not cut off
        scopes = [(self.spent, budget.usd, budget.tokens, "")]
        if self.day is not None:
            scopes.append((self.day.today(), budget.day_usd, budget.day_tokens, "day_"))
        for spent, usd, tokens, prefix in scopes:
            of = " for today" if prefix else ""
            if usd is not None and _exceeds(spent.usd, pending.usd + next_usd, usd):
                reached = f"the budget of {_usd(usd)}{of} is reached: {_usd(spent.usd)} spent"
                return f"{reached}{_next(_usd(next_usd), spent.usd < usd)}. {self._remedy(prefix + 'usd', usd * 2)}"
            if tokens is not None and _exceeds(spent.tokens, pending.tokens + next_tokens, tokens):
                reached = f"the budget of {tokens:,} tokens{of} is reached: {spent.tokens:,} spent"
                return f"{reached}{_next(f'{next_tokens:,}', spent.tokens < tokens)}. {self._remedy(prefix + 'tokens', tokens * 2)}"
        return ""

    def _unknown_price(self, estimate: CallEstimate | None) -> str:
        if self.budget.unknown == "ignore" or not self.budget.is_in_usd:
            return ""
        model = self.spent.unpriced
        if estimate is not None and estimate.usd is None and estimate.has_address:
            model = estimate.model
        if not model:
            return ""
        return (
            f"the price of {model} is not known, so the budget of {self.budget} cannot be kept. Give llm_config a price "
            '(price=[USD per 1,000 prompt tokens, USD per 1,000 completion tokens]), a budget in tokens, or Budget(…, unknown="ignore")'
        )

    def _remedy(self, name: str, value: float) -> str:
        return f"To go on, give a higher one and clear_history=False: budget=Budget({name}={_number(value)})"

    def _tell(self) -> None:
        parts = [(self.spent.usd, self.budget.usd), (self.spent.tokens, self.budget.tokens)]
        share = max((spent / limit for spent, limit in parts if limit), default=0.0)
        if self._told or self.reason or share < _NEARLY:
            return
        self._told = True
        current().emit(
            Noticed(f"{share:.0%} of the budget of {self.budget} is used: {_usd(self.spent.usd)}, {self.spent.tokens:,} tokens.", "warning")
        )


def _exceeds(spent: float, coming: float, limit: float) -> bool:
    return spent >= limit or spent + coming > limit


def _number(value: float) -> str:
    return f"{value:_}" if isinstance(value, int) else f"{value:.4g}"


def _next(amount: str, is_why: bool) -> str:
    return f", and the next answer would take about {amount}" if is_why else ""


def _usd(amount: float) -> str:
    return f"${amount:.2f}" if amount >= 1 or math.isclose(round(amount, 2), amount) else f"${amount:.4g}"
