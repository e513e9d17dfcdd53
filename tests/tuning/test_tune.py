"""A search over settings: what it tries, what it leaves out, what it costs, and that it can be taken up again."""

from __future__ import annotations

import json
import sys

import httpx2
import pytest

from autogen_jupyter import Cache, ChatCompletionsClient, UsageError, a_tune, tune
from autogen_jupyter.tuning.pareto import front

DATA = [{"question": f"{a}*{b}", "answer": str(a * b)} for a in range(3, 6) for b in range(4, 8)]
PRICE = (0.001, 0.002)


class Server:
    """A model that answers rightly as often as its name and the request say: always, or every second time."""

    def __init__(self) -> None:
        self.requests: list[dict] = []

    def client(self, model: str, **options) -> ChatCompletionsClient:
        price = {"good": (0.01, 0.02), "cheap": PRICE}.get(model)
        url = "https://models.example/v1"
        return ChatCompletionsClient(model, base_url=url, api_key="k", transport=httpx2.MockTransport(self.answer), price=price, **options)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        self.requests.append(body)
        left, right = body["messages"][-1]["content"].split("::")[-1].split("*")
        wrong = body["model"] == "cheap" and (int(right) % 2 or body.get("temperature", 0) > 0.5)
        text = "no idea" if wrong else str(int(left) * int(right))
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
        return httpx2.Response(
            200, json={"id": "x", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice], "usage": usage}
        )


def right(row, answers):
    return sum(answer == row["answer"] for answer in answers) / len(answers)


def space(server: Server, **more):
    return {"model": [server.client("good"), server.client("cheap")], "prompt": "Compute ::{question}", **more}


async def search(server: Server, **options):
    given = options.pop("space", None) or space(server, temperature=(0.0, 1.0))
    return await a_tune(given, DATA, right, **{"trials": 8, "progress": False} | options)


async def test_the_best_settings_are_found_with_price_and_time():
    found = await search(Server(), prune=False)
    assert len(found.trials) == 8
    assert found.best.score == 1.0
    assert found.best.settings["model"].model == "good"
    assert found.best.usd == pytest.approx(100 * 0.01 / 1000 + 50 * 0.02 / 1000)
    assert found.best.seconds > 0
    assert found.usd == pytest.approx(sum(trial.usd * trial.rows for trial in found.trials))


async def test_the_front_has_the_cheap_one_and_the_good_one():
    found = await search(Server(), prune=False, trials=12)
    assert {trial.settings["model"].model for trial in found.pareto} == {"good", "cheap"}


def test_what_is_beaten_in_everything_is_not_on_the_front():
    assert front([(1, 5), (2, 2), (3, 3), (5, 1), (2, 2)]) == [0, 1, 3, 4]


async def test_bad_trials_are_given_up_early():
    server = Server()
    found = await search(server, trials=16, parallel=1)
    pruned = [trial for trial in found.trials if trial.state == "pruned"]
    assert pruned
    assert all(trial.rows < len(DATA) for trial in pruned)
    assert len(server.requests) < 16 * len(DATA)
    assert "pruned" in str(found)


async def test_dear_trials_are_given_up():
    found = await search(Server(), row_usd=0.001)
    assert {trial.state for trial in found.trials if trial.settings["model"].model == "good"} == {"pruned"}


async def test_the_budget_ends_it_and_what_was_found_is_returned():
    found = await search(Server(), budget_usd=0.1, trials=50, prune=False, parallel=1)
    assert found.usd <= 0.1
    assert found.stop_reason.startswith("the budget of $0.10 is reached")
    assert 0 < len(found.complete) < 50
    assert "Ended early" in found._repr_html_()


async def test_a_price_that_is_not_known_spends_nothing_of_a_budget():
    server = Server()
    found = await search(server, space={"model": server.client("new"), "prompt": "{question}"}, budget_usd=1)
    assert "price of new is not known" in found.stop_reason
    assert server.requests == []
    with pytest.raises(UsageError, match="No trial went through all rows: the price of new is not known"):
        _ = found.best


async def test_a_search_goes_on_where_it_stopped_and_the_cache_pays(tmp_path):
    file = tmp_path / "search.journal"
    server = Server()
    grid = space(server, temperature=[0, 1])
    stopped = await search(server, space=grid, storage=file, budget_usd=0.03, prune=False, parallel=1)
    before, asked = len(stopped.complete), len(server.requests)
    assert stopped.stop_reason
    found = await search(server, space=grid, storage=file, prune=False)
    assert len(found.complete) == 8 > before
    assert [trial.score for trial in found.trials][:before] == [trial.score for trial in stopped.trials][:before]
    assert len(server.requests) <= 4 * len(DATA)  # two models, two temperatures: nothing is asked twice
    again = await search(server, space=grid, storage=file, prune=False)
    assert again.trials == found.trials
    assert again.usd == 0
    assert asked > 0


