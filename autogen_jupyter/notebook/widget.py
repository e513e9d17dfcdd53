"""The chat as a widget: it sends what changed to the browser, and hands on what the person did there."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..errors import AgentChatError
from ..portal import is_portal, submit
from .protocol import FromFrontend, PluginFound, Snapshot, SnapshotRequested, ToFrontend
from .wire import from_frontend, to_wire

__all__ = ["ChatWidget"]

STATIC = Path(__file__).parent / "static"
QUIET = 0.04
"""Seconds between two batches at least: a browser takes some hundred messages a second, a model writes more."""
MOST = 64
"""Messages in one batch at most: a page is blocked while it takes one in."""
SOON = 0.01
"""Seconds to the next batch when not all fitted into the last one."""
REPEATS = (1.0, 3.0)
"""Seconds to wait before the state is sent again, as long as the browser was not heard: it drops what comes while it loads the view."""
SNAPSHOT = ("entries", "status", "request", "number")


def _asset(name: str) -> Path | str:
    path = STATIC / name
    return path if path.is_file() else ""


def require_built(folder: Path) -> None:
    """Raise AgentChatError, with the command that helps, when ``folder`` does not hold the built front end."""
    if not (folder / "widget.js").is_file():
        raise AgentChatError(
            f"The chat view has not been built: {folder / 'widget.js'} is missing. "
            "Run `pip install -e .` in the repository (it brings its own Node.js), or install a released package."
        )


class ChatWidget(anywidget.AnyWidget):  # type: ignore[misc]
    """Shows one chat, in any number of views.

    What happens goes out as numbered batches of messages. The traits are filled in only when somebody asks for the state (a page was
    reloaded, a second view opened), because sending a growing list again and again would cost the square of its length.

    Args:
        snapshot: returns the chat as it stands; called on the portal, between two calls of ``post``.
        on_message: called with each thing the person did and with what the page has, on whatever thread the kernel handles messages.

    Raises:
        AgentChatError: the front end has not been built.

    Example:
        >>> widget = ChatWidget(snapshot=session.snapshot, on_message=session.on_message)  # doctest: +SKIP
        >>> display(widget)  # doctest: +SKIP
    """

    _esm = _asset("widget.js")
    _css = _asset("widget.css")
    entries = traitlets.List().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    request = traitlets.Any(None, allow_none=True).tag(sync=True)
    number = traitlets.Int(0).tag(sync=True)
    identity = traitlets.Unicode("").tag(sync=True)
    """The model's id, by which the page finds the output that shows it."""

    def __init__(self, *, snapshot: Callable[[], Snapshot], on_message: Callable[[FromFrontend], None]) -> None:
        require_built(STATIC)
        self._snapshot = snapshot
        self._on_message = on_message
        self._context = contextvars.copy_context()
        self._pending: list[dict[str, Any]] = []
        self._sent = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_heard = False
        self._reads = 0
        self.has_plugin = False
        """Whether a page that shows it has the JupyterLab plugin, which draws saved chats too."""
        super().__init__()
        self.identity = self.model_id or ""
        self.on_msg(self._receive)
        submit(self._repeat_state())

    @property
    def is_heard(self) -> bool:
        """Whether a page has said anything, so that what it says gets through while the chat's cell runs."""
        return self._is_heard or self.has_plugin

    @property
    def was_restored(self) -> bool:
        """Whether a page asked for the whole widget after it was first shown: one that was loaded again, or another one."""
        return self._reads > 1

    def post(self, messages: Sequence[ToFrontend]) -> None:
        """Send messages to every view, in order. Cheap, and safe to call on any thread.

        A message after a pause leaves at once; those that follow within 40 ms leave together, growing text joined.
        """
        # Copied at once: an entry's list of outputs goes on growing, and its growth is told by later messages.
        wired: list[dict[str, Any]] = to_wire(messages)
        if is_portal():
            self._post(wired)
        else:
            submit(self._a_post(wired))

    async def _a_post(self, messages: Iterable[dict[str, Any]]) -> None:
        self._post(messages)

    def _post(self, messages: Iterable[dict[str, Any]]) -> None:
        for message in messages:
            _join(self._pending, message)
        if self._pending and self._timer is None:
            self._send_batch()
            self._timer = asyncio.get_running_loop().call_later(SOON if self._pending else QUIET, self._turn)

    def _turn(self) -> None:
        self._timer = None
        self._post(())

    def _send_batch(self) -> None:
        """Send the first of what waits, as a ``protocol.Batch``."""
        messages, self._pending = self._pending[:MOST], self._pending[MOST:]
        self._sent += 1
        self._context.run(self.send, {"number": self._sent, "messages": messages})

    def _flush(self) -> None:
        """Send all that waits."""
        while self._pending:
            self._send_batch()

    def get_state(self, key: str | Iterable[str] | None = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the state that is sent to a browser, with the chat as it stands now."""
        self._reads += key is None
        names = set(self.keys if key is None else [key] if isinstance(key, str) else key)
        state: dict[str, Any] = super().get_state(names.difference(SNAPSHOT), drop_defaults)
        if not names.isdisjoint(SNAPSHOT):
            state |= {name: value for name, value in self._state_now().items() if name in names}
        return state

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take nothing: the browser sends messages, it does not write the chat."""

    def _state_now(self) -> dict[str, Any]:
        if is_portal():
            return self._settled()
        reading = submit(self._a_settled())
        try:
            return reading.result(timeout=5)
        except FutureTimeoutError:
            return self._settled()

    async def _a_settled(self) -> dict[str, Any]:
        return self._settled()

    def _settled(self) -> dict[str, Any]:
        """Return the snapshot and the number of the batch that it includes: nothing may be in neither or in both."""
        self._flush()
        state: dict[str, Any] = to_wire(self._snapshot())
        return state | {"number": self._sent}

    def _send_snapshot(self) -> None:
        self._context.run(self.send_state, SNAPSHOT)

    async def _answer_with_snapshot(self) -> None:
        """Send the state as a step of its own, so that the view that asked takes it even if nothing happened since."""
        self._flush()
        self._sent += 1
        self._send_snapshot()

    async def _repeat_state(self) -> None:
        for seconds in REPEATS:
            await asyncio.sleep(seconds)
            if self._is_heard:
                return
            if self._sent:
                self._send_snapshot()

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        message = from_frontend(content)
        if message is None:
            return
        if isinstance(message, PluginFound):
            self.has_plugin = True  # said while the view is made, which may still miss what is sent
        else:
            self._is_heard = True
        if isinstance(message, SnapshotRequested):
            submit(self._answer_with_snapshot())
        else:
            self._on_message(message)


def _join(pending: list[dict[str, Any]], message: dict[str, Any]) -> None:
    """Add a message to those that wait, or let it grow or replace the last of them."""
    last = pending[-1] if pending else None
    if last is None or _subject(last) != _subject(message):
        pending.append(message)
    elif "text" in message:
        pending[-1] = last | {"text": last["text"] + message["text"]}
    else:
        pending[-1] = message


def _subject(message: dict[str, Any]) -> tuple[Any, ...]:
    """What a message is about. A message about the same thing as the one before it can be joined with it."""
    kind = message["kind"]
    if kind == "text_appended":
        return kind, message["entry_id"], message["reasoning"]
    if kind == "output_changed" and message["op"] == "append":
        return kind, message["entry_id"], message["index"]
    if kind == "entry_put":
        return kind, message["entry"]["id"]
    return (kind,) if kind == "status_changed" else (kind, object())
