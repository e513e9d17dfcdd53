"""Public methods that a subclass overrides are what a chat goes through, as in the classic."""

from __future__ import annotations

import pytest

from autogen_jupyter import (
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    ModelReply,
    ScriptedModel,
    ToolCall,
    UsageError,
    UserProxyAgent,
    initiate_chats,
)
from autogen_jupyter.session.transcript import MessageEntry
from tests.conversation.doubles import EchoExecutor, Room, contents


def talker(name, text="hi", kind=ConversableAgent, **options):
    return kind(name, human_input_mode="NEVER", default_auto_reply=text, **options)


def bot(name, *replies, kind=ConversableAgent):
    return kind(name, llm_config=ScriptedModel(list(replies)), human_input_mode="NEVER")


# --- send


class Loud(ConversableAgent):
    def send(self, message, recipient, request_reply=None, silent=False):
        self.sent = [*getattr(self, "sent", []), message]
        super().send(message.upper() if isinstance(message, str) else message, recipient, request_reply, silent)


class LoudAwaited(ConversableAgent):
    async def a_send(self, message, recipient, request_reply=None, silent=False):
        self.sent = [*getattr(self, "sent", []), message]
        await super().a_send(message.upper() if isinstance(message, str) else message, recipient, request_reply, silent)


@pytest.mark.parametrize("kind", [Loud, LoudAwaited])
async def test_a_chat_sends_by_the_own_send_of_a_subclass(kind):
    a, b = talker("a", "ho", kind), talker("b")
    result = await Room().chat(a, b, message="go", max_turns=2)
    assert contents(result) == [("assistant", "GO"), ("user", "hi"), ("assistant", "HO"), ("user", "hi")]
    assert [message["content"] for message in b.chat_messages[a]] == ["GO", "hi", "HO", "hi"]
    assert a.sent == ["go", "ho"]


async def test_a_chat_without_turns_sends_by_it_too_and_ends_as_ever():
    result = await Room().chat(talker("a", "ho", Loud, max_consecutive_auto_reply=1), talker("b"), message="go")
    assert [content for _, content in contents(result)] == ["GO", "hi", "HO", "hi"]


def test_a_blocking_chat_sends_by_it_too():
    result = talker("a", "ho").initiate_chat(talker("b", "hi", Loud), message="go", max_turns=1)
    assert contents(result) == [("assistant", "go"), ("user", "HI")]


async def test_send_put_on_one_agent_counts():
    a, sent = talker("a"), []

    def send(message, recipient, request_reply=None, silent=False):
        sent.append(message)
        ConversableAgent.send(a, message, recipient, request_reply, silent)

    a.send = send
    await Room().chat(a, talker("b"), message="go", max_turns=2)
    assert sent == ["go", "hi"]


def test_who_calls_it_goes_through_it_once_and_the_chat_goes_on():
    a, b = talker("a", "ho", Loud, max_consecutive_auto_reply=1), talker("b")
    a.send("go", b, request_reply=True)
    assert a.sent == ["go"], "the chat goes on only where one was begun, as in the classic"
    assert [message["content"] for message in a.chat_messages[b]] == ["GO", "hi"]


async def test_a_message_that_a_model_wrote_is_shown_once_though_it_is_sent_in_an_own_way():
    room = Room()
    await room.chat(talker("a"), bot("b", "hello", kind=Loud), message="go", max_turns=1)
    shown = [(entry.text, entry.state) for entry in room.session.transcript.entries if isinstance(entry, MessageEntry)]
    assert shown == [("go", "done"), ("HELLO", "done")]


async def test_the_report_of_a_run_stays_with_the_run():
    class User(Loud, UserProxyAgent):
        """Runs code and is loud."""

    room = Room()
    runs = User("user", human_input_mode="NEVER", code_execution_config={"executor": EchoExecutor()})
    await room.chat(talker("a"), runs, message="```python\nx\n```", max_turns=1)
    assert [entry.kind for entry in room.session.transcript.entries] == ["message", "run"]


