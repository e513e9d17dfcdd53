"""Teams: who speaks when, what is wrong with a plan, files, and the shipped ones with a script, the demo model and a real kernel."""

from __future__ import annotations

import dataclasses
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autogen_jupyter import ConversableAgent, ScriptedModel, UsageError, agentchat
from autogen_jupyter.notebook.chats import Chats
from autogen_jupyter.notebook.options import ChatOptions
from autogen_jupyter.notebook.team import Team
from autogen_jupyter.notebook.team_files import read_team, write_team
from autogen_jupyter.notebook.teams import PLANS, SHIPPED, Member, TeamPlan
from autogen_jupyter.notebook.turns import is_approval

from ..conversation.doubles import EchoExecutor, Room
from ..headless import ROOT, error_of, run_cells, text_of

CODE = "```python\nlook()\n```"


@pytest.fixture(autouse=True)
def own_teams():
    before = dict(PLANS)
    yield
    PLANS.clear()
    PLANS.update(before)


def scripted(name: str, **scripts: list[str]) -> Team:
    """Return a shipped team whose agents follow scripts, one for each; code is only echoed."""
    plan = PLANS[name]
    members = tuple(dataclasses.replace(member, model=ScriptedModel(scripts[member.name])) for member in plan.agents)
    PLANS[name] = dataclasses.replace(plan, agents=members)
    team = Team(ChatOptions(model="builtin/demo", team=name))
    team.proxy._code_policy.executor = EchoExecutor()
    return team


async def hold(team: Team, request: str, **options):
    given_ = ChatOptions(model="builtin/demo", **options)
    team.turns.begin(given_.agent)
    room = Room()
    result = await room.chat(team.proxy, team.partner, message=request, clear_history=False, **team.chat_arguments(given_))
    return result, [message["name"] for message in result.chat_history]


