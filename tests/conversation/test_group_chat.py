"""The loop of a group's chat: rounds, broadcast, ends. The golden conversations are written down from the classic's semantics."""

from __future__ import annotations

import asyncio

import pytest

from autogen_jupyter import AgentNameConflict, ConversableAgent, GroupChat, GroupChatManager, ScriptedModel, UsageError, UserProxyAgent
from autogen_jupyter.events import SpeakerSelected
from tests.conversation.doubles import EchoExecutor, Room


def talker(name, text=None, **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text or f"{name} here", **options)


def modelled(name, *replies, **options):
    return ConversableAgent(name, human_input_mode="NEVER", llm_config=ScriptedModel(list(replies)), **options)


def trio():
    return [talker(name) for name in ("ann", "ben", "cem")]


def group_of(agents, **options):
    return GroupChatManager(GroupChat(agents, **{"speaker_selection_method": "round_robin"} | options))


def said(messages):
    return [(message["role"], message["name"], message["content"]) for message in messages]


async def test_a_round_robin_chat_is_the_classics_message_by_message():
    ann, ben, cem = agents = trio()
    manager = group_of(agents, max_round=5)
    result = await Room().chat(ann, manager, message="Who is there?")
    assert said(manager.groupchat.messages) == [
        ("user", "ann", "Who is there?"),
        ("user", "ben", "ben here"),
        ("user", "cem", "cem here"),
        ("user", "ann", "ann here"),
        ("user", "ben", "ben here"),
    ]
    assert said(result.chat_history) == [
        ("assistant", "ann", "Who is there?"),
        ("user", "ben", "ben here"),
        ("user", "cem", "cem here"),
        ("assistant", "ann", "ann here"),
        ("user", "ben", "ben here"),
    ]
    assert said(cem.chat_messages[manager]) == [
        ("user", "ann", "Who is there?"),
        ("user", "ben", "ben here"),
        ("assistant", "cem", "cem here"),
        ("user", "ann", "ann here"),
        ("user", "ben", "ben here"),
    ]
    assert [role for role, _, _ in said(manager.chat_messages[cem])] == ["assistant", "assistant", "user", "assistant", "assistant"]
    assert result.summary == "ben here"
    assert manager.last_speaker is ben


async def test_a_chat_that_runs_code_in_a_group_is_the_classics_message_by_message():
    executor = EchoExecutor()
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": executor})
    coder = modelled("coder", "```python\nprint(1)\n```")
    critic = modelled("critic", "Looks right. TERMINATE")
    manager = GroupChatManager(
        GroupChat([user, coder, critic], speaker_selection_method="round_robin", allow_repeat_speaker=False),
        is_termination_msg=lambda message: "TERMINATE" in (message["content"] or ""),
    )
    script = iter([coder, user, critic])
    manager.groupchat.speaker_selection_method = lambda last, group: next(script)
    result = await Room().chat(user, manager, message="Print one.")
    assert said(result.chat_history) == [
        ("assistant", "user", "Print one."),
        ("user", "coder", "```python\nprint(1)\n```"),
        ("assistant", "user", "exitcode: 0 (execution succeeded)\nCode output: ran print(1)\n"),
        ("user", "critic", "Looks right. TERMINATE"),
    ]
    assert result.stop_reason == "critic said TERMINATE"


@pytest.mark.parametrize("max_round", [1, 2, 4])
async def test_max_round_counts_messages_with_the_opening_one_and_is_named_as_the_reason(max_round):
    agents = trio()
    manager = group_of(agents, max_round=max_round)
    result = await Room().chat(agents[0], manager, message="go")
    assert len(manager.groupchat.messages) == max_round
    assert result.stop_reason == f"max_round={max_round} was reached"


async def test_the_managers_predicate_ends_the_chat_after_everybody_has_heard_the_message():
    agents = [talker("ann"), talker("ben", "we are done"), talker("cem")]
    manager = GroupChatManager(
        GroupChat(agents, speaker_selection_method="round_robin"), is_termination_msg=lambda message: "done" in message["content"]
    )
    result = await Room().chat(agents[0], manager, message="go")
    assert result.stop_reason == "the message of ben met the termination condition"
    assert all(agent.chat_messages[manager][-1]["content"] == "we are done" for agent in agents)


async def test_an_agent_that_has_nothing_to_say_ends_the_chat_with_its_reason():
    agents = [talker("ann"), ConversableAgent("ben", human_input_mode="NEVER", default_auto_reply=None)]
    assert (await Room().chat(agents[0], group_of(agents), message="go")).stop_reason == "ben had no reply"


