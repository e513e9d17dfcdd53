"""Who speaks next in a group: the methods, the rules of eligibility, and what a model's answer may look like."""

from __future__ import annotations

import itertools

import pytest

from autogen_jupyter import (
    CompactHistory,
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    MessageHistoryLimiter,
    ModelReply,
    NoEligibleSpeaker,
    ScriptedModel,
    ToolCall,
    TransformMessages,
    UndefinedNextAgent,
    UsageError,
)
from autogen_jupyter.conversation.mentions import mentioned_agents
from autogen_jupyter.events import SpeakerSelected
from tests.conversation.doubles import Room


def talker(name, text=None, **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply=text or f"{name} here", **options)


def trio(**descriptions):
    return [talker(name, description=descriptions.get(name, "")) for name in ("ann", "ben", "cem")]


async def speakers_in(group, *answers, room=None, **options):
    """Run a chat that the first agent begins; return who spoke, why it ended, and the room."""
    room = room or Room(answers)
    result = await room.chat(group.agents[0], GroupChatManager(group, **options), message="go")
    return [message["name"] for message in group.messages], result.stop_reason, room


def reasons(room):
    return [event.reason for event in room.events if isinstance(event, SpeakerSelected)]


# --- a group that selects in its own way: the classic's a, c, c where it returns the third


class Third(GroupChat):
    def select_speaker(self, last_speaker, selector):
        return self.agents[2]


class AwaitedThird(GroupChat):
    async def a_select_speaker(self, last_speaker, selector):
        return self.agents[2]


class ThirdOnce(GroupChat):
    def select_speaker(self, last_speaker, selector):
        return self.agents[2] if len(self.messages) == 1 else super().select_speaker(last_speaker, selector)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(Third, ["ann", "cem", "cem"]), (AwaitedThird, ["ann", "cem", "cem"]), (ThirdOnce, ["ann", "cem", "ann"])],
)
async def test_a_group_that_overrides_select_speaker_is_asked_for_it(kind, expected):
    speakers, _, room = await speakers_in(kind(trio(), max_round=3, speaker_selection_method="round_robin"))
    assert speakers == expected
    assert reasons(room)[0] == f"chosen by {kind.__name__}.select_speaker"


def test_a_group_that_overrides_select_speaker_is_asked_for_it_in_a_blocking_chat(capsys):
    group = ThirdOnce(trio(), max_round=3, speaker_selection_method="round_robin")
    group.agents[0].initiate_chat(GroupChatManager(group), message="go")
    assert [message["name"] for message in group.messages] == ["ann", "cem", "ann"]
    assert "Next speaker: cem" in capsys.readouterr().out


async def test_select_speaker_put_on_one_group_counts():
    group = GroupChat(trio(), max_round=3, speaker_selection_method="round_robin")
    group.select_speaker = lambda last_speaker, selector: group.agents[2]
    assert (await speakers_in(group))[0] == ["ann", "cem", "cem"]


async def test_an_own_select_speaker_may_choose_nobody_and_nobody_from_outside():
    group = GroupChat(trio(), max_round=3)
    group.select_speaker = lambda last_speaker, selector: None
    speakers, why, _ = await speakers_in(group)
    assert (speakers, why) == (["ann"], "no eligible speaker: GroupChat.select_speaker chose nobody after ann")
    group.select_speaker = lambda last_speaker, selector: talker("dan")
    with pytest.raises(UsageError, match=r"select_speaker chose 'dan'; the group has ann, ben, cem\. Return one of its agents, or None"):
        await speakers_in(group)


# --- auto


async def test_auto_asks_the_managers_model_with_the_roles_the_messages_and_the_prompt():
    model = ScriptedModel(["cem", "ben"])
    group = GroupChat(trio(ann="draws", ben="sings", cem="writes"), max_round=3)
    speakers, _, room = await speakers_in(group, llm_config=model)
    assert speakers == ["ann", "cem", "ben"]
    assert reasons(room) == ["chosen by scripted", "chosen by scripted"]
    first, *heard, last = model.requests[1].messages
    assert first.role == "system"
    assert "ann: draws\nben: sings\ncem: writes" in first.text
    assert [(message.role, message.sender, message.text) for message in heard] == [("user", "ann", "go"), ("user", "cem", "cem here")]
    assert (last.role, "['ann', 'ben', 'cem']" in last.text) == ("system", True)
    assert model.requests[1].name_speakers


