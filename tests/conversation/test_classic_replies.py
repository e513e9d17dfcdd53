"""The reply registry and the hooks, as users of AutoGen 0.2 know them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import autogen_jupyter
from autogen_jupyter import AssistantAgent, ConversableAgent, ScriptedModel, UsageError, UserProxyAgent
from tests.conversation.doubles import EchoExecutor, Room, contents

CODE = "```python\nprint(1)\n```"
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
NAMES = [
    "check_termination_and_human_reply",
    "generate_function_call_reply",
    "generate_tool_calls_reply",
    "generate_code_execution_reply",
    "generate_oai_reply",
]


def talker(name, text="hi", **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text, **options)


def everything(*replies, **options):
    """An agent with every way to reply."""
    return UserProxyAgent(
        "all",
        human_input_mode="NEVER",
        llm_config=ScriptedModel([*replies]),
        function_map={"add": lambda a, b: a + b},
        code_execution_config={"executor": EchoExecutor()},
        default_auto_reply="default",
        **options,
    )


def said(text):
    return [{"role": "user", "content": text}]


# --- the classic's functions by name (row 15)


@pytest.mark.parametrize("name", NAMES)
def test_each_function_can_be_called_on_an_agent_that_has_nothing_to_reply(name):
    assert getattr(ConversableAgent("a", human_input_mode="NEVER"), name)(said("hi"), None) == (False, None)


@pytest.mark.parametrize("name", NAMES)
async def test_each_function_has_an_async_form(name):
    assert await getattr(ConversableAgent("a", human_input_mode="NEVER"), f"a_{name}")(said("hi")) == (False, None)


def test_each_function_answers_its_own_kind_of_message():
    agent = everything("from the model")
    assert agent.check_termination_and_human_reply(said("TERMINATE")) == (True, None)
    assert agent.generate_oai_reply(said("hi")) == (True, "from the model")
    assert agent.generate_code_execution_reply(said(CODE)) == (
        True,
        "exitcode: 0 (execution succeeded)\nCode output: ran print(1)\n",
    )
    function_call = [{"role": "assistant", "content": None, "function_call": CALL["function"]}]
    assert agent.generate_function_call_reply(function_call) == (True, {"content": "3", "role": "function", "name": "add"})
    final, reply = agent.generate_tool_calls_reply([{"role": "assistant", "content": None, "tool_calls": [CALL]}])
    assert final
    assert reply["tool_responses"] == [{"role": "tool", "tool_call_id": "c1", "content": "3"}]


def test_the_history_with_the_sender_is_the_default():
    a, bot = talker("a"), AssistantAgent("bot", llm_config=(model := ScriptedModel(["ok"])))
    a.send("psst", bot, silent=True)
    assert bot.generate_oai_reply(sender=a) == (True, "ok")
    assert model.requests[0].messages[-1].text == "psst"


@pytest.mark.parametrize("twin", ["a_generate_oai_reply", "generate_oai_reply"])
@pytest.mark.parametrize("owner", ["class", "agent"])
def test_exclude_leaves_a_function_out_by_either_name(twin, owner):
    agent = everything("from the model")
    function = getattr(ConversableAgent if owner == "class" else agent, twin)
    assert agent.generate_reply(said("hi"), exclude=[function]) == "default"
    assert agent.generate_reply(said("hi")) == "from the model"


def test_exclude_leaves_out_reply_functions_of_the_users_too():
    def answers(recipient, messages, sender, config):
        return True, "mine"

    agent = talker("a")
    agent.register_reply([ConversableAgent, None], answers)
    assert agent.generate_reply(said("hi")) == "mine"
    assert agent.generate_reply(said("hi"), exclude=[answers]) == "hi"


def test_replacing_one_twin_replaces_both():
    agent = everything()
    agent.replace_reply_func(ConversableAgent.generate_oai_reply, lambda recipient, messages, sender, config: (True, "replaced"))
    agent.replace_reply_func(ConversableAgent.a_generate_oai_reply, lambda recipient, messages, sender, config: (True, "again"))
    assert agent.generate_reply(said("hi")) == "again"


def test_what_is_not_registered_cannot_be_replaced():
    with pytest.raises(UsageError, match="str is not registered"):
        talker("a").replace_reply_func(str, print)


def test_a_function_of_the_classics_can_be_registered_again():
    agent = everything("from the model")
    agent.register_reply(None, ConversableAgent.generate_oai_reply, remove_other_reply_funcs=True)
    assert agent.generate_reply(said("TERMINATE")) == "from the model"


# --- positions (row 13): the classic's list is human ×2, function ×2, tools ×2, code, model ×2

TRIED = [
    (0, "TERMINATE", "mine"),
    (1, "TERMINATE", "mine"),
    (2, "TERMINATE", None),
    (2, CODE, "mine"),
    (6, CODE, "mine"),
    (7, CODE, "exitcode: 0 (execution succeeded)\nCode output: ran print(1)\n"),
    (7, "hi", "mine"),
    (8, "hi", "mine"),
    (9, "hi", "from the model"),
    (100, "hi", "from the model"),
    (-2, "hi", "mine"),
]


@pytest.mark.parametrize(("position", "message", "reply"), TRIED)
def test_a_position_means_what_it_means_in_the_classics_list(position, message, reply):
    agent = everything("from the model")
    agent.register_reply([ConversableAgent, None], lambda recipient, messages, sender, config: (True, "mine"), position=position)
    assert agent.generate_reply(said(message)) == reply


def test_reply_functions_of_the_users_take_one_place_each():
    agent, calls = talker("a"), []
    for at, name in enumerate("abc"):
        agent.register_reply(
            [ConversableAgent, None], lambda recipient, messages, sender, config, name=name: (calls.append(name), (False, None))[1], at
        )
    agent.generate_reply(said("x"))
    assert calls == ["a", "b", "c"]


async def test_a_reply_function_that_changes_its_list_of_messages_changes_what_its_agent_remembers():
    def clears(recipient, messages, sender, config):
        messages.clear()
        return False, None

    a, b = talker("a"), talker("b", "ho")
    b.register_reply(ConversableAgent, clears)
    await Room().chat(a, b, message="go", max_turns=2)
    assert [message["content"] for message in b.chat_messages[a]] == ["ho"]  # the classic fails: its next reply function finds no message
    assert [message["content"] for message in a.chat_messages[b]] == ["go", "ho", "hi", "ho"]


# --- triggers (row 14)


@pytest.mark.parametrize(
    ("trigger", "answers"),
    [
        (ConversableAgent, True),
        (AssistantAgent, False),
        ("b", True),
        ("c", False),
        (lambda sender: sender.name == "b", True),
        ([AssistantAgent, "b"], True),
        ([AssistantAgent, "c"], False),
        (None, False),
        ([None, "b"], True),
    ],
)
def test_a_trigger_says_whose_messages_are_answered(trigger, answers):
    agent, sender = talker("a"), talker("b")
    agent.register_reply(trigger, lambda recipient, messages, sender, config: (True, "mine"))
    assert agent.generate_reply(said("x"), sender) == ("mine" if answers else "hi")


def test_an_agent_as_trigger_means_this_agent():
    agent, sender = talker("a"), talker("b")
    agent.register_reply(sender, lambda recipient, messages, sender, config: (True, "mine"))
    assert agent.generate_reply(said("x"), sender) == "mine"
    assert agent.generate_reply(said("x"), talker("b")) == "hi"


def test_none_matches_only_where_there_is_no_sender():
    agent = talker("a")
    agent.register_reply(None, lambda recipient, messages, sender, config: (True, "mine"))
    assert agent.generate_reply(said("x")) == "mine"


def test_a_trigger_that_cannot_be_decided_is_an_error():
    agent = talker("a")
    agent.register_reply("b", lambda recipient, messages, sender, config: (True, "mine"))
    with pytest.raises(UsageError, match="needs a sender"):
        agent.generate_reply(said("x"))
    other = talker("a")
    other.register_reply(lambda sender: "yes", lambda recipient, messages, sender, config: (True, "mine"))
    with pytest.raises(UsageError, match="True or False"):
        other.generate_reply(said("x"), talker("b"))


def test_a_reply_function_that_is_none_is_refused():
    with pytest.raises(UsageError, match="reply_func is 7"):
        talker("a").register_reply(None, 7)


# --- configuration (rows 12, 13)


def test_reset_config_is_called_instead_of_restoring_the_first_one():
    def counts(recipient, messages, sender, config):
        config["n"] += 1
        return True, str(config["n"])

    agent = talker("a")
    agent.register_reply([ConversableAgent, None], counts, config={"n": 0}, reset_config=lambda config: config.update(n=10))
    assert agent.generate_reply(said("x")) == "1"
    agent.reset()
    assert agent.generate_reply(said("x")) == "11"


# --- one order for sync and async (rows 16, 17)


async def test_a_person_is_asked_once_for_each_message_in_an_async_chat():
    """The classic asks twice here: the coroutine and its twin both run."""
    room = Room(["", "", "exit"])
    proxy = UserProxyAgent("user", human_input_mode="ALWAYS", code_execution_config=False, default_auto_reply="go on")
    result = await room.chat(proxy, AssistantAgent("bot", llm_config=ScriptedModel(["a", "b", "c"])), message="go")
    assert [content for _, content in contents(result)] == ["go", "a", "go on", "b", "go on", "c"]
    assert len(room.human.requests) == 3


def test_hooks_run_in_one_order_in_blocking_and_awaited_calls():
    agent, calls = talker("a"), []
    agent.register_hook("process_all_messages_before_reply", lambda messages: calls.append("all") or messages)
    agent.register_hook("process_last_received_message", lambda content: calls.append("last") or content)
    agent.register_hook("update_agent_state", lambda agent, messages: calls.append(f"state of {agent.name} at {messages[-1]['content']}"))
    agent.generate_reply(said("x"))
    assert calls == ["state of a at x", "last", "all"]


# --- hooks (row 20)


def test_the_classics_async_names_are_the_same_places():
    agent = talker("a")

    async def hook(content):
        return content.upper()

    agent.register_hook("a_process_last_received_message", hook)
    assert agent.hook_lists["process_last_received_message"] == [hook]


@pytest.mark.parametrize(
    "message", [{"content": "exit"}, {"content": None, "function_call": CALL["function"]}, {"content": "x", "context": {"k": 1}}]
)
def test_the_last_message_hook_is_skipped_where_there_is_nothing_to_change(message):
    agent, seen = talker("a"), []
    agent.register_hook("process_last_received_message", lambda content: seen.append(content) or content)
    agent.generate_reply([{"role": "user", **message}])
    assert seen == []


async def test_a_hook_that_changes_a_message_keeps_what_was_shown_of_it():
    bot = AssistantAgent("bot", llm_config=ScriptedModel(["hello"]))
    bot.register_hook("process_message_before_send", lambda sender, message, recipient, silent: message.upper())
    room = Room()
    result = await room.chat(talker("a"), bot, message="go", max_turns=1)
    assert result.summary == "HELLO"
    started = next(event for event in room.events if event.kind == "reply_started")
    assert [event.message.id for event in room.events if event.kind == "message_added"][-1] == started.message_id


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("go", "go"),
        ({"content": "go", "role": "user"}, {"content": "go", "role": "user"}),
        ({"content": "{n} left", "context": {"n": 2}}, {"content": "{n} left", "context": {"n": 2}}),
    ],
)
def test_a_hook_before_send_is_given_what_was_said_as_it_was_said(said, given):
    a, seen = talker("a"), []
    a.register_hook("process_message_before_send", lambda sender, message, recipient, silent: seen.append(message) or message)
    a.initiate_chat(talker("b"), message=said, max_turns=1, silent=True)
    assert seen == [given]


async def test_a_hook_before_send_is_given_text_where_a_model_or_code_answers_and_else_a_dictionary():
    def chat_with(agent, message, *answers):
        seen = []
        agent.register_hook("process_message_before_send", lambda sender, message, recipient, silent: seen.append(message) or message)
        agent.human_input_mode = "ALWAYS" if answers else "NEVER"
        return Room(answers).chat(talker("a"), agent, message=message, max_turns=1), seen

    call = {"content": None, "tool_calls": [CALL]}
    chats = [
        chat_with(everything("from the model"), "go"),
        chat_with(everything(), CODE),
        chat_with(everything(), call),
        chat_with(everything(), "go", "typed"),
    ]
    for chat, _ in chats:
        await chat
    assert [isinstance(seen[0], str) for _, seen in chats] == [True, True, False, False]
    assert chats[2][1][0]["tool_responses"][0]["content"] == "3"
    assert chats[3][1][0] == {"content": "typed", "role": "user", "name": "all"}


def test_what_a_hook_before_send_returns_is_sent():
    a, b = talker("a"), talker("b")
    a.register_hook("process_message_before_send", lambda sender, message, recipient, silent: message + " (sent)")
    b.register_hook("process_message_before_send", lambda sender, message, recipient, silent: {"content": message, "context": {"n": 2}})
    a.initiate_chat(b, message="go", max_turns=1, silent=True)
    assert a.chat_messages[b][0]["content"] == "go (sent)"
    assert a.last_message(b) == {"content": "hi", "role": "user", "name": "b", "context": {"n": 2}}


def test_a_hook_that_is_no_function_is_refused():
    with pytest.raises(UsageError, match="must be a function"):
        talker("a").register_hook("update_agent_state", "later")


def test_a_question_outside_of_a_chat_is_asked_where_chats_are_shown(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda prompt="": "from the keyboard")
    proxy = UserProxyAgent("user", code_execution_config=False)
    assert proxy.generate_reply(said("hi"), talker("b")) == "from the keyboard"


# --- one implementation

DERIVED_ELSEWHERE = {"initiate_chats"}
"""The classic's two return different things (a list, a dictionary by chat id); both are a line over one implementation."""


def test_no_method_is_written_twice_for_sync_and_async():
    """Each blocking form is ``run_sync`` of the async one; nothing has two bodies."""
    pairs, twins = set(), []
    for path in Path(autogen_jupyter.__file__).parent.rglob("*.py"):
        for scope in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(scope, (ast.Module, ast.ClassDef)):
                continue
            functions = {node.name: node for node in scope.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
            derived = {ast.unparse(node.targets[0]): ast.unparse(node.value) for node in scope.body if isinstance(node, ast.Assign)}
            for name in (name for name in functions if name.startswith("a_")):
                plain = name.removeprefix("a_")
                if derived.get(plain) == f"run_sync({name})":
                    pairs.add(plain)
                elif plain in functions and plain not in DERIVED_ELSEWHERE:
                    twins.append(f"{path.name}: {plain}")
    assert twins == []
    assert pairs >= {*NAMES, "initiate_chat", "send", "receive", "generate_reply", "get_human_input", "run"}