@pytest.fixture
def nothing_configured(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for variable in [name for name in os.environ if name.endswith("_API_KEY") or name.startswith(("AUTOGEN_", "OAI_", "OPENAI_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("AUTOGEN_JUPYTER_LOCAL_SERVERS", "off")


def ready_made():
    return ConversableAgent("coder", llm_config=ScriptedModel(["Done."]), human_input_mode="NEVER")


@pytest.mark.parametrize("make", [ready_made, lambda: {"name": "coder", "model": ScriptedModel(["Done."])}], ids=["made", "described"])
def test_a_model_that_nobody_in_the_team_asks_is_not_announced(nothing_configured, monkeypatch, make):
    agentchat.team("mk", [make()])
    team = Team(ChatOptions(team="mk"))
    assert team.notice == ""
    team.prepare(ChatOptions(team="mk", model="builtin/demo"))
    assert team.notice == ""
    monkeypatch.setenv("AUTOGEN_JUPYTER_REQUIRE_LLM", "1")
    assert Team(ChatOptions(team="mk")).assistant.model_client.model == "scripted"


def test_a_model_that_one_of_the_team_asks_is_announced(nothing_configured):
    agentchat.team("mk", [ready_made(), {"name": "reader"}])
    assert Team(ChatOptions(team="mk")).notice.startswith("No language model found")


def test_a_models_name_that_cannot_be_read_is_an_error_though_nobody_asks_it(nothing_configured):
    agentchat.team("mk", [ready_made()])
    with pytest.raises(UsageError, match="no built-in model"):
        Team(ChatOptions(team="mk", model="builtin/other"))


async def test_the_critic_sends_the_work_back_until_it_approves():
    team = scripted("critic", assistant=[CODE, "It is 4.", "It is 5, of 9."], critic=["4 of how many?", "Yes.\n\n**APPROVED**"])
    result, names = await hold(team, "How many?")
    assert names == ["user", "assistant", "user", "assistant", "critic", "assistant", "critic"]
    assert result.summary == "It is 5, of 9."
    assert result.stop_reason == "critic has approved"


async def test_reviews_end_after_the_agreed_number_and_say_so():
    team = scripted("critic", assistant=["a", "b", "c"], critic=["no"] * 3)
    result, names = await hold(team, "Go.")
    assert names.count("critic") == 3
    assert result.stop_reason == "critic still objects after 3 reviews"


async def test_a_plan_is_carried_out_and_checked_by_other_code():
    team = scripted("planners", planner=["1. look"], coder=[CODE, "It is 4."], checker=[CODE, "Both are 4.\nAPPROVED"])
    result, names = await hold(team, "How many?")
    assert names == ["user", "planner", "coder", "user", "coder", "checker", "user", "checker"]
    assert result.summary == "It is 4."


async def test_an_agent_that_is_addressed_answers_alone_and_remembers():
    team = scripted("critic", assistant=["It is 4."], critic=["APPROVED", "I looked at the rows."])
    await hold(team, "How many?")
    result, names = await hold(team, "How did you check?", agent="critic")
    assert names == ["user", "assistant", "critic", "user", "critic"]
    assert result.stop_reason == "critic has answered"
    with pytest.raises(UsageError, match="There is no agent @nobody in this chat; there is @assistant, @critic"):
        team.prepare(ChatOptions(model="builtin/demo", agent="nobody"))


async def test_a_team_forgets_is_saved_and_goes_on():
    team = scripted("critic", assistant=["one", "two"], critic=["APPROVED", "APPROVED"])
    await hold(team, "first")
    await hold(team, "second")
    state = team.save()
    team.cut(3)
    assert [message["content"] for message in team.messages] == ["first", "one", "APPROVED"]
    again = scripted("critic", assistant=["three"], critic=["APPROVED"])
    again.restore(state)
    assert [message["content"] for message in again.messages] == ["first", "one", "APPROVED", "second", "two", "APPROVED"]
    result, _ = await hold(again, "third")
    assert result.summary == "three"


@pytest.mark.parametrize(
    ("text", "approves"),
    [
        ("APPROVED", True),
        ("Fine.\n\n**APPROVED**\nTERMINATE", True),
        ("Fine. Approved.", False),
        ("I cannot say APPROVED yet.", False),
        ("APPROVED\nbut one thing is missing", False),
        ("", False),
    ],
)
def test_only_the_word_alone_on_the_last_line_approves(text, approves):
    assert is_approval(text) is approves


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"name": "two words", "agents": ["a"]}, "cannot be named 'two words'"),
        ({"name": "t", "agents": []}, "has no agents"),
        ({"name": "t", "agents": ["a", "a"]}, "two agents named 'a'"),
        ({"name": "t", "agents": ["user"]}, "named 'user'; that name is taken"),
        ({"name": "t", "agents": [{"name": "a", "sytem_message": "x"}]}, "no 'sytem_message'. Did you mean 'system_message'"),
        ({"name": "t", "agents": [{"system_message": "x"}]}, "has no name"),
        ({"name": "t", "agents": [{"name": "a", "reviews": "yes"}]}, "reviews is 'yes'; it must be true or false"),
        ({"name": "t", "agents": [{"name": "a", "reviews": True}]}, "only reviewers"),
        ({"name": "t", "agents": [{"name": "a", "reviews": True}, "b"]}, "begins with the reviewer 'a'"),
        ({"name": "t", "agents": ["a"], "round": 3}, "no 'round'. Did you mean 'rounds'"),
        ({"name": "t", "agents": ["a"], "rounds": 0}, "rounds=0; it must be a whole number"),
        ({"name": "t", "agents": "a"}, "agents must be a list"),
        ({"name": "t", "agents": [7]}, "an agent is 7"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_with_the_reason(given_, said):
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        agentchat.team(**given_)
    assert "t" not in PLANS


TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), whitelist_characters="\n\t\"'\\"), max_size=80)


