"""A whole group chat for each way to select speakers, as AutoGen 0.2 holds it: the message lists were written down from its behaviour."""

from __future__ import annotations

from typing import Any

from autogen_jupyter import ConversableAgent, GroupChat, GroupChatManager, ScriptedModel
from tests.conversation.doubles import Room


def talker(name: str, text: str = "") -> ConversableAgent:
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text or f"{name} here")


def trio() -> list[ConversableAgent]:
    return [talker("ann"), talker("ben"), talker("cem")]


def said(name: str, content: str = "", role: str = "user") -> dict[str, Any]:
    return {"content": content or f"{name} here", "role": role, "name": name}


async def group(agents: list[ConversableAgent], method: Any, room: Room | None = None, llm_config: Any = None, **options: Any) -> Any:
    chat = GroupChat(agents, **{"max_round": 4, "speaker_selection_method": method} | options)
    result = await (room or Room()).chat(agents[0], GroupChatManager(chat, llm_config=llm_config), message="go")
    return chat.messages, result


async def test_round_robin() -> None:
    messages, result = await group(trio(), "round_robin")
    assert messages == [said("ann", "go"), said("ben"), said("cem"), said("ann")]
    assert result.chat_history == [said("ann", "go", "assistant"), said("ben"), said("cem"), said("ann", role="assistant")]
    assert result.summary == "ann here"


async def test_random_among_those_who_may_speak() -> None:
    messages, _ = await group([talker("ann"), talker("ben")], "random", allow_repeat_speaker=False)
    assert messages == [said("ann", "go"), said("ben"), said("ann"), said("ben")]


async def test_manual_by_number_with_enter_for_the_next_in_the_list() -> None:
    room = Room(["3", "", "q"])
    messages, _ = await group(trio(), "manual", room)
    assert messages == [said("ann", "go"), said("cem"), said("ann"), said("ben")]
    assert [request.kind for request in room.human.requests] == ["choice"] * 3


async def test_auto_by_the_model_whose_own_chat_is_not_in_the_groups_record() -> None:
    model = ScriptedModel(["cem", "ann and ben", "ben", "Next: ann"])
    messages, result = await group(trio(), "auto", llm_config=model)
    assert messages == [said("ann", "go"), said("cem"), said("ben"), said("ann")]
    assert result.chat_history == [said("ann", "go", "assistant"), said("cem"), said("ben"), said("ann", role="assistant")]


async def test_auto_takes_the_next_in_the_list_when_the_model_names_nobody() -> None:
    messages, _ = await group(trio(), "auto", llm_config=ScriptedModel(["zoe"] * 3), max_round=2)
    assert messages == [said("ann", "go"), said("ben")]


async def test_a_function_chooses_an_agent_a_method_and_at_last_nobody() -> None:
    script = iter([2, "round_robin", None])

    def choose(last: Any, chat: GroupChat) -> Any:
        chosen = next(script)
        return chat.agents[chosen] if isinstance(chosen, int) else chosen

    messages, _ = await group(trio(), choose, max_round=9)
    assert messages == [said("ann", "go"), said("cem"), said("ann")]


async def test_transitions_lead_from_one_to_the_next_until_nobody_may_follow() -> None:
    ann, ben, cem = agents = trio()
    messages, _ = await group(
        agents,
        "auto",
        max_round=9,
        allowed_or_disallowed_speaker_transitions={ann: [cem], cem: [ben], ben: []},
        speaker_transitions_type="allowed",
    )
    assert messages == [said("ann", "go"), said("cem"), said("ben")]


async def test_the_terminating_message_is_heard_by_all_and_is_the_last() -> None:
    agents = [talker("ann"), talker("ben", "TERMINATE"), talker("cem")]
    messages, result = await group(agents, "round_robin")
    assert messages == [said("ann", "go"), said("ben", "TERMINATE")]
    assert result.summary == ""
    assert all(agent.last_message()["content"] == "TERMINATE" for agent in agents)
