from __future__ import annotations

import pytest

from autogen_jupyter import (
    AssistantAgent,
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    ModelReply,
    ScriptedModel,
    Usage,
    UsageError,
    UserProxyAgent,
)
from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.messages import Message
from tests.conversation.doubles import EchoExecutor, Room, contents


def talker(name, text="hi", **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text, **options)


def test_a_blocking_chat_of_ten_thousand_messages_needs_no_recursion():
    a, b = talker("a", max_consecutive_auto_reply=100_000), talker("b", max_consecutive_auto_reply=5_000)
    result = a.initiate_chat(b, message="go", silent=True)
    assert len(result.chat_history) == 10_001


@pytest.mark.parametrize("name", ["", "two words", "tab\there", None])
def test_a_name_with_white_space_is_refused(name):
    with pytest.raises(UsageError, match="white space"):
        ConversableAgent(name)


async def test_max_turns_counts_round_trips():
    result = await Room().chat(talker("a"), talker("b", "ho"), message="go", max_turns=3)
    assert [content for _, content in contents(result)] == ["go", "ho", "hi", "ho", "hi", "ho"]
    assert result.stop_reason == "max_turns=3 was reached"


@pytest.mark.parametrize("turns", [0, -1, 1.5])
async def test_an_impossible_max_turns_is_refused(turns):
    with pytest.raises(UsageError, match="max_turns"):
        await talker("a").a_initiate_chat(talker("b"), message="go", max_turns=turns)


async def test_a_result_does_not_change_when_the_agents_chat_again():
    a, b = talker("a"), talker("b")
    first = await Room().chat(a, b, message="one", max_turns=1)
    await Room().chat(a, b, message="two", max_turns=1)
    assert first.chat_history[0]["content"] == "one"


async def test_clear_history_false_continues_and_true_begins_again():
    a, b = talker("a"), talker("b")
    await Room().chat(a, b, message="one", max_turns=1)
    assert len((await Room().chat(a, b, message="two", max_turns=1, clear_history=False)).chat_history) == 4
    assert len((await Room().chat(a, b, message="three", max_turns=1)).chat_history) == 2


async def test_roles_depend_on_whose_history_it_is():
    a, b = talker("a"), talker("b")
    await Room().chat(a, b, message="go", max_turns=1)
    assert [m["role"] for m in a.chat_messages[b]] == ["assistant", "user"]
    assert [m["role"] for m in b.chat_messages[a]] == ["user", "assistant"]
    assert [m["name"] for m in b.chat_messages[a]] == ["a", "b"]


async def test_send_after_a_finished_chat_continues_it():
    a, b = talker("a", max_consecutive_auto_reply=1), talker("b", max_consecutive_auto_reply=1)
    await Room().chat(a, b, message="go")
    before = len(a.chat_messages[b])
    a.reset_consecutive_auto_reply_counter()
    b.reset_consecutive_auto_reply_counter()
    await a.a_send("more", b, silent=True)
    assert len(a.chat_messages[b]) > before + 1


async def test_send_without_a_chat_asks_for_no_reply():
    a, b = talker("a"), talker("b")
    await a.a_send("psst", b, silent=True)
    assert [m["content"] for m in b.chat_messages[a]] == ["psst"]


async def test_send_with_request_reply_gets_exactly_one():
    a, b = talker("a"), talker("b", "ho")
    await a.a_send("psst", b, request_reply=True, silent=True)
    assert [m["content"] for m in a.chat_messages[b]] == ["psst", "ho"]


@pytest.mark.parametrize("message", [{}, {"role": "user"}, 7])
async def test_a_message_with_nothing_in_it_is_refused(message):
    with pytest.raises(UsageError):
        await talker("a").a_send(message, talker("b"))


async def test_a_default_reply_of_none_ends_the_chat():
    result = await Room().chat(talker("a"), talker("b", None), message="go")
    assert len(result.chat_history) == 1
    assert result.stop_reason == "b had no reply"


