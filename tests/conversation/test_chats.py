"""Openings, results, and several chats in a queue or a graph. The expected messages were written down from AutoGen 0.2's behaviour."""

from __future__ import annotations

import asyncio

import pytest

from autogen_jupyter import AssistantAgent, ConversableAgent, InputAnswer, ScriptedModel, UsageError, a_initiate_chats, initiate_chats
from autogen_jupyter.events import Noticed
from autogen_jupyter.models.wire import to_wire
from tests.conversation.doubles import Room, contents
from tests.models.endpoints import Endpoint, chunk, streaming

ALLOWS_BLANKS = {"model": "m", "api_key": "none", "base_url": "http://127.0.0.1:9/v1", "allow_format_str_template": True}


def talker(name, text="hi", **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text, **options)


def chat(sender, recipient, message="go", **options):
    return {"sender": sender, "recipient": recipient, "message": message, "max_turns": 1, "silent": True, **options}


def opening(result):
    return result.chat_history[0]["content"]


# --- openings (rows 31, 39, 41, 42)


async def test_an_overridden_init_message_is_used():
    class Polite(ConversableAgent):
        def generate_init_message(self, message, **kwargs):
            return f"Please: {message}, {kwargs['topic']}"

    result = await Room().chat(Polite("a", human_input_mode="NEVER"), talker("b"), message="go", max_turns=1, topic="tea")
    assert opening(result) == "Please: go, tea"


def test_generate_init_message_has_a_blocking_form():
    assert talker("a").generate_init_message("go", carryover="x") == "go\nContext: \nx"


async def test_a_multimodal_opening_gets_the_carryover_as_a_leading_text_part():
    parts = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]
    result = await Room().chat(talker("a"), talker("b"), message={"content": parts}, max_turns=1, carryover="x")
    assert opening(result) == [{"type": "text", "text": "\nContext: \nx"}, *parts]


async def test_a_carryover_of_another_kind_is_refused():
    with pytest.raises(UsageError, match="carryover is int"):
        await Room().chat(talker("a"), talker("b"), message="go", max_turns=1, carryover=3)


async def test_content_may_be_a_function_of_the_messages_context():
    message = {"content": lambda context: f"about {context['topic']}", "context": {"topic": "tea"}}
    result = await Room().chat(talker("a"), talker("b"), message=message, max_turns=1)
    assert result.chat_history[0] == {"content": "about tea", "role": "assistant", "name": "a", "context": {"topic": "tea"}}


async def test_blanks_are_filled_in_only_if_the_sender_allows_it():
    message = {"content": "about {topic}", "context": {"topic": "tea"}}
    assert opening(await Room().chat(talker("a"), talker("b"), message=message, max_turns=1)) == "about {topic}"
    allowed = await Room().chat(talker("a", llm_config=ALLOWS_BLANKS), talker("b"), message=message, max_turns=1)
    assert opening(allowed) == "about tea"


async def test_blanks_are_filled_in_for_the_model_of_a_recipient_that_allows_it():
    room, endpoint = Room(), Endpoint(lambda _: streaming(chunk(content="{topic}?"), chunk(finish="stop")))
    a, b = talker("a"), talker("b", llm_config=ALLOWS_BLANKS)
    b.use_model(endpoint.client())
    message = {"content": "about {topic}", "context": {"topic": "tea"}}
    result = await room.chat(a, b, message=message, max_turns=2)
    assert [[one["content"] for one in body["messages"][1:]] for body in endpoint.bodies] == [
        ["about tea"],
        ["about tea", "{topic}?", "hi"],
    ]
    assert [event.message.text for event in room.events if event.kind == "message_added"] == ["about tea", "{topic}?", "hi", "{topic}?"]
    assert (opening(result), b.chat_messages[a][0]["content"]) == ("about {topic}", "about {topic}")


@pytest.mark.parametrize("content", ["about {topic}", lambda context: f"about {context['topic']}"])
async def test_what_was_filled_in_is_no_template_any_more(content):
    endpoint = Endpoint(streaming(chunk(content="ok"), chunk(finish="stop")))
    a, b = talker("a", llm_config=ALLOWS_BLANKS), talker("b", llm_config=ALLOWS_BLANKS)
    b.use_model(endpoint.client())
    await Room().chat(a, b, message={"content": content, "context": {"topic": "{secret}", "secret": "x"}}, max_turns=1)
    assert endpoint.bodies[0]["messages"][-1]["content"] == "about {secret}"


async def test_a_content_function_takes_a_context_of_any_kind():
    message = {"content": lambda context: f"about {context}", "context": "tea"}
    assert opening(await Room().chat(talker("a"), talker("b"), message=message, max_turns=1)) == "about tea"


@pytest.mark.parametrize("blank", ["{topic.__class__}", "{topic[0]}", "{0}", "{}", "{other}", "{"])
async def test_a_blank_is_a_name_in_the_context_and_reaches_into_nothing(blank):
    message = {"content": f"about {blank}", "context": {"topic": "tea"}}
    with pytest.raises(UsageError, match="cannot be filled in from its context"):
        await Room().chat(talker("a", llm_config=ALLOWS_BLANKS), talker("b"), message=message, max_turns=1)


