"""What a group remembers: resuming, forgetting on command, looking members up, and the picture of its rules."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from autogen_jupyter import AgentNameConflict, ConversableAgent, GroupChat, GroupChatManager, ScriptedModel, UsageError
from autogen_jupyter.conversation.transitions import check_graph_validity, invert_disallowed_to_allowed
from autogen_jupyter.conversation.transitions_picture import transitions_svg, visualize_speaker_transitions_dict
from tests.conversation.doubles import Room


def talker(name, text=None, **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text or f"{name} here", **options)


def trio():
    return [talker(name) for name in ("ann", "ben", "cem")]


def group_of(agents, **options):
    return GroupChatManager(GroupChat(agents, **{"speaker_selection_method": "round_robin", "max_round": 3} | options))


def texts(messages):
    return [message["content"] for message in messages]


# --- resume


async def earlier_chat():
    agents = trio()
    manager = group_of(agents)
    result = await Room().chat(agents[0], manager, message="go")
    return manager, result


@pytest.mark.parametrize("form", ["list", "json", "chat history"])
async def test_a_chat_goes_on_where_it_stopped_with_new_agents(form):
    former, result = await earlier_chat()
    kept = result.chat_history if form == "chat history" else former.groupchat.messages
    ann, ben, cem = agents = trio()
    manager = group_of(agents, send_introductions=True)
    last_agent, last_message = await manager.a_resume(manager.messages_to_string(kept) if form == "json" else kept)
    assert (last_agent, last_message["content"]) == (cem, "cem here")
    assert texts(manager.groupchat.messages) == ["go", "ben here"]
    assert [message["role"] for message in ann.chat_messages[manager]] == ["assistant", "user"]
    assert [message["role"] for message in cem.chat_messages[manager]] == ["user", "user"]
    await Room().chat(last_agent, manager, message=last_message, clear_history=False)
    assert texts(manager.groupchat.messages) == ["go", "ben here", "cem here", "ann here", "ben here"]
    assert texts(ben.chat_messages[manager]) == texts(manager.groupchat.messages)


def test_resume_has_a_blocking_door():
    agents = trio()
    last_agent, _ = group_of(agents).resume([{"name": "ben", "role": "user", "content": "hello"}])
    assert last_agent is agents[1]


@pytest.mark.parametrize("remove", ["DONE", lambda text: text.removesuffix("DONE")])
async def test_the_end_mark_of_the_last_message_can_be_cut(remove):
    manager = GroupChatManager(GroupChat(trio()), is_termination_msg=lambda message: "DONE" in message["content"])
    said = [{"name": "ann", "content": "go"}, {"name": "ben", "content": "ready DONE"}]
    _, last = await manager.a_resume(said, remove_termination_string=remove)
    assert last["content"] == "ready "
    assert said[-1]["content"] == "ready DONE"


async def test_a_last_message_that_would_end_the_chat_again_is_pointed_out():
    room = Room()
    manager = GroupChatManager(GroupChat(trio()), is_termination_msg=lambda message: "DONE" in message["content"])
    await room.session.run(lambda: manager.a_resume([{"name": "ben", "content": "DONE"}]))
    assert [event.level for event in room.events if event.kind == "noticed"] == ["info", "warning"]


async def test_messages_of_the_admin_or_without_a_name_are_the_managers():
    manager = group_of(trio())
    last_agent, _ = await manager.a_resume([{"content": "go"}, {"name": "Admin", "content": "go on"}])
    assert last_agent is manager


@pytest.mark.parametrize(
    ("messages", "named"),
    [([], "no messages"), ("{", "not JSON"), ('"go"', "JSON list"), ([{"name": "zoe", "content": "hi"}], "'zoe', who is not in the group")],
)
def test_what_cannot_be_resumed_is_named(messages, named):
    with pytest.raises(UsageError, match=named):
        group_of(trio()).resume(messages)


def test_messages_survive_the_way_through_json():
    manager = group_of(trio())
    messages = [{"name": "ann", "role": "user", "content": "Grüße"}]
    assert manager.messages_from_string(manager.messages_to_string(messages)) == messages


# --- clear history


async def chat_with_command(command, *, enabled=True):
    """Ann, Ben, then a person who types the command, then Ann again."""
    ann, ben = talker("ann"), talker("ben")
    person = ConversableAgent("person", human_input_mode="ALWAYS")
    manager = group_of([ann, ben, person], max_round=4, enable_clear_history=enabled)
    await Room([command]).chat(ann, manager, message="go")
    return manager, ann, ben


async def test_clear_history_makes_everybody_forget_and_is_cut_from_the_message():
    manager, ann, ben = await chat_with_command("clear history and start over")
    assert texts(manager.groupchat.messages) == ["and start over", "ann here"]
    assert texts(ben.chat_messages[manager]) == ["and start over", "ann here"]
    assert texts(ann.chat_messages[manager]) == ["and start over", "ann here"]


async def test_clear_history_may_keep_some_messages():
    manager, _, ben = await chat_with_command("Please CLEAR HISTORY 1.")
    assert texts(manager.groupchat.messages) == ["ben here", "Please", "ann here"]
    assert texts(ben.chat_messages[manager]) == ["ben here", "Please", "ann here"]


@pytest.mark.parametrize("command", ["clear history ben 1 hello", "clear history 1 ben hello"])
async def test_clear_history_may_name_one_agent(command):
    manager, ann, ben = await chat_with_command(command)
    assert texts(manager.groupchat.messages) == ["go", "ben here", "hello", "ann here"]
    assert texts(ben.chat_messages[manager]) == ["ben here", "hello", "ann here"]
    assert texts(ann.chat_messages[manager]) == ["go", "ben here", "hello", "ann here"]


async def test_clear_history_is_off_unless_enabled():
    manager, _, _ = await chat_with_command("clear history", enabled=False)
    assert texts(manager.groupchat.messages) == ["go", "ben here", "clear history", "ann here"]


async def test_a_model_cannot_clear_the_history():
    ann, eve = talker("ann"), ConversableAgent("eve", human_input_mode="NEVER", llm_config=ScriptedModel(["clear history"]))
    manager = group_of([ann, eve], max_round=2, enable_clear_history=True)
    await Room().chat(ann, manager, message="go")
    assert texts(manager.groupchat.messages) == ["go", "clear history"]


# --- members


def test_members_are_found_by_name_also_in_groups_within():
    ann, ben, cem = trio()
    inner = GroupChatManager(GroupChat([ben, cem]), name="inner")
    group = GroupChat([ann, inner])
    assert group.agent_names == ["ann", "inner"]
    assert group.agent_by_name("cem") is None
    assert group.agent_by_name("cem", recursive=True) is cem
    assert group.nested_agents() == [ann, inner, ben, cem]


def test_a_name_that_several_have_can_be_refused():
    inner = GroupChatManager(GroupChat([talker("ann")]), name="inner")
    group = GroupChat([talker("ann"), inner])
    assert group.agent_by_name("ann", recursive=True) is group.agents[0]
    with pytest.raises(AgentNameConflict, match="2 agents are named 'ann'"):
        group.agent_by_name("ann", recursive=True, raise_on_name_conflict=True)


# --- the graph and its picture


def test_a_graph_is_turned_around():
    ann, ben, cem = agents = trio()
    assert invert_disallowed_to_allowed({ann: [ann, ben], ben: agents}, agents) == {ann: [cem], ben: [], cem: agents}


@pytest.mark.parametrize(
    ("graph", "named"),
    [("abc", "must be a dictionary"), ({"ann": "ben"}, "must be a list"), ({"zoe": []}, "not in the group"), ({}, "nobody to speak")],
)
def test_a_graph_that_cannot_be_used_is_refused(graph, named):
    with pytest.raises(UsageError, match=named):
        check_graph_validity(graph, trio())


@pytest.mark.parametrize("kind", ["allowed", "disallowed"])
def test_a_group_with_such_a_graph_is_refused(kind):
    with pytest.raises(UsageError, match="must be a dictionary"):
        GroupChat(trio(), allowed_or_disallowed_speaker_transitions="abc", speaker_transitions_type=kind)


SVG = "{http://www.w3.org/2000/svg}"


def arrows(picture):
    return [path for path in ET.fromstring(picture).iter(f"{SVG}path") if path.get("marker-end")]


def test_the_picture_has_a_node_for_each_agent_and_an_arrow_for_each_transition():
    ann, ben, cem = agents = trio()
    group = GroupChat(
        agents, allowed_or_disallowed_speaker_transitions={ann: [ben, ann], ben: [ann, cem]}, speaker_transitions_type="allowed"
    )
    picture = transitions_svg(group)
    nodes = list(ET.fromstring(picture).iter(f"{SVG}g"))
    assert [(node.find(f"{SVG}text").text, node.get("class")) for node in nodes] == [("ann", "agent"), ("ben", "agent"), ("cem", "sink")]
    assert len(arrows(picture)) == 4


@pytest.mark.parametrize("count", [0, 1, 2, 40])
def test_a_group_of_any_size_can_be_drawn(count):
    agents = [talker(f"agent{number}") for number in range(count)]
    assert len(arrows(transitions_svg(GroupChat(agents)))) == count * count


def test_hostile_and_long_names_are_only_text():
    name = "</text><script>alert(1)</script>\x1b" + "x" * 50
    root = ET.fromstring(transitions_svg(GroupChat([talker(name)])))
    assert not list(root.iter(f"{SVG}script"))
    assert root.find(f".//{SVG}g/{SVG}text").text == "</text><script>alert(1)…"


def test_the_classics_function_saves_the_picture(tmp_path):
    ann, ben, _ = agents = trio()
    picture = visualize_speaker_transitions_dict({ann: [ben]}, agents, export_path=tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8") == picture
    assert len(arrows(picture)) == 1
