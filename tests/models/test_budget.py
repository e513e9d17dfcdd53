"""Budgets as people write them, and as they are counted: before a request, after it, and over days."""

from __future__ import annotations

import multiprocessing
import os
from datetime import date
from pathlib import Path

import pytest

from autogen_jupyter import Budget, BudgetReached, UsageError, parse_budget
from autogen_jupyter.models.budget_meter import BudgetMeter
from autogen_jupyter.models.day_ledger import DayLedger, state_folder
from autogen_jupyter.models.estimate import CallEstimate, estimate_call

from .endpoints import HI, Endpoint, chunk, streaming


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("0.50usd", Budget(usd=0.5)),
        ("$2", Budget(usd=2)),
        (".5 USD", Budget(usd=0.5)),
        ("3 dollars", Budget(usd=3)),
        ("200k tokens", Budget(tokens=200_000)),
        ("1.5M tokens", Budget(tokens=1_500_000)),
        ("200,000 tokens", Budget(tokens=200_000)),
        ("200_000tokens", Budget(tokens=200_000)),
        ("90s", Budget(seconds=90)),
        ("10min", Budget(seconds=600)),
        ("10m", Budget(seconds=600)),
        ("1.5 hours", Budget(seconds=5400)),
        ("20 turns", Budget(turns=20)),
        ("1 turn", Budget(turns=1)),
        ("5usd per day", Budget(day_usd=5)),
        ("$5/day", Budget(day_usd=5)),
        ("1M tokens a day", Budget(day_tokens=1_000_000)),
        ("0.50usd, 200k tokens, 20 turns", Budget(usd=0.5, tokens=200_000, turns=20)),
        ("0.50usd,200,000 tokens", Budget(usd=0.5, tokens=200_000)),
        ("1usd and 10min", Budget(usd=1, seconds=600)),
        ("1usd 5usd/day", Budget(usd=1, day_usd=5)),
    ],
)
def test_budgets_are_read_as_people_write_them(text: str, budget: Budget) -> None:
    assert parse_budget(text) == budget


@pytest.mark.parametrize(
    "text",
    ["", "  ", "5", "0usd", "-1usd", "5 euros", "10 minutos", "5k usd", "20 turns per day", "90s/day", "0.5 tokens", "$5 tokens"],
)
def test_what_is_no_budget_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match=r"Budget got|Write it as|write it as"):
        parse_budget(text)


def test_the_same_limit_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="limits usd twice"):
        parse_budget("1usd, 2usd")


def call(usd: float | None, tokens: int = 100, *, has_address: bool = True) -> CallEstimate:
    return CallEstimate("m", tokens, 0, usd, has_address)


def test_a_request_that_would_exceed_the_budget_is_not_made() -> None:
    meter = BudgetMeter(Budget(usd=0.50))
    meter.reserve(call(0.30))
    meter.settle(call(0.30))
    meter.add(0.30, 100, "m")
    assert not meter.look()
    with pytest.raises(BudgetReached, match=r"\$0.50 is reached: \$0.30 spent, and the next answer would take about \$0.25.*usd=1\)"):
        meter.reserve(call(0.25))


def test_requests_that_run_at_once_are_counted_together() -> None:
    meter = BudgetMeter(Budget(tokens=1000))
    meter.reserve(call(0.0, 600))
    with pytest.raises(BudgetReached):
        meter.reserve(call(0.0, 600))


def test_what_was_spent_is_looked_at_after_the_answer_too() -> None:
    meter = BudgetMeter(Budget(tokens=1000))
    meter.reserve(call(None, 10))
    meter.add(None, 1200, "m")
    assert meter.look() == (
        "the budget of 1,000 tokens is reached: 1,200 spent. "
        "To go on, give a higher one and clear_history=False: budget=Budget(tokens=2_000)"
    )


def test_a_price_that_is_not_known_stops_a_budget_in_dollars_before_anything_is_sent() -> None:
    with pytest.raises(BudgetReached, match="price of m is not known"):
        BudgetMeter(Budget(usd=1)).reserve(call(None))
    BudgetMeter(Budget(usd=1, unknown="ignore")).reserve(call(None))
    BudgetMeter(Budget(tokens=1000)).reserve(call(None))


def test_time_is_up_when_it_is_up() -> None:
    now = [0.0]
    meter = BudgetMeter(Budget(seconds=90), clock=lambda: now[0])
    assert (meter.wakes_in, meter.look()) == (90.0, "")
    now[0] = 90.0
    assert meter.wakes_in is None
    assert meter.look().startswith("the budget of 90 seconds is used up")


def test_a_day_is_counted_over_meters_and_begins_anew_the_next_day(tmp_path: Path) -> None:
    today = [date(2026, 11, 22)]
    book = DayLedger(tmp_path / "spending.sqlite", today=lambda: today[0])
    book.add(4.0, 1000, "m")
    meter = BudgetMeter(parse_budget("5usd per day"), day=book)
    meter.reserve(call(0.5))
    book.add(1.0, 10, "m")
    with pytest.raises(BudgetReached, match=r"budget of \$5.00 for today is reached: \$5.00 spent"):
        BudgetMeter(parse_budget("5usd per day"), day=book).reserve(call(0.5))
    today[0] = date(2026, 11, 23)
    BudgetMeter(parse_budget("5usd per day"), day=book).reserve(call(0.5))


def _spend(path: str) -> None:
    book = DayLedger(Path(path))
    for _ in range(25):
        book.add(0.01, 10, "m")
    os._exit(1 if book.trouble else 0)


def test_processes_add_to_the_same_day(tmp_path: Path) -> None:
    path = tmp_path / "state" / "spending.sqlite"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_spend, args=(str(path),)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    spent = DayLedger(path).today()
    assert (spent.usd, spent.tokens) == (pytest.approx(0.75), 750)


def test_a_ledger_that_cannot_be_written_counts_this_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    book = DayLedger(tmp_path / "file" / "spending.sqlite")
    book.add(1.0, 10, "m")
    assert (book.today().usd, bool(book.trouble)) == (1.0, True)


def test_the_ledger_lies_where_the_system_keeps_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AUTOGEN_JUPYTER_STATE", str(tmp_path))
    assert state_folder() == tmp_path


def test_an_estimate_has_tokens_and_the_price_where_one_is_known() -> None:
    endpoint = Endpoint(streaming(chunk(content="Hello")))
    assert estimate_call(endpoint.client("never-asked", price=(1.0, 2.0)), HI).usd == pytest.approx((5 + 2 * 300) / 1000, rel=0.05)
    assert estimate_call(endpoint.client("m", base_url="http://127.0.0.1:1/v1"), HI).usd == 0.0
    assert estimate_call(endpoint.client("m"), HI).usd is None
    known = estimate_call(endpoint.client("gpt-4o-mini", base_url="https://api.openai.com/v1"), HI)
    assert known.usd is not None
    assert known.usd > 0