async def test_a_blank_that_a_recipient_cannot_fill_in_stays_and_is_said():
    room, endpoint = Room(), Endpoint(streaming(chunk(content="ok"), chunk(finish="stop")))
    b = talker("b", llm_config=ALLOWS_BLANKS)
    b.use_model(endpoint.client())
    await room.chat(talker("a"), b, message={"content": "about {other}", "context": {"topic": "tea"}}, max_turns=1)
    assert endpoint.bodies[0]["messages"][-1]["content"] == "about {other}"
    assert ["cannot be filled in" in event.text for event in room.events if event.kind == "noticed"] == [True]


async def test_a_recipient_that_is_no_agent_is_refused():
    with pytest.raises(UsageError, match="recipient is 'b'"):
        await talker("a").a_initiate_chat("b", message="go")


async def test_the_typed_opening_counts_as_human_input():
    result = await Room(["what is it?"]).chat(ConversableAgent("a", human_input_mode="NEVER"), talker("b"), message=None, max_turns=1)
    assert result.human_input == ["what is it?"]


# --- results (rows 33, 34)


async def test_summary_arguments_are_not_shared_between_chats():
    seen = []

    def summary(sender, recipient, args):
        args["used"] = True
        seen.append(args)

    for _ in range(2):
        await Room().chat(talker("a"), talker("b"), message="go", max_turns=1, summary_method=summary)
    assert seen == [{"used": True}, {"used": True}]
    assert seen[0] is not seen[1]


async def test_tool_calls_that_a_stopped_chat_left_open_are_answered_by_the_next_message():
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    a, b = talker("a"), talker("b", {"content": None, "tool_calls": [call]})
    await Room().chat(a, b, message="go", max_turns=1)
    result = await Room().chat(a, b, message="something else", max_turns=1, clear_history=False)
    assert result.chat_history[2]["tool_responses"] == [
        {"role": "tool", "tool_call_id": "c1", "content": "The chat was stopped before this call was answered."}
    ]


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize("asked_by", ["a", "b"])
async def test_calls_left_open_are_a_valid_history_for_the_model_whoever_goes_on(asked_by):
    """The classic sends the calls without answers, which servers refuse."""
    calls = {"content": None, "tool_calls": [CALL]}
    model = ScriptedModel(["ok"])
    a, b = ConversableAgent("a", human_input_mode="NEVER", llm_config=model), talker("b", calls)
    if asked_by == "a":
        await a.a_generate_oai_reply([{**calls, "role": "assistant"}])
    else:
        await Room().chat(a, b, message="go", max_turns=1)
        await Room().chat(b, a, message="never mind", max_turns=1, clear_history=False)
    roles = [message["role"] for message in to_wire(model.requests[-1].messages)]
    assert roles[roles.index("tool") - 1] == "assistant"
    assert roles[-1] == ("tool" if asked_by == "a" else "user")


async def test_the_views_say_of_calls_that_nobody_ran_that_they_were_not_run():
    room = Room()
    result = await room.chat(talker("a"), talker("b", {"content": None, "tool_calls": [CALL]}), message="go", max_turns=1)
    uses = [use for entry in room.session.transcript.entries for use in entry.tool_calls]
    assert [(use.name, use.state, use.result) for use in uses] == [("f", "refused", "")]
    assert "tool_responses" not in result.chat_history[-1]  # as in the classic, the call is the chat's last word
    assert len(result.chat_history) == 2


# --- one after another (row 37)


def test_each_chat_is_told_the_summaries_of_those_before_it():
    user = talker("user")
    results = initiate_chats(
        [
            chat(user, talker("first", "one TERMINATE")),
            chat(user, talker("second", "two"), carryover="own"),
            chat(user, talker("third", "three"), finished_chat_indexes_to_exclude_from_carryover=[0]),
        ]
    )
    assert [result.summary for result in results] == ["one ", "two", "three"]
    assert [opening(result) for result in results] == ["go", "go\nContext: \nown\none ", "go\nContext: \ntwo"]


def test_an_agent_holds_a_queue_of_its_own_and_keeps_the_results():
    user = talker("user")
    queue = [chat(None, talker("first", "one")), chat(None, talker("second", "two"))]
    assert [result.summary for result in user.initiate_chats(queue)] == ["one", "two"]
    assert user.get_chat_results(1).summary == "two"
    assert len(user.get_chat_results()) == 2
    assert queue[0]["sender"] is None
    with pytest.raises(UsageError, match=r"chat 7.*\[0, 1\]"):
        user.get_chat_results(7)


async def test_talking_to_one_recipient_twice_is_noticed():
    room, user, other = Room(), talker("user"), talker("other")
    await room.session.run(lambda: a_initiate_chats([chat(user, other), chat(user, other)]))
    noticed = [event.text for event in room.events if isinstance(event, Noticed)]
    assert noticed == ["user talks to other more than once in this queue; what they said before is forgotten (clear_history=True)."]


