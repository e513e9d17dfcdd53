"""What a notebook keeps of a chat that is too long to be shown in full."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from pathlib import Path

import pytest

from autogen_jupyter.notebook.kept import read_kept
from autogen_jupyter.session.bundle import MIME, SHOWN, bundle, entries_of
from autogen_jupyter.session.static_markdown import plain_of
from autogen_jupyter.session.transcript import Entry, MessageEntry, NoticeEntry, RunEntry, Status, ToolUse
from tools.generate_protocol import DEFAULTS

from .sample import conversation

VIEWS = ("text/html", "text/markdown", "text/plain")


def chat(length: int) -> list[MessageEntry]:
    return [MessageEntry(f"m{n}", "assistant", "user", "assistant", f"Message {n}.") for n in range(length)]


def test_a_long_chat_shows_its_end_and_keeps_all_entries() -> None:
    made = bundle(chat(SHOWN + 1_234), Status(state="ended"), versions={})
    for view in VIEWS:
        assert "1,234 earlier entries are not shown here." in made[view]
        assert "Message 1233." not in made[view]
        assert "Message 1234." in made[view]
    assert len(made[MIME]["entries"]) == SHOWN + 1_234
    assert entries_of(made)[0]["text"] == "Message 0."


def test_a_chat_that_is_not_too_long_is_shown_whole() -> None:
    made = bundle(chat(SHOWN), Status(state="ended"), versions={})
    for view in VIEWS:
        assert "Message 0." in made[view]
        assert "not shown" not in made[view]


# Plain text


def test_the_plain_text_of_a_short_chat_is_whole() -> None:
    made = plain_of([replace(one, text=f"{one.text} {'word ' * 100}") for one in chat(3)], Status("ended"))
    assert all(f"Message {number}." in made for number in range(3))
    assert "left out" not in made


def test_the_plain_text_of_a_long_chat_has_its_beginning_and_its_end_and_says_what_is_between() -> None:
    made = plain_of([replace(one, text=f"{one.text} {'word ' * 50}") for one in chat(100)], Status("ended", reason="done"))
    assert len(made) < 2_500
    assert made.index("Message 0.") < made.index("left out") < made.index("Message 99.") < made.index("Chat ended: done")
    shown = made.count("Message ")
    assert f"[… {100 - shown} messages and runs left out of the plain text; the HTML and the Markdown of this output have them …]" in made


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_message_that_is_too_long_for_the_plain_text_is_cut(length: int) -> None:
    made = plain_of([replace(one, text=f"{one.text} {'word ' * 10_000}") for one in chat(length)], Status("ended"))
    assert len(made) < 2_500
    assert f"Message {length - 1}." in made
    assert "characters left out of the plain text …]" in made


# What the entries leave out


def test_the_entries_leave_out_what_equals_its_default() -> None:
    said = MessageEntry(
        "m1", "assistant", "user", "assistant", "Hi", tool_calls=[ToolUse("c", "add", "{}"), ToolUse("d", "sub", "{}", "ok")]
    )
    ran = RunEntry("r1", "user", "m1", [], state="ok", exit_code=0)
    made = bundle([said, ran, NoticeEntry("n1", "Slow.")], Status("ended", usd=None), versions={}, is_excerpt=True)[MIME]
    tools = [{"id": "c", "name": "add", "arguments": "{}"}, {"id": "d", "name": "sub", "arguments": "{}", "state": "ok"}]
    message = {
        "kind": "message",
        "id": "m1",
        "sender": "assistant",
        "recipient": "user",
        "role": "assistant",
        "text": "Hi",
        "tool_calls": tools,
    }
    assert made["entries"] == [
        message,
        {"kind": "run", "id": "r1", "agent": "user", "message_id": "m1", "blocks": [], "state": "ok", "exit_code": 0},
        {"kind": "notice", "id": "n1", "text": "Slow."},
    ]
    assert made["status"] == {"state": "ended", "usd": None}
    assert made["is_excerpt"] is True
    assert "is_excerpt" not in bundle([], Status(), versions={})[MIME]


def test_defaults_are_part_of_the_format() -> None:
    """Changing one changes what notebooks say that were saved before: then it has to be said from now on, whatever it is."""
    assert DEFAULTS == {
        "message": {"state": "done", "reasoning": "", "model": "", "is_language_model": True, "tool_calls": []},
        "run": {"state": "proposed", "is_edited": False, "block": 0, "outputs": [], "exit_code": None, "seconds": None, "output": ""},
        "notice": {"level": "info"},
        "tool": {"state": "asked", "result": "", "seconds": None},
    }


def test_a_chat_is_read_the_same_whether_defaults_are_left_out_or_said_as_once(tmp_path: Path) -> None:
    entries, status = conversation()
    made = bundle(entries, status, versions={})
    whole = {"version": 1, "entries": [dataclasses.asdict(entry) for entry in entries], "status": dataclasses.asdict(status)}
    assert kept(tmp_path, made) == kept(tmp_path, made | {MIME: whole}) == (entries, status)


def kept(folder: Path, made: dict[str, object]) -> tuple[list[Entry], Status]:
    """Return what is read from a notebook with this output."""
    path = folder / "chat.ipynb"
    path.write_text(json.dumps({"cells": [{"outputs": [{"data": made}]}]}))
    ((_, entries, status),) = read_kept(path).parts
    return entries, status
