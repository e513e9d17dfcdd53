"""What a model is shown of a history, and that the history itself stays as it was."""

from __future__ import annotations

import pytest

from autogen_jupyter import (
    AssistantAgent,
    Cache,
    MessageHistoryLimiter,
    MessageTokenLimiter,
    ModelReply,
    ScriptedModel,
    TextMessageCompressor,
    TextMessageContentName,
    TransformMessages,
    Usage,
    UsageError,
    UserProxyAgent,
)
from autogen_jupyter.events import Noticed
from autogen_jupyter.models.tokens import tokens
from tests.conversation.doubles import Room

CALL = {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}
RESULT = {
    "role": "tool",
    "content": "r" * 100,
    "tool_responses": [{"role": "tool", "tool_call_id": "c", "content": "r" * 100}],
}


def said(*texts):
    return [{"role": "user", "content": text} for text in texts]


def texts(messages):
    return [message["content"] for message in messages]


async def test_an_agent_sees_the_transformed_history_and_keeps_the_whole_one():
    model = ScriptedModel(["one", "two", "three"])
    bot = AssistantAgent("assistant", "Be brief.", llm_config=model)
    TransformMessages(transforms=[MessageHistoryLimiter(max_messages=2)]).add_to_agent(bot)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, default_auto_reply="go on")
    room = Room()
    result = await room.chat(user, bot, message="begin", max_turns=3)
    assert [[message.text for message in request.messages] for request in model.requests] == [
        ["Be brief.", "begin"],
        ["Be brief.", "one", "go on"],
        ["Be brief.", "two", "go on"],
    ]
    assert len(result.chat_history) == 6
    notices = [event.text for event in room.events if isinstance(event, Noticed)]
    assert notices[-1] == "Removed 3 messages. Number of messages reduced from 5 to 2."


async def test_a_leading_system_message_is_put_aside_and_restored():
    seen = []

    class Spy:
        def apply_transform(self, messages):
            seen.extend(messages)
            return messages[-1:]

        def get_logs(self, pre, post):
            return "", False

    model = ScriptedModel(["ok"])
    bot = AssistantAgent("assistant", "", llm_config=model)
    TransformMessages(transforms=[Spy()]).add_to_agent(bot)
    history = [{"role": "system", "content": "rules"}, *said("a", "b")]
    assert await bot.a_generate_reply(history) == "ok"
    assert texts(seen) == ["a", "b"]
    assert [message.text for message in model.requests[0].messages] == ["rules", "b"]
    assert texts(history) == ["rules", "a", "b"]


async def test_a_transform_may_be_async():
    class Late:
        async def apply_transform(self, messages):
            return [*messages, *said("added")]

        def get_logs(self, pre, post):
            return "", False

    model = ScriptedModel(["ok"])
    bot = AssistantAgent("assistant", "", llm_config=model)
    TransformMessages(transforms=[Late()], verbose=False).add_to_agent(bot)
    await bot.a_generate_reply(said("a"))
    assert model.requests[0].messages[-1].text == "added"


def test_what_is_no_transform_is_refused():
    with pytest.raises(UsageError, match="apply_transform"):
        TransformMessages(transforms=["no"])
    with pytest.raises(UsageError, match="ConversableAgent"):
        TransformMessages().add_to_agent("no")


@pytest.mark.parametrize(
    ("limit", "kept"),
    [(1, [CALL, RESULT]), (2, [CALL, RESULT]), (3, [*said("b"), CALL, RESULT]), (9, [*said("a", "b"), CALL, RESULT])],
)
def test_a_limited_history_never_begins_with_a_result_and_never_loses_the_last_message(limit, kept):
    assert MessageHistoryLimiter(max_messages=limit).apply_transform([*said("a", "b"), CALL, RESULT]) == kept


def test_a_result_in_the_middle_goes_with_its_call():
    history = [*said("a"), CALL, RESULT, *said("b", "c")]
    assert texts(MessageHistoryLimiter(max_messages=3).apply_transform(history)) == ["b", "c"]


def test_the_first_message_can_be_kept():
    history = said("task", "a", "b", "c")
    assert texts(MessageHistoryLimiter(max_messages=2, keep_first_message=True).apply_transform(history)) == ["task", "c"]
    assert MessageHistoryLimiter(max_messages=1, keep_first_message=True).apply_transform(said("a", "b")) == said("a", "b")


def test_limits_that_mean_nothing_are_refused():
    with pytest.raises(UsageError, match="max_messages is 0"):
        MessageHistoryLimiter(max_messages=0)
    with pytest.raises(UsageError, match="max_tokens is -1"):
        MessageTokenLimiter(max_tokens=-1)
    with pytest.raises(UsageError, match="max_tokens_per_message is '5'"):
        MessageTokenLimiter(max_tokens_per_message="5")
    with pytest.raises(UsageError, match="min_tokens is '5'"):
        TextMessageCompressor(str.upper, min_tokens="5")
    with pytest.raises(UsageError, match=r"format_string is 123; it must be a text that holds {name}"):
        TextMessageContentName(format_string=123)
    with pytest.raises(UsageError, match="deduplicate is 'yes'; it must be True or False"):
        TextMessageContentName(deduplicate="yes")
    with pytest.raises(UsageError, match="less than min_tokens"):
        MessageTokenLimiter(max_tokens=1, min_tokens=2)