@pytest.mark.parametrize(
    ("queue", "says"),
    [
        ("go", "list of dictionaries"),
        ([7], "Chat 0 of the queue is 7"),
        ([{"recipient": None, "sender": talker("a")}], "has no recipient"),
        ([{"recipient": talker("b")}], "has no sender"),
        ([chat("a", talker("b"))], "sender of chat 0 is 'a'"),
    ],
)
def test_a_queue_that_cannot_work_is_refused(queue, says):
    with pytest.raises(UsageError, match=says):
        initiate_chats(queue)


# --- as a graph (row 38)


async def test_chats_that_do_not_wait_for_each_other_run_at_once():
    """Each of the two replies only when the other has begun: one after the other they would wait for ever."""
    began = {name: asyncio.Event() for name in ("b", "c")}

    def waiting(name, other):
        async def reply(recipient, messages, sender, config):
            began[name].set()
            await asyncio.wait_for(began[other].wait(), 30)
            return True, name

        agent = talker(name)
        agent.register_reply(ConversableAgent, reply)
        return agent

    user, last = talker("user"), talker("last", "done")
    results = await a_initiate_chats(
        [
            chat(user, waiting("b", "c"), chat_id=1),
            chat(user, waiting("c", "b"), chat_id=2),
            chat(user, last, chat_id=3, prerequisites=[2, 1]),
            chat(user, talker("apart", "x"), chat_id=4, prerequisites=[3], finished_chat_indexes_to_exclude_from_carryover=[3]),
        ]
    )
    assert list(results) == [1, 2, 3, 4]
    assert opening(results[3]) == "go\nContext: \nc\nb"
    assert opening(results[4]) == "go"
    assert [results[one].chat_id for one in results] == [1, 2, 3, 4]


async def test_two_chats_of_the_same_agents_in_a_graph_run_one_after_the_other():
    user, other = talker("user"), talker("other")
    results = await a_initiate_chats([chat(user, other, "one", chat_id="x"), chat(user, other, "two", chat_id="y")])
    assert [contents(results[one]) for one in "xy"] == [[("assistant", text), ("user", "hi")] for text in ("one", "two")]


async def test_a_circle_of_prerequisites_is_named():
    user = talker("user")
    queue = [
        chat(user, talker("a"), chat_id="a"),
        chat(user, talker("b"), chat_id="b", prerequisites=["a", "d"]),
        chat(user, talker("c"), chat_id="c", prerequisites=["b"]),
        chat(user, talker("d"), chat_id="d", prerequisites=["c"]),
    ]
    with pytest.raises(UsageError, match="'b' → 'd' → 'c' → 'b'"):
        await a_initiate_chats(queue)


async def test_an_unknown_prerequisite_is_named():
    with pytest.raises(UsageError, match="prerequisite 9"):
        await a_initiate_chats([chat(talker("user"), talker("a"), chat_id=1, prerequisites=[9])])


async def test_two_chats_with_one_id_are_refused():
    user = talker("user")
    with pytest.raises(UsageError, match="chat_id 1"):
        await a_initiate_chats([chat(user, talker("a"), chat_id=1), chat(user, talker("b"), chat_id=1)])


def test_a_blocking_queue_with_prerequisites_is_a_graph_too():
    user = talker("user")
    results = initiate_chats([chat(user, talker("a", "one"), prerequisites=[1]), chat(user, talker("b", "two"))])
    assert opening(results[0]) == "go\nContext: \ntwo"


async def test_a_chat_that_fails_ends_the_others():
    user, slow = talker("user"), talker("slow")
    ended = asyncio.Event()

    async def never(recipient, messages, sender, config):
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    slow.register_reply(ConversableAgent, never)
    failing = AssistantAgent("failing", llm_config=ScriptedModel([]))
    with pytest.raises(UsageError, match="script"):
        await a_initiate_chats([chat(user, slow), chat(user, failing)])
    assert ended.is_set()


async def test_stopping_a_queue_ends_the_running_chat_and_begins_no_other():
    room, user = Room(), talker("user")
    slow = AssistantAgent("slow", llm_config=ScriptedModel(["a long answer " * 100], delay=0.05))
    room.session.subscribe(lambda event: room.session.interrupt() if event.kind == "message_delta" else None)
    queue = [chat(user, talker("quick"), chat_id=1), chat(user, slow, chat_id=2, prerequisites=[1])]
    queue.append(chat(user, talker("never"), chat_id=3, prerequisites=[2]))
    results = await room.session.run(lambda: a_initiate_chats(queue))
    assert [(one, result.stop_reason) for one, result in results.items()] == [
        (1, "max_turns=1 was reached"),
        (2, "stopped by the human"),
    ]


async def test_chats_of_one_agent_at_once_keep_what_people_said_apart():
    class Person:
        async def ask(self, request):
            await asyncio.sleep(0)
            return InputAnswer("reply", f"to {request.sender}")

    room = Room()
    room.session.door = Person()
    user = ConversableAgent("user", human_input_mode="ALWAYS", default_auto_reply="go on")
    queue = [chat(user, talker(name), chat_id=name, max_turns=2) for name in ("b", "c")]
    results = await room.session.run(lambda: a_initiate_chats(queue))
    assert {name: result.human_input for name, result in results.items()} == {"b": ["to b"], "c": ["to c"]}
