"""Tools that a chat in the background is given for itself alone."""

from __future__ import annotations

import threading

import pytest

from autogen_jupyter import (
    AssistantAgent,
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    ScriptedModel,
    ToolCall,
    Toolkit,
    UsageError,
    tool,
)

CALL = (ToolCall("c1", "double", '{"n": 4}'),)


def double(n: int) -> int:
    """Double a number."""
    return 2 * n


def bot(*replies, **options):
    return AssistantAgent("bot", llm_config=ScriptedModel(list(replies)), **options)


def user(name="user"):
    return ConversableAgent(name, human_input_mode="NEVER")


def told(agent):
    return [[schema["function"]["name"] for schema in request.tools] for request in agent.model_client.requests]


def test_the_model_is_told_of_the_tools_of_a_run_and_the_person_runs_them_as_in_ag2():
    agent = bot(CALL, "It is 8. TERMINATE")
    response = agent.run(message="Double 4.", tools=[double])
    assert response.summary == "It is 8. "
    assert [message["role"] for message in response.messages] == ["assistant", "assistant", "tool", "user"]
    assert response.messages[2]["content"] == "8"
    assert told(agent) == [["double"], ["double"]]


@pytest.mark.parametrize("sender_has_the_model", [False, True])
def test_with_a_recipient_the_other_agent_runs_what_a_model_asks_for(sender_has_the_model):
    agent, other = bot(CALL, "It is 8."), user()
    if sender_has_the_model:
        response = agent.run(other, message="I double.", max_turns=3, tools=double)
    else:
        response = other.run(agent, message="Double 4.", max_turns=2, tools=double)
    assert [message["content"] for message in response.messages if message["role"] == "tool"] == ["8"]


def test_two_models_are_told_and_each_runs_what_it_asks_for():
    ann, ben = AssistantAgent("ann", llm_config=ScriptedModel([])), bot(CALL, "It is 8.")
    response = ann.run(ben, message="Double 4.", max_turns=1, tools=double)
    assert response.summary == "It is 8."
    assert told(ben) == [["double"], ["double"]]


async def test_the_tools_of_an_awaited_run_are_lent_too():
    agent = bot(CALL, "It is 8. TERMINATE")
    assert (await (await agent.a_run(message="Double 4.", tools=Toolkit([tool()(double)])))).summary == "It is 8. "


def test_after_the_run_the_tools_are_gone():
    agent, other = bot("Hm.", "Hm."), user()
    assert other.run(agent, message="Double 4.", max_turns=1, tools=[double]).summary == "Hm."
    other.initiate_chat(agent, message="And 5?", max_turns=1, silent=True)
    assert told(agent) == [["double"], []]
    assert "8" not in str(other.generate_tool_calls_reply([{"role": "user", "content": None, "tool_calls": [CALL[0].to_dict()]}]))


async def test_of_two_runs_of_one_agent_at_once_each_has_its_own_tools():
    both_run = threading.Barrier(2, timeout=30)

    def named(name):
        @tool(name=name, description="Wait for the other.")
        def wait() -> str:
            both_run.wait()
            return name

        return wait

    def answers(request):
        if request.messages[-1].role == "tool":
            return f"{request.messages[-1].text} {len(request.tools)} TERMINATE"
        return (ToolCall("c1", request.tools[0]["function"]["name"], "{}"),)

    agent = bot(*[answers] * 4)
    runs = [await agent.a_run(message="Go.", tools=named(name)) for name in ("left", "right")]
    assert sorted([(await run).summary for run in runs]) == ["left 1 ", "right 1 "]


def test_tools_that_are_only_offered_are_run_by_the_person_of_a_run():
    assert bot(CALL, "It is 8. TERMINATE", functions=[double]).run(message="Double 4.").summary == "It is 8. "


def group():
    return GroupChatManager(GroupChat([user("ann"), user("ben")]), llm_config=ScriptedModel([]))


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: user().run(user("b"), message="go", tools=[double]), "Neither user nor b has a model .*double.*llm_config"),
        (lambda: user().run(group(), message="go", tools=[double]), "chat_manager leads a group .*agents of the group"),
        (lambda: bot().run(message="go", tools=[double, double]), "one name"),
        (lambda: bot().run(message="go", tools=[5]), "A tool is a function"),
        (lambda: bot().run(message="go", tolls=[double]), "run takes no tolls; it takes .*tools"),
        (lambda: user().run(bot(), message="go", executor_kwargs={}), "run takes no executor_kwargs"),
    ],
)
def test_what_a_run_cannot_do_is_refused_at_once(run, words):
    with pytest.raises(UsageError, match=words):
        run()


def test_a_message_function_may_read_words_of_the_users_own():
    response = user().run(user("b"), message=lambda sender, recipient, context: context["topic"], topic="Doubling", max_turns=1)
    assert response.messages[0]["content"] == "Doubling"
