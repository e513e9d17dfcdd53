"""The widget's side of the wire, over a comm that records what would reach a browser."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm

from autogen_jupyter import portal
from autogen_jupyter.errors import AgentChatError
from autogen_jupyter.notebook.protocol import FromFrontend, InputAsked, Request, RequestSeen, Snapshot, StopRequested
from autogen_jupyter.notebook.widget import ChatWidget, require_built
from autogen_jupyter.session.transcript import (
    EntryPut,
    MessageEntry,
    OutputChanged,
    RunEntry,
    Status,
    StatusChanged,
    TextAppended,
)


class Wire(BaseComm):
    """A comm whose other end is this test."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.data: list[Any] = []
        self.is_closed = False
        self.arrived = threading.Condition()
        super().__init__(*args, **options)

    def publish_msg(self, msg_type: str, data: Any = None, **_more: Any) -> None:
        with self.arrived:
            self.is_closed = msg_type == "comm_close"
            self.data.append(data)
            self.arrived.notify_all()

    def batches(self) -> list[dict[str, Any]]:
        return [data["content"] for data in list(self.data) if data and data.get("method") == "custom"]

    def messages(self) -> list[dict[str, Any]]:
        return [message for batch in self.batches() for message in batch["messages"]]

    def states(self) -> list[dict[str, Any]]:
        return [data["state"] for data in list(self.data) if data and data.get("method") == "update"]

    def wait_for(self, condition: Any) -> None:
        with self.arrived:
            assert self.arrived.wait_for(condition, timeout=10), f"never arrived; so far: {self.data[1:]!r:.500}"

    def receive(self, **data: Any) -> None:
        """A message comes from the browser."""
        self.handle_msg({"content": {"data": data}, "buffers": []})


class Chat:
    """A chat with a transcript of one list, and its widget."""

    def __init__(self) -> None:
        self.entries: list[Any] = []
        self.request: Request | None = None
        self.heard: list[FromFrontend] = []
        self.snapshot_threads: set[bool] = set()
        self.widget = ChatWidget(snapshot=self.snapshot, on_message=self.heard.append)
        self.wire: Wire = self.widget.comm

    def snapshot(self) -> Snapshot:
        self.snapshot_threads.add(portal.is_portal())
        return Snapshot(list(self.entries), Status(state="running"), self.request)

    def on_portal(self, *steps: Any) -> None:
        """Post all messages in one go, as fast as a portal can."""

        async def work() -> None:
            for step in steps:
                self.widget.post([step])

        portal.submit(work()).result()


@pytest.fixture
def chat(monkeypatch):
    monkeypatch.setattr(comm, "create_comm", Wire)
    made = Chat()
    yield made
    made.widget.close()


def text(part: str, id_: str = "m1") -> TextAppended:
    return TextAppended(id_, part)


def append(part: str, index: int = 0) -> OutputChanged:
    return OutputChanged("r1", "append", index, text=part)


def test_a_batch_is_never_so_large_that_a_page_is_blocked(chat):
    entries = [MessageEntry(f"m{n}", "a", "b", "assistant", "text") for n in range(1_000)]
    chat.on_portal(*map(EntryPut, entries))
    chat.wire.wait_for(lambda: len(chat.wire.messages()) == 1_000)
    assert [message["entry"]["id"] for message in chat.wire.messages()] == [entry.id for entry in entries]
    assert max(len(batch["messages"]) for batch in chat.wire.batches()) <= 64
    assert [batch["number"] for batch in chat.wire.batches()] == list(range(1, len(chat.wire.batches()) + 1))


def test_a_message_after_a_pause_leaves_at_once(chat):
    chat.on_portal(text("a"))
    assert chat.wire.batches() == [
        {"number": 1, "messages": [{"entry_id": "m1", "text": "a", "reasoning": False, "kind": "text_appended"}]}
    ]


def test_growing_text_is_joined_and_nothing_is_lost(chat):
    words = [f"{i} " for i in range(2000)]
    chat.on_portal(*map(text, words))
    chat.wire.wait_for(lambda: "".join(m["text"] for m in chat.wire.messages()) == "".join(words))
    assert len(chat.wire.batches()) < 100


