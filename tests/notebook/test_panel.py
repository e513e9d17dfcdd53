"""The plugin's view of the kernel, over comms that record what would reach a page."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Any

import comm
import pexpect
import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.events import ChatEnded, ChatStarted, MessageAdded
from autogen_jupyter.kernels import KernelCodeExecutor
from autogen_jupyter.messages import Message
from autogen_jupyter.notebook.inside import LEAVE
from autogen_jupyter.notebook.panel import MOST, PAGES, LiveChats
from autogen_jupyter.notebook.protocol import Snapshot
from autogen_jupyter.notebook.teams import PLANS, SHIPPED, Member, TeamPlan
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
    wire = Wire(target_name="autogen_jupyter.panel", primary=False)
    comm.get_comm_manager().register_comm(wire)
    live.connect(wire)
    return wire


def shown(wire: Wire) -> list[dict[str, Any]]:
    return [data for data in list(wire.data) if data and data.get("kind") == "kernel_shown"]


def lists(wire: Wire) -> list[list[dict[str, Any]]]:
    return [data["chats"] for data in list(wire.data) if data and data.get("kind") == "chats_listed"]


def test_a_plugin_that_comes_late_is_told_what_there_is(live):
    _, widget = chat(live)
    (listed,) = lists(opened(live))
    assert [known["id"] for known in listed] == [widget.identity]


def test_a_plugin_is_told_the_teams_also_those_of_the_user(live, monkeypatch):
    monkeypatch.setitem(PLANS, "mine", TeamPlan("mine", (Member("coder"),), "does it my way"))
    wire = opened(live)
    assert wire.data[-1]["teams"][-1] == {"name": "mine", "description": "does it my way"}
    assert [team["name"] for team in wire.data[-1]["teams"]][:3] == list(SHIPPED)


def test_a_chat_is_named_by_its_first_message_and_its_state_is_told(live):
    session, _ = chat(live)
    wire = opened(live)
    session.emit(ChatStarted("c", "user", "assistant"))
    session.emit(MessageAdded(Message("user", "Count the\n  penguins.", sender="user"), "assistant"))
    wire.wait_for(lambda: lists(wire)[-1][0]["title"] == "Count the penguins.")
    assert lists(wire)[-1][0]["status"]["state"] == "running"


def test_a_page_that_was_closed_is_told_no_more(live):
    session, _ = chat(live)
    left, there = opened(live), opened(live)
    left.handle_close({})
    session.emit(ChatStarted("c", "user", "assistant"))
    there.wait_for(lambda: len(lists(there)) == 2)
    assert len(lists(left)) == 1


def test_of_many_pages_that_may_have_been_cut_off_the_latest_are_told(live):
    session, _ = chat(live)
    pages = [opened(live) for _ in range(20)]
    session.emit(ChatStarted("c", "user", "assistant"))
    for page in pages[-PAGES:]:
        page.wait_for(lambda page=page: len(lists(page)) == 2)
    assert [len(lists(page)) for page in pages] == [1] * (20 - PAGES) + [2] * PAGES
    assert [page.is_closed for page in pages] == [True] * (20 - PAGES) + [False] * PAGES


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


def test_a_chat_without_an_agent_kernel_says_so(live):
    _, widget = chat(live)
    wire = opened(live)
    wire.receive(kind="kernel_requested", chat_id="another")
    wire.receive(kind="kernel_requested", chat_id=widget.identity)
    wire.wait_for(lambda: shown(wire))
    (told,) = shown(wire)
    assert (told["chat_id"], told["variables"], told["console"]) == (widget.identity, [], "")
    assert "No agent kernel is running" in told["problem"]


def test_the_agent_kernel_is_looked_into_and_a_console_reaches_it(live):
    session, widget = chat(live)
    wire = opened(live)
    executor = KernelCodeExecutor(isolate="none")
    try:
        session.context.runs_code(executor)
        run(executor, "word = 'abc'\nimport numpy as np\ngrid = np.zeros((3, 4))")
        wire.receive(kind="kernel_requested", chat_id=widget.identity)
        wire.wait_for(lambda: shown(wire))
        told = shown(wire)[-1]
        variables = {one["name"]: one for one in told["variables"]}
        assert (variables["word"]["type"], variables["word"]["shape"], variables["word"]["text"]) == ("str", [3], "'abc'")
        assert (variables["grid"]["type"], variables["grid"]["shape"], variables["grid"]["size"]) == ("numpy.ndarray", [3, 4], 96)
        assert (told["problem"], told["advice"]) == ("", LEAVE)
        assert "process of its own" in told["boundary"]
        type_into(told["console"], "print(word[::-1] + '!')", "cba!")
        assert "abc" in run(executor, "print(word)")
    finally:
        run_sync(executor.close)()


def run(executor: KernelCodeExecutor, code: str) -> str:
    result = run_sync(executor.execute_code_blocks)([CodeBlock("python", code)])
    assert result.exit_code == 0, result.output
    return result.output


def type_into(command: str, line: str, answer: str) -> None:
    """Type a line into a console, expect the answer, and close the terminal."""
    console = pexpect.spawn(command, timeout=30, encoding="utf-8", env={**os.environ, "TERM": "dumb"})
    try:
        console.expect("In ")
        console.sendline(line)
        console.expect(answer)
    finally:
        console.close(force=True)


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


def test_of_too_many_chats_those_that_are_over_are_not_listed_any_more(live):
    (running, first), *others = [chat(live) for _ in range(MOST)]
    running.emit(ChatStarted("c", "user", "assistant"))
    for session, _ in others:
        session.emit(ChatStarted("c", "user", "assistant"))
        session.emit(ChatEnded("c", "done"))
    _, last = chat(live)
    ids = [known["id"] for known in lists(opened(live))[-1]]
    assert ids == [first.identity, *(widget.identity for _, widget in others[1:]), last.identity]


def test_chats_that_all_go_on_are_all_listed(live):
    sessions = [chat(live)[0] for _ in range(MOST + 1)]
    for session in sessions:
        session.emit(ChatStarted("c", "user", "assistant"))
    chat(live)
    assert len(lists(opened(live))[-1]) == MOST + 2