async def test_a_storage_holds_one_search(tmp_path):
    server = Server()
    await search(server, storage=tmp_path / "s", trials=1)
    with pytest.raises(UsageError, match="holds a search with another space"):
        await search(server, storage=tmp_path / "s", space=space(server, temperature=0.3))


async def test_a_price_is_the_same_from_the_cache():
    server = Server()
    with Cache.in_memory():
        first = await search(server, trials=2, space=space(server), prune=False)
        asked = len(server.requests)
        again = await search(server, trials=2, space=space(server), prune=False)
    assert len(server.requests) == asked
    assert [trial.usd for trial in again.trials] == pytest.approx([trial.usd for trial in first.trials])
    assert [trial.seconds for trial in again.trials] == pytest.approx([trial.seconds for trial in first.trials])
    assert again.usd == 0


async def test_samples_are_answers_of_their_own_also_with_a_cache():
    server, seen = Server(), []
    with Cache.in_memory():
        for _ in range(2):
            given = {"model": server.client("good"), "prompt": "{question}", "n": 3}
            await a_tune(given, DATA[:1], lambda row, answers: seen.append(len(answers)) or 1.0, trials=1, progress=False)
    assert seen == [3, 3]
    assert len(server.requests) == 3


async def test_prompts_may_be_functions_and_metrics_async():
    async def metric(row, answers):
        return right(row, answers)

    def terse(row):
        return row["question"]

    server = Server()
    given = {"model": server.client("good"), "prompt": [terse, "Please: ::{question}"], "system_message": "Be brief."}
    found = await a_tune(given, DATA[:2], metric, trials=3, progress=False)
    assert found.best.score == 1.0
    assert server.requests[0]["messages"][0] == {"role": "system", "content": "Be brief."}
    assert {"terse", "Please: ::{question}"} >= set(found.to_dataframe()["prompt"])


async def test_a_model_that_fails_is_a_failed_trial_and_three_end_it():
    refused = httpx2.MockTransport(lambda request: httpx2.Response(401, json={"error": {"message": "no such key"}}))
    broken = ChatCompletionsClient("broken", base_url="https://models.example/v1", api_key="k", transport=refused)
    found = await a_tune({"model": broken, "prompt": "{question}"}, DATA, right, trials=9, parallel=1, progress=False)
    assert [trial.state for trial in found.trials] == ["failed"] * 3
    assert "no such key" in found.stop_reason


def test_it_can_be_called_without_await_and_shows_itself():
    server = Server()
    found = tune(space(server), DATA, right, trials=3, progress=False)
    html = found._repr_html_()
    assert "<svg" in html
    assert "★" in html
    assert found.plot().get_ylabel() == "score"
    assert set(found.to_dataframe().columns) >= {"model", "prompt", "score", "usd", "seconds", "pareto"}


async def test_what_it_returns_can_be_awaited_too():
    found = await search(Server(), trials=1)
    assert await found is found


def test_a_picture_is_no_way_for_markup():
    found = tune(
        {"model": Server().client("good"), "prompt": ["<b>{question}", "<i>{question}"]}, DATA[:1], lambda *_: 1, trials=2, progress=False
    )
    assert "<b>" not in found._repr_html_()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"temperature": 1}, 'needs a "prompt"'),
        ({"prompt": "x", "temprature": 1}, "did you mean 'temperature'"),
        ({"prompt": "x", "temperature": (1.0, 0.0)}, "a range is"),
        ({"prompt": []}, "no value to choose from"),
        ({"prompt": 3}, "prompt that is 3"),
        ({"prompt": "x", "n": [0]}, "n=0"),
        ({"prompt": "{nothing}"}, "cannot be filled in"),
    ],
)
async def test_a_space_that_means_nothing_is_refused(given, said):
    with pytest.raises(UsageError, match=said):
        await a_tune({"model": Server().client("good"), **given}, DATA, right, progress=False)


async def test_a_metric_that_returns_no_number_is_named():
    with pytest.raises(UsageError, match="metric returned None"):
        await a_tune(space(Server()), DATA, lambda row, answers: None, progress=False)


def test_without_optuna_the_install_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UsageError, match=r'pip install "autogen_jupyter\[tune\]"'):
        tune(space(Server()), DATA, right)
