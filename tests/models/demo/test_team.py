"""The demo model in a group: it hears who speaks, answers the one who asked, and says that it cannot review or plan."""

from __future__ import annotations

from autogen_jupyter.models.demo import reply
from autogen_jupyter.models.demo.conversation import read_turns
from autogen_jupyter.notebook.team_prompts import CHECKER, CRITIC, PLANNER


def test_as_a_reviewer_or_planner_it_says_what_it_is():
    for prompt in (CRITIC, CHECKER, PLANNER):
        said = reply([{"role": "system", "content": prompt}, {"role": "user", "content": "user:\nDescribe data/penguins.csv"}])
        assert "not a language model" in said
        assert "```" not in said


def test_in_a_group_the_opener_asks_and_results_are_read():
    (turn,) = read_turns(
        [
            {"role": "user", "content": "user:\nDescribe x.csv"},
            {"role": "user", "content": "planner:\n1. look"},
            {"role": "assistant", "content": "```python\nlook()\n```"},
            {"role": "user", "content": "user:\nexitcode: 0 (execution succeeded)\nCode output: fine"},
        ]
    )
    assert turn.request == "Describe x.csv"
    assert [(run.succeeded, run.output) for run in turn.runs] == [(True, "fine")]


def test_between_two_a_line_with_a_colon_is_part_of_the_request():
    turns = read_turns([{"role": "user", "content": "Task:\nDescribe x.csv"}, {"role": "user", "content": "and y"}])
    assert [turn.request for turn in turns] == ["Task:\nDescribe x.csv", "and y"]
