"""The plugin's view of the kernel, over comms that record what would reach a page."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import comm
import pytest

from autogen_jupyter.events import ChatStarted, MessageAdded
from autogen_jupyter.messages import Message
from autogen_jupyter.notebook.panel import LiveChats
from autogen_jupyter.notebook.protocol import Snapshot
from autogen_jupyter.notebook.widget import ChatWidget
from autogen_jupyter.portal import run_sync
from autogen_jupyter.session.session import Session

from .test_widget import Wire


@pytest.fixture
def live(monkeypatch):
    monkeypatch.setattr(comm, "create_comm", Wire)
    return LiveChats()


def chat(live: LiveChats) -> tuple[Session, ChatWidget]:
    session = Session(approval="never")
    widget = ChatWidget(snapshot=lambda: Snapshot(session.transcript.entries, session.transcript.status), on_message=lambda _: None)
    live.add(session, widget)
    return session, widget


def opened(live: LiveChats) -> Wire:
    wire = Wire(target_name="autogen_jupyter.panel", comm_id="panel", primary=False)
    live.connect(wire)
    return wire


def lists(wire: Wire) -> list[list[dict[str, Any]]]:
    return [data["chats"] for data in list(wire.data) if data and data.get("kind") == "chats_listed"]


def test_a_plugin_that_comes_late_is_told_what_there_is(live):
    _, widget = chat(live)
    (listed,) = lists(opened(live))
    assert [known["id"] for known in listed] == [widget.identity]


def test_a_chat_is_named_by_its_first_message_and_its_state_is_told(live):
    session, _ = chat(live)
    wire = opened(live)
    session.emit(ChatStarted("c", "user", "assistant"))
    session.emit(MessageAdded(Message("user", "Count the\n  penguins.", sender="user"), "assistant"))
    wire.wait_for(lambda: lists(wire)[-1][0]["title"] == "Count the penguins.")
    assert lists(wire)[-1][0]["status"]["state"] == "running"


def test_stop_reaches_the_chat_that_is_meant(live):
    first, widget = chat(live)
    wire = opened(live)
    ended: dict[str, bool] = {}
    running = threading.Event()

    async def wait() -> None:
        running.set()
        await asyncio.sleep(30)

    def work() -> None:
        try:
            run_sync(first.run)(wait)
        except BaseException:
            ended["first"] = True

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert running.wait(10)
    wire.receive(kind="chat_stop_requested", chat_id="another")
    assert first.is_running
    wire.receive(kind="chat_stop_requested", chat_id=widget.identity)
    thread.join(10)
    assert ended == {"first": True}


def test_what_is_no_message_is_not_heard(live):
    wire = opened(live)
    wire.receive(kind="chat_stop_requested")
    wire.receive(kind="rm -rf")
    assert len(lists(wire)) == 1
    wire.receive(kind="list_requested")
    assert len(lists(wire)) == 2


def test_a_chat_whose_widget_is_closed_is_not_listed(live):
    _, widget = chat(live)
    widget.close()
    assert lists(opened(live)) == [[]]