async def test_auto_asks_again_when_several_or_nobody_is_named_and_says_which():
    model = ScriptedModel(["ann or ben?", "I cannot say.", "ben"])
    group = GroupChat(
        trio(),
        max_round=2,
        select_speaker_auto_multiple_template="several {agentlist}",
        select_speaker_auto_none_template="nobody {agentlist}",
    )
    speakers, _, _ = await speakers_in(group, llm_config=model)
    assert speakers == ["ann", "ben"]
    assert [(message.role, message.text) for message in model.requests[2].messages[-4:]] == [
        ("assistant", "ann or ben?"),
        ("system", "several ['ann', 'ben', 'cem']"),
        ("assistant", "I cannot say."),
        ("system", "nobody ['ann', 'ben', 'cem']"),
    ]


@pytest.mark.parametrize("retries", [0, 2])
async def test_after_the_retries_the_next_in_turn_speaks(retries):
    model = ScriptedModel(["?"] * (retries + 1))
    group = GroupChat(trio(), max_round=2, max_retries_for_selecting_speaker=retries)
    speakers, _, room = await speakers_in(group, llm_config=model)
    assert speakers == ["ann", "ben"]
    assert reasons(room) == ["next in turn: scripted named nobody"]
    assert len(model.requests) == retries + 1


async def test_auto_without_a_model_takes_turns_and_says_so_once():
    speakers, _, room = await speakers_in(GroupChat(trio(), max_round=4))
    assert speakers == ["ann", "ben", "cem", "ann"]
    notices = [event.text for event in room.events if event.kind == "noticed"]
    assert len(notices) == 1
    assert "has no model to choose speakers" in notices[0]


async def test_a_model_of_its_own_may_choose():
    chooser = ScriptedModel(["cem"])
    group = GroupChat(trio(), max_round=2, select_speaker_auto_llm_config=chooser)
    assert (await speakers_in(group, llm_config=ScriptedModel([])))[0] == ["ann", "cem"]


async def test_the_last_message_can_be_left_out_and_the_role_chosen():
    model = ScriptedModel(["?", "cem"])
    group = GroupChat(trio(), max_round=2, select_speaker_prompt_template=None, role_for_select_speaker_messages="user")
    await speakers_in(group, llm_config=model)
    assert model.requests[0].messages[-1].text == "go"
    assert model.requests[1].messages[-1].role == "user"


LAST = [
    TransformMessages(transforms=[MessageHistoryLimiter(max_messages=1)]),
    lambda messages: messages[-1:],
]


@pytest.mark.parametrize("transform", LAST, ids=["TransformMessages", "function"])
async def test_what_the_choosing_model_sees_can_be_transformed(transform):
    model = ScriptedModel(["ben", "cem"])
    group = GroupChat(trio(), max_round=3, select_speaker_transform_messages=transform)
    await speakers_in(group, llm_config=model)
    assert [message.text for message in model.requests[1].messages[1:-1]] == ["ben here"]
    assert len(group.messages) == 3


async def test_a_transform_without_a_model_takes_that_of_the_manager():
    compact = TransformMessages(transforms=[CompactHistory(keep_last=1, max_tokens=10)])
    group = GroupChat([talker(name, "word " * 50) for name in ("ann", "ben")], max_round=4, allow_repeat_speaker=True)
    group.select_speaker_transform_messages = compact
    model = ScriptedModel(["ben", "ben", "a short summary", "ben"])
    await speakers_in(group, llm_config=model)
    assert "a short summary" in model.requests[-1].messages[1].text


async def test_the_choosing_model_reads_tool_calls_as_text():
    agents = trio()
    agents[1].register_function({"add": lambda: "3"})
    agents[2].register_function({"add": lambda: "3"})
    model = ScriptedModel(["cem"])
    group = GroupChat(agents, [], max_round=2)
    manager = GroupChatManager(group, llm_config=model)
    call = {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}]}
    await Room().chat(agents[0], manager, message=call)
    asked = model.requests[0].messages
    assert all(not message.tool_calls for message in asked)
    assert asked[1].text == "(calls add: {})"
    assert "['ben', 'cem']" in asked[-1].text


async def test_verbose_selection_shows_what_was_asked_and_answered():
    group = GroupChat(trio(), max_round=2, select_speaker_auto_verbose=True)
    _, _, room = await speakers_in(group, llm_config=ScriptedModel(["ben"]))
    told = next(event.text for event in room.events if event.kind == "noticed")
    assert told.endswith("scripted answered: ben\n>>>>>>>> Select speaker attempt 1 of 3 successfully selected: ben")


