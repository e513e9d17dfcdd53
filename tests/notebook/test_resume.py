"""Chats go on in another kernel: from a file, from a notebook's output, from the record. Real kernels, the built-in demo model."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import nbformat
import pytest

from autogen_jupyter import UsageError
from autogen_jupyter.events import Noticed, to_json
from autogen_jupyter.notebook.kept import read_kept
from autogen_jupyter.notebook.record import forget_old, is_kept, new_record
from autogen_jupyter.session.bundle import MIME
from autogen_jupyter.session.recorded import event_of

from ..headless import ROOT, error_of, run_cells, text_of

ASK = "%%agentchat --approve never -q\nDescribe data/penguins.csv"
MORE = "%%agentchat --approve never -q\nNow plot body mass by island."
READS = "print('read_csv' in _.code[0].code)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").symlink_to(ROOT / "notebooks" / "data")
    return tmp_path


def recorded(folder: Path) -> dict[str, str]:
    return {"AUTOGEN_JUPYTER_RECORD": "on", "AUTOGEN_JUPYTER_STATE": str(folder / "state")}


def test_a_chat_in_a_notebooks_output_goes_on_in_a_new_kernel(folder):
    first = run_cells(ASK.replace(" -q", ""), folder=folder)
    nbformat.write(first, folder / "first.ipynb")
    second = run_cells("%agentchat resume first.ipynb run", "%agentchat variables", MORE, READS, "%agentchat history 1", folder=folder)
    assert "first goes on with" in text_of(second.cells[1])
    assert "ran again; its variables are there" in text_of(second.cells[1])
    assert "penguins: pandas.DataFrame 344 x 8" in text_of(second.cells[2])
    assert text_of(second.cells[4]) == "False\n"


def test_one_of_several_chats_in_a_notebook_goes_on_and_stays_the_same_chat(folder):
    ask = "%%agentchat {name} --approve never\n{text}"
    first = run_cells(
        ask.format(name="-n crew", text="Describe data/penguins.csv"),
        ask.format(name="-n other", text="Show the first rows of data/penguins.csv"),
        ask.format(name="-n crew", text="Now plot body mass by island."),
        folder=folder,
    )
    crew, other, again = [output.data[MIME] for cell in first.cells[1:] for output in cell.outputs if MIME in output.get("data", {})]
    assert crew["conversation"] == again["conversation"]
    assert (crew["conversation"]["name"], other["conversation"]["name"]) == ("crew", "other")
    nbformat.write(first, folder / "my chats.ipynb")
    id_ = crew["conversation"]["id"]
    second = run_cells(
        f'%agentchat resume "my chats.ipynb#{id_}" empty',
        ask.format(name="", text="Now plot bill length by island.").replace("  ", " "),
        "%agentchat history 100",
        "%agentchat resume my.ipynb#0",
        folder=folder,
    )
    assert text_of(second.cells[1]).startswith("crew goes on with")
    told = text_of(second.cells[3])
    assert "Describe data/penguins.csv" in told
    assert "Now plot body mass by island." in told
    assert "first rows" not in told
    (went_on,) = [output.data[MIME] for output in second.cells[2].outputs if MIME in output.get("data", {})]
    assert went_on["conversation"] == crew["conversation"]
    assert "my.ipynb cannot be read: there is no such file." in error_of(second.cells[4])


def test_a_chat_that_a_notebook_does_not_hold_is_an_error_that_says_to_save_it(folder):
    nbformat.write(nbformat.v4.new_notebook(), folder / "empty.ipynb")
    with pytest.raises(UsageError, match=r"holds no chat 'abc'\. Save the notebook first"):
        read_kept(folder / "empty.ipynb", "abc")


def test_the_record_brings_a_chat_back_after_its_kernel_is_gone(folder):
    run_cells(ASK, folder=folder, **recorded(folder))
    (record,) = (folder / "state" / "chats").glob("*.jsonl")
    assert record.stat().st_mode & 0o077 == 0
    assert record.parent.stat().st_mode & 0o077 == 0
    second = run_cells(
        "%agentchat resume", "%agentchat list all", f"%agentchat resume {record.stem}", MORE, folder=folder, **recorded(folder)
    )
    assert f"%agentchat resume {record.stem}" in error_of(second.cells[1])
    assert record.stem in text_of(second.cells[2])
    assert "Describe data/penguins.csv" in text_of(second.cells[2])
    assert "AUTOGEN_JUPYTER_RECORD=off" in text_of(second.cells[2])
    assert "chat-1 goes on with" in text_of(second.cells[3])
    assert "agent kernel is empty" in text_of(second.cells[3])
    kept = [read_kept(path) for path in sorted(record.parent.glob("*.jsonl"))]
    assert [one.messages[0]["content"].splitlines()[0] for one in kept] == ["Describe data/penguins.csv"] * 2
    assert len(kept[1].messages) > len(kept[0].messages)


GROUP = """
from autogen_jupyter import ScriptedModel
from autogen_jupyter.notebook.teams import Member, team
def pair(*script, answers=("APPROVED",)):
    critic = ScriptedModel(list(answers))
    team("pair", [Member("assistant", model=ScriptedModel(list(script))), Member("critic", model=critic, reviews=True)])
    return critic
