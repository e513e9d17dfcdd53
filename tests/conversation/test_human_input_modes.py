"""The three human-input modes, as whole conversations. The expected messages were written down from AutoGen 0.2's behaviour."""

from __future__ import annotations

import pytest

from autogen_jupyter import AssistantAgent, ConversableAgent, InputAnswer, ScriptedModel, UsageError, UserProxyAgent
from autogen_jupyter.code_blocks import CodeBlock
from tests.conversation.doubles import EchoExecutor, Room, contents

CODE = "Run this:\n```python\nprint(1)\n```"
RAN = "exitcode: 0 (execution succeeded)\nCode output: ran print(1)\n"


def assistant(*replies):
    return AssistantAgent("assistant", llm_config=ScriptedModel([*replies]))


def user(mode, **options):
    executor = EchoExecutor()
    return UserProxyAgent("user", human_input_mode=mode, code_execution_config={"executor": executor}, **options), executor


async def test_never_runs_the_code_and_stops_at_the_termination_message():
    room = Room()
    proxy, executor = user("NEVER")
    result = await room.chat(proxy, assistant(CODE, "TERMINATE"), message="go")
    assert contents(result) == [("assistant", "go"), ("user", CODE), ("assistant", RAN), ("user", "TERMINATE")]
    assert result.stop_reason == "assistant said TERMINATE"
    assert room.human.requests == []
    assert [block.code for block in executor.ran] == ["print(1)"]


async def test_never_does_not_stop_at_terminate_within_other_text():
    proxy, _ = user("NEVER", max_consecutive_auto_reply=1, default_auto_reply="go on")
    result = await Room().chat(proxy, assistant("Done. TERMINATE", "more"), message="go")
    assert contents(result) == [("assistant", "go"), ("user", "Done. TERMINATE"), ("assistant", "go on"), ("user", "more")]


async def test_never_with_a_limit_of_two_gives_exactly_two_automatic_replies():
    proxy, _ = user("NEVER", max_consecutive_auto_reply=2)
    result = await Room().chat(proxy, assistant("a", "b", "c"), message="go")
    assert len(result.chat_history) == 6
    assert contents(result)[-1] == ("user", "c")
    assert "2 automatic replies" in result.stop_reason


async def test_always_asks_at_every_message_and_an_empty_answer_runs_the_code():
    room = Room(["", ""])
    proxy, executor = user("ALWAYS")
    result = await room.chat(proxy, assistant(CODE, "TERMINATE"), message="go")
    assert contents(result) == [("assistant", "go"), ("user", CODE), ("assistant", RAN), ("user", "TERMINATE")]
    assert len(executor.ran) == 1
    assert [request.kind for request in room.human.requests] == ["approval", "reply"]
    assert room.human.requests[0].prompt == (
        "Replying as user. Provide feedback to assistant. Press enter to skip and use auto-reply, or type 'exit' to end the conversation: "
    )
    assert [request.is_last for request in room.human.requests] == [False, True]


async def test_always_with_text_sends_the_text_and_runs_nothing():
    proxy, executor = user("ALWAYS")
    result = await Room(["use 2", "exit"]).chat(proxy, assistant(CODE, "fine"), message="go")
    assert contents(result) == [("assistant", "go"), ("user", CODE), ("assistant", "use 2"), ("user", "fine")]
    assert executor.ran == []
    assert result.human_input == ["use 2", "exit"]
    assert result.stop_reason == "the human ended the conversation (as user)"


@pytest.mark.parametrize("text", ["Exit", "EXIT", "exit ", "quit"])
async def test_only_exactly_exit_ends_the_chat(text):
    result = await Room([text, "exit"]).chat(user("ALWAYS")[0], assistant("a", "b"), message="go")
    assert contents(result)[2] == ("assistant", text)


async def test_terminate_asks_at_the_termination_message_and_an_answer_goes_on():
    room = Room(["now with a plot", ""])
    proxy, _ = user("TERMINATE")
    result = await room.chat(proxy, assistant(CODE, "TERMINATE", "TERMINATE"), message="go")
    assert contents(result)[3:] == [("user", "TERMINATE"), ("assistant", "now with a plot"), ("user", "TERMINATE")]
    assert room.human.requests[0].prompt == "Please give feedback to assistant. Press enter or type 'exit' to stop the conversation: "


