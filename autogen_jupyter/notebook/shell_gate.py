"""Hear the page while a cell awaits.

A kernel handles what arrives on its shell channel one after another, so a click waits for the end of the cell that waits for the click.
ipykernel 7.4 lets the messages of comms overtake a cell that awaits; older ones do not, and none lets a page that was loaded again ask
which widgets there are. The gate does both, on every version: it looks at what arrives while a cell awaits, handles the messages of
widgets at once, and leaves all others in their order. Where the kernel is built otherwise it stays open, and questions go to stdin.

With it comes a mend for ipykernel 7.0 to 7.3, which can overlook a click that arrives while they reply (``answer_through_stream``).

It is put up when the extension is loaded: what came in while no gate was there stands in the kernel's own queue, where nothing overtakes.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import Any

from ..kernels.shell_replies import answer_through_stream

__all__ = ["hear_as_before", "hear_while_awaiting"]

OVERTAKING = {"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"}
"""What does not wait for the running cell: the messages of widgets, and what a page asks before it can show them."""
_ATTRIBUTE = "_autogen_jupyter_gate"
_log = logging.getLogger(__name__)


def hear_while_awaiting(kernel: Any) -> None:
    """Let messages of widgets overtake cells that await, from now on. Doing it twice, or where it cannot be done, changes nothing."""
    if kernel is None or _ATTRIBUTE in vars(kernel):
        return
    if threading.current_thread() is not threading.main_thread():
        kernel.io_loop.add_callback(hear_while_awaiting, kernel)
        return
    stream = _stream(kernel)
    receive = getattr(stream, "_recv_callback", None)
    if receive is None or not hasattr(kernel, "session"):
        return
    gate = _Gate(kernel, receive)
    setattr(kernel, _ATTRIBUTE, gate)
    stream.on_recv(gate, copy=False)


def hear_as_before(kernel: Any) -> None:
    """Undo ``hear_while_awaiting``, if it was done. To be called on the kernel's main thread."""
    gate: _Gate | None = vars(kernel).pop(_ATTRIBUTE, None) if kernel is not None else None
    if gate is not None:
        _stream(kernel).on_recv(gate.receive, copy=False)
        gate.reply_as_before()


def _stream(kernel: Any) -> Any:
    """Return where the main thread receives shell messages: from the thread that serves the subshells, or from the socket."""
    thread = getattr(kernel, "shell_channel_thread", None)
    if thread is None:
        return getattr(kernel, "shell_stream", None)
    return getattr(getattr(thread.manager, "_shell_channel_to_main", None), "to_stream", None)


class _Gate:
    """Receives shell messages in the place of the kernel."""

    def __init__(self, kernel: Any, receive: Callable[[Sequence[Any]], Any]) -> None:
        self._kernel = kernel
        self.receive = receive
        self.reply_as_before = answer_through_stream(kernel)
        self._tasks: set[asyncio.Future[Any]] = set()

    def __call__(self, frames: Sequence[Any]) -> Any:
        if not self._is_busy() or not self._overtakes(frames):
            return self.receive(frames)
        try:
            copy_context().run(self._handle, frames)
        except Exception:
            _log.exception("A message of a widget could not be handled")
        return None

    def _is_busy(self) -> bool:
        """Whether a message is being handled: since the loop runs this, its handler awaits."""
        lock = getattr(self._kernel, "_main_asyncio_lock", None)
        if lock is not None:
            return bool(lock.locked())
        waiting = getattr(getattr(self._kernel, "msg_queue", None), "_getters", None)  # ipykernel 6: its one reader waits there when idle
        return waiting is not None and all(getter.done() for getter in waiting)

    def _overtakes(self, frames: Sequence[Any]) -> bool:
        session = self._kernel.session
        try:
            _, parts = session.feed_identities(frames, copy=False)
            message = session.deserialize(parts, content=False, copy=False)  # without the content, so that it may be read again
        except Exception:  # not for us to report: the kernel does, and it sends itself notes of another form
            return False
        return message["header"]["msg_type"] in OVERTAKING

    def _handle(self, frames: Sequence[Any]) -> None:
        """Handle a message as the kernel would, and leave the running cell as it was."""
        kernel = self._kernel
        idents, parts = kernel.session.feed_identities(frames, copy=False)
        message = kernel.session.deserialize(parts, content=True, copy=False)
        before = _ident(kernel), kernel.get_parent("shell")
        kernel._publish_status("busy", "shell", parent=message)
        kernel.set_parent(idents, message, channel="shell")
        try:
            handling = kernel.shell_handlers[message["header"]["msg_type"]](_reply_stream(kernel), idents, message)
        finally:
            kernel.set_parent(*before, channel="shell")
        if inspect.isawaitable(handling):
            task = asyncio.ensure_future(handling)
            self._tasks.add(task)
            task.add_done_callback(lambda done: self._end(message, done))
        else:
            kernel._publish_status("idle", "shell", parent=message)

    def _end(self, message: Any, done: asyncio.Future[Any]) -> None:
        self._tasks.discard(done)
        self._kernel._publish_status("idle", "shell", parent=message)


def _ident(kernel: Any) -> Any:
    """Return to whom the running cell's requests for input go."""
    return kernel._parent_ident["shell"]


def _reply_stream(kernel: Any) -> Any:
    thread = getattr(kernel, "shell_channel_thread", None)
    return kernel.shell_stream if thread is None else thread.manager.get_subshell_to_shell_channel_socket(None)
