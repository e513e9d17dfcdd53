"""Show a session in a cell: a live widget where one can be shown, and an output that reads well when it is saved."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Mapping, Sequence
from typing import Any

from .._version import __version__
from ..code_blocks import CodeBlock
from ..context import Approval
from ..events import ChatEnded, ChatEvent, CodeFinished, InputReceived, InputRequested, InputWithdrawn, MessageAdded, Noticed
from ..human_input import InputAnswer, InputRequest
from ..portal import submit
from ..session.bundle import MIME, bundle
from ..session.session import Session
from ..session.transcript import Change
from .doors import Nobody, WidgetDoor, as_wire
from .panel import live_chats
from .protocol import (
    Acknowledged,
    FromFrontend,
    InputAnswered,
    InputClosed,
    PermissionRevoked,
    PluginFound,
    RequestSeen,
    Snapshot,
    StopRequested,
)
from .widget import ChatWidget

__all__ = ["SavedOutput", "live_session", "static_session"]

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
UNSAVED = "Agent chat. The notebook holds it once it has ended; %agentchat list all shows what was recorded of it before."
"""What a viewer without widgets shows of a chat that had not ended when its notebook was saved."""
OFTEN = 2.0
"""Seconds between two versions of a running chat in its notebook, at least."""
_ANSWERED = {
    "widget": "Answered in another view of this chat",
    "stdin": "Answered below the cell",
    "magic": "Answered with %agentchat",
    "api": "Answered by a program",
    "policy": "Answered by the policy of this run",
}
"""What the views say in which the question was not answered, by the door of the answer."""


class SavedOutput:
    """The cell's one output that stays: MIME bundle of the chat, kept under one display id."""

    def __init__(self, session: Session, view: Mapping[str, Any] | None = None, *, quiet: bool = False) -> None:
        from IPython.display import display

        self._session = session
        self._view = view
        self._quiet = quiet
        self._next = 0.0
        self._context = contextvars.copy_context()
        self._handle = display(self._first() if view else self._bundle(), raw=True, display_id=True)

    def update(self) -> None:
        """Write the chat as it stands, for good."""
        self._write(self._bundle())

    def add_afterword(self) -> None:
        """Write the chat once more if it has ended: something was said of it, such as which files it made. A quiet one shows its answer."""
        if self._session.transcript.status.state == "ended" and not self._quiet:
            self.update()

    def update_live(self, *, now: bool = False) -> None:
        """Write the chat as it stands, with the view that goes on showing it.

        Args:
            now: at once. Otherwise not so often that writing a long chat again and again takes more than a tenth of the time.
        """
        start = time.monotonic()
        if now or start >= self._next:
            self._write(self._bundle() | {WIDGET_VIEW: self._view})
            self._next = time.monotonic() + max(OFTEN, 10 * (time.monotonic() - start))

    def _write(self, made: dict[str, Any]) -> None:
        self._context.copy().run(self._handle.update, made, raw=True)

    def _first(self) -> dict[str, Any]:
        """What is shown before anything was said. With the plugin, the chat's own type is there from the start: one view stays."""
        return {WIDGET_VIEW: self._view, MIME: self._bundle()[MIME], "text/plain": UNSAVED}

    def _bundle(self) -> dict[str, Any]:
        transcript = self._session.transcript
        entries = transcript.entries
        shown = entries[-1:] if self._quiet else entries
        return bundle(
            shown,
            transcript.status,
            versions={"autogen_jupyter": __version__},
            chat_id=str((self._view or {}).get("model_id", "")),
            is_excerpt=len(shown) < len(entries),
            part_of=self._session.part_of,
        )


def static_session(approval: Approval, *, quiet: bool = False) -> Session:
    """Return a session for a run without a person: its output grows at every settled turn.

    Args:
        approval: when generated code must be approved.
        quiet: show only what came last, in the end the answer.
    """
    session = Session(door=Nobody(), approval=approval)
    output = SavedOutput(session, quiet=quiet)

    def on_event(event: ChatEvent) -> None:
        if isinstance(event, (MessageAdded, CodeFinished, ChatEnded)):
            output.update()
        elif isinstance(event, Noticed):
            output.add_afterword()

    session.subscribe(on_event)
    return session


