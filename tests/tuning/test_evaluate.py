"""Chats over a dataset: many at once, errors kept in their rows, and taken up again."""

from __future__ import annotations

import asyncio
import io
import json
import sys

import pytest

from autogen_jupyter import ConversableAgent, ModelError, ScriptedModel, UsageError, a_evaluate, evaluate
from autogen_jupyter.models.base import ModelReply, Usage

DATA = [{"q": f"{n}+{n}?", "a": str(2 * n)} for n in range(6)]


def agents(*replies):
    user = ConversableAgent("user", human_input_mode="NEVER", default_auto_reply="")
    return user, ConversableAgent("bot", human_input_mode="NEVER", llm_config=ScriptedModel(replies))


def answering(row):
    n = int(row["q"].split("+")[0])
    user, bot = agents(ModelReply(str(2 * n), "m", finish_reason="stop", usage=Usage(100, 20, 0.01)))
    return {"sender": user, "recipient": bot, "message": row["q"], "max_turns": 1}


def right(row, result):
    return result.summary == row["a"]


async def test_each_row_has_its_chat_and_its_score():
    found = await a_evaluate(answering, DATA, right, progress=False)
    assert [row.row for row in found.rows] == DATA
    assert [row.answer for row in found.rows] == [row["a"] for row in DATA]
    assert found.score == 1.0
    assert found.usd == pytest.approx(0.06)
    assert found.rows[0].result.chat_history[0]["content"] == "0+0?"
    assert set(found.to_dataframe().columns) == {"q", "a", "score", "answer", "stop_reason", "usd", "tokens", "seconds", "error"}


async def test_an_error_stays_in_its_row():
    def some_fail(row):
        if row["q"].startswith("1"):
            raise RuntimeError("no agents today")
        if row["q"].startswith("2"):
            user, bot = agents(ModelError("models.example refused"))
            return {"sender": user, "recipient": bot, "message": "x", "max_turns": 1}
        return answering(row)

    found = await a_evaluate(some_fail, DATA, right, progress=False)
    assert [row.error for row in found.rows if row.error] == ["RuntimeError: no agents today", "ModelError: models.example refused"]
    assert found.score == 1.0
    assert "2 with an error" in str(found)


async def test_a_metric_that_fails_keeps_the_chat():
    found = await a_evaluate(answering, DATA[:1], lambda row, result: 1 / 0, progress=False)
    assert found.rows[0].error == "ZeroDivisionError: division by zero"
    assert found.rows[0].answer == "0"
    assert found.score is None


async def test_no_more_chats_run_at_once_than_allowed():
    running, most, gate = 0, 0, asyncio.Event()

    async def chat(row):
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 3:
            gate.set()
        await gate.wait()
        running -= 1
        return row["a"]

    found = await asyncio.wait_for(a_evaluate(chat, DATA, lambda row, result: 1, concurrency=3, progress=False), 30)
    assert most == 3
    assert found.rows[-1].answer == "10"


def test_a_factory_may_hold_the_chat_itself_and_scores_may_be_several():
    def chat(row):
        user, bot = agents("four", "")
        return user.initiate_chat(bot, message=row["q"], max_turns=1, silent=True)

    async def metric(row, result):
        return {"length": len(result.summary), "right": False}

    found = evaluate(chat, DATA[:3], metric, progress=False)
    assert found.scores == {"length": 4.0, "right": 0.0}
    assert "four" in found._repr_html_()


async def test_what_went_well_is_not_done_again(tmp_path):
    file, begun = tmp_path / "rows.jsonl", []

    def fails_at_first(row):
        begun.append(row["q"])
        if row["q"] == "3+3?" and len(begun) <= len(DATA):
            raise RuntimeError("not yet")
        return answering(row)

    first = await a_evaluate(fails_at_first, DATA, right, storage=file, progress=False)
    assert len(first.errors) == 1
    with file.open("a") as torn:
        torn.write('{"key": "tor')
    more = [*DATA, {"q": "9+9?", "a": "18"}]
    again = await a_evaluate(fails_at_first, more, right, storage=file, progress=False)
    assert sorted(begun[len(DATA) :]) == ["3+3?", "9+9?"]
    assert [row.answer for row in again.rows] == [row["a"] for row in more]
    assert not again.errors
    assert await a_evaluate(fails_at_first, more, right, storage=file, progress=False) == again


async def test_another_file_is_left_alone(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("buy milk\n")
    with pytest.raises(UsageError, match=r"notes\.txt is not a file of evaluate's"):
        await a_evaluate(answering, DATA, right, storage=file, progress=False)
    assert file.read_text() == "buy milk\n"


async def test_the_budget_is_that_of_all_chats_together():
    found = await a_evaluate(answering, DATA, right, budget="0.03usd", concurrency=1, progress=False)
    assert len(found.rows) == 3
    assert "budget of $0.03 is reached" in found.stop_reason
    assert "3 of 6 rows" in str(found)


async def test_the_time_of_a_budget_ends_chats_that_hang():
    async def chat(row):
        await asyncio.Event().wait()

    found = await asyncio.wait_for(a_evaluate(chat, DATA, right, budget="0.1s", progress=False), 30)
    assert found.rows == []
    assert "0.1 seconds" in found.stop_reason


def test_the_bar_counts_rows_and_nothing_else_is_shown(monkeypatch, capsys):
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    evaluate(answering, DATA, right)
    assert "6/6" in shown.getvalue()
    assert "score 1" in shown.getvalue()
    assert capsys.readouterr().out == ""


def test_a_dataframe_is_a_dataset_too(tmp_path):
    import pandas as pd

    found = evaluate(answering, pd.DataFrame(DATA), right, progress=False, storage=tmp_path / "rows")
    assert found.score == 1.0
    assert json.loads((tmp_path / "rows").read_text().splitlines()[0])["answer"] in {row["a"] for row in DATA}


@pytest.mark.parametrize(
    ("data", "options", "said"),
    [
        ([], {}, "dataset is empty"),
        (["x"], {}, "a row that is 'x'"),
        ("x", {}, "dataset is str"),
        (DATA, {"concurrency": 0}, "concurrency=0"),
        (DATA, {"budget": "3 turns"}, "turns are counted in a chat"),
    ],
)
async def test_what_cannot_work_is_refused(data, options, said):
    with pytest.raises(UsageError, match=said):
        await a_evaluate(answering, data, right, progress=False, **options)