async def test_what_an_own_send_keeps_to_itself_ends_the_chat():
    class Mute(ConversableAgent):
        def send(self, message, recipient, request_reply=None, silent=False):
            return None

    result = await Room().chat(talker("a"), talker("b", "hi", Mute), message="go", max_turns=3)
    assert (contents(result), result.stop_reason) == ([("assistant", "go")], "b sent nothing")


async def test_an_own_send_may_send_two_messages():
    class Twice(ConversableAgent):
        def send(self, message, recipient, request_reply=None, silent=False):
            for part in message.split("|"):
                super().send(part, recipient, request_reply, silent)

    b = talker("b", "one|two", Twice)
    result = await Room().chat(talker("a"), b, message="go", max_turns=1)
    assert [content for _, content in contents(result)] == ["go", "one", "two"]


async def test_what_a_model_says_has_no_file_sent_on_its_way_through_an_own_send():
    a, b = talker("a", sees_images=True), talker("b", "<img secret.png>", Loud)
    await Room().chat(a, b, message="go", max_turns=1)
    assert [message.extra for message in a.history_with(b).messages] == [{}, {}]


async def test_members_and_the_manager_of_a_group_send_by_their_own_send():
    class Manager(GroupChatManager):
        def send(self, message, recipient, request_reply=None, silent=False):
            self.sent = [*getattr(self, "sent", []), (recipient.name, message["name"], message["content"], silent)]
            super().send(message, recipient, request_reply, silent)

    ann, ben = talker("ann", "from ann"), talker("ben", "from ben", Loud)
    manager = Manager(GroupChat([ann, ben], max_round=3, speaker_selection_method="round_robin"))
    await Room().chat(ann, manager, message="go")
    assert [message["content"] for message in manager.groupchat.messages] == ["go", "FROM BEN", "from ann"]
    assert manager.sent == [("ben", "ann", "go", True), ("ann", "ben", "FROM BEN", True), ("ben", "ann", "from ann", True)]
    assert [message["name"] for message in ann.chat_messages[manager]] == ["ann", "ben", "ann"]


# --- receive


class Hears(ConversableAgent):
    def receive(self, message, sender, request_reply=None, silent=False):
        self.heard = [*getattr(self, "heard", []), message]
        super().receive(message, sender)


async def test_an_own_receive_gets_text_where_text_was_sent_and_a_dictionary_where_that_was():
    a, b = talker("a", {"content": "ho"}), talker("b", "hi", Hears)
    await Room().chat(a, b, message="go", max_turns=2)
    assert [one if isinstance(one, str) else one["content"] for one in b.heard] == ["go", "ho"]
    assert [type(one) for one in b.heard] == [str, dict]


async def test_an_own_receive_that_leaves_out_who_is_to_reply_does_not_double_the_chat():
    a, b = talker("a", "ho"), talker("b", "hi", Hears)
    result = await Room().chat(a, b, message="go", max_turns=2)
    assert [content for _, content in contents(result)] == ["go", "hi", "ho", "hi"]


async def test_a_message_that_a_model_wrote_is_shown_once_though_it_is_received_in_an_own_way():
    room = Room()
    await room.chat(talker("a", kind=Hears), bot("b", "hello"), message="go", max_turns=1)
    assert [entry.text for entry in room.session.transcript.entries if isinstance(entry, MessageEntry)] == ["go", "hello"]


async def test_an_own_receive_is_told_who_spoke_in_a_group():
    ann, ben, cem = talker("ann"), talker("ben"), talker("cem", "hi", Hears)
    await Room().chat(ann, GroupChatManager(GroupChat([ann, ben, cem], max_round=2, speaker_selection_method="round_robin")), message="go")
    assert [message["name"] for message in cem.heard] == ["ann", "ben"]


# --- execute_function

CALL = ModelReply("", "scripted", tool_calls=(ToolCall("t1", "add", '{"a": 1, "b": 2}'),))


def add(a: int, b: int) -> int:
    return a + b


class Audits(ConversableAgent):
    def execute_function(self, func_call, verbose=False):
        succeeded, message = super().execute_function(func_call, verbose)
        return succeeded, {**message, "content": f"{func_call['name']} gave {message['content']}"}


class AuditsAwaited(ConversableAgent):
    async def a_execute_function(self, func_call, verbose=False):
        succeeded, message = await super().a_execute_function(func_call, verbose)
        return succeeded, {**message, "content": f"{func_call['name']} gave {message['content']}"}