def live_session(approval: Approval, *, quiet: bool = False) -> Session:
    """Return a session that is shown in a widget now, and as a static output when the chat has ended.

    Args:
        approval: when generated code must be approved.
        quiet: leave only the answer when the chat has ended.
    """
    return _Binding(approval, quiet).session


class _Binding:
    """Ties a session to its widget: changes go out, answers come in."""

    def __init__(self, approval: Approval, quiet: bool) -> None:
        self.session = Session(approval=approval)
        self.widget = ChatWidget(snapshot=self._snapshot, on_message=self._on_message)
        self.door = self.session.door = WidgetDoor(self.widget)
        self.session.watch(self._on_changes)
        self.session.subscribe(self._on_event)
        view, _ = self.widget._repr_mimebundle_()
        self.output = SavedOutput(self.session, view[WIDGET_VIEW], quiet=quiet)
        live_chats.add(self.session, self.widget)

    def _snapshot(self) -> Snapshot:
        transcript, asked = self.session.transcript, self.session.pending
        return Snapshot(transcript.entries, transcript.status, as_wire(asked) if asked else None)

    def _on_changes(self, changes: Sequence[Change]) -> None:
        self.widget.post(changes)

    def _on_event(self, event: ChatEvent) -> None:
        if isinstance(event, InputReceived):
            self.widget.post([InputClosed(event.request_id, _ANSWERED.get(event.answer.via, "Answered"))])
        elif isinstance(event, InputWithdrawn):
            self.widget.post([InputClosed(event.request_id, "Not needed any more")])
        elif isinstance(event, ChatEnded) and self.session.transcript.status.state == "ended":
            self.output.update()
            # A restored page does not hear of the new output, and would be left with nothing. The plugin goes on showing this view.
            if not self.widget.was_restored and not self.widget.has_plugin:
                self.widget.close()
        elif isinstance(event, Noticed):
            self.output.add_afterword()
        # Without the plugin the page would take the view away and make another one, and with it what a person has typed.
        elif self.widget.has_plugin and isinstance(event, (MessageAdded, CodeFinished, InputRequested)):
            self.output.update_live(now=isinstance(event, InputRequested))  # while it waits, the notebook may be left

    def _on_message(self, message: FromFrontend) -> None:
        if isinstance(message, RequestSeen):
            self.door.seen(message.request_id)
            if self._asked(message.request_id) is not None:
                self.widget.post([Acknowledged(message.request_id)])
        elif isinstance(message, StopRequested):
            self.session.interrupt()
        elif isinstance(message, InputAnswered):
            self.session.answer(message.request_id, self._answer(message), allow=message.allow or None)
        elif isinstance(message, PermissionRevoked):
            self.session.revoke(message.permission_id)
        elif isinstance(message, PluginFound):
            submit(self._save_what_went_before())

    async def _save_what_went_before(self) -> None:
        """Write what was said before the page told of its plugin: the chat may wait for a person already, and nothing more happens."""
        transcript = self.session.transcript
        if transcript.entries and transcript.status.state != "ended":
            self.output.update_live(now=True)

    def _asked(self, request_id: str) -> InputRequest | None:
        """Return the question of this id, while it waits for an answer."""
        asked = self.session.pending
        return asked if asked is not None and asked.id == request_id else None

    def _answer(self, message: InputAnswered) -> InputAnswer:
        blocks: tuple[CodeBlock, ...] | None = None
        asked = self._asked(message.request_id)
        if message.code is not None and asked is not None:
            blocks = tuple(CodeBlock(block.language, code) for block, code in zip(asked.blocks, message.code, strict=False) if code.strip())
        return InputAnswer(message.action, message.text, blocks, via="widget")
