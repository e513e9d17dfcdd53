"""The kernel's end of the JupyterLab plugin: it tells which chats there are and how they are doing, and stops them."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..portal import is_portal, submit
from ..session.session import Session
from ..session.transcript import Change, EntryPut, MessageEntry, StatusChanged
from .inside import inside
from .panel_protocol import ChatsListed, ChatStopRequested, FromPanel, KernelRequested, PanelChat, PanelTeam, ToPanel
from .teams import PLANS
from .widget import ChatWidget
from .wire import parse, to_wire

__all__ = ["LiveChats", "live_chats"]

QUIET = 0.2
"""Seconds between two lists at least: they are for people to read."""
MOST = 30
"""How many chats are listed, unless more than that go on; a notebook rarely has more, and the oldest are in their cells."""
PAGES = 8
"""How many pages are told. A page says when it is closed, but not when it is cut off; one that is left out by mistake may connect again."""
LONGEST = 80
_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Live:
    session: Session
    widget: ChatWidget
    title: str = ""

    @property
    def is_open(self) -> bool:
        return self.widget.comm is not None

    @property
    def is_over(self) -> bool:
        return self.session.transcript.status.state == "ended"

    def as_wire(self) -> PanelChat:
        asked = self.session.pending
        question = _line(asked.prompt) or "May this code run?" if asked is not None else ""
        status, question_id = self.session.transcript.status, asked.id if asked is not None else ""
        return PanelChat(self.widget.identity, _name_of(self.session), self.title, status, question, question_id)


def _listed(chats: Sequence[_Live], most: int) -> list[_Live]:
    """Return the chats without the oldest of those that are over, so that ``most`` are left."""
    dropped = [chat for chat in chats if chat.is_over][: max(0, len(chats) - most)]
    return [chat for chat in chats if chat not in dropped]


class LiveChats:
    """The chats of this kernel that have a widget, and the plugins that look at them."""

    def __init__(self) -> None:
        self._chats: list[_Live] = []
        self._comms: list[tuple[Any, contextvars.Context]] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, session: Session, widget: ChatWidget) -> None:
        """Tell the plugins about a chat from now on."""
        live = _Live(session, widget)
        self._chats = [*_listed([chat for chat in self._chats if chat.is_open], MOST - 1), live]
        session.watch(lambda changes: self._on_changes(live, changes))

    def connect(self, comm: Any, _opening: object = None) -> None:
        """Answer a plugin that opened ``comm``."""
        context = contextvars.copy_context()
        for left, its_context in self._comms[: 1 - PAGES]:
            self._leave(left, its_context)
        self._comms.append((comm, context))
        comm.on_msg(lambda message: self._on_message(comm, context, message))
        comm.on_close(lambda _message: self._forget(comm))
        self._send(comm, context, self.listed())

    def listed(self) -> ChatsListed:
        """Return the chats and the teams as they stand."""
        chats = [chat.as_wire() for chat in self._chats if chat.is_open]
        return ChatsListed(chats, [PanelTeam(plan.name, plan.description) for plan in PLANS.values()], time.time())

    def _forget(self, comm: Any) -> None:
        self._comms = [known for known in self._comms if known[0] is not comm]

    def _leave(self, comm: Any, context: contextvars.Context) -> None:
        self._forget(comm)
        try:
            context.copy().run(comm.close)
        except Exception:
            _log.debug("A plugin went away", exc_info=True)

    def _on_message(self, comm: Any, context: contextvars.Context, message: dict[str, Any]) -> None:
        heard = parse(message.get("content", {}).get("data"), FromPanel)
        if isinstance(heard, ChatStopRequested):
            for chat in self._of(heard.chat_id):
                chat.session.interrupt()
        elif isinstance(heard, KernelRequested):
            for chat in self._of(heard.chat_id):
                submit(self._look_into(chat, comm, context))
        elif heard is not None:
            self._send(comm, context, self.listed())

    def _of(self, chat_id: str) -> list[_Live]:
        return [chat for chat in self._chats if chat.widget.identity == chat_id]

    async def _look_into(self, chat: _Live, comm: Any, context: contextvars.Context) -> None:
        self._send(comm, context, await inside(chat.widget.identity, chat.session.executors))

    def _on_changes(self, live: _Live, changes: Sequence[Change]) -> None:
        """A chat went on. Only what the list shows is news."""
        for change in changes:
            if isinstance(change, EntryPut) and isinstance(change.entry, MessageEntry) and not live.title:
                live.title = _line(change.entry.text)
        if any(isinstance(change, (StatusChanged, EntryPut)) for change in changes) and self._comms:
            if is_portal():
                self._soon()
            else:
                submit(self._a_soon())

    async def _a_soon(self) -> None:
        self._soon()

    def _soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(QUIET, self._tell)

    def _tell(self) -> None:
        self._timer = None
        for comm, context in tuple(self._comms):
            self._send(comm, context, self.listed())

    def _send(self, comm: Any, context: contextvars.Context, message: ToPanel) -> None:
        try:
            context.copy().run(comm.send, to_wire(message))  # in the context of its opening: on the subshell that it came by
        except Exception:
            _log.debug("A plugin went away", exc_info=True)
            self._forget(comm)


live_chats = LiveChats()
"""Those of this kernel."""


def _name_of(session: Session) -> str:
    from .chats import chats

    held = chats.holding(session)
    return held.name if held is not None else ""


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