async def called(kind, room=None):
    executor = talker("user", "hi", kind, function_map={"add": add})
    result = await (room or Room()).chat(executor, bot("b", CALL, "done"), message="go", max_turns=2)
    return result.chat_history[2]["tool_responses"][0]["content"]


@pytest.mark.parametrize("kind", [Audits, AuditsAwaited])
async def test_tool_calls_go_through_the_own_execute_function_of_a_subclass(kind):
    room = Room()
    assert await called(kind, room) == "add gave 3"
    assert [kind for kind in room.kinds() if kind.startswith("tool")] == ["tool_called", "tool_returned"]


async def test_the_older_form_of_a_call_goes_through_it_too():
    room, executor = Room(), talker("user", "hi", Audits, function_map={"add": add})
    calling = talker("b", {"content": None, "function_call": {"name": "add", "arguments": '{"a": 1, "b": 2}'}})
    result = await room.chat(executor, calling, message="go", max_turns=2)
    assert result.chat_history[2]["content"] == "add gave 3"
    assert [kind for kind in room.kinds() if kind.startswith("tool")] == ["tool_called", "tool_returned"]


async def test_an_own_execute_function_need_not_ask_the_inherited_one_and_its_errors_are_for_the_model():
    class Own(ConversableAgent):
        def execute_function(self, func_call, verbose=False):
            return True, {"name": func_call["name"], "role": "function", "content": "mine"}

    class Broken(ConversableAgent):
        def execute_function(self, func_call, verbose=False):
            raise ValueError("no")

    class Wrong(ConversableAgent):
        def execute_function(self, func_call, verbose=False):
            return "3"

    assert await called(Own) == "mine"
    assert (await called(Broken)).startswith("Error: ValueError: no")
    with pytest.raises(UsageError, match="execute_function returned '3'; it must return"):
        await called(Wrong)


def test_who_calls_it_runs_the_function_once():
    ran = []
    agent = talker("user", "hi", Audits, function_map={"note": lambda: ran.append(1) or "noted"})
    assert agent.execute_function({"name": "note", "arguments": "{}"})[1]["content"] == "note gave noted"
    assert ran == [1]


# --- initiate_chat


class Begins(ConversableAgent):
    def initiate_chat(self, recipient, **options):
        self.begun = [*getattr(self, "begun", []), recipient.name]
        return super().initiate_chat(recipient, **options | {"message": f"please: {options['message']}"})


class BeginsAwaited(ConversableAgent):
    async def a_initiate_chat(self, recipient, **options):
        self.begun = [*getattr(self, "begun", []), recipient.name]
        return await super().a_initiate_chat(recipient, **options | {"message": f"please: {options['message']}"})


@pytest.mark.parametrize("kind", [Begins, BeginsAwaited])
def test_several_chats_are_begun_by_the_own_initiate_chat_of_a_subclass(kind):
    a = talker("a", "ho", kind)
    queue = [{"recipient": talker(name, f"from {name}"), "message": "go", "max_turns": 1} for name in ("b", "c")]
    results = a.initiate_chats(queue)
    assert [result.chat_history[0]["content"].split("\n")[0] for result in results] == ["please: go", "please: go"]
    assert "from b" in results[1].chat_history[0]["content"]
    assert a.begun == ["b", "c"]
    assert len(initiate_chats([{**chat, "sender": a} for chat in queue])) == 2


def test_a_chat_in_the_background_is_begun_by_it_too():
    assert talker("a", "ho", Begins).run(talker("b"), message="go", max_turns=1).messages[0]["content"] == "please: go"


# --- the predicate


async def test_the_classics_private_name_of_the_predicate_can_be_set():
    a, b = talker("a", "ho"), talker("b")
    assert b._is_termination_msg({"content": "TERMINATE"})
    b._is_termination_msg = lambda message: message["content"] == "ho"
    assert [content for _, content in contents(await Room().chat(a, b, message="go"))] == ["go", "hi", "ho"]
    with pytest.raises(UsageError, match="is_termination_msg is 5"):
        b._is_termination_msg = 5