async def test_a_template_may_hold_braces_of_its_own():
    model = ScriptedModel(["ben"])
    group = GroupChat(trio(), max_round=2, select_speaker_prompt_template='Answer as {"role": …}, one of {agentlist}.')
    await speakers_in(group, llm_config=model)
    assert model.requests[0].messages[-1].text == "Answer as {\"role\": …}, one of ['ann', 'ben', 'cem']."


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("coder", ["coder"]),
        ("The next speaker is **coder**.", ["coder"]),
        ("coder, then coder", ["coder"]),
        ("the coders", []),
        ("my_coder", []),
        ("data_analyst", ["data_analyst"]),
        ("The data analyst should go on.", ["data_analyst"]),
        (r"data\_analyst", ["data_analyst"]),
        ("analyst", ["analyst"]),
        ("data analyst or analyst", ["analyst", "data_analyst"]),
        ("Coder should go on.", []),
        ("CODER", ["coder"]),
        ("“x” `Data Analyst`.", []),
        ("`Data Analyst`", ["data_analyst"]),
        ("c++", ["c++"]),
        ("", []),
    ],
)
def test_names_are_found_as_words_of_their_own(text, named):
    agents = [talker(name) for name in ("coder", "data_analyst", "analyst", "c++")]
    assert sorted(mentioned_agents(text, agents)) == named


# --- the other methods


async def test_round_robin_follows_the_list():
    assert (await speakers_in(GroupChat(trio(), max_round=5, speaker_selection_method="Round_Robin")))[0] == [
        "ann", "ben", "cem", "ann", "ben",
    ]  # fmt: skip


async def test_random_chooses_among_the_eligible():
    group = GroupChat(trio(), max_round=60, speaker_selection_method="random", allow_repeat_speaker=False)
    speakers, _, _ = await speakers_in(group)
    assert set(speakers) == {"ann", "ben", "cem"}
    assert all(before != after for before, after in itertools.pairwise(speakers))


@pytest.mark.parametrize(
    ("answers", "speaker"),
    [(["cem"], "cem"), (["3"], "cem"), ([""], "ben"), (["q"], "ben"), (["zoe", "0", "cem"], "cem"), (["zoe", "4", "x"], "ben")],
)
async def test_manual_offers_the_names_and_takes_a_name_or_a_number(answers, speaker):
    group = GroupChat(trio(), max_round=2, speaker_selection_method="manual")
    speakers, _, room = await speakers_in(group, *answers)
    assert speakers == ["ann", speaker]
    assert {(request.kind, request.choices) for request in room.human.requests} == {("choice", ("ann", "ben", "cem"))}
    assert len(room.human.requests) == len(answers)


async def test_a_function_chooses_an_agent_a_method_or_the_end():
    agents = trio()
    script = iter([agents[2], "round_robin", None])

    def choose(last_speaker, groupchat):
        seen.append((last_speaker.name, groupchat is group))
        return next(script)

    seen = []
    group = GroupChat(agents, speaker_selection_method=choose)
    speakers, reason, _ = await speakers_in(group)
    assert speakers == ["ann", "cem", "ann"]
    assert seen == [("ann", True), ("cem", True), ("ann", True)]
    assert reason == "no eligible speaker: the speaker selection function chose nobody after ann"


async def test_the_function_may_be_a_coroutine():
    agents = trio()

    async def choose(last_speaker, groupchat):
        return agents[2]

    assert (await speakers_in(GroupChat(agents, max_round=2, speaker_selection_method=choose)))[0] == ["ann", "cem"]


@pytest.mark.parametrize(("chosen", "named"), [(talker("zoe"), "'zoe'"), ("loudest", "'loudest'"), (7, "7")])
async def test_a_function_that_chooses_somebody_else_is_an_error(chosen, named):
    with pytest.raises(UsageError, match=named):
        await speakers_in(GroupChat(trio(), speaker_selection_method=lambda last, group: chosen))


# --- who may


@pytest.mark.parametrize(("may_repeat", "after_ann"), [(None, "abc"), (True, "abc"), (False, "bc")])
def test_allow_repeat_speaker_says_whether_the_last_one_may_go_on(may_repeat, after_ann):
    group = GroupChat(trio(), allow_repeat_speaker=may_repeat)
    assert "".join(agent.name[0] for agent in group.allowed_after(group.agents[0])) == after_ann