async def test_reply_functions_are_asked_newest_first_and_a_final_none_ends_the_chat():
    calls = []

    def passes(recipient, messages, sender, config):
        calls.append(("passes", config))
        return False, None

    async def answers(recipient, messages, sender, config):
        calls.append(("answers", messages[-1]["content"]))
        return (True, "from a coroutine") if len(messages) < 3 else (True, None)

    a, b = talker("a"), talker("b")
    b.register_reply([ConversableAgent, None], answers)
    b.register_reply(lambda sender: sender is a, passes, config={"k": 1})
    result = await Room().chat(a, b, message="go")
    assert contents(result) == [("assistant", "go"), ("user", "from a coroutine"), ("assistant", "hi")]
    assert calls[:2] == [("passes", {"k": 1}), ("answers", "go")]
    assert result.stop_reason == "the reply function answers of b ended it"


def test_a_coroutine_reply_function_works_in_a_blocking_chat():
    async def answers(recipient, messages, sender, config):
        return True, "async"

    a, b = talker("a"), talker("b")
    b.register_reply("a", answers)
    assert a.initiate_chat(b, message="go", max_turns=1, silent=True).summary == "async"


def test_a_trigger_of_another_kind_is_refused():
    with pytest.raises(UsageError, match="trigger"):
        talker("a").register_reply(3.5, lambda *a: (False, None))


@pytest.mark.parametrize("forget", [lambda agent: agent.reset(), lambda agent: agent.clear_history()], ids=["reset", "clear_history"])
async def test_a_conversation_that_was_forgotten_is_none_any_more(forget):
    a, b, c = talker("a"), talker("b", "from b"), talker("c")
    for other in (b, c):
        await Room().chat(a, other, message="go", max_turns=1)
    assert len(a.chat_messages) == 2
    forget(a)
    assert (len(a.chat_messages), a.last_message()) == (0, None)
    await Room().chat(a, b, message="go", max_turns=1)
    assert (len(a.chat_messages), a.last_message()["content"]) == (1, "from b")


async def test_reset_restores_the_configuration_of_a_reply_function():
    def counts(recipient, messages, sender, config):
        config["n"] += 1
        return True, str(config["n"])

    a, b = talker("a"), talker("b")
    b.register_reply(ConversableAgent, counts, config={"n": 0})
    assert (await Room().chat(a, b, message="x", max_turns=2)).summary == "2"
    b.reset()
    assert (await Room().chat(a, b, message="x", max_turns=1)).summary == "1"


async def test_hooks_see_and_change_messages_in_order():
    a, b = talker("a"), ConversableAgent("b", llm_config=(model := ScriptedModel(["ok"])), human_input_mode="NEVER")
    a.register_hook("process_message_before_send", lambda sender, message, recipient, silent: message + "!")
    b.register_hook("process_last_received_message", lambda content: content.upper())

    async def only_last(messages):
        return messages[-1:]

    b.register_hook("process_all_messages_before_reply", only_last)
    await Room().chat(a, b, message="go", max_turns=1)
    assert [message.text for message in model.requests[0].messages] == ["You are a helpful AI Assistant.", "GO!"]
    assert b.chat_messages[a][0]["content"] == "go!"


def test_the_same_hook_twice_or_at_an_unknown_place_is_refused():
    agent = talker("a")
    agent.register_hook("process_last_received_message", str.upper)
    with pytest.raises(UsageError, match="already"):
        agent.register_hook("process_last_received_message", str.upper)
    with pytest.raises(UsageError, match="process_last_received_message"):
        agent.register_hook("process_lats", str.upper)


async def test_the_model_sees_the_system_message_and_the_history_from_its_own_side():
    model = ScriptedModel(["one", "two"])
    bot = AssistantAgent("bot", "Be brief.", llm_config=model)
    await Room().chat(talker("a"), bot, message="go", max_turns=2)
    assert [(m.role, m.text) for m in model.requests[1].messages] == [
        ("system", "Be brief."),
        ("user", "go"),
        ("assistant", "one"),
        ("user", "hi"),
    ]