def test_messages_keep_their_order_and_batches_their_numbers(chat):
    steps = [
        text("a"),
        append("b"),
        text("c"),
        StatusChanged(Status(activity="x")),
        text("d"),
        text("e", "m2"),
        append("f"),
        append("g", 1),
    ]
    chat.on_portal(text("first"), *steps)
    chat.wire.wait_for(lambda: len(chat.wire.messages()) == 1 + len(steps))
    assert [m.get("text", m["kind"]) for m in chat.wire.messages()] == ["first", "a", "b", "c", "status_changed", "d", "e", "f", "g"]
    assert [batch["number"] for batch in chat.wire.batches()] == list(range(1, len(chat.wire.batches()) + 1))


def test_text_and_thinking_are_not_mixed(chat):
    chat.on_portal(text("x"), text("a"), TextAppended("m1", "b", reasoning=True), text("c"))
    chat.wire.wait_for(lambda: len(chat.wire.messages()) == 4)
    assert [m["reasoning"] for m in chat.wire.messages()] == [False, False, True, False]


def test_an_entry_is_sent_as_it_was_when_it_was_posted(chat):
    entry = RunEntry("r1", "user", "m1", [])
    output = {"output_type": "stream", "name": "stdout", "text": "a"}

    async def work() -> None:
        chat.widget.post([text("now the timer runs")])
        chat.widget.post([EntryPut(entry)])
        entry.outputs.append(output)
        chat.widget.post([OutputChanged("r1", "add", output=output)])

    portal.submit(work()).result()
    chat.wire.wait_for(lambda: len(chat.wire.messages()) == 3)
    assert chat.wire.messages()[1]["entry"]["outputs"] == []


def test_posting_from_another_thread_arrives_too(chat):
    chat.widget.post([text("a")])
    chat.widget.post([text("b")])
    chat.wire.wait_for(lambda: "".join(m["text"] for m in chat.wire.messages()) == "ab")


def test_the_state_holds_the_chat_as_it_stands_and_what_was_sent_before(chat):
    chat.entries.append(MessageEntry("m1", "user", "assistant", "user", "Hello"))
    chat.request = Request("q1", "reply", "", "user", "assistant", [], [], False)
    chat.on_portal(EntryPut(chat.entries[0]), text("a"), InputAsked(chat.request))
    state = chat.widget.get_state()
    assert [entry["text"] for entry in state["entries"]] == ["Hello"]
    assert (state["status"]["state"], state["request"]["id"]) == ("running", "q1")
    assert state["number"] == chat.wire.batches()[-1]["number"]
    assert "_esm" in state


def test_the_chat_is_read_on_the_portal_alone(chat):
    chat.widget.get_state()
    assert chat.snapshot_threads == {True}


def test_a_browser_that_asks_for_the_state_gets_it(chat):
    chat.entries.append(MessageEntry("m1", "user", "assistant", "user", "Hello"))
    chat.wire.receive(method="request_state")
    assert chat.wire.states()[-1]["entries"][0]["text"] == "Hello"


def test_a_view_that_missed_a_batch_gets_the_chat_and_not_the_code_again(chat):
    chat.wire.receive(method="custom", content={"kind": "snapshot_requested"})
    chat.wire.wait_for(lambda: chat.wire.states() and "entries" in chat.wire.states()[-1])
    assert set(chat.wire.states()[-1]) == {"entries", "status", "request", "number"}
    assert chat.wire.states()[-1]["number"] == 1
    chat.on_portal(text("a"))
    assert chat.wire.batches()[-1]["number"] == 2
    assert chat.heard == []


def test_the_state_comes_again_by_itself_to_a_browser_that_was_not_heard(chat):
    chat.on_portal(text("a"))
    chat.wire.wait_for(lambda: any("entries" in state for state in chat.wire.states()))


def test_a_browser_cannot_write_the_chat(chat):
    chat.wire.receive(method="update", state={"entries": [{"id": "x"}], "number": 99})
    assert chat.widget.get_state(["entries", "number"]) == {"entries": [], "number": 0}


def test_what_a_person_does_is_handed_on_and_nonsense_is_not(chat):
    chat.wire.receive(method="custom", content={"kind": "request_seen", "request_id": "q1"})
    chat.wire.receive(method="custom", content={"kind": "run", "code": "rm"})
    chat.wire.receive(method="custom", content=7)
    chat.wire.receive(method="custom", content={"kind": "stop_requested"})
    assert chat.heard == [RequestSeen("q1"), StopRequested()]


def test_a_front_end_that_was_not_built_is_a_clear_error(tmp_path):
    with pytest.raises(AgentChatError, match="pip install -e"):
        require_built(tmp_path)


def test_importing_the_package_does_not_import_anywidget():
    code = "import sys, autogen_jupyter, autogen_jupyter.notebook.protocol; print('anywidget' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "False"
