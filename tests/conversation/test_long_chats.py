"""Conversations that become too long for their model."""

from __future__ import annotations

import pytest

from autogen_jupyter import (
    AssistantAgent,
    CompactHistory,
    ContextLengthError,
    Message,
    ModelError,
    ModelRequest,
    ScriptedModel,
    ToolCall,
    TransformMessages,
    UsageError,
    UserProxyAgent,
)
from autogen_jupyter.events import Noticed
from autogen_jupyter.messages import ToolResult
from autogen_jupyter.replies.shortening import shortened
from tests.conversation.doubles import Room

TOO_LONG = ContextLengthError("The server refused: too long.")


def scripted(replies):
    """A model of a name of its own: what is known of the tokens of a name is known in the whole process."""
    return ScriptedModel(replies, model="long-chats")


def person(**options):
    return UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, default_auto_reply="more " * 40, **options)


def notices(room):
    return [event.text for event in room.events if isinstance(event, Noticed)]


def texts(request):
    return [message.text for message in request.messages]


async def test_a_chat_that_is_too_long_shortens_itself_once_and_goes_on_visibly():
    model = scripted(["1 " * 90, "2 " * 90, TOO_LONG, "three", "four"])
    room = Room()
    result = await room.chat(person(), AssistantAgent("bot", "sys", llm_config=model), message="task", max_turns=4)
    refused, repeated, next_one = model.requests[2:5]
    assert texts(repeated)[:2] == ["sys", "task"]
    assert texts(repeated)[-1] == texts(refused)[-1]
    assert 2 < len(repeated.messages) < len(refused.messages)
    assert len(next_one.messages) < len(refused.messages) + 2, "what was too long once is not tried again"
    assert len(notices(room)) == 1
    assert notices(room)[0].startswith("Shortened the conversation: long-chats (bot) cannot read all of it")
    assert len(result.chat_history) == 8, "the history is whole"


async def test_a_second_refusal_is_the_error_that_it_is():
    model = scripted(["1 " * 90, "2 " * 90, TOO_LONG, TOO_LONG])
    with pytest.raises(ContextLengthError):
        await Room().chat(person(), AssistantAgent("bot", "sys", llm_config=model), message="task", max_turns=4)


async def test_where_nothing_can_be_left_out_the_error_is_raised_at_once():
    model = scripted([TOO_LONG])
    with pytest.raises(ContextLengthError):
        await Room().chat(person(), AssistantAgent("bot", "sys", llm_config=model), message="task", max_turns=4)
    assert len(model.requests) == 1


def test_a_shortened_request_keeps_calls_with_their_results():
    call = Message("assistant", None, tool_calls=(ToolCall("c", "f", "{}"),))
    results = [Message("tool", "r" * 900, tool_results=(ToolResult("c", "r" * 900),))]
    history = [Message("system", "s"), Message("user", "task"), Message("assistant", "old " * 90), call, *results]
    made = shortened(ModelRequest(tuple(history)), 20)
    assert [message.role for message in made.messages] == ["system", "user", "assistant", "tool"]
    assert made.messages[2] is call


async def test_the_old_part_of_a_long_history_is_summarized_once():
    summarizer = scripted(["They counted to three."])
    model = scripted([f"{n} " * 60 for n in range(1, 7)])
    bot = AssistantAgent("bot", "", llm_config=model)
    TransformMessages(transforms=[CompactHistory(summarizer, keep_last=2, max_tokens=250)]).add_to_agent(bot)
    room = Room()
    result = await room.chat(person(), bot, message="Count.", max_turns=5)
    assert len(summarizer.requests) == 1
    assert "bot: 1 1" in summarizer.requests[0].messages[-1].text
    with_summary = [request for request in model.requests if "They counted to three." in request.messages[0].text]
    assert len(with_summary) >= 2, "the summary is used again"
    assert with_summary[0].messages[0].text.startswith("Count.\n\nSummary of the conversation up to here:\n")
    assert [message.role for message in with_summary[0].messages[:2]] == ["user", "assistant"]
    assert [text for text in notices(room) if text.startswith("Shortened the conversation: bot is shown a summary")]
    assert result.chat_history[0]["content"] == "Count."


async def test_a_summary_grows_by_summarizing_what_came_after_it():
    summarizer = scripted(["first summary", "second summary"])
    compact = CompactHistory(summarizer, keep_last=2, max_tokens=100)
    history = [{"role": ("user", "assistant")[n % 2], "content": f"{n} " * 60} for n in range(13)]
    assert "first summary" in (await compact.apply_transform(history[:7]))[0]["content"]
    shown = await compact.apply_transform(history)
    assert "first summary" in summarizer.requests[1].messages[-1].text
    assert "second summary" in shown[0]["content"]
    assert shown[1:] == history[-3:] or shown[1:] == history[-2:]


async def test_a_summary_never_parts_a_call_from_its_results():
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]}
    result = {"role": "tool", "content": "x", "tool_responses": [{"tool_call_id": "c", "content": "x"}]}
    old = [{"role": "user", "content": "a " * 300}, {"role": "assistant", "content": "b " * 300}]
    shown = await CompactHistory(scripted(["short"]), keep_last=1, max_tokens=50).apply_transform([*old, call, result])
    assert shown[1:] == [call, result]


async def test_a_summary_that_fails_leaves_the_conversation_as_it_is():
    compact = CompactHistory(scripted([ModelError("no capacity")]), keep_last=1, max_tokens=50)
    history = [{"role": ("user", "assistant")[n % 2], "content": "a " * 300} for n in range(3)]
    assert await compact.apply_transform(history) == history
    assert await compact.apply_transform(history) == history, "and it is not asked for again at once"


def test_a_compaction_needs_a_model_and_its_own_agent():
    with pytest.raises(UsageError, match="user has none"):
        TransformMessages(transforms=[CompactHistory()]).add_to_agent(person())
    compact = TransformMessages(transforms=[CompactHistory()])
    compact.add_to_agent(AssistantAgent("a", llm_config=scripted([])))
    with pytest.raises(UsageError, match="belongs to one agent"):
        compact.add_to_agent(AssistantAgent("b", llm_config=scripted([])))
    with pytest.raises(UsageError, match="keep_last is 0"):
        CompactHistory(keep_last=0)
