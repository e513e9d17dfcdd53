"""The doors of a question: the widget, and the line of text where no view is heard."""

from __future__ import annotations

import asyncio
import io
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import comm
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from autogen_jupyter import ConversableAgent
from autogen_jupyter.errors import NoHumanError
from autogen_jupyter.human_input import InputAnswer, InputRequest
from autogen_jupyter.notebook import doors
from autogen_jupyter.notebook.chat_view import WIDGET_VIEW, live_session
from autogen_jupyter.notebook.panel import live_chats
from autogen_jupyter.portal import run_sync, submit
from autogen_jupyter.session.bundle import MIME

from .test_widget import Wire


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A session whose page is never heard in time, and whose line of text is closed."""
    monkeypatch.setattr(comm, "create_comm", Wire)
    monkeypatch.setattr(doors, "SEEN_WITHIN", 0.05)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    return live_session("always")


def wire_of(session: Any) -> Wire:
    return next(chat.widget.comm for chat in reversed(live_chats._chats) if chat.session is session)


def asked(wire: Wire) -> list[dict[str, Any]]:
    return [message["request"] for message in wire.messages() if message["kind"] == "input_asked"]


def answered(session: Any, question: InputRequest, ready: Callable[[], object]) -> InputAnswer:
    """Ask, and let a page answer as soon as ``ready`` returns."""
    wire = wire_of(session)

    def page() -> None:
        ready()
        answer = {"kind": "input_answered", "request_id": question.id, "action": "reply", "text": "Yes.", "code": None, "allow": ""}
        wire.receive(method="custom", content=answer)

    person = threading.Thread(target=page)
    person.start()
    try:
        return run_sync(session.ask)(question)  # type: ignore[no-any-return]
    finally:
        person.join(10)


def test_a_question_that_stdin_cannot_take_is_shown_again_and_answered_there(session):
    wire, question = wire_of(session), InputRequest("reply", "Well?", agent="user")

    def ready() -> None:
        wire.wait_for(lambda: len(asked(wire)) == 2)
        wire.receive(method="custom", content={"kind": "request_seen", "request_id": question.id})

    answer = answered(session, question, ready)
    assert (answer.action, answer.text, answer.via) == ("reply", "Yes.", "widget")


def test_a_page_that_was_heard_gets_longer_to_show_the_question(session):
    wire, question = wire_of(session), InputRequest("reply", "Well?", agent="user")
    wire.receive(method="custom", content={"kind": "plugin_found"})

    def ready() -> None:
        wire.wait_for(lambda: asked(wire))
        threading.Event().wait(0.3)  # longer than a page gets that was never heard

    assert answered(session, question, ready).via == "widget"
    assert len(asked(wire)) == 1  # it never went to the line of text


def test_where_no_page_shows_it_the_closed_input_is_the_error(session, monkeypatch):
    monkeypatch.setattr(doors, "SHOWN_WITHIN", 0.05)
    with pytest.raises(NoHumanError, match="The input has ended"):
        run_sync(session.ask)(InputRequest("reply", "Well?", agent="user"))


@pytest.mark.parametrize(("load", "seconds"), [(0.0, 3.0), (1.0, 3.0), (2.5, 7.5), (30.0, 12.0)])
def test_a_busy_machine_gets_more_time_to_draw_the_question(load: float, seconds: float) -> None:
    assert doors.patience(load) == seconds


@pytest.fixture
def outputs() -> Iterator[list[Any]]:
    """What cells of this process show."""
    shell = InteractiveShell.instance()
    shell.display_pub = CapturingDisplayPublisher()
    yield shell.display_pub.outputs
    InteractiveShell.clear_instance()


def test_without_the_plugin_the_output_of_a_chat_that_waits_is_left_alone_and_says_where_the_chat_is(outputs, session):
    wire = wire_of(session)
    bot, user = ConversableAgent("bot"), ConversableAgent("user", human_input_mode="ALWAYS")
    chat = submit(session.run(lambda: bot.a_initiate_chat(user, message="Shall I?")))
    wire.wait_for(lambda: asked(wire))
    (shown,) = [output["data"] for output in outputs]
    assert set(shown) == {WIDGET_VIEW, MIME, "text/plain"}
    assert "%agentchat list all" in shown["text/plain"]
    session.interrupt()
    chat.exception(10)


def test_a_chat_that_waits_when_the_plugin_is_found_is_saved_at_once(outputs, session):
    wire = wire_of(session)
    bot, user = ConversableAgent("bot"), ConversableAgent("user", human_input_mode="ALWAYS")
    chat = submit(session.run(lambda: bot.a_initiate_chat(user, message="Shall I?")))
    wire.wait_for(lambda: asked(wire))
    saved_before = [output["data"][MIME]["entries"] for output in outputs]
    assert saved_before == [[]]  # what is shown before anything was said
    wire.receive(method="custom", content={"kind": "plugin_found"})
    request_id = asked(wire)[0]["id"]
    wire.receive(method="custom", content={"kind": "request_seen", "request_id": request_id})
    run_sync(asyncio.sleep)(0)  # the portal did what it was asked
    assert [entry["text"] for entry in outputs[-1]["data"][MIME]["entries"]] == ["Shall I?"]
    assert WIDGET_VIEW in outputs[-1]["data"]
    session.interrupt()
    assert chat.result(10).stop_reason
