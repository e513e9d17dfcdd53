"""A model whose answers are counted: against the budgets of the running chat, for the day, and for the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from .base import ModelDelta, ModelReply, ModelRequest
from .budget_meter import BudgetMeter, running_meters
from .day_ledger import ledger
from .estimate import CallEstimate, estimate_call, usd_at
from .prices import load_price_list
from .tokens import tokens
from .usage import note
from .wrapped import WrappedClient, asking

__all__ = ["MeteredClient"]


class MeteredClient(WrappedClient):
    """Asks only as far as the budgets of the running chat allow, and counts what was answered.

    Example:
        >>> from autogen_jupyter.models import ScriptedModel
        >>> MeteredClient(ScriptedModel(["Hello"])).model
        'scripted'
    """

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Answer as the model does.

        Raises:
            BudgetReached: a budget of the running chat does not allow it.
            ModelError: the model fails.
        """
        meters = running_meters()
        pending = await self._reserved(meters, request) if meters else None
        written = 0
        try:
            async with asking(self.inner, request) as deltas:
                async for delta in deltas:
                    written += len(delta.text) + len(delta.reasoning)
                    if delta.reply is not None:
                        await self._count(meters, request, delta.reply, pending)
                        pending = None
                    yield delta
        finally:
            if pending is not None:
                self._count_broken(meters, request, written, pending)

    async def _reserved(self, meters: Sequence[BudgetMeter], request: ModelRequest) -> CallEstimate:
        priced = any(meter.budget.is_in_usd for meter in meters)
        if priced:
            await load_price_list()
        estimate = estimate_call(self.inner, request, priced=priced)
        reserved: list[BudgetMeter] = []
        try:
            for meter in meters:
                meter.reserve(estimate)
                reserved.append(meter)
        except BaseException:
            for meter in reserved:
                meter.settle(estimate)
            raise
        return estimate

    async def _count(self, meters: Sequence[BudgetMeter], request: ModelRequest, reply: ModelReply, pending: CallEstimate | None) -> None:
        note(reply)
        book = ledger()
        if not meters and not book.is_kept:
            return
        usage = reply.usage
        usd, used = (usage.usd, usage.tokens) if usage is not None else (None, 0)
        if not used:  # some servers never say; the estimate is better than nothing, the price stays unknown
            used = tokens.of_request(request, self.model) + tokens.text(reply.text, self.model)
        if book.is_kept or any(meter.budget.is_daily for meter in meters):
            await asyncio.to_thread(book.add, usd, used, reply.model)
        for meter in meters:
            if pending is not None:
                meter.settle(pending)
            meter.add(usd, used, reply.model)

    def _count_broken(self, meters: Sequence[BudgetMeter], request: ModelRequest, written: int, pending: CallEstimate) -> None:
        """Nobody says what an answer took that broke off or was stopped; what was written was paid all the same."""
        for meter in meters:
            meter.settle(pending)
        if not written:
            return
        prompt = tokens.of_request(request, self.model)
        completion = round(written / tokens.characters_per_token(self.model))
        priced = any(meter.budget.is_in_usd for meter in meters)
        usd = usd_at(self.inner, prompt, completion) if priced else None
        for meter in meters:
            meter.add(usd, prompt + completion, self.model)