"""
WHAT_THE_CRITIC_READ = "[m.sender for m in critic.requests[0].messages if m.sender]"


def test_a_group_goes_on_from_the_record_and_from_an_output_and_everybody_remembers(folder):
    begun = run_cells(GROUP, "pair('It is 4.')", "%%agentchat pair --name crew\nHow many?", folder=folder, **recorded(folder))
    nbformat.write(begun, folder / "begun.ipynb")
    (record,) = (folder / "state" / "chats").glob("*.jsonl")
    for kept in (record.stem, "begun.ipynb"):
        goes_on = [GROUP, "critic = pair('Still 4.')", f"%agentchat resume {kept}", "%%agentchat\nSure?", WHAT_THE_CRITIC_READ]
        later = run_cells(*goes_on, folder=folder, **recorded(folder))
        assert "goes on with 3 messages" in text_of(later.cells[3])
        assert "Still 4." in text_of(later.cells[4])
        assert text_of(later.cells[5]) == "['user', 'assistant', 'critic', 'user', 'assistant']"


STOPPED = """
from autogen_jupyter import ScriptedModel
from autogen_jupyter.notebook.teams import Member, team
model = ScriptedModel(["```python\\nkept = 41\\n```", "word " * 2000, "```python\\nprint(kept + 1)\\n```", "It is 42."], delay=0.05)
team("slow", [Member("assistant", model=model)])
"""
STOP_WHILE_IT_WRITES = """
import asyncio
from autogen_jupyter.notebook.chats import chats
async def stop():
    while len(model.requests) < 2:
        await asyncio.sleep(0.01)
    chats.get(None).running.stop()
stopping = asyncio.ensure_future(stop())
"""


def test_a_chat_that_was_stopped_goes_on_and_its_kernel_has_its_variables(folder):
    ask = "%%agentchat slow --approve never\nCount."
    notebook = run_cells(STOPPED, STOP_WHILE_IT_WRITES, ask, "_.stop_reason", "%agentchat resume", "_.summary", folder=folder)
    assert text_of(notebook.cells[4]) == "'stopped by the human'"
    assert text_of(notebook.cells[6]) == "'It is 42.'"


def test_what_was_undone_does_not_come_back_from_the_record(folder):
    run_cells(ASK, MORE, "%agentchat undo", folder=folder, **recorded(folder))
    (record,) = (folder / "state" / "chats").glob("*.jsonl")
    kept = read_kept(record)
    assert len(kept.parts) == 1
    assert not any("by island" in str(message["content"]) for message in kept.messages)


def test_nothing_is_recorded_where_nobody_is_or_somebody_said_so(folder, monkeypatch):
    run_cells(ASK, folder=folder, AUTOGEN_JUPYTER_STATE=str(folder / "state"))
    assert not (folder / "state" / "chats").exists()
    monkeypatch.setenv("AUTOGEN_JUPYTER_RECORD", "off")
    assert not is_kept(has_person=True)
    monkeypatch.delenv("AUTOGEN_JUPYTER_RECORD")
    assert is_kept(has_person=True)
    assert not is_kept(has_person=False)


def test_old_records_are_deleted_and_other_files_left_alone(folder, monkeypatch):
    old, other = folder / "20200101-000000-chat-1.jsonl", folder / "mine.jsonl"
    for path in (old, other):
        path.write_text("{}\n")
        os.utime(path, (time.time() - 31 * 24 * 3600,) * 2)
    monkeypatch.setenv("AUTOGEN_JUPYTER_RECORD", "60")
    forget_old(folder)
    assert old.exists()
    monkeypatch.delenv("AUTOGEN_JUPYTER_RECORD")
    forget_old(folder)
    assert [path.exists() for path in (old, other)] == [False, True]


def test_a_folder_that_cannot_be_written_keeps_nothing_and_harms_nothing(folder, monkeypatch):
    (folder / "file").write_text("")
    monkeypatch.setenv("AUTOGEN_JUPYTER_STATE", str(folder / "file"))
    assert new_record("chat-1", {}, []) is None


def test_a_damaged_line_costs_only_itself(folder):
    lines = [
        json.dumps({"kind": "chat_started", "chat_id": "c", "sender": "user", "recipient": "a"}),
        '{"kind": "message_added", "mess',
        json.dumps({"kind": "of_a_later_version"}),
        json.dumps({"kind": "message_added", "recipient": "a", "message": {"id": "m", "role": "user", "name": "user", "content": "Hello"}}),
    ]
    (folder / "cut.jsonl").write_text("\n".join(lines))
    assert [asked for asked, _, _ in read_kept(folder / "cut.jsonl").parts] == ["Hello"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": []}', "\x00", '{"kind": "autogen_jupyter.conversation"}'])
def test_a_file_without_a_chat_is_an_error_that_says_what_has_one(folder, content):
    (folder / "x.json").write_text(content)
    with pytest.raises(UsageError, match=r"x\.json"):
        read_kept(folder / "x.json")


def test_events_come_back_as_they_were_written():
    event = Noticed("The agent kernel was restarted.", "warning")
    assert event_of(to_json(event)) == event
