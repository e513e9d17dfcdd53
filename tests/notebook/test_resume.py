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
from autogen_jupyter.notebook.kept import KeptChat, conversations_in, read_kept
from autogen_jupyter.notebook.record import forget_old, is_kept, new_record
from autogen_jupyter.session.bundle import MIME, bundle
from autogen_jupyter.session.entries import MessageEntry, PartOf, Status
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
    assert "chat-1 goes on with" in text_of(second.cells[1])
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
        '%agentchat resume "my chats.ipynb#0"',
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
    assert "my chats.ipynb holds no chat '0'. Save the notebook first" in error_of(second.cells[5])


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


def saved_in(path: Path, *chats: dict[str, object]) -> Path:
    """Write a notebook with these chats in its outputs."""
    cells = [nbformat.v4.new_code_cell("%%agentchat", outputs=[nbformat.v4.new_output("display_data", data=data)]) for data in chats]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


SAID = {"kind": "message", "id": "m1", "sender": "user", "recipient": "assistant", "role": "user", "text": "Hello"}
RAN = {"kind": "run", "id": "r1", "agent": "user", "message_id": "m1", "blocks": [{"language": "python", "code": "1"}]}


@pytest.mark.parametrize(
    "odd",
    [
        SAID | {"tool_calls": None},
        SAID | {"tool_calls": ["x"]},
        SAID | {"tool_calls": [{"id": "c"}]},
        SAID | {"text": ["Hel", "lo"]},
        {"kind": "message", "id": "m1", "text": "Hello"},
        RAN | {"blocks": None},
        RAN | {"blocks": [{"language": "python"}]},
        RAN | {"outputs": ["x"]},
        RAN | {"exit_code": "0"},
        {"kind": "of_a_later_version"},
        "x",
        None,
    ],
)
def test_an_odd_entry_costs_only_itself_and_is_told_of(folder, odd):
    kept = read_kept(saved_in(folder / "odd.ipynb", {MIME: {"version": 2, "entries": [SAID, odd, RAN], "status": None}}))
    ((asked, entries, status),) = kept.parts
    assert (asked, [entry.id for entry in entries], status.state) == ("Hello", ["m1", "r1"], "starting")
    assert [message["content"] for message in kept.messages] == ["Hello"]
    assert kept.left_out == "1 entry of it cannot be read and is left out."


def test_what_is_left_out_is_said_when_a_chat_goes_on(folder):
    saved_in(folder / "odd.ipynb", {MIME: {"version": 2, "entries": [SAID, None, SAID | {"id": "m2", "tool_calls": None}]}})
    notebook = run_cells("%agentchat resume odd.ipynb", folder=folder)
    assert "goes on with 1 messages. 2 entries of it cannot be read and are left out." in text_of(notebook.cells[1])


# A notebook that holds several conversations


def said_in(name: str, id_: str, *texts: str) -> dict[str, object]:
    messages = [MessageEntry(f"m{number}", "user", "assistant", "user", text) for number, text in enumerate(texts)]
    part_of = PartOf(name, id_) if name else None
    return bundle(messages, Status("ended"), versions={}, part_of=part_of)


def texts_of(kept: KeptChat) -> list[str]:
    return [message["content"] for message in kept.messages]


def test_conversations_of_a_notebook_are_read_each_by_itself(folder):
    parts = [said_in("sales", "a", "1"), said_in("penguins", "b", "2"), said_in("sales", "a", "3"), said_in("chat-1", "c", "4")]
    path = saved_in(folder / "two.ipynb", *parts)
    found = [(kept.name, kept.id, texts_of(kept)) for kept in conversations_in(path)]
    assert found == [("penguins", "b", ["2"]), ("sales", "a", ["1", "3"]), ("chat-1", "c", ["4"])]
    assert texts_of(read_kept(path)) == ["1", "2", "3", "4"]  # an export has all of it, in order


def test_conversations_of_two_kernels_are_two_though_they_have_one_name(folder):
    path = saved_in(folder / "two.ipynb", said_in("chat-1", "a", "old"), said_in("chat-1", "b", "new"))
    assert [(kept.name, texts_of(kept)) for kept in conversations_in(path)] == [("chat-1-2", ["old"]), ("chat-1", ["new"])]


@pytest.mark.parametrize("odd", [None, "sales", {}, {"name": "sales"}, {"name": None, "id": 1}, {"name": "", "id": "a"}])
def test_outputs_of_earlier_versions_are_one_conversation_named_after_the_file(folder, odd):
    first, second = said_in("", "", "1"), said_in("", "", "2")
    first[MIME]["conversation"] = odd
    (kept,) = conversations_in(saved_in(folder / "old.ipynb", first, second))
    assert (kept.name, kept.id, texts_of(kept)) == ("old", "", ["1", "2"])


def test_a_chat_of_which_nothing_was_saved_yet_is_none(folder):
    path = saved_in(folder / "cut.ipynb", said_in("sales", "a", "1"), said_in("", ""))
    assert [kept.name for kept in conversations_in(path)] == ["sales"]
    with pytest.raises(UsageError, match="holds no chat"):
        conversations_in(saved_in(folder / "none.ipynb", said_in("", "")))


TWO = "from autogen_jupyter.notebook.teams import Member, team\nfrom autogen_jupyter import ScriptedModel\n"
TWO += "model = ScriptedModel(['one', 'two', 'three', 'four'])\nteam('pair', [Member('assistant', model=model)])"
SEEN = "[m.content for m in model.requests[-1].messages if m.sender]"


def test_of_several_conversations_the_one_that_is_named_goes_on_or_the_last_and_the_others_are_said(folder):
    asked = [f"%%agentchat pair -n {name} --approve never\n{request}" for name, request in (("sales", "Pay?"), ("penguins", "Mass?"))]
    first = run_cells(TWO, *asked, folder=folder)
    nbformat.write(first, folder / "two.ipynb")
    later = run_cells(
        TWO,
        "%agentchat resume two.ipynb",
        "%agentchat resume two.ipynb -n sales empty",
        "%%agentchat -n sales --approve never\nAnd now?",
        SEEN,
        "%agentchat resume two.ipynb -n bonus",
        "%agentchat load two.ipynb --name=penguins",
        "%agentchat resume sales -n penguins",
        folder=folder,
    )
    said = "It is the last of 2 chats in two.ipynb: sales, penguins. -n NAME takes another."
    assert text_of(later.cells[2]) == f"penguins goes on with 2 messages. {said}"
    assert text_of(later.cells[3]) == "sales goes on with 2 messages."
    assert text_of(later.cells[5]) == "['Pay?', 'one', 'And now?']"
    assert "two.ipynb has no chat 'bonus'; it has sales, penguins." in error_of(later.cells[6])
    assert text_of(later.cells[7]).startswith("penguins-2 goes on with 2 messages. Its agent kernel is new")
    assert "sales is a chat of this kernel" in error_of(later.cells[8])
    nbformat.write(nbformat.v4.new_notebook(cells=[*first.cells, *later.cells]), folder / "both.ipynb")
    found = {kept.name: texts_of(kept) for kept in conversations_in(folder / "both.ipynb")}
    assert found == {"penguins": ["Mass?", "two"], "sales": ["Pay?", "one", "And now?", "one"]}