async def test_terminate_asks_at_the_limit_and_then_at_every_later_message():
    room = Room(["", "", "exit"])
    proxy, _ = user("TERMINATE", max_consecutive_auto_reply=1, default_auto_reply="go on")
    result = await room.chat(proxy, assistant("a", "b", "c", "d"), message="go")
    assert [content for _, content in contents(result)] == ["go", "a", "go on", "b", "go on", "c", "go on", "d"]
    assert room.human.requests[0].prompt == (
        "Please give feedback to assistant. Press enter to skip and use auto-reply, or type 'exit' to stop the conversation: "
    )


async def test_terminate_at_the_limit_with_a_termination_message_stops_on_an_empty_answer():
    room = Room([""])
    proxy, _ = user("TERMINATE", max_consecutive_auto_reply=1, default_auto_reply="go on")
    result = await room.chat(proxy, assistant("a", "TERMINATE"), message="go")
    assert len(result.chat_history) == 4
    assert result.stop_reason == "assistant said TERMINATE"


async def test_a_human_reply_resets_the_counter():
    room = Room(["again", "exit"])
    proxy, _ = user("TERMINATE", max_consecutive_auto_reply=1, default_auto_reply="go on")
    result = await room.chat(proxy, assistant("a", "b", "c", "d"), message="go")
    assert [content for _, content in contents(result)] == ["go", "a", "go on", "b", "again", "c", "go on", "d"]


async def test_a_limit_of_zero_stops_at_once_in_never_and_sends_the_empty_answer_in_always():
    never = await Room().chat(user("NEVER", max_consecutive_auto_reply=0)[0], assistant("a"), message="go")
    assert contents(never) == [("assistant", "go"), ("user", "a")]
    always = await Room(["", "exit"]).chat(user("ALWAYS", max_consecutive_auto_reply=0)[0], assistant(CODE, "b"), message="go")
    assert contents(always)[2] == ("assistant", "")


async def test_a_human_reply_to_a_tool_call_answers_the_call_too():
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    caller = ConversableAgent("caller", human_input_mode="NEVER", default_auto_reply={"content": None, "tool_calls": [call]})
    proxy, _ = user("ALWAYS")
    result = await Room(["no, stop", "exit"]).chat(proxy, caller, message="go")
    assert result.chat_history[2]["tool_responses"] == [{"role": "tool", "tool_call_id": "c1", "content": "USER INTERRUPTED"}]


async def test_no_message_asks_the_person_for_the_opening():
    room = Room(["what is it?", "exit"])
    result = await room.chat(user("ALWAYS")[0], assistant("a"), message=None)
    assert room.human.requests[0].prompt == ">"
    assert contents(result)[0] == ("assistant", "what is it?")


async def test_an_overridden_get_human_input_is_asked_instead():
    class Mine(UserProxyAgent):
        def get_human_input(self, prompt):
            return "exit"

    room = Room()
    proxy = Mine("user", code_execution_config=False)
    result = await room.chat(proxy, assistant("a"), message="go")
    assert room.human.requests == []
    assert result.human_input == ["exit"]


async def test_edited_code_is_what_runs_and_the_assistant_is_told():
    answer = InputAnswer("run", blocks=(CodeBlock("python", "print(2)"),))
    proxy, executor = user("ALWAYS")
    result = await Room([answer, ""]).chat(proxy, assistant(CODE, "TERMINATE"), message="go")
    assert [block.code for block in executor.ran] == ["print(2)"]
    assert "-print(1)\n+print(2)" in result.chat_history[2]["content"]


async def test_approval_is_asked_apart_from_the_human_input_mode():
    room = Room([""], approval="always")
    proxy, executor = user("NEVER")
    await room.chat(proxy, assistant(CODE, "TERMINATE"), message="go")
    assert [request.kind for request in room.human.requests] == ["approval"]
    assert room.human.requests[0].blocks == (CodeBlock("python", "print(1)"),)
    assert len(executor.ran) == 1


async def test_approval_is_not_asked_twice_in_always():
    room = Room(["", ""], approval="always")
    await room.chat(user("ALWAYS")[0], assistant(CODE, "TERMINATE"), message="go")
    assert [request.kind for request in room.human.requests] == ["approval", "reply"]


async def test_refused_code_does_not_run_and_the_reply_is_sent_instead():
    room = Room(["use pandas", ""], approval="always")
    proxy, executor = user("NEVER")
    result = await room.chat(proxy, assistant(CODE, "TERMINATE"), message="go")
    assert executor.ran == []
    assert contents(result)[2] == ("assistant", "I did not run your code. use pandas")
    assert result.code == []


def test_an_unknown_mode_is_refused_by_name():
    with pytest.raises(UsageError, match=r"'always'.*ALWAYS, TERMINATE or NEVER"):
        UserProxyAgent("user", human_input_mode="always")
