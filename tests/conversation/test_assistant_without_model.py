"""An assistant without a model: it says nothing, as in the classic, and the chat says why."""

from __future__ import annotations

from typing import Any

import pytest

from autogen_jupyter import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager, ScriptedModel, UserProxyAgent
from autogen_jupyter.context import ChatContext, enter
from autogen_jupyter.events import ChatEvent, Noticed

SAYS = "bot has no model"


def person(**options: Any) -> UserProxyAgent:
    return UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, **options)


async def noticed(recipient: ConversableAgent, sender: ConversableAgent | None = None, **options: Any) -> list[Noticed]:
    events: list[ChatEvent] = []
    async with enter(ChatContext(emit=events.append)):
        await (sender or person(default_auto_reply="Go on.")).a_initiate_chat(recipient, message="Hi.", max_turns=3, **options)
    return [event for event in events if isinstance(event, Noticed) and "has no model" in event.text]


@pytest.mark.parametrize("llm_config", [None, False])
async def test_the_chat_says_once_that_it_has_no_model_and_what_to_give(llm_config: bool | None) -> None:
    said = await noticed(AssistantAgent("bot", llm_config=llm_config))
    assert [(event.level, event.text.partition(",")[0]) for event in said] == [("warning", SAYS)]
    assert 'AssistantAgent("bot", llm_config={"model": "gpt-6-luna"})' in said[0].text


async def test_each_chat_and_each_agent_says_it_anew() -> None:
    bot = AssistantAgent("bot")
    assert [len(await noticed(bot)) for _ in range(2)] == [1, 1]
    assert len(await noticed(bot, AssistantAgent("other"))) == 2


async def test_a_group_says_it_of_each_member_once() -> None:
    members = [AssistantAgent("bot"), AssistantAgent("other")]
    manager = GroupChatManager(GroupChat([*members], max_round=6, speaker_selection_method="round_robin"))
    user = person(default_auto_reply="Go on.")
    said = await noticed(manager, user)
    assert sorted(event.text.split()[0] for event in said) == ["bot", "other"]


def answering() -> AssistantAgent:
    agent = AssistantAgent("bot")
    agent.register_reply([ConversableAgent, None], lambda recipient, messages, sender, config: (False, None))
    return agent


class Own(AssistantAgent):
    async def a_generate_reply(self, messages: Any = None, sender: Any = None, exclude: Any = ()) -> Any:
        return await super().a_generate_reply(messages, sender)


@pytest.mark.parametrize(
    "make",
    [
        lambda: AssistantAgent("bot", llm_config=ScriptedModel(["a", "b", "c"])),
        lambda: AssistantAgent("bot", default_auto_reply="Hm."),
        lambda: AssistantAgent("bot", default_auto_reply=None),
        lambda: AssistantAgent("bot", function_map={"double": lambda x: 2 * x}),
        answering,
        lambda: Own("bot"),
        lambda: AssistantAgent("bot", silent=True),
        lambda: ConversableAgent("bot", human_input_mode="NEVER"),
        person,
    ],
    ids=["model", "default", "ends", "tools", "reply_function", "own_way", "silent", "base", "proxy"],
)
async def test_an_agent_that_may_be_meant_so_says_nothing(make: Any) -> None:
    assert await noticed(make()) == []


async def test_a_silent_chat_does_not_say_it() -> None:
    assert await noticed(AssistantAgent("bot"), silent=True) == []