def test_allow_repeat_speaker_may_be_a_list():
    ann, ben, _ = agents = trio()
    group = GroupChat(agents, allow_repeat_speaker=[ann])
    assert ann in group.allowed_after(ann)
    assert ben not in group.allowed_after(ben)
    assert group.allowed_speaker_transitions_dict[ben] == [ann, agents[2]]


async def test_one_eligible_speaker_needs_no_model_and_a_sink_ends_the_chat():
    ann, ben, cem = agents = trio()
    model = ScriptedModel([])
    group = GroupChat(agents, allowed_or_disallowed_speaker_transitions={ann: [cem], cem: [ben]}, speaker_transitions_type="allowed")
    speakers, reason, room = await speakers_in(group, llm_config=model)
    assert speakers == ["ann", "cem", "ben"]
    assert reasons(room) == ["the only eligible agent"] * 2
    assert reason == "no eligible speaker: nobody may speak after ben"
    assert model.requests == []


async def test_an_empty_list_is_a_sink_too():
    ann, ben, cem = agents = trio()
    group = GroupChat(
        agents, allowed_or_disallowed_speaker_transitions={ann: [ben], ben: [], cem: [ann]}, speaker_transitions_type="allowed"
    )
    assert (await speakers_in(group))[0] == ["ann", "ben"]


async def test_disallowed_transitions_leave_the_others():
    ann, ben, cem = agents = trio()
    group = GroupChat(
        agents,
        max_round=4,
        speaker_selection_method="round_robin",
        allowed_or_disallowed_speaker_transitions={ann: [ann, ben], cem: [ann, cem]},
        speaker_transitions_type="disallowed",
    )
    assert (await speakers_in(group))[0] == ["ann", "cem", "ben", "cem"]
    assert group.allowed_speaker_transitions_dict == {ann: [cem], ben: [ann, ben, cem], cem: [ben]}


async def test_after_somebody_from_outside_everybody_is_eligible():
    ann, ben, _cem = agents = trio()
    group = GroupChat(agents, max_round=2, allowed_or_disallowed_speaker_transitions={ann: [ben]}, speaker_transitions_type="allowed")
    assert group.allowed_after(talker("boss")) == agents


def test_transitions_and_repetition_exclude_each_other():
    ann, *_ = agents = trio()
    with pytest.raises(UsageError, match="allow_repeat_speaker and allowed_or_disallowed_speaker_transitions"):
        GroupChat(
            agents, allow_repeat_speaker=False, allowed_or_disallowed_speaker_transitions={ann: [ann]}, speaker_transitions_type="allowed"
        )


# --- calls of functions


def call_of(name):
    return (ToolCall("1", name, "{}"),)


async def test_after_a_call_those_speak_that_can_execute_it_without_asking_a_model():
    ann, ben, cem = trio()
    caller = ConversableAgent("caller", human_input_mode="NEVER", llm_config=ScriptedModel([call_of("add")]))
    cem.register_function({"add": lambda: "3"})
    group = GroupChat([ann, caller, ben, cem], max_round=3, speaker_selection_method="round_robin", allow_repeat_speaker=False)
    speakers, _, room = await speakers_in(group)
    assert speakers == ["ann", "caller", "cem"]
    assert reasons(room)[-1] == "the only one that can execute add"
    assert group.messages[-1]["role"] == "tool"
    assert group.messages[-1]["tool_responses"] == [{"role": "tool", "tool_call_id": "1", "content": "3"}]


async def test_a_call_is_answered_even_by_one_that_would_not_be_next():
    ann, ben, cem = trio()
    caller = ConversableAgent("caller", human_input_mode="NEVER", llm_config=ScriptedModel([call_of("add")]))
    cem.register_function({"add": lambda: "3"})
    group = GroupChat(
        [ann, caller, ben, cem],
        max_round=3,
        allowed_or_disallowed_speaker_transitions={ann: [caller], caller: [ben]},
        speaker_transitions_type="allowed",
    )
    assert (await speakers_in(group))[0] == ["ann", "caller", "cem"]


async def test_a_call_that_nobody_can_execute_is_an_error_that_names_it():
    caller = ConversableAgent("caller", human_input_mode="NEVER", llm_config=ScriptedModel([call_of("subtract")]))
    group = GroupChat([talker("ann"), caller], speaker_selection_method="round_robin")
    with pytest.raises(UsageError, match="caller called subtract, and no agent of the group can execute that"):
        await speakers_in(group)