def test_the_message_that_overflows_is_cut_and_older_ones_are_left_out():
    limiter = MessageTokenLimiter(max_tokens=20, model="uncalibrated")  # 72 characters
    kept = limiter.apply_transform(said("old" * 100, "m" * 100, "n" * 36))
    assert [len(text) for text in texts(kept)] == [36, 36]
    assert kept[0]["content"].endswith(" …")
    before = said("old" * 100, "m" * 100, "n" * 36)
    assert limiter.get_logs(before, kept)[1]


def test_long_messages_are_cut_each():
    limiter = MessageTokenLimiter(max_tokens_per_message=10, model="uncalibrated")
    assert [len(text) for text in texts(limiter.apply_transform(said("m" * 100, "n")))] == [36, 1]


def test_short_histories_and_filtered_messages_are_left_alone():
    history = said("m" * 100)
    assert MessageTokenLimiter(max_tokens_per_message=1, min_tokens=500).apply_transform(history) == history
    assert MessageTokenLimiter(max_tokens_per_message=1, filter_dict={"role": ["user"]}).apply_transform(history) == history
    only = MessageTokenLimiter(max_tokens_per_message=1, filter_dict={"role": ["assistant"]}, exclude_filter=False)
    assert only.apply_transform(history) == history


def test_only_texts_count_for_the_limits():
    short = said("one", "two", "three", "four")  # 15 characters, 4 tokens
    limiter = MessageTokenLimiter(max_tokens_per_message=1, min_tokens=5, model="uncalibrated")
    assert limiter.apply_transform(short) == short
    assert limiter.get_logs(short, short[1:]) == ("Truncated 1 tokens. Number of tokens reduced from 4 to 3", True)
    filtered = MessageTokenLimiter(max_tokens=4, filter_dict={"role": ["user"]}, model="uncalibrated")
    assert filtered.apply_transform(short) == short
    compressor = TextMessageCompressor(str.upper, min_tokens=9)
    assert compressor.apply_transform(said(*"abcd")) == said(*"abcd")
    assert texts(compressor.apply_transform(said("x" * 100))) == ["X" * 100]


def test_a_result_is_cut_where_the_model_reads_it_and_keeps_its_call():
    kept = MessageTokenLimiter(max_tokens=10, model="uncalibrated").apply_transform([*said("a"), CALL, RESULT])
    assert kept[0] == CALL
    assert len(kept[1]["tool_responses"][0]["content"]) == 36
    assert kept[1]["content"] == kept[1]["tool_responses"][0]["content"]


def test_names_are_put_into_texts_once():
    named = TextMessageContentName()
    messages = [
        {"role": "user", "content": "Hello", "name": "joe"},
        {"role": "user", "content": [{"type": "text", "text": "x"}], "name": "j"},
    ]
    once = named.apply_transform(messages)
    assert once[0]["content"] == "joe:\nHello"
    assert once[1]["content"] == [{"type": "text", "text": "j:\nx"}]
    assert named.apply_transform(once) == once
    assert named.get_logs(messages, once) == ("2 message(s) changed to incorporate name.", True)
    at_end = TextMessageContentName(position="end", format_string=" ({name})")
    assert at_end.apply_transform(messages[:1])[0]["content"] == "Hello (joe)"


def test_a_compressor_is_asked_once_for_each_text():
    asked = []

    class Half:
        def compress_text(self, text, rate):
            asked.append(text)
            return {"compressed_prompt": text[: int(len(text) * rate)]}

    compressor = TextMessageCompressor(Half(), compression_params={"rate": 0.5})
    history = [*said("abcdef"), CALL, RESULT]
    assert compressor.apply_transform(history) == [*said("abc"), CALL, RESULT]
    compressor.apply_transform(history)
    assert asked == ["abcdef"]
    with pytest.raises(UsageError, match="text_compressor"):
        TextMessageCompressor()


def test_a_cache_keeps_shortened_texts_for_the_next_compressor_with_the_same_parameters():
    asked = []

    def shorter(text, size):
        asked.append(text)
        return text[:size]

    cache = Cache.in_memory()
    for size in (2, 2, 3):
        compressor = TextMessageCompressor(shorter, None, {"size": size}, cache)
        assert compressor.apply_transform(said("abcdef")) == said("abcdef"[:size])
    assert len(asked) == 2
    with pytest.raises(UsageError, match=r"cache is 'disk'; give Cache\.disk"):
        TextMessageCompressor(shorter, cache="disk")


async def test_what_a_server_counts_calibrates_the_estimate():
    usage = Usage(prompt_tokens=1004, completion_tokens=1)
    bot = AssistantAgent("assistant", "", llm_config=ScriptedModel([ModelReply("ok", "m", usage=usage)], model="counting"))
    await bot.a_generate_reply(said("x" * 2000))
    assert tokens.characters_per_token("counting") == 2.0