async def test_summary_methods():
    a = talker("a")
    bot = AssistantAgent("bot", llm_config=ScriptedModel(["It is 42. TERMINATE", "in short: 42"]))
    assert (await Room().chat(a, bot, message="go", max_turns=1)).summary == "It is 42. "  # as in the classic
    bot = AssistantAgent("bot", llm_config=(model := ScriptedModel(["It is 42.", "in short: 42"])))
    reflected = await Room().chat(a, bot, message="go", max_turns=1, summary_method="reflection_with_llm")
    assert reflected.summary == "in short: 42"
    assert [(message.role, message.text[:23]) for message in model.requests[1].messages] == [
        ("user", "go"), ("assistant", "It is 42."), ("system", "Summarize the takeaway "),
    ]  # fmt: skip
    own = await Room().chat(
        a, talker("b"), message="go", max_turns=1, summary_method=lambda s, r, args: (s.name, r.name, args), summary_args={"k": 1}
    )
    assert own.summary == ("a", "b", {"k": 1})
    with pytest.raises(UsageError, match="needs a model"):
        await Room().chat(a, talker("b"), message="go", max_turns=1, summary_method="reflection_with_llm")
    with pytest.raises(UsageError, match="summary_method"):
        await Room().chat(a, talker("b"), message="go", max_turns=1, summary_method="last_message")


async def test_the_recipients_model_reflects_on_a_chat_and_the_managers_on_a_group():
    """In the classic, too, the sender's model is asked only where the recipient has none."""
    own, theirs = ScriptedModel(["by the sender"] * 2), ScriptedModel(["hello", "by the recipient"])
    a, b = talker("a", llm_config=own), AssistantAgent("b", llm_config=theirs)
    assert (await Room().chat(a, b, message="go", max_turns=1, summary_method="reflection_with_llm")).summary == "by the recipient"
    assert (await Room().chat(a, talker("c"), message="go", max_turns=1, summary_method="reflection_with_llm")).summary == "by the sender"
    leads = ScriptedModel(["by the manager"])
    group = GroupChat([talker("d"), talker("e")], max_round=3, speaker_selection_method="round_robin")
    manager = GroupChatManager(group, llm_config=leads)
    result = await Room().chat(talker("a", llm_config=own), manager, message="go", max_turns=1, summary_method="reflection_with_llm")
    assert result.summary == "by the manager"
    assert [message.text for message in leads.requests[0].messages][:-1] == ["go", "hi", "hi"]


async def test_carryover_is_appended_to_the_opening():
    result = await Room().chat(talker("a"), talker("b"), message="go", max_turns=1, carryover=["x", {"content": "y"}])
    assert contents(result)[0] == ("assistant", "go\nContext: \nx\ny")


async def test_a_message_function_makes_the_opening():
    def opening(sender, recipient, context):
        return f"{sender.name} to {recipient.name} about {context['topic']}"

    result = await Room().chat(talker("a"), talker("b"), message=opening, max_turns=1, topic="tea")
    assert contents(result)[0] == ("assistant", "a to b about tea")


async def test_last_message_wants_to_know_whose_when_there_are_several():
    a = talker("a")
    for other in (talker("b"), talker("c")):
        await Room().chat(a, other, message="go", max_turns=1)
    with pytest.raises(UsageError, match="b, c"):
        a.last_message()
    with pytest.raises(KeyError):
        a.last_message(talker("d"))


async def test_history_can_be_given_and_preserved():
    b = talker("b")
    a = talker("a", chat_messages={b: [{"role": "user", "content": "earlier", "name": "b"}]})
    result = await Room().chat(a, b, message="go", max_turns=1, clear_history=False)
    assert [content for _, content in contents(result)] == ["earlier", "go", "hi"]
    a.clear_history(nr_messages_to_preserve=1)
    assert [m["content"] for m in a.chat_messages[b]] == ["hi"]


async def test_fences_of_data_languages_are_not_run():
    executor = EchoExecutor()
    proxy = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": executor}, default_auto_reply=None)
    text = 'Config:\n```json\n{"a": 1}\n```\nand\n```text\nhello\n```'
    result = await Room().chat(proxy, AssistantAgent("bot", llm_config=ScriptedModel([text])), message="go")
    assert executor.ran == []
    assert result.stop_reason == "user had no reply"


async def test_pages_are_code_where_they_name_their_file_and_the_executor_saves_them():
    executor = EchoExecutor()
    executor.saves = frozenset({"html"})
    proxy = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": executor}, default_auto_reply=None)
    named = "<!-- filename: index.html -->\n<p>Hello</p>"
    text = f"Like this:\n```html\n<p>\n```\nnow:\n```html\n{named}\n```\n```css\n/* filename: a.css */\n```"
    await Room().chat(proxy, AssistantAgent("bot", llm_config=ScriptedModel([text, "TERMINATE"])), message="go")
    assert executor.ran == [CodeBlock("html", named)]


