"""Chats with a budget: they stop cleanly, say what was spent and how to go on, and do go on."""

from __future__ import annotations

import asyncio
import itertools

import httpx2
import pytest

from autogen_jupyter import (
    Budget,
    Cache,
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    MaxMessages,
    ModelReply,
    ScriptedModel,
    Usage,
    UsageError,
    estimate_chat,
    kernel_usage,
)
from autogen_jupyter.events import Noticed, UsageRecorded
from autogen_jupyter.models.day_ledger import ledger
from tests.conversation.doubles import Room
from tests.models.endpoints import URL, Endpoint, chunk, streaming


@pytest.fixture(autouse=True)
def _own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGEN_JUPYTER_STATE", str(tmp_path / "state"))


def talker(name="user"):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply="go on")


_numbers = itertools.count()


def unknown(*replies):
    """A model that nothing has been learned of yet: what a request will take is estimated from what the model took before."""
    return ScriptedModel([*replies], model=f"scripted-{next(_numbers)}")


def bot(*replies, **options):
    return ConversableAgent("bot", human_input_mode="NEVER", llm_config=unknown(*replies), **options)


def costing(usd, tokens=100, text="ho"):
    return ModelReply(text, "m", finish_reason="stop", usage=Usage(tokens // 2, tokens // 2, usd))


def priced(endpoint, **more):
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(endpoint))
    entry = {"model": "m", "base_url": URL, "api_key": "k", "price": [1.0, 1.0], "http_client": client, **more}
    return ConversableAgent("bot", human_input_mode="NEVER", llm_config=entry)


def answering(prompt=100, completion=100):
    return Endpoint(streaming(chunk(content="ho"), chunk(finish="stop", usage={"prompt_tokens": prompt, "completion_tokens": completion})))


async def test_a_chat_stops_when_its_money_is_spent_and_says_how_to_go_on():
    room = Room()
    result = await room.chat(talker(), bot(*[costing(0.2)] * 9), message="go", budget="0.50usd")
    assert len(result.chat_history) == 6
    assert result.stop_reason == (
        "the budget of $0.50 is reached: $0.60 spent. To go on, give a higher one and clear_history=False: budget=Budget(usd=1)"
    )
    assert room.events[-1].reason == result.stop_reason
    assert result.summary == "ho"


async def test_a_request_that_would_exceed_it_is_not_sent_and_the_chat_ends_in_peace():
    endpoint = answering()
    result = await Room().chat(talker(), priced(endpoint, max_tokens=100), message="go", budget=Budget(usd=0.25))
    assert len(endpoint.requests) == 1
    assert "$0.20 spent, and the next answer would take about" in result.stop_reason
    assert [message["content"] for message in result.chat_history] == ["go", "ho", "go on"]


async def test_a_higher_budget_goes_on_where_the_chat_stopped():
    user, other = talker(), priced(endpoint := answering(), max_tokens=100)
    await Room().chat(user, other, message="go", budget="0.25usd")
    result = await Room().chat(user, other, message="once more", clear_history=False, budget="1usd", max_turns=1)
    assert [message["content"] for message in result.chat_history] == ["go", "ho", "go on", "once more", "ho"]
    assert len(endpoint.requests) == 2
    assert [sent["content"] for sent in endpoint.bodies[1]["messages"]][-1] == "once more"


async def test_a_price_that_is_not_known_stops_a_budget_in_dollars_before_anything_is_sent():
    endpoint = answering()
    result = await Room().chat(talker(), priced(endpoint, price=None), message="go", budget="1usd")
    assert not endpoint.requests
    assert "price of m is not known" in result.stop_reason


async def test_tokens_are_counted_in_chats_within_the_chat_and_the_outer_one_ends():
    inner = bot(*[costing(0.0, 400)] * 5)
    outer = talker("outer")
    outer.register_nested_chats([{"recipient": inner, "max_turns": 5, "summary_method": "last_msg"}], trigger=lambda sender: True)
    room = Room()
    result = await room.chat(talker(), outer, message="go", budget="1000 tokens")
    assert "budget of 1,000 tokens is reached" in result.stop_reason
    asked = sum(isinstance(event, UsageRecorded) for event in room.events)
    assert asked in (2, 3), "it ends with the answer that goes over the limit, or before it where that was foreseen"


async def test_a_chat_within_may_have_less_and_the_outer_one_goes_on():
    inner = bot(*[costing(0.0, 400)] * 5)
    outer = talker("outer")
    chats = [{"recipient": inner, "max_turns": 5, "summary_method": "last_msg", "budget": "700 tokens"}]
    outer.register_nested_chats(chats, trigger=lambda sender: True)
    result = await Room().chat(talker(), outer, message="go", budget="100k tokens", max_turns=1)
    assert result.stop_reason == "max_turns=1 was reached"
    assert result.usage.tokens == 800


async def test_turns_are_a_budget_too():
    result = await Room().chat(talker(), talker("other"), message="go", budget="2 turns", stop=MaxMessages(50))
    assert len(result.chat_history) == 4
    assert result.stop_reason.startswith("the budget of 2 turns is used up")


async def test_time_interrupts_an_answer_that_is_being_written():
    class Stuck:
        model, is_language_model = "stuck", False

        async def stream(self, request):
            await asyncio.Event().wait()
            yield None

    other = ConversableAgent("bot", human_input_mode="NEVER", llm_config=Stuck())
    result = await asyncio.wait_for(Room().chat(talker(), other, message="go", budget=Budget(seconds=0.05)), 30)
    assert result.stop_reason.startswith("the budget of 0.05 seconds is used up")


async def test_a_reflection_is_counted_and_is_not_asked_for_when_nothing_is_left():
    room, other = Room(), bot(*[costing(0.0, 400)] * 9)
    result = await room.chat(talker(), other, message="go", budget="1k tokens", summary_method="reflection_with_llm")
    assert result.summary == "go on"  # the last message
    assert any("not summarized by a model" in event.text for event in room.events if isinstance(event, Noticed))
    result = await Room().chat(talker(), other, message="go", budget="9k tokens", summary_method="reflection_with_llm", max_turns=1)
    assert result.usage.tokens == 800


async def test_the_person_is_told_once_when_most_of_it_is_used():
    room = Room()
    await room.chat(talker(), bot(*[costing(0.01, 100)] * 30), message="go", budget="2000 tokens", max_turns=18)
    told = [event.text for event in room.events if isinstance(event, Noticed) and "of the budget" in event.text]
    assert told == ["80% of the budget of 2,000 tokens is used: $0.16, 1,600 tokens."]


async def test_answers_from_the_cache_take_nothing_of_it():
    endpoint = answering()
    with Cache.in_memory() as cache:
        for _ in range(3):
            result = await Room().chat(talker(), priced(endpoint, max_tokens=100), message="go", budget="0.45usd", cache=cache, max_turns=1)
    assert result.usage.usd == 0.0
    assert len(endpoint.requests) == 1


async def test_a_day_is_kept_over_chats():
    for _ in range(2):
        await Room().chat(talker(), bot(costing(2.0)), message="go", budget="5usd per day", max_turns=1)
    await Room().chat(talker(), bot(costing(2.0)), message="go", max_turns=1)  # once it is kept, everything counts
    assert ledger().today().usd == pytest.approx(6.0)
    refused = bot(costing(2.0))
    result = await Room().chat(talker(), refused, message="go", budget="5usd per day", max_turns=1)
    assert result.stop_reason.startswith("the budget of $5.00 for today is reached: $6.00 spent")
    assert len(result.chat_history) == 1


async def test_nothing_is_written_where_no_day_has_a_budget(tmp_path):
    await Room().chat(talker(), bot(costing(2.0)), message="go", budget="5usd", max_turns=1)
    assert not (tmp_path / "state").exists()


async def test_what_is_no_budget_is_refused_before_anything_happens():
    room = Room()
    with pytest.raises(UsageError, match="budget is 5; give a Budget"):
        await room.chat(talker(), bot("ho"), message="go", budget=5)
    assert room.events == []


# --- what was taken, and what will be


async def test_usage_shows_itself_as_a_table_and_as_a_dataframe():
    result = await Room().chat(talker(), bot(costing(0.25), costing(None)), message="go", max_turns=2)
    assert result.usage == list(result.usage)
    assert result.usage.usd is None
    frame = result.usage.to_dataframe()
    assert list(frame["usd"].isna()) == [False, True]
    html = result.usage._repr_html_()
    assert "unknown" in html
    assert "0.2500" in html
    assert str(result.usage).splitlines()[-1].split() == ["in", "all", "100", "100", "unknown", "0"]
    assert [row["answers"] for row in result.usage.by("agent")] == [2]


def test_a_table_is_no_way_for_markup():
    from autogen_jupyter import UsageTable

    row = {"agent": "<script>", "model": "<img>", "prompt_tokens": 1, "completion_tokens": 1, "usd": None, "cached": False}
    assert "<script>" not in UsageTable([row])._repr_html_()
    assert str(UsageTable()) == "no model was asked"


async def test_the_kernel_counts_all_chats():
    before = len(kernel_usage())
    await Room().chat(talker(), bot(costing(0.25)), message="go", max_turns=1)
    assert len(kernel_usage()) == before + 1
    assert kernel_usage()[-1]["usd"] == 0.25


def test_an_estimate_is_a_range_and_says_when_the_price_is_not_known():
    endpoint = answering()
    estimate = estimate_chat(talker(), priced(endpoint, max_tokens=100), "Describe it.", max_turns=5)
    assert 0 < estimate.tokens[0] < estimate.tokens[1]
    assert estimate.usd is not None
    assert estimate.usd[0] < estimate.usd[1]
    assert str(estimate_chat(talker(), bot("ho"), "Describe it.")).endswith("price unknown")
    assert estimate_chat(talker(), talker("other"), "Hi").tokens == (0, 0)
    assert not endpoint.requests


async def test_an_answer_that_was_stopped_is_counted_as_far_as_it_was_written():
    from autogen_jupyter.messages import Message
    from autogen_jupyter.models import ModelRequest
    from autogen_jupyter.models.budget_client import MeteredClient
    from autogen_jupyter.models.budget_meter import BudgetMeter, use_meter

    meter = BudgetMeter(Budget(tokens=1000))
    async with use_meter(meter):
        deltas = MeteredClient(unknown("x" * 720)).stream(ModelRequest((Message("user", "hi"),)))
        async for _ in deltas:
            break
        await deltas.aclose()
    assert 0 < meter.spent.tokens < 200
    assert meter._pending.tokens == 0


async def test_a_group_ends_with_its_budget_and_goes_on_with_a_higher_one():
    members = [ConversableAgent(name, human_input_mode="NEVER", llm_config=unknown(*[costing(0.0, 400)] * 9)) for name in ("ann", "ben")]
    group = GroupChat(members, max_round=9, speaker_selection_method="round_robin")
    manager, user, room = GroupChatManager(group), talker(), Room()
    result = await room.chat(user, manager, message="go", budget="1k tokens")
    assert result.stop_reason.startswith("the budget of 1,000 tokens is reached")
    assert result.usage.tokens in (800, 1200)
    assert room.events[-1].reason == result.stop_reason
    result = await Room().chat(user, manager, message="once more", clear_history=False, budget="100k tokens", max_turns=1)
    assert result.usage.tokens >= 2000
