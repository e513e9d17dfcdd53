"""``chat_messages`` is the agent's memory, as in the classic: what is put into it, or changed in it, counts."""

from __future__ import annotations

import copy
import json
import pickle
from collections import defaultdict

import pytest

from autogen_jupyter import ConversableAgent, GroupChat, GroupChatManager, ScriptedModel, UsageError
from autogen_jupyter.conversation.history import History
from autogen_jupyter.messages import Message, ToolCall, ToolResult
from tests.conversation.doubles import Room

NOTE = {"role": "user", "content": "note", "name": "b"}


def talker(name, text="hi", **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text, **options)


async def a_chat():
    """Two agents after one round trip, and the model of the second."""
    model = ScriptedModel(["one", "two", "three"])
    a, b = talker("a"), ConversableAgent("b", llm_config=model, human_input_mode="NEVER", system_message="")
    await Room().chat(a, b, message="go", max_turns=1)
    return a, b, model


def told(model):
    """What the model was last told, in its words."""
    return [message.text for message in model.requests[-1].messages]


async def go_on(a, b):
    return [message["content"] for message in (await Room().chat(a, b, message="on", max_turns=1, clear_history=False)).chat_history]


# --- the mapping


def test_there_is_an_empty_list_before_any_chat():
    a, b = talker("a"), talker("b")
    assert a.chat_messages[b] == []
    assert (b in a.chat_messages, len(a.chat_messages), dict(a.chat_messages)) == (False, 0, {})
    assert a.chat_messages.get(b) is None


async def test_a_history_can_be_seeded_before_the_first_chat():
    a, b, model = talker("a"), None, ScriptedModel(["fine"])
    b = ConversableAgent("b", llm_config=model, human_input_mode="NEVER", system_message="")
    b.chat_messages[a].append({"role": "user", "content": "earlier", "name": "a"})
    await Room().chat(a, b, message="go", max_turns=1, clear_history=False)
    assert told(model) == ["earlier", "go"]


async def test_a_whole_conversation_can_be_given_forgotten_and_taken():
    a, b, _ = await a_chat()
    a.chat_messages[b] = [NOTE]
    assert [message.text for message in a.history_with(b).messages] == ["note"]
    assert a.chat_messages.pop(b) == [NOTE]
    assert (a.chat_messages, a.chat_messages.pop(b, None)) == ({}, None)
    b.chat_messages.clear()
    assert b.history_with(a).messages == []
    with pytest.raises(KeyError):
        del b.chat_messages[a]


async def test_the_classics_private_name_is_the_same_memory():
    a, b, _ = await a_chat()
    a._oai_messages[b].append(NOTE)
    assert a._oai_messages == a.chat_messages == {b: a.history_with(b).as_dicts()}
    assert len(a.history_with(b).messages) == 3
    a._oai_messages = defaultdict(list, {b: [NOTE]})
    assert [message.text for message in a.history_with(b).messages] == ["note"]
    a._oai_messages = {}
    assert a.chat_messages == {}


# --- the lists


async def test_what_is_appended_between_two_chats_is_in_the_history():
    a, b, model = await a_chat()
    a.chat_messages[b].append(NOTE)
    b.chat_messages[a].append({"role": "user", "content": "for the model"})
    assert await go_on(a, b) == ["go", "one", "note", "on", "two"]
    assert told(model) == ["go", "one", "for the model", "on"]