@given(system_message=TEXTS, description=TEXTS, reviews=st.booleans())
def test_a_team_is_the_same_after_a_file(tmp_path_factory, system_message, description, reviews):
    plan = TeamPlan("analysts", (Member("a", system_message, description), Member("b", model="builtin/demo", reviews=reviews)), description)
    folder = tmp_path_factory.mktemp("team")
    for suffix in ("toml", "yaml", "json"):
        write_team(plan, folder / f"team.{suffix}")
        assert read_team(folder / f"team.{suffix}") == plan


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("t.toml", "name = ", "is no TOML"),
        ("t.yaml", "a: [", "is no YAML"),
        ("t.json", "[]", "does not define a team"),
        ("t.json", '{"name": "t", "agents": [{"nam": "a"}]}', r"t.json: an agent has no 'nam'. Did you mean 'name'"),
        ("t.txt", "", "ends in .toml, .yaml"),
        ("t.yaml", "!!python/object/apply:os.system ['true']", "is no YAML"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, file, text, said):
    (tmp_path / file).write_text(text)
    with pytest.raises(UsageError, match=said):
        read_team(tmp_path / file)


def test_a_reviewer_is_told_how_to_approve_unless_it_is_told_so_itself():
    agentchat.team("mine", ["a", {"name": "b", "system_message": "Be strict.", "reviews": True}])
    reviewer = Team(ChatOptions(model="builtin/demo", team="mine")).addressable[1]
    assert reviewer.system_message.startswith("Be strict.\nJudge what matters")
    critic = Team(ChatOptions(model="builtin/demo", team="critic")).addressable[1]
    assert critic.system_message.count("Judge what matters") == 1


def test_objects_cannot_be_shared(tmp_path):
    plan = agentchat.team("mine", [ConversableAgent("ready", human_input_mode="NEVER", llm_config=ScriptedModel(["x"]))])
    with pytest.raises(UsageError, match="made in Python"):
        plan.save(str(tmp_path / "t.toml"))
    plan = agentchat.team("mine", [{"name": "a", "model": ScriptedModel(["x"])}])
    with pytest.raises(UsageError, match="The model of 'a' is a ScriptedModel"):
        plan.save(str(tmp_path / "t.toml"))


def test_a_team_has_a_chat_of_its_own():
    chats = Chats()
    first = chats.open(ChatOptions())
    first.prepare(ChatOptions(model="builtin/demo"))
    critics = chats.open(ChatOptions(team="critic"))
    assert (first.name, critics.name) == ("chat-1", "critic")
    assert chats.open(ChatOptions()) is critics
    assert chats.open(ChatOptions(team="analyst")) is first
    assert chats.open(ChatOptions(team="critic")) is critics
    with pytest.raises(UsageError, match=r"held by the team analyst\. Add --new"):
        chats.open(ChatOptions(team="critic", name="chat-1"))
    with pytest.raises(UsageError, match="Did you mean critic"):
        chats.open(ChatOptions(team="critics"))


def test_teams_work_in_a_notebook_with_the_demo_model(tmp_path):
    (tmp_path / "data").symlink_to(ROOT / "notebooks" / "data")
    notebook = run_cells(
        "%%agentchat critic builtin-demo --approve never\nx",
        "%%agentchat critic -m builtin/demo --approve never\nDescribe data/penguins.csv",
        "print(_.stop_reason, '|', [m['name'] for m in _.messages], '|', _.summary)",
        "%agentchat share planners mine.toml\n%agentchat agents\n%agentchat undo\n%agentchat history",
        "import pathlib\np = pathlib.Path('mine.toml')\nold, new = 'name = \"planners\"', 'name = \"analysts\"'\n"
        "p.write_text(p.read_text().replace(old, new, 1))\n%agentchat teams mine.toml\n%agentchat teams",
        "%%agentchat analysts -m builtin/demo --approve never\nHow many values are missing in data/penguins.csv?",
        "print(_.stop_reason, '|', [m['name'] for m in _.messages], '|', _.summary)",
        folder=tmp_path,
    )
    shown = [text_of(cell) for cell in notebook.cells]
    assert "does not know what" in error_of(notebook.cells[1])
    assert shown[3].startswith("critic has approved | ['user', 'assistant', 'user', 'assistant', ")
    assert "344 rows" in shown[3]
    assert "@critic in chat-1" in shown[4]
    assert "analysts (yours): a planner" in shown[5]
    assert shown[7].startswith("checker has approved")
    assert "344" in shown[7]


def test_the_shipped_teams_are_the_ones_of_the_docs():
    assert SHIPPED == ("analyst", "critic", "planners")
