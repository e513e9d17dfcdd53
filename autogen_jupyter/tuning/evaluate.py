"""``evaluate``: a chat for each row of a dataset, many at once, and a score for each."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..context import ChatContext, enter
from ..conversation.chat_result import ChatResult, leave_chat
from ..errors import BudgetReached, UsageError
from ..models.budget import Budget, as_budget
from ..models.budget_meter import BudgetMeter, use_meter
from ..models.cache import Cache, use_cache
from ..portal import call, on_portal, run_sync
from .evaluation import Evaluation, EvaluationRow
from .evaluation_file import EvaluationFile, keys_of
from .progress import Progress
from .rows import Row, rows_of

__all__ = ["a_evaluate", "evaluate"]

ChatFactory = Callable[[Row], Any]
Metric = Callable[[Row, Any], Any]


@on_portal
async def a_evaluate(
    chat_factory: ChatFactory,
    dataset: Any,
    metric: Metric,
    *,
    concurrency: int = 8,
    budget: Budget | str | None = None,
    cache: Cache | None = None,
    storage: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Evaluation:
    """Hold a chat for each row of a dataset, several at once, and score what came of it. Nothing of the chats is shown.

    Args:
        chat_factory: a function of a row. It returns what ``initiate_chat`` takes as a dictionary with ``sender`` and ``recipient``
            (``{"sender": user, "recipient": assistant, "message": row["question"], "max_turns": 3}``), or holds the chat itself and
            returns its result; it may be async. Make the agents inside it: chats at once need agents of their own.
        dataset: rows, as a list of dictionaries or a DataFrame.
        metric: a function of a row and the result of its chat that returns a number, a truth value, or a dictionary of several; it may
            be async.
        concurrency: how many chats run at once.
        budget: what all chats may take together, such as ``"2usd, 10min"``; then no other begins, and what there is is returned.
        cache: a ``Cache`` that answers are taken from and kept in.
        storage: a file that keeps the rows that went well; the same call goes on after them, and tries those with errors again.
        progress: show a progress bar, where tqdm is installed.

    An error in one row is kept there, and the others go on.

    Raises:
        UsageError: an argument cannot work.

    Example:
        >>> from autogen_jupyter import ConversableAgent, ScriptedModel
        >>> def chat(row):
        ...     user = ConversableAgent("user", human_input_mode="NEVER")
        ...     bot = ConversableAgent("bot", human_input_mode="NEVER", llm_config=ScriptedModel(["4"]))
        ...     return {"sender": user, "recipient": bot, "message": row["q"], "max_turns": 1}
        >>> evaluate(chat, [{"q": "2+2?", "a": "4"}], lambda row, result: row["a"] in result.summary, progress=False).score
        1.0
    """
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
        raise UsageError(f"evaluate got concurrency={concurrency!r}; it must be a whole number from 1.")
    limits = as_budget(budget)
    if limits is not None and limits.turns is not None:
        raise UsageError(f"The budget of evaluate is {limits}; turns are counted in a chat, so give the budget in turns to the chats.")
    rows = rows_of(dataset, "dataset")
    keys, file = keys_of(rows), EvaluationFile(storage)
    done = await asyncio.to_thread(file.known, keys, rows)
    meter = BudgetMeter(limits) if limits is not None else None
    evaluating = _Evaluating(chat_factory, metric, file, meter, done)
    todo = [(key, row) for key, row in zip(keys, rows, strict=True) if key not in done]
    async with enter(ChatContext()), use_cache(cache), use_meter(meter), Progress(len(todo), "evaluate", shown=progress) as bar:
        await evaluating.run(todo, concurrency, bar)
    return Evaluation([done[key] for key in keys if key in done], evaluating.stop_reason, len(rows))


evaluate = run_sync(a_evaluate)


@dataclass
class _Evaluating:
    """One run over the rows."""

    chat_factory: ChatFactory
    metric: Metric
    file: EvaluationFile
    meter: BudgetMeter | None
    done: dict[str, EvaluationRow]
    stop_reason: str = field(default="", init=False)

    async def run(self, todo: list[tuple[str, Row]], concurrency: int, bar: Progress) -> None:
        left = iter(todo)

        async def worker() -> None:
            leave_chat()
            for key, row in left:
                if self._is_over():
                    return
                try:
                    made = await self._row(row)
                except BudgetReached as reached:
                    self.stop_reason = self.stop_reason or str(reached).split(" To go on")[0]
                    return
                self.done[key] = made
                await asyncio.to_thread(self.file.add, key, made)
                await bar.step(self._note())

        workers = [asyncio.ensure_future(worker()) for _ in range(min(concurrency, len(todo)))]
        if not workers:
            return
        try:
            await self._all(workers)
        finally:
            for task in workers:
                task.cancel()
            await asyncio.wait(workers)

    async def _all(self, workers: list[asyncio.Task[None]]) -> None:
        """Wait for the workers, as long as the budget's time lasts."""
        pending: set[asyncio.Task[None]] = set(workers)
        while pending:
            done, pending = await asyncio.wait(pending, timeout=self.meter.wakes_in if self.meter else None)
            for task in done:
                task.result()
            if pending and self._is_over() and self.meter is not None and self.meter.budget.seconds and self.meter.wakes_in is None:
                return

    def _is_over(self) -> bool:
        if not self.stop_reason and self.meter is not None:
            self.stop_reason = self.meter.look().split(" To go on")[0]
        return bool(self.stop_reason)

    async def _row(self, row: Row) -> EvaluationRow:
        began = time.monotonic()
        result: Any = None
        scores: dict[str, float] = {}
        error = ""
        try:
            result = await self._chat(row)
            scores = _as_scores(await call(self.metric, row, result))
        except BudgetReached:
            raise
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
        usage = getattr(result, "usage", None)
        return EvaluationRow(
            row,
            scores,
            answer="" if result is None else str(getattr(result, "summary", result)),
            stop_reason=str(getattr(result, "stop_reason", "")),
            usd=getattr(usage, "usd", None),
            tokens=int(getattr(usage, "tokens", 0)),
            seconds=time.monotonic() - began,
            error=error,
            result=result,
        )

    async def _chat(self, row: Row) -> Any:
        made = await call(self.chat_factory, row)
        if isinstance(made, Mapping) and "sender" in made and "recipient" in made:
            given = {name: value for name, value in made.items() if name != "sender"}
            result: ChatResult = await made["sender"].a_initiate_chat(**given)
            return result
        return made

    def _note(self) -> str:
        scored = [next(iter(row.scores.values())) for row in self.done.values() if row.scores]
        wrong = sum(bool(row.error) for row in self.done.values())
        parts = [f"score {sum(scored) / len(scored):.3g}"] if scored else []
        return ", ".join([*parts, *([f"{wrong} with an error"] if wrong else [])])


def _as_scores(found: Any) -> dict[str, float]:
    named = found if isinstance(found, Mapping) else {"score": found}
    try:
        return {str(name): float(value) for name, value in named.items()}
    except (TypeError, ValueError):
        raise UsageError(f"The metric returned {found!r:.80}; it must return a number, or a dictionary of numbers.") from None
