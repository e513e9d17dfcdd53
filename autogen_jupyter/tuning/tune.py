"""``tune``: what the classic promised as ``Completion.tune``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import BudgetReached, ModelError, UsageError
from ..models.budget import Budget
from ..models.budget_meter import BudgetMeter, use_meter
from ..models.cache import Cache, active_cache, use_cache
from ..portal import call, on_portal, run_sync
from .asking import Asked, Asker
from .progress import Progress
from .rows import Row, rows_of
from .search import Search, loaded_optuna
from .space import Space
from .tune_result import State, Trial, TuneResult

__all__ = ["a_tune", "tune"]

Metric = Callable[[Row, list[str]], Any]


@on_portal
async def a_tune(
    space: Mapping[str, Any],
    data: Any,
    metric: Metric,
    *,
    llm_config: Mapping[str, Any] | None = None,
    mode: Literal["max", "min"] = "max",
    budget_usd: float | None = None,
    row_usd: float | None = None,
    trials: int = 20,
    parallel: int = 4,
    prune: bool = True,
    storage: str | os.PathLike[str] | None = None,
    cache: Cache | None = None,
    seed: int = 0,
    progress: bool = True,
) -> TuneResult:
    """Try combinations of model, prompt and options on your data, and return how each did: score, price, time.

    Args:
        space: for each setting a value, a list to choose from, or a range ``(low, high)`` or ``(low, high, "log")``. ``prompt`` is
            text with columns of the data in braces, or a function of a row. ``model`` is a name, an ``llm_config`` or a model client;
            ``n`` is how many answers are asked for; ``system_message`` goes before the prompt. Everything else is an option of the
            request: ``temperature``, ``top_p``, ``max_tokens``, …
        data: rows, as a list of dictionaries or a DataFrame.
        metric: a function of a row and the list of answers to it that returns a number; it may be async.
        llm_config: what holds for all models: ``base_url``, ``api_key``, ``price``, … Keys are not kept in the storage.
        mode: whether ``"max"`` or ``"min"`` is good.
        budget_usd: US dollars this call may spend. When they are used up it ends, and returns what was found.
        row_usd: US dollars one row may cost on average; trials that cost more are given up.
        trials: how many combinations are tried in all, those of earlier runs in the same storage included.
        parallel: how many trials, and requests, run at once.
        prune: give up trials whose score after some rows is worse than the median.
        storage: a file that keeps the search; the same call goes on with it.
        cache: where answers are kept, so that what was asked before is free. Default: the cache around this call; with a storage, one
            beside it.
        seed: of the choices made by chance.
        progress: show a progress bar, where tqdm is installed.

    Raises:
        UsageError: an argument cannot work, or optuna is not installed.

    Example:
        >>> def right(row, answers):
        ...     return sum(answer.strip() == row["answer"] for answer in answers) / len(answers)
        >>> space = {"model": ["gpt-6-luna", "gpt-6-sol"], "prompt": ["{question}"], "temperature": (0.0, 1.0)}
        >>> tune(space, rows, right, budget_usd=1.0).best.settings  # doctest: +SKIP
        {'model': 'gpt-6-luna', 'prompt': '{question}', 'temperature': 0.1}
    """
    made, rows = Space(space), rows_of(data, "data")
    _check(mode, trials, parallel)
    budget = None if budget_usd is None else Budget(usd=budget_usd)
    await asyncio.to_thread(loaded_optuna)
    search = await asyncio.to_thread(lambda: Search(made, rows, mode=mode, storage=storage, seed=seed, prune=prune))
    if cache is None and active_cache() is None and storage is not None:
        cache = Cache.disk("answers", f"{os.fspath(storage)}.cache")
    meter = BudgetMeter(budget or Budget(usd=1e12, unknown="ignore"))
    asker = Asker(llm_config, parallel)
    if "model" not in made.names:
        asker.client(None)
    tuning = _Tuning(search, rows, metric, asker, row_usd)
    async with use_cache(cache), use_meter(meter), Progress(max(0, trials - search.done), "tune", shown=progress) as bar:
        await tuning.run(trials, parallel, bar)
    spent = None if meter.spent.unpriced else meter.spent.usd
    return TuneResult(await asyncio.to_thread(search.trials), mode, spent, tuning.stop_reason, made.names)


tune = run_sync(a_tune)


@dataclass
class _Tuning:
    """One run of a search."""

    search: Search
    rows: list[Row]
    metric: Metric
    asker: Asker
    row_usd: float | None
    stop_reason: str = ""
    best: float | None = field(default=None, init=False)
    failed: int = field(default=0, init=False)

    async def run(self, trials: int, parallel: int, bar: Progress) -> None:
        left = iter(range(trials - self.search.done))

        async def worker() -> None:
            for _ in left:
                if self.stop_reason:
                    return
                await bar.step(await self._trial())

        workers = [asyncio.ensure_future(worker()) for _ in range(parallel)]
        try:
            await asyncio.gather(*workers)
        finally:
            for task in workers:
                task.cancel()
            await asyncio.wait(workers)

    async def _trial(self) -> str:
        number, settings = await asyncio.to_thread(self.search.begin)
        going = _Going()
        try:
            state = await self._through(number, settings, going)
        except BudgetReached as reached:
            state, self.stop_reason = "stopped", f"{str(reached).split('. To go on')[0]}. What was found is kept."
        except ModelError as error:
            state, going.error = "failed", str(error)
            self._give_up_where_nothing_works(error)
        made = Trial(number, settings, going.score, going.usd, going.seconds, len(going.scores), state, going.error)
        await asyncio.to_thread(self.search.end, made)
        return self._note(made)

    async def _through(self, number: int, settings: Mapping[str, Any], going: _Going) -> State:
        for step, row in enumerate(self.rows):
            asked = await self.asker.ask(settings, row)
            score = going.add(await self._score(row, asked), asked)
            is_last = step == len(self.rows) - 1
            hopeless = await asyncio.to_thread(self.search.is_hopeless, number, score, step)
            dear = self.row_usd is not None and step >= min(2, len(self.rows) - 1) and (going.usd or 0.0) > self.row_usd
            if dear or (hopeless and not is_last):
                return "pruned"
        return "complete"

    async def _score(self, row: Row, asked: Asked) -> float:
        found = await call(self.metric, row, list(asked.answers))
        try:
            return float(found)
        except (TypeError, ValueError):
            raise UsageError(f"The metric returned {found!r:.80}; it must return a number.") from None

    def _give_up_where_nothing_works(self, error: ModelError) -> None:
        self.failed += 1
        if self.failed >= 3 and self.best is None and not self.stop_reason:
            self.stop_reason = f"three trials failed and none succeeded: {error}"

    def _note(self, made: Trial) -> str:
        if made.state == "complete" and made.score is not None:
            self.best = made.score if self.best is None else max(self.best, made.score)
        return "" if self.best is None else f"best {self.best:.4g}"


@dataclass
class _Going:
    """A trial while it is being made."""

    scores: list[float] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    error: str = ""

    def add(self, score: float, asked: Asked) -> float:
        """Take in a row; return the mean so far."""
        self.scores.append(score)
        self.asked.append(asked)
        return sum(self.scores) / len(self.scores)

    @property
    def score(self) -> float | None:
        return _mean(self.scores)

    @property
    def usd(self) -> float | None:
        return _mean([asked.usd for asked in self.asked])

    @property
    def seconds(self) -> float | None:
        return _mean([asked.seconds for asked in self.asked])


def _mean(values: Any) -> float | None:
    return sum(values) / len(values) if values and None not in values else None


def _check(mode: str, trials: int, parallel: int) -> None:
    if mode not in ("max", "min"):
        raise UsageError(f'tune got mode={mode!r}; it must be "max" or "min".')
    for name, value in (("trials", trials), ("parallel", parallel)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise UsageError(f"tune got {name}={value!r}; it must be a whole number from 1.")