EDITS = {
    "append": lambda messages: messages.append(NOTE),
    "extend": lambda messages: messages.extend([NOTE]),
    "+=": lambda messages: messages.__iadd__([NOTE]),
    "insert": lambda messages: messages.insert(0, NOTE),
    "replace": lambda messages: messages.__setitem__(-1, NOTE),
    "slice": lambda messages: messages.__setitem__(slice(None), [NOTE]),
    "pop": lambda messages: messages.pop(),
    "del": lambda messages: messages.__delitem__(0),
    "remove": lambda messages: messages.remove(messages[0]),
    "reverse": lambda messages: messages.reverse(),
    "sort": lambda messages: messages.sort(key=lambda message: message["content"], reverse=True),
    "clear": lambda messages: messages.clear(),
    "edit": lambda messages: messages[0].update(content="edited"),
    "edit the last": lambda messages: messages[-1].__setitem__("content", "edited"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_every_way_to_change_the_list_changes_the_history_as_it_changes_a_list(edit):
    history = History([Message("user", "go", "a", id="m1"), Message("assistant", "one", "b", id="m2")])
    plain = [message.to_dict() for message in history.messages]
    edit(plain)
    edit(history.as_dicts())
    assert [message.to_dict() for message in history.messages] == plain == history.as_dicts()


def test_the_list_stays_the_same_object_and_grows():
    history = History()
    seen = history.as_dicts()
    history.append(Message("user", "go", "a"), "user")
    assert history.as_dicts() is seen
    assert len(seen) == 1
    history.clear()
    assert seen == []
    seen.append(NOTE)
    assert history.messages[0].text == "note"


def test_a_list_that_somebody_kept_does_not_undo_what_was_said_since():
    history = History([Message("user", "go", "a")])
    kept = history.as_dicts()
    history.append(Message("assistant", "one", "b"), "assistant")
    kept.append(NOTE)
    assert [message.text for message in history.messages] == ["go", "one", "note"]


def test_messages_that_were_not_touched_stay_the_same_objects_and_an_edited_one_keeps_its_id():
    history = History([Message("user", "go", "a"), Message("assistant", "one", "b")])
    first, second = history.messages
    history.as_dicts()[1]["content"] = "edited"
    assert history.messages[0] is first
    assert (history.messages[1].id, history.messages[1].text, second.text) == (second.id, "edited", "one")


def test_what_a_model_was_told_does_not_change_with_the_history():
    history = History([Message("user", "go", "a")])
    before = history.messages
    history.as_dicts().clear()
    assert [message.text for message in before] == ["go"]


def test_what_is_no_message_is_refused_and_leaves_the_history_as_it_was():
    history = History([Message("user", "go", "a")])
    for wrong, why in (("text", "a history got 'text'"), ({"role": "user"}, "neither content")):
        with pytest.raises(UsageError, match=f"(?i){why}"):
            history.as_dicts().append(wrong)
        assert [one["content"] for one in history.as_dicts()] == ["go"] == [message.text for message in history.messages]


def test_a_message_may_be_without_content_for_a_moment():
    history = History([Message("user", "go", "a")])
    message = history.as_dicts()[0]
    message["content"] = message.pop("content") + " on"
    assert history.messages[0].text == "go on"


def test_copies_are_plain_and_change_nothing():
    history = History([Message("user", "go", "a")])
    live = history.as_dicts()
    for copied in (copy.copy(live), copy.deepcopy(live), json.loads(json.dumps(live)), list(map(dict, live)), [*live]):
        copied.clear()
    for copied in (copy.copy(live[0]), copy.deepcopy(live)[0], live[0].copy(), {**live[0]}):
        assert type(copied) is dict
        copied["content"] = "edited"
    assert history.messages[0].text == "go"
    assert type(copy.deepcopy(live)) is list


def test_secrets_that_are_put_in_are_taken_out():
    history = History([Message("user", "go", "a")])
    key = "sk-" + "a1B2" * 12
    history.as_dicts()[0]["content"] = f"my key is {key}"
    history.as_dicts().append({"role": "user", "content": key})
    assert key not in str(history.messages) + str(history.as_dicts())


# --- within a message


def put_in_and_edit(message):
    message["tool_calls"] = [{"id": "c2", "type": "function", "function": {"name": "sub", "arguments": "{}"}}]
    message["tool_calls"][0]["function"]["arguments"] = '{"b": 1}'


CALLS = Message("assistant", None, "b", (ToolCall("c1", "add", '{"a": 1}'),), id="m1")
SEEN = Message("user", ({"type": "text", "text": "look"}, {"type": "text", "text": "here"}), "a", id="m2")
RESULT = Message("tool", "2", "a", tool_results=(ToolResult("c1", "2"),), id="m3")
OLD_CALL = Message("assistant", None, "b", extra={"function_call": {"name": "add", "arguments": "{}"}}, id="m4")
EDITS_WITHIN = {
    "arguments": (CALLS, lambda message: message["tool_calls"][0]["function"].__setitem__("arguments", '{"a": 2}')),
    "calls": (CALLS, lambda message: message["tool_calls"].append(ToolCall("c2", "sub", "{}").to_dict())),
    "a call": (CALLS, lambda message: message["tool_calls"][0].update(function={"name": "sub", "arguments": "{}"})),
    "what was put in": (CALLS, put_in_and_edit),
    "text": (SEEN, lambda message: message["content"][0].__setitem__("text", "listen")),
    "parts": (SEEN, lambda message: message["content"].pop()),
    "result": (RESULT, lambda message: message["tool_responses"][0].update(content="3")),
    "older form": (OLD_CALL, lambda message: message["function_call"].update(arguments='{"a": 2}')),
}


@pytest.mark.parametrize(("message", "edit"), EDITS_WITHIN.values(), ids=EDITS_WITHIN)
def test_a_change_within_a_message_is_one_of_the_history_and_of_no_other(message, edit):
    before = copy.deepcopy(message.to_dict())
    plain = copy.deepcopy(before)
    history, other = History([message]), History([message])
    edit(plain)
    edit(history.as_dicts()[0])
    assert Message.from_dict(history.messages[0].to_dict()) == Message.from_dict(plain) != message
    assert (history.messages[0].id, history.as_dicts()) == (message.id, [history.messages[0].to_dict()])
    assert message.to_dict() == before == other.as_dicts()[0]


async def test_the_next_request_to_the_model_has_what_was_changed_within_a_message():
    a, b, model = await a_chat()
    b.chat_messages[a].append({"role": "user", "content": [{"type": "text", "text": "one"}], "name": "a"})
    b.chat_messages[a][-1]["content"][0]["text"] = "two"
    b.chat_messages[a].append({"role": "assistant", "content": None, "tool_calls": [CALLS.tool_calls[0].to_dict()]})
    b.chat_messages[a][-1]["tool_calls"][0]["function"]["arguments"] = '{"a": 7}'
    b.chat_messages[a].append({"role": "tool", "tool_call_id": "c1", "content": "7"})
    await go_on(a, b)
    messages = model.requests[-1].messages
    assert [call.arguments for message in messages for call in message.tool_calls] == ['{"a": 7}']
    assert "two" in told(model)


async def test_a_result_shares_nothing_with_the_history():
    a, b = talker("a"), talker("b", {"content": [{"type": "text", "text": "look"}]})
    result = await Room().chat(a, b, message="go", max_turns=1)
    result.chat_history[1]["content"][0]["text"] = "edited"
    assert a.chat_messages[b][1]["content"] == [{"type": "text", "text": "look"}]
    a.chat_messages[b][1]["content"][0]["text"] = "changed"
    assert result.chat_history[1]["content"] == [{"type": "text", "text": "edited"}]


def test_copies_of_what_is_within_a_message_are_plain():
    history = History([CALLS])
    calls = history.as_dicts()[0]["tool_calls"]
    for copied in (copy.deepcopy(calls), json.loads(json.dumps(calls)), pickle.loads(pickle.dumps(calls))):
        assert (type(copied), type(copied[0]["function"])) == (list, dict)
        copied[0]["function"]["name"] = "sub"
    assert history.messages[0] is CALLS


def test_secrets_that_are_put_within_a_message_are_taken_out():
    history = History([CALLS])
    key = "sk-" + "a1B2" * 12
    history.as_dicts()[0]["tool_calls"][0]["function"]["arguments"] = f'{{"key": "{key}"}}'
    assert key not in str(history.messages) + str(history.as_dicts())


# --- in the middle of a chat


async def test_a_reply_function_that_edits_the_messages_and_passes_lets_the_model_see_it():
    a, b, model = await a_chat()

    def add_context(recipient, messages, sender, config):
        messages[-1]["content"] += " (it is Monday)"
        return False, None

    b.register_reply([ConversableAgent, None], add_context)
    result = await Room().chat(a, b, message="go", max_turns=1)
    assert told(model) == ["go (it is Monday)"]
    assert b.chat_messages[a][0]["content"] == "go (it is Monday)"
    assert result.chat_history[0]["content"] == "go", "the other agent remembers what it said"


async def test_a_result_does_not_change_with_the_history():
    a, b = talker("a"), talker("b", "ho")
    result = await Room().chat(a, b, message="go", max_turns=1)
    a.chat_messages[b][0]["content"] = "edited"
    assert result.chat_history[0]["content"] == "go"


async def test_members_of_a_group_can_be_made_to_forget_in_the_middle_of_it():
    members = [talker(name, name) for name in ("ann", "ben", "cem")]
    manager = GroupChatManager(GroupChat(members, max_round=4, speaker_selection_method="round_robin"))

    def forget(recipient, messages, sender, config):
        recipient.clear_history()
        return True, "what was it?"

    members[1].register_reply([ConversableAgent, None], forget)
    await Room().chat(members[0], manager, message="go")
    assert [message["content"] for message in members[1].chat_messages[manager]] == ["what was it?", "cem", "ann"]


def test_a_result_shares_nothing_with_the_memory_of_agents():
    a, b = (ConversableAgent(name, human_input_mode="NEVER", default_auto_reply="Yes.") for name in ("a", "b"))
    result = a.initiate_chat(b, message={"content": "go", "context": {"known": [1]}}, max_turns=1, silent=True)
    result.chat_history[0]["context"]["known"].append(2)
    assert b.chat_messages[a][0]["context"] == {"known": [1]}
