"""Answers of a given type."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel

from autogen_jupyter import AssistantAgent, GroupChat, GroupChatManager, ScriptedModel, ToolCall, UsageError, UserProxyAgent
from autogen_jupyter.events import Noticed
from autogen_jupyter.replies.answer_format import AnswerFormat, NotInFormat
from tests.conversation.doubles import Room

GOOD = '{"city": "Paris", "days": 3}'


class Trip(BaseModel):
    city: str
    days: int


def user():
    return UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


async def chat(*replies, room=None, **options):
    bot = AssistantAgent("assistant", llm_config=(model := ScriptedModel([*replies])), response_format=Trip, **options)
    return await (room or Room()).chat(user(), bot, message="go", max_turns=1), model


@pytest.mark.parametrize("text", [GOOD, f"```json\n{GOOD}\n```", f"\n{GOOD}\n", f"{GOOD}\n\nTERMINATE", f"```\n{GOOD}\n```\nTERMINATE\n"])
async def test_the_request_names_the_schema_and_the_result_holds_the_object(text):
    result, model = await chat(text)
    assert result.parsed == Trip(city="Paris", days=3)
    assert model.requests[0].options["response_format"]["type"] == "json_schema"
    assert model.requests[0].options["response_format"]["json_schema"] == {"name": "Trip", "schema": Trip.model_json_schema()}


class Told(Trip):
    def format(self) -> str:
        return f"{self.days} days in {self.city} TERMINATE"


async def test_what_the_types_format_returns_is_the_reply_and_the_result_still_holds_the_object():
    bot = AssistantAgent("assistant", llm_config=(model := ScriptedModel(["{}", GOOD])), response_format=Told)
    room = Room()
    result = await room.chat(user(), bot, message="go", max_turns=1)
    assert result.parsed == Told(city="Paris", days=3)
    assert [message["content"] for message in result.chat_history] == ["go", "3 days in Paris TERMINATE"]
    assert [entry.text for entry in room.session.transcript.entries if entry.kind == "message"][-1] == "3 days in Paris"
    assert len(model.requests) == 2


class Counted(BaseModel):
    n: int

    def format(self) -> str:
        return f"n is {self.n}"


class NeedsSpec(Counted):
    def format(self, spec: str) -> str:
        return spec


class Breaks(Counted):
    def format(self) -> str:
        raise RuntimeError("boom")


class GivesNumber(Counted):
    def format(self) -> int:
        return self.n


class GivesSecret(Counted):
    def format(self) -> str:
        return f"n is {self.n}, sk-proj-abcdefghijklmnopqrstuvwx1234567890ABCD"


async def formatted(type_, room=None):
    bot = AssistantAgent("assistant", llm_config=ScriptedModel(['{"n": 1}']), response_format=type_)
    return await (room or Room()).chat(user(), bot, message="go", max_turns=1)


@pytest.mark.parametrize("end", [" TERMINATE", "\n\nTERMINATE\n"])
async def test_a_mark_of_the_end_after_the_answer_stays_and_ends_the_chat(end):
    ends = UserProxyAgent("user", human_input_mode="NEVER", is_termination_msg=lambda message: message["content"].endswith("TERMINATE"))
    bot = AssistantAgent("assistant", llm_config=ScriptedModel([f'{{"n": 1}}{end}', '{"n": 2}']), response_format=Counted)
    result = await Room().chat(ends, bot, message="go", max_turns=2)
    assert [message["content"] for message in result.chat_history] == ["go", "n is 1 TERMINATE"]
    assert result.parsed == Counted(n=1)


@pytest.mark.parametrize(("type_", "warned"), [(NeedsSpec, False), (GivesNumber, False), (Breaks, True)])
async def test_where_format_gives_no_text_the_answer_reads_as_it_is(type_, warned):
    room = Room()
    result = await formatted(type_, room)
    assert (result.chat_history[-1]["content"], result.parsed) == ('{"n": 1}', type_(n=1))
    warnings = [event.text for event in room.events if isinstance(event, Noticed) and event.level == "warning"]
    assert warnings == (["Breaks.format() failed, so the answer reads as it is. RuntimeError: boom"] if warned else [])


async def test_the_object_is_found_where_a_secret_was_taken_out_of_its_text():
    result = await formatted(GivesSecret)
    assert (result.chat_history[-1]["content"], result.parsed) == ("n is 1, [secret removed]", GivesSecret(n=1))


async def test_the_object_of_a_nested_chat_is_found_where_a_secret_was_taken_out():
    proxy, front = user(), plain("front")
    bot = AssistantAgent("counter", llm_config=ScriptedModel(['{"n": 1}']), response_format=GivesSecret)
    front.register_nested_chats([{"recipient": bot, "max_turns": 1}], trigger=proxy)
    result = await Room().chat(proxy, front, message="go", max_turns=1)
    assert (result.chat_history[-1]["content"], result.parsed) == ("n is 1, [secret removed]", GivesSecret(n=1))


def test_only_the_newest_objects_are_remembered_by_their_text():
    form = AnswerFormat(Counted)
    for n in range(300):
        form.told(f'{{"n": {n}}}')
    assert form.parse("n is 299") == Counted(n=299)
    with pytest.raises(NotInFormat):
        form.parse("n is 0")


async def test_text_is_an_answer_too_and_is_not_taken_for_a_template():
    bot = AssistantAgent("assistant", llm_config=ScriptedModel(['"{nobody}"']), response_format=str)
    result = await Room().chat(user(), bot, message="go", max_turns=1)
    assert (result.parsed, result.chat_history[-1]["content"]) == ("{nobody}", '"{nobody}"')


async def test_an_answer_that_does_not_fit_goes_back_once_with_what_is_wrong():
    room = Room()
    result, model = await chat('{"city": "Paris"}', GOOD, room=room)
    assert result.parsed == Trip(city="Paris", days=3)
    assert [message["content"] for message in result.chat_history] == ["go", GOOD]
    assert "- days: Field required" in model.requests[1].messages[-1].text
    assert [message.text for message in model.requests[1].messages[1:3]] == ["go", '{"city": "Paris"}']
    assert all(entry.state == "done" for entry in room.session.transcript.entries if entry.kind == "message")


async def test_an_answer_that_still_does_not_fit_is_said_and_has_no_object():
    room = Room()
    result, model = await chat("Paris", "still Paris", room=room)
    assert (result.parsed, result.summary, len(model.requests)) == (None, "still Paris", 2)
    assert [event.level for event in room.events if isinstance(event, Noticed)] == ["info", "warning"]


async def test_tool_calls_come_before_the_typed_answer():
    def look(city: str) -> str:
        """Look it up."""
        return "3 days"

    result, model = await chat((ToolCall("c1", "look", '{"city": "Paris"}'),), GOOD, tools=[look])
    assert (result.parsed, len(model.requests)) == (Trip(city="Paris", days=3), 2)


async def test_without_a_type_there_is_no_object_and_it_can_be_set_later():
    bot = AssistantAgent("assistant", llm_config=ScriptedModel([GOOD, "[1, 2]"]))
    assert (await Room().chat(user(), bot, message="go", max_turns=1)).parsed is None
    bot.response_format = list[int]
    assert (await Room().chat(user(), bot, message="go", max_turns=1)).parsed == [1, 2]


def test_the_type_may_stand_in_llm_config_and_the_users_dictionary_is_left_alone():
    config = {"config_list": [{"model": "m", "base_url": "http://127.0.0.1:9/v1"}], "response_format": Trip}
    assert AssistantAgent("a", llm_config=config).response_format is Trip
    assert config["response_format"] is Trip
    entry = {"config_list": [{"model": "m", "base_url": "http://127.0.0.1:9/v1", "response_format": Trip}]}
    assert AssistantAgent("a", llm_config=entry).response_format is Trip


def test_a_type_without_a_model_or_that_is_no_json_is_refused():
    with pytest.raises(UsageError, match="no model"):
        user().response_format = Trip
    with pytest.raises(UsageError, match="cannot be written as JSON"):
        AssistantAgent("a", llm_config=ScriptedModel([]), response_format=type("Odd", (), {}))


class Verdict(BaseModel):
    verdict: Literal["yes", "no"]


def on_server(llama_server, type_):
    config = {"config_list": [{"model": "scripted", "base_url": llama_server}], "response_format": type_, "temperature": 0}
    return AssistantAgent("assistant", llm_config=config)


async def test_a_real_server_answers_with_the_type(llama_server):
    result = await Room().chat(user(), on_server(llama_server, Trip), message="As JSON, please.", max_turns=1)
    assert result.parsed == Trip(city="Paris", days=3)


async def test_a_real_server_is_held_to_the_schema_where_its_model_would_say_something_else(llama_server):
    result = await Room().chat(user(), on_server(llama_server, Verdict), message="Hello!", max_turns=1)
    assert isinstance(result.parsed, Verdict)


def typed(name, *replies, **options):
    return AssistantAgent(name, llm_config=ScriptedModel([*replies]), response_format=Trip, **options)


def plain(name, *replies):
    return AssistantAgent(name, llm_config=ScriptedModel([*replies]))


async def test_in_a_group_the_last_typed_answer_is_the_object_whoever_began_and_spoke_last():
    proxy, planner, critic = user(), typed("planner", GOOD), plain("critic", "Fine.")
    manager = GroupChatManager(GroupChat([proxy, planner, critic], max_round=3, speaker_selection_method="round_robin"))
    result = await Room().chat(proxy, manager, message="go")
    assert (result.summary, result.parsed) == ("Fine.", Trip(city="Paris", days=3))


async def test_the_answer_of_a_nested_chat_is_the_object_of_the_chat_around_it():
    proxy, front, planner = user(), plain("front"), typed("planner", GOOD)
    front.register_nested_chats([{"recipient": planner, "max_turns": 1}], trigger=proxy)
    result = await Room().chat(proxy, front, message="go", max_turns=1)
    assert (result.chat_history[-1]["name"], result.parsed) == ("front", Trip(city="Paris", days=3))


async def test_a_nested_answer_that_was_put_into_other_words_is_no_object():
    proxy, front, planner = user(), plain("front"), typed("planner", GOOD)
    front.register_nested_chats(
        [{"recipient": planner, "max_turns": 1, "summary_method": lambda *_: "Three days in Paris."}], trigger=proxy
    )
    result = await Room().chat(proxy, front, message="go", max_turns=1)
    assert (result.summary, result.parsed) == ("Three days in Paris.", None)


async def test_a_summary_by_reflection_leaves_the_object_that_was_answered():
    bot = typed("planner", GOOD, "They agreed on Paris.")
    result = await Room().chat(user(), bot, message="go", max_turns=1, summary_method="reflection_with_llm")
    assert (result.summary, result.parsed) == ("They agreed on Paris.", Trip(city="Paris", days=3))
    assert not bot.model_client.requests[1].options  # the summary itself is text