async def test_histories_share_one_message_object():
    agents = trio()
    manager = group_of(agents, max_round=2)
    await Room().chat(agents[0], manager, message="go")
    heard = {id(agent.history_with(manager).messages[0]) for agent in agents[1:]}
    assert heard == {id(manager.history_with(agents[0]).messages[0])}


async def test_the_next_speaker_is_an_event_and_each_message_is_shown_once():
    agents = trio()
    room = Room()
    await room.chat(agents[0], group_of(agents, max_round=3), message="go")
    assert room.kinds() == ["chat_started", "message_added", *["speaker_selected", "message_added"] * 2, "chat_ended"]
    selected = [event for event in room.events if isinstance(event, SpeakerSelected)]
    assert [(event.agent, event.reason, event.group) for event in selected] == [
        ("ben", "round_robin", "chat_manager"),
        ("cem", "round_robin", "chat_manager"),
    ]


@pytest.mark.parametrize(("own", "of_the_chat"), [(True, False), (False, True)])
async def test_a_silent_group_shows_nothing(own, of_the_chat):
    agents = trio()
    manager = GroupChatManager(GroupChat(agents, max_round=3, speaker_selection_method="round_robin"), silent=own)
    room = Room()
    await room.chat(agents[0], manager, message="go", silent=of_the_chat)
    shown = [event for event in room.events if event.kind == "speaker_selected" or (event.kind == "message_added" and not event.silent)]
    assert len(shown) == (1 if own else 0)  # the opening is the opener's


async def test_somebody_outside_the_group_hears_the_answers():
    outside, agents = talker("boss"), trio()
    result = await Room().chat(outside, group_of(agents, max_round=3), message="go")
    assert [name for _, name, _ in said(result.chat_history)] == ["boss", "ann", "ben"]
    assert result.summary == "ben here"


async def test_an_agent_of_any_class_takes_part_and_is_given_the_whole_chat():
    class Counter:
        name, description = "counter", "counts messages"

        async def a_generate_reply(self, messages=None, sender=None):
            return f"{len(messages)} so far, the last by {messages[-1]['name']}"

    ann = talker("ann")
    manager = group_of([ann, Counter()], max_round=4)
    result = await Room().chat(ann, manager, message="go")
    assert [content for _, _, content in said(result.chat_history)] == [
        "go",
        "1 so far, the last by ann",
        "ann here",
        "3 so far, the last by ann",
    ]


async def test_an_agent_that_receives_in_its_own_way_is_sent_each_message():
    class Scribe(ConversableAgent):
        def receive(self, message, sender, request_reply=None, silent=False):
            heard.append((message["name"], request_reply, silent))

    heard = []
    agents = [talker("ann"), talker("ben"), Scribe("scribe", human_input_mode="NEVER")]
    manager = group_of(agents, max_round=2)
    await Room().chat(agents[0], manager, message="go")
    assert heard == [("ann", False, True), ("ben", False, True)]


async def test_a_hook_of_the_manager_sees_each_message_on_its_way_to_each_member():
    agents = trio()
    manager = group_of(agents, max_round=2)
    manager.register_hook("process_message_before_send", lambda sender, message, recipient, silent: message | {"content": recipient.name})
    await Room().chat(agents[0], manager, message="go")
    assert agents[2].chat_messages[manager][0]["content"] == "cem"
    assert manager.groupchat.messages[0]["content"] == "go"


async def test_a_second_chat_begins_anew_and_clear_history_false_goes_on():
    agents = trio()
    manager = group_of(agents, max_round=3)
    await Room().chat(agents[0], manager, message="one")
    await Room().chat(agents[0], manager, message="two")
    assert [message["content"] for message in manager.groupchat.messages] == ["two", "ben here", "cem here"]
    assert len(agents[2].chat_messages[manager]) == 3
    await Room().chat(agents[0], manager, message="three", clear_history=False)
    assert len(manager.groupchat.messages) == 6


async def test_reset_forgets_the_groups_messages():
    agents = trio()
    manager = group_of(agents, max_round=3)
    await Room().chat(agents[0], manager, message="one")
    manager.reset()
    assert manager.groupchat.messages == []
    assert manager.chat_messages[agents[1]] == []


async def test_the_groups_record_is_text_and_the_members_get_the_picture():
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    agents = trio()
    manager = group_of(agents, max_round=1)
    await Room().chat(agents[0], manager, message={"content": [{"type": "text", "text": "Look: "}, picture]})
    assert manager.groupchat.messages[0]["content"] == "Look: <image>"
    assert agents[1].chat_messages[manager][0]["content"][1] == picture