async def test_the_newest_message_with_code_since_the_last_own_reply_is_run():
    executor = EchoExecutor()
    proxy = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": executor})
    bot = talker("bot")
    for text in ("```python\nold\n```", "```sh\nnew\n```\nand\n```python\nsecond\n```", "no code"):
        await bot.a_send(text, proxy, silent=True)
    await proxy.a_generate_reply(sender=bot)
    assert [block.code for block in executor.ran] == ["new", "second"]


@pytest.mark.parametrize("config", [{"work_dirr": "x"}, {"executor": EchoExecutor(), "timeout": 3}, {"last_n_messages": "all"}, "yes"])
def test_a_code_configuration_that_cannot_work_is_refused(config):
    with pytest.raises(UsageError):
        UserProxyAgent("user", code_execution_config=config)


async def test_tools_are_called_and_their_errors_are_text():
    def divide(a, b):
        return a / b

    async def greet(who):
        return {"hello": who}

    def call(id_, name, arguments):
        return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}

    calls = [call("1", "divide", '{"a": 6, "b": 3}'), call("2", "divide", '{"a": 1, "b": 0}'), call("3", "greet", '{"who": "Ann"}')]
    calls += [call("4", "nope", "{}"), call("5", "greet", "{who}")]
    caller = ConversableAgent("caller", human_input_mode="NEVER", default_auto_reply={"content": None, "tool_calls": calls})
    proxy = ConversableAgent(
        "proxy", human_input_mode="NEVER", function_map={"divide": divide, "greet": greet}, max_consecutive_auto_reply=1
    )
    result = await Room().chat(proxy, caller, message="go")
    answers = {one["tool_call_id"]: one["content"] for one in result.chat_history[2]["tool_responses"]}
    assert answers["1"] == "2.0"
    first, place = answers["2"].splitlines()
    assert first == "Error: ZeroDivisionError: division by zero"
    assert place.endswith("in divide: return a / b")
    assert answers["3"] == '{"hello": "Ann"}'
    assert answers["4"] == "Error: Function nope not found."
    assert answers["5"].endswith("The argument must be in JSON format.")


async def test_an_agent_of_another_kind_only_needs_a_name_and_replies():
    class Echo:
        name, description = "echo", "says it again"

        async def a_generate_reply(self, messages=None, sender=None):
            return f"you said {messages[-1]['content']}"

    result = await Room().chat(talker("a"), Echo(), message="go", max_turns=2)
    assert [content for _, content in contents(result)] == ["go", "you said go", "hi", "you said hi"]


async def test_usage_and_cost_are_summed_and_unknown_prices_stay_unknown():
    replies = [ModelReply("a", "m1", usage=Usage(10, 2, 0.5)), ModelReply("b", "m1", usage=Usage(20, 3, 0.25))]
    result = await Room().chat(talker("a"), AssistantAgent("bot", llm_config=ScriptedModel(replies)), message="go", max_turns=2)
    summary = result.cost["usage_including_cached_inference"]
    assert summary["total_cost"] == 0.75
    assert summary["m1"] == {"cost": 0.75, "prompt_tokens": 30, "completion_tokens": 5, "total_tokens": 35}
    unknown = [ModelReply("a", "m2", usage=Usage(1, 1, None))]
    result = await Room().chat(talker("a"), AssistantAgent("bot", llm_config=ScriptedModel(unknown)), message="go", max_turns=1)
    assert result.cost["usage_including_cached_inference"]["total_cost"] is None


@pytest.mark.parametrize("given", ["hi", {"content": "hi", "name": "a"}, Message("assistant", "hi", "a")])
def test_a_message_is_received_in_every_form(given):
    a, b = talker("a"), talker("b")
    b.receive(given, a, request_reply=False)
    assert b.chat_messages[a] == [{"content": "hi", "role": "user", "name": "a"}]


def test_what_a_summary_is_made_of_and_by_which_words_can_be_read():
    a, b = talker("a"), talker("b")
    a.initiate_chat(b, message="go", max_turns=1, silent=True)
    assert [message["content"] for message in a.chat_messages_for_summary(b)] == ["go", "hi"]
    assert ConversableAgent.DEFAULT_SUMMARY_METHOD == "last_msg"
    assert ConversableAgent.DEFAULT_SUMMARY_PROMPT.startswith("Summarize the takeaway from the conversation.")
