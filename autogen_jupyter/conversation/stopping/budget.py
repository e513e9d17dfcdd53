"""A budget as a stop condition: what a chat may take, looked at before every request and between messages."""

from __future__ import annotations

from ...events import ChatEvent, MessageAdded
from ...models.budget import as_budget
from ...models.budget_meter import BudgetMeter
from .base import StopCondition

__all__ = ["BudgetStop", "with_budget"]


class BudgetStop(StopCondition):
    """Ends one chat when its budget is used up."""

    def __init__(self, meter: BudgetMeter) -> None:
        self.meter = meter
        self._messages = 0
        self._last_id = ""

    def __repr__(self) -> str:
        return f"BudgetStop({self.meter.budget})"

    def start(self) -> BudgetStop:
        """It is made for one chat, and its meter counts there already."""
        return self

    def apply(self, event: ChatEvent) -> None:
        if isinstance(event, MessageAdded) and event.message.id != self._last_id:
            self._last_id = event.message.id
            self._messages += 1

    @property
    def reason(self) -> str:
        turns = self.meter.budget.turns
        if turns is not None and self._messages >= 2 * turns:
            return f"the budget of {turns:,} turns is used up. To go on, give clear_history=False, and the turns it may take then"
        return self.meter.look()

    @property
    def wakes_in(self) -> float | None:
        return self.meter.wakes_in


def with_budget(stop: StopCondition | None, budget: object) -> tuple[StopCondition | None, BudgetMeter | None]:
    """Return the stop condition of a chat that has a budget too, and the meter of the budget.

    Raises:
        UsageError: the budget is none.
    """
    limits = as_budget(budget)
    if limits is None:
        return stop, None
    meter = BudgetMeter(limits)
    own = BudgetStop(meter)
    return (own if stop is None else own | stop), meter