async def test_the_name_of_a_message_is_its_speakers():
    agents = [talker("ann"), ConversableAgent("ben", human_input_mode="NEVER", default_auto_reply={"content": "hm", "name": "ann"})]
    manager = group_of(agents, max_round=2)
    await Room().chat(agents[0], manager, message="go")
    assert manager.groupchat.messages[-1]["name"] == "ben"
    assert agents[0].chat_messages[manager][-1]["name"] == "ben"


async def test_introductions_are_heard_by_all_once_and_are_not_stored():
    agents = [talker("ann", description="draws"), talker("ben", description="sings")]
    manager = group_of(agents, max_round=2, send_introductions=True)
    room = Room()
    await room.chat(agents[0], manager, message="go")
    text = GroupChat.DEFAULT_INTRO_MSG + "\n\nann: draws\nben: sings"
    assert [agent.chat_messages[manager].count(_intro(text)) for agent in agents] == [1, 1]
    assert [message["content"] for message in manager.groupchat.messages] == ["go", "ben here"]
    assert all(event.message.text != text for event in room.events if event.kind == "message_added")
    await room.chat(agents[0], manager, message="more", clear_history=False)
    assert agents[1].chat_messages[manager].count(_intro(text)) == 1


def _intro(text):
    return {"content": text, "role": "user", "name": "chat_manager"}


async def test_only_the_agent_that_stands_for_a_person_asks_and_it_is_named():
    person = ConversableAgent("person", human_input_mode="ALWAYS")
    agents = [talker("ann"), person, talker("cem")]
    room = Room(["I agree"])
    result = await room.chat(agents[0], group_of(agents, max_round=4), message="go")
    assert [(request.agent, request.sender) for request in room.human.requests] == [("person", "chat_manager")]
    assert result.human_input == ["I agree"]


async def test_a_group_within_a_group_answers_with_its_last_word():
    inner = GroupChatManager(GroupChat([talker("x"), talker("y")], max_round=3, speaker_selection_method="round_robin"), name="inner")
    ann = talker("ann")
    outer = group_of([ann, inner], max_round=3)
    result = await Room().chat(ann, outer, message="go")
    assert [(name, content) for _, name, content in said(result.chat_history)] == [("ann", "go"), ("inner", "y here"), ("ann", "ann here")]


async def test_the_costs_of_choosing_speakers_are_counted():
    agents = trio()
    manager = GroupChatManager(GroupChat(agents, max_round=2), llm_config=ScriptedModel(["cem"]))
    result = await Room().chat(agents[0], manager, message="go")
    assert [row["agent"] for row in result.usage] == ["chat_manager"]


# --- interrupts


async def test_a_stop_ends_the_chat_with_a_result_where_there_is_no_admin():
    room, agents = Room(), trio()
    manager = group_of(agents, max_round=1_000_000)
    room.session.subscribe(lambda event: room.session.interrupt() if len(room.events) > 50 else None)
    assert (await room.chat(agents[0], manager, message="go")).stop_reason == "stopped by the human"


async def test_after_a_stop_the_admin_speaks_once_and_a_second_stop_ends_the_chat():
    room = Room(["Be brief."])
    admin = UserProxyAgent("Admin", human_input_mode="ALWAYS", code_execution_config=False)
    thinking = asyncio.Event()

    async def think(recipient, messages, sender, config):
        thinking.set()
        await asyncio.Event().wait()

    thinker = talker("thinker")
    thinker.register_reply([ConversableAgent, None], think)
    manager = group_of([admin, thinker], max_round=10, speaker_transitions_type="allowed", **_between(admin, thinker))

    def stop_when_thinking(event):
        if event.kind == "speaker_selected" and event.agent == "thinker":
            asyncio.get_running_loop().create_task(_stop(room, thinking))

    room.session.subscribe(stop_when_thinking)
    result = await room.chat(admin, manager, message="Think.")
    assert [content for _, _, content in said(result.chat_history)] == ["Think.", "Be brief."]
    assert result.stop_reason == "stopped by the human"


def _between(a, b):
    return {"allowed_or_disallowed_speaker_transitions": {a: [b], b: [a]}}


async def _stop(room, thinking):
    await thinking.wait()
    thinking.clear()
    room.session.interrupt()


