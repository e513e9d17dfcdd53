"""What models took: the classic's usage summaries of agents and of chats."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..context import current, enter
from ..errors import UsageError
from ..events import Noticed
from ..models.base import ModelReply
from ..models.usage import usage_of, usage_row
from ..portal import on_portal, run_sync
from ..replies.model import ModelPolicy

__all__ = ["UsageCount", "both_summaries", "gather_usage_summary", "usage_summary", "usage_text", "usage_texts"]

Row = Mapping[str, Any]


class UsageCount:
    """The part of an agent that says what its model took since it was made, or since ``clear_usage_summary``."""

    _name: str
    _model_policy: ModelPolicy | None

    def get_actual_usage(self) -> dict[str, Any] | None:
        """Return cost (USD; None when a price is not known) and tokens for each model, and ``total_cost``; None before the first answer."""
        rows = [row for row in self.usage_rows if not row.get("cached")]
        return usage_summary(rows) if rows else None

    @property
    def usage_rows(self) -> list[dict[str, Any]]:
        """One row for each answer it had of a model: those to its own replies first."""
        return [*(self._model_policy.usage if self._model_policy else ()), *self._usage_besides]

    @functools.cached_property
    def _usage_besides(self) -> list[dict[str, Any]]:
        """Answers that are no replies of this agent: a manager's choice of speakers, a guardrail's verdict."""
        return []

    def count_answer(self, reply: ModelReply) -> None:
        """Count a model's answer that is no reply, and tell the running chat."""
        recorded = usage_of(reply, self._name)
        self._usage_besides.append(usage_row(recorded))
        current().emit(recorded)

    def get_total_usage(self) -> dict[str, Any] | None:
        """Return the same as if answers from the cache had been paid again."""
        rows = self.usage_rows
        return usage_summary(map(_as_paid, rows)) if rows else None

    def clear_usage_summary(self) -> None:
        """Begin to count again."""
        if self._model_policy is not None:
            self._model_policy.usage.clear()
        self._usage_besides.clear()

    @on_portal
    async def a_print_usage_summary(self, mode: str | Sequence[str] = ("actual", "total")) -> None:
        """Show what its model took.

        Args:
            mode: ``"actual"`` (what was paid), ``"total"`` (as if answers from the cache had been paid again), or both; shown once
                where they are equal.

        Raises:
            UsageError: another mode.
        """
        texts = usage_texts(mode, self.get_actual_usage(), self.get_total_usage())
        async with enter() as context:
            for text in texts:
                context.emit(Noticed(f"Agent {self._name!r}: {text}"))

    print_usage_summary = run_sync(a_print_usage_summary)


def gather_usage_summary(agents: Iterable[UsageCount]) -> dict[str, Any]:
    """Return what all these agents took, in the classic's form; agents without a model count for nothing.

    Example:
        >>> gather_usage_summary([])["usage_including_cached_inference"]
        {'total_cost': 0.0}
    """
    rows = [row for agent in agents for row in getattr(agent, "usage_rows", ())]
    return both_summaries(rows)


def both_summaries(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the classic's two summaries: with answers from the cache as if they had been paid again, and without them."""
    return {
        "usage_including_cached_inference": usage_summary(map(_as_paid, rows)),
        "usage_excluding_cached_inference": usage_summary(row for row in rows if not row.get("cached")),
    }


def _as_paid(row: Row) -> Row:
    return {**row, "usd": row.get("saved_usd")} if row.get("cached") else row


def usage_texts(mode: str | Sequence[str], actual: Mapping[str, Any] | None, total: Mapping[str, Any] | None) -> list[str]:
    """Return the summaries that a classic ``mode`` asks for, as texts.

    Raises:
        UsageError: the mode is neither ``"actual"`` nor ``"total"`` nor a list of them.
    """
    asked = [mode] if isinstance(mode, str) else list(mode)
    if "both" in asked:
        asked = ["actual", "total"]
    if not asked or set(asked) - {"actual", "total"}:
        raise UsageError(f'mode is {mode!r}; it must be "actual", "total", or a list of both.')
    if len(asked) == 1 or actual == total:
        return [usage_text(actual if asked[0] == "actual" else total)]
    return [f"without the cache's answers, {usage_text(actual)}", f"with the cache's answers, {usage_text(total)}"]


def usage_summary(rows: Iterable[Row]) -> dict[str, Any]:
    """Return the sum of rows with ``model``, ``prompt_tokens``, ``completion_tokens`` and ``usd``, by model and in all."""
    summary: dict[str, Any] = {}
    for row in rows:
        prompt, completion = row["prompt_tokens"] or 0, row["completion_tokens"] or 0
        model = summary.setdefault(row["model"], {"cost": 0.0, "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0})
        model["cost"] = _plus(model["cost"], row["usd"])
        model["prompt_tokens"] += prompt
        model["completion_tokens"] += completion
        model["total_tokens"] += prompt + completion
    total: float | None = 0.0
    for model in summary.values():
        total = _plus(total, model["cost"])
    return {"total_cost": total, **summary}


def usage_text(summary: Mapping[str, Any] | None) -> str:
    """Return a usage summary as lines for people."""
    if summary is None:
        return "no usage"
    lines = [f"total cost {_usd(summary['total_cost'])}"]
    for model, used in summary.items():
        if model != "total_cost":
            tokens = f"{used['prompt_tokens']:,} prompt + {used['completion_tokens']:,} completion tokens"
            lines.append(f"* model {model!r}: cost {_usd(used['cost'])}, {tokens}")
    return "\n".join(lines)


def _usd(cost: float | None) -> str:
    return "not known" if cost is None else f"{cost:.5f} USD"


def _plus(sum_so_far: float | None, more: Any) -> float | None:
    return None if sum_so_far is None or more is None else sum_so_far + float(more)
