"""What travels between kernel and browser: one definition, and nothing of the browser's is believed unread."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autogen_jupyter.notebook.protocol import InputAnswered, RequestSeen, SnapshotRequested, StopRequested
from autogen_jupyter.notebook.wire import from_frontend, to_wire
from autogen_jupyter.session.transcript import Code, EntryPut, RunEntry
from tools import generate_protocol

ANSWER = {"kind": "input_answered", "request_id": "q1", "action": "run", "text": "", "code": ["a"], "allow": ""}


def test_the_typescript_protocol_is_up_to_date():
    written = generate_protocol.TARGET.read_text(encoding="utf-8")
    assert written == generate_protocol.generate(), f"labextension/src/protocol.ts differs: run `{generate_protocol.COMMAND}`."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"kind": "request_seen", "request_id": "q1"}, RequestSeen("q1")),
        ({"kind": "stop_requested"}, StopRequested()),
        ({"kind": "snapshot_requested"}, SnapshotRequested()),
        (ANSWER, InputAnswered("q1", "run", "", ["a"], "")),
        (ANSWER | {"allow": "tool"}, InputAnswered("q1", "run", "", ["a"], "tool")),
        (ANSWER | {"code": None}, InputAnswered("q1", "run", "", None, "")),
    ],
)
def test_a_well_formed_message_is_read(content, message):
    assert from_frontend(content) == message


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "stop_requested",
        {},
        {"kind": "input_asked"},
        {"kind": ["stop_requested"]},
        {"kind": "request_seen"},
        {"kind": "request_seen", "request_id": 1},
        {"kind": "stop_requested", "more": 1},
        ANSWER | {"action": "rm"},
        ANSWER | {"action": None},
        ANSWER | {"code": "a"},
        ANSWER | {"code": ["a", 1]},
        ANSWER | {"text": None},
        ANSWER | {"allow": "everything"},
    ],
)
def test_a_malformed_message_is_none(content):
    assert from_frontend(content) is None


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda part: st.lists(part) | st.dictionaries(st.text(), part)))
def test_no_content_raises(content):
    from_frontend(content)
    from_frontend(ANSWER | {"code": content})


def test_nested_dataclasses_become_plain_values():
    wired = to_wire(EntryPut(RunEntry("r1", "user", "m1", [Code("python", "1")], outputs=[{"data": {"text/plain": "1"}}])))
    assert wired["entry"]["blocks"] == [{"language": "python", "code": "1"}]
    assert json.loads(json.dumps(wired)) == wired


def test_what_is_wired_does_not_change_with_its_source():
    entry = RunEntry("r1", "user", "m1", [])
    wired = to_wire(entry)
    entry.outputs.append({"output_type": "stream"})
    assert wired["outputs"] == []


@given(st.text(st.characters(categories=["Cs", "L", "P"])))
def test_any_text_can_be_sent(text):
    to_wire(text).encode("utf-8")


def test_halves_of_a_pair_are_joined():
    assert to_wire("\ud83d\ude00") == "😀"