async def test_a_keyboard_interrupt_in_a_reply_function_lets_the_admin_speak_or_ends_the_chat():
    def interrupted(recipient, messages, sender, config):
        raise KeyboardInterrupt

    for name, expected in (("Admin", ["go", "steered"]), ("boss", ["go"])):
        person, ben = ConversableAgent(name, human_input_mode="ALWAYS"), talker("ben")
        ben.register_reply([ConversableAgent, None], interrupted)
        manager = group_of([person, ben], max_round=2 if name == "Admin" else 9)
        result = await Room(["steered"]).chat(person, manager, message="go")
        assert [content for _, _, content in said(result.chat_history)] == expected
        assert result.stop_reason == ("max_round=2 was reached" if name == "Admin" else "interrupted")


# --- size


def test_a_blocking_group_chat_of_five_thousand_rounds_needs_no_recursion():
    agents = [talker(f"agent{number}", max_consecutive_auto_reply=10_000) for number in range(16)]
    manager = group_of(agents, max_round=5_000)
    result = agents[0].initiate_chat(manager, message="go", silent=True)
    assert len(result.chat_history) == len(manager.groupchat.messages) == 5_000


# --- misuse


def test_what_is_no_group_is_refused():
    with pytest.raises(UsageError, match="GroupChat"):
        GroupChatManager([talker("ann")])


@pytest.mark.parametrize("key", ["tools", "functions"])
def test_a_manager_with_tools_is_refused(key):
    with pytest.raises(UsageError, match=key):
        GroupChatManager(GroupChat(trio()), llm_config={"model": "m", "base_url": "http://127.0.0.1:1/v1", key: [{"name": "f"}]})


async def test_a_group_without_agents_is_refused_when_it_has_to_speak():
    with pytest.raises(UsageError, match="no agents"):
        await Room().chat(talker("ann"), GroupChatManager(GroupChat([])), message="go")


def test_two_agents_of_one_name_are_refused():
    with pytest.raises(AgentNameConflict, match=r"two agents named 'ann'\. Give each agent its own name"):
        GroupChat([talker("ann"), talker("ann")])


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"agents": ["ann"]}, "'ann' as an agent"),
        ({"agents": "ann"}, "agents is 'ann'"),
        ({"messages": "hello"}, "messages is 'hello'"),
        ({"max_round": 0}, "max_round is 0"),
        ({"max_round": 2.5}, "max_round is 2.5"),
        ({"max_retries_for_selecting_speaker": -1}, "max_retries_for_selecting_speaker is -1"),
        ({"speaker_selection_method": "loudest"}, "speaker_selection_method is 'loudest'"),
        ({"speaker_selection_method": 3}, "speaker_selection_method is 3"),
        ({"allow_repeat_speaker": "yes"}, "allow_repeat_speaker is 'yes'"),
        ({"allow_repeat_speaker": [talker("zoe")]}, "names 'zoe'"),
        ({"speaker_transitions_type": "allowed"}, "without allowed_or_disallowed_speaker_transitions"),
        ({"select_speaker_message_template": ""}, "select_speaker_message_template is ''"),
        ({"select_speaker_prompt_template": ""}, "select_speaker_prompt_template is ''"),
        ({"role_for_select_speaker_messages": "boss"}, "role_for_select_speaker_messages is 'boss'"),
        ({"select_speaker_transform_messages": 5}, "select_speaker_transform_messages is 5"),
        ({"select_speaker_auto_model_client_cls": object}, "select_speaker_auto_model_client_cls"),
        ({"select_speaker_auto_llm_config": {"modle": "x"}}, "modle"),
    ],
)
def test_a_field_that_cannot_work_is_named(options, named):
    with pytest.raises(UsageError) as caught:
        GroupChat(**{"agents": trio()} | options)
    assert named in str(caught.value)


async def test_the_managers_way_to_lead_has_the_classics_name():
    """The classic's users call it, exclude it and put functions of their own in its place."""
    ann, ben = talker("ann"), talker("ben")
    manager = group_of([ann, ben], max_round=3)
    assert await manager.a_run_chat([{"role": "user", "content": "go"}], ann) == (True, None)
    assert [message["content"] for message in manager.groupchat.messages] == ["go", "ben here", "ann here"]
    assert await manager.a_generate_reply([{"role": "user", "content": "go"}], ann, exclude=[GroupChatManager.run_chat]) == ""
    manager.replace_reply_func(GroupChatManager.run_chat, lambda recipient, messages, sender, config: (True, "not today"))
    assert (await Room().chat(ann, manager, message="go", max_turns=1)).summary == "not today"