async def test_the_filter_can_be_switched_off():
    caller = ConversableAgent("caller", human_input_mode="NEVER", llm_config=ScriptedModel([call_of("subtract")]))
    group = GroupChat([talker("ann"), caller], max_round=3, speaker_selection_method="round_robin", func_call_filter=False)
    assert (await speakers_in(group))[0] == ["ann", "caller", "ann"]


# --- helpers


def test_next_agent_goes_round_and_skips_those_not_offered():
    ann, ben, cem = agents = trio()
    group = GroupChat(agents)
    assert group.next_agent(cem) is ann
    assert group.next_agent(ann, [ann, cem]) is cem
    assert group.next_agent(talker("boss")) is ann
    with pytest.raises(UndefinedNextAgent, match="'zoe'"):
        group.next_agent(ben, [talker("zoe")])


def test_select_speaker_works_outside_a_chat():
    agents = trio()
    group = GroupChat(agents, speaker_selection_method="round_robin")
    assert group.select_speaker(agents[0], GroupChatManager(group)) is agents[1]
    nobody = GroupChat(agents[:1], speaker_selection_method="round_robin", allow_repeat_speaker=False)
    with pytest.raises(NoEligibleSpeaker):
        nobody.select_speaker(agents[0], GroupChatManager(nobody))


async def test_the_models_of_members_are_told_who_speaks_in_a_group_only():
    model = ScriptedModel([ModelReply("hi", "scripted"), ModelReply("hi", "scripted")])
    ann, ben = talker("ann"), ConversableAgent("ben", human_input_mode="NEVER", llm_config=model)
    await Room().chat(ann, GroupChatManager(GroupChat([ann, ben], max_round=2, speaker_selection_method="round_robin")), message="go")
    await Room().chat(ann, ben, message="go", max_turns=1)
    assert [request.name_speakers for request in model.requests] == [True, False]


class OwnWays(GroupChat):
    def select_speaker_msg(self, agents=None):
        return f"choose among {[agent.name for agent in agents]}"

    def select_speaker_prompt(self, agents=None):
        return "who is it?"

    def random_select_speaker(self, agents=None):
        return agents[-1]

    def manual_select_speaker(self, agents=None):
        return agents[1]


def test_a_subclass_of_the_group_words_the_question_to_the_model_in_its_own_way():
    model = ScriptedModel(["cem"])
    said, _ = round_of(OwnWays, "auto", model)
    assert said[1] == "cem"
    told = [message.text for message in model.requests[0].messages]
    assert (told[0], told[-1]) == ("choose among ['ann', 'ben', 'cem']", "who is it?")


@pytest.mark.parametrize(("method", "chosen"), [("random", "cem"), ("manual", "ben")])
def test_a_subclass_of_the_group_chooses_in_its_own_way(method, chosen):
    said, reason = round_of(OwnWays, method)
    assert said[1] == chosen
    assert reason == "max_round=2 was reached"


def test_a_subclass_that_chooses_nobody_at_random_ends_the_chat_and_one_that_chooses_a_stranger_is_an_error():
    class Nobody(GroupChat):
        def random_select_speaker(self, agents=None):
            return None

    class Stranger(GroupChat):
        def random_select_speaker(self, agents=None):
            return ConversableAgent("dan")

    assert "chose nobody" in round_of(Nobody, "random")[1]
    with pytest.raises(UsageError, match=r"Stranger\.random_select_speaker chose 'dan'; the group has ann, ben, cem"):
        round_of(Stranger, "random")


async def test_the_group_asks_a_person_for_whoever_wants_to_know():
    group, room = GroupChat(trio()), Room(["2", "q"])
    assert (await room.session.run(group.a_manual_select_speaker)).name == "ben"
    assert await room.session.run(lambda: group.a_manual_select_speaker(group.agents[1:])) is None


def test_the_group_offers_the_classics_ways_to_choose():
    group = GroupChat([ConversableAgent(name) for name in ("ann", "ben")])
    assert group.random_select_speaker() in group.agents
    assert "['ann', 'ben']" in group.select_speaker_msg()
    assert "['ben']" in group.select_speaker_prompt(group.agents[1:])
    assert GroupChat(group.agents, select_speaker_prompt_template=None).select_speaker_prompt() is None


def round_of(kind, method, model=None):
    agents = [ConversableAgent(name, human_input_mode="NEVER", default_auto_reply="hm") for name in ("ann", "ben", "cem")]
    manager = GroupChatManager(kind(agents, max_round=2, speaker_selection_method=method), llm_config=model or False)
    result = agents[0].initiate_chat(manager, message="go", silent=True)
    return [message["name"] for message in result.chat_history], result.stop_reason
