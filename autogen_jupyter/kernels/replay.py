"""Runs inside an agent kernel that is reached over a network, in the module of ``bootstrap.py``.

The kernel remembers what it said last, and says it again to a notebook whose connection broke; what that asks twice, not knowing
whether it had arrived, is done once; and it takes files from it.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import tempfile
import threading
from collections import deque
from typing import Any

REPLAY_BYTES = 16_000_000
"""How much of what was said last is remembered."""
REQUESTS = 1_000
"""How many of the last requests and answers are remembered, not to be taken twice."""


class Said:
    """The last messages, oldest first."""

    def __init__(self) -> None:
        self.messages: deque[tuple[str, str, list[bytes]]] = deque()
        self.size = 0
        self.dropped = ""
        """Identifier of the last message that had to be forgotten."""
        self.lock = threading.Lock()

    def remember(self, channel: str, msg_id: str, parts: list[bytes]) -> None:
        with self.lock:
            self.messages.append((channel, msg_id, parts))
            self.size += sum(map(len, parts))
            while self.size > REPLAY_BYTES:
                _, self.dropped, old = self.messages.popleft()
                self.size -= sum(map(len, old))

    def after(self, msg_id: str) -> dict[str, Any]:
        """Return the outputs after this one, all replies and questions, and whether nothing is missing between."""
        with self.lock:
            kept = [*self.messages]
        places = [place for place, (channel, known, _) in enumerate(kept) if channel == "iopub" and known == msg_id]
        first = places[-1] + 1 if places else 0
        told = []
        for place, (channel, _, parts) in enumerate(kept):
            if place >= first or channel != "iopub":
                header, parent, metadata, content = (json.loads(part) for part in parts)
                told.append({"channel": channel, "header": header, "parent_header": parent, "metadata": metadata, "content": content})
        return {"messages": told, "whole": bool(places) or not self.dropped or self.dropped == msg_id, "status": "ok"}


SAID = Said()


def remember_messages() -> None:
    """Remember from now on what the kernel says, and answer those who ask for it."""
    from IPython import get_ipython

    kernel = get_ipython().kernel
    session, outputs = kernel.session, kernel.iopub_thread
    really_send, send = outputs._really_send, session.send

    def keep_output(message: Any, *args: Any, **options: Any) -> Any:
        if message is not None:
            frames = [bytes(frame) for frame in message]
            start = frames.index(b"<IDS|MSG>") + 2
            SAID.remember("iopub", json.loads(frames[start])["msg_id"], frames[start : start + 4])
        return really_send(message, *args, **options)

    def keep_answer(stream: Any, message: Any, *args: Any, **options: Any) -> Any:
        sent = send(stream, message, *args, **options)
        channel = {"execute_reply": "shell", "input_request": "stdin"}.get(sent["header"]["msg_type"] if sent else "")
        if channel is not None:
            names = ("header", "parent_header", "metadata", "content")
            SAID.remember(channel, sent["header"]["msg_id"], [session.pack(sent[name]) for name in names])
        return sent

    def say_again(stream: Any, identity: Any, parent: dict[str, Any]) -> None:
        send(stream, "agent_replay_reply", SAID.after(str(parent["content"].get("after", ""))), parent=parent, ident=identity)

    kernel.control_handlers["agent_replay_request"] = say_again
    outputs._really_send = keep_output
    session.send = keep_answer


def take_once() -> None:
    """Take a request, and an answer to a question, once: who does not know whether it arrived sends it again."""
    from IPython import get_ipython

    kernel = get_ipython().kernel
    should_handle, receive = kernel.should_handle, kernel.session.recv
    taken = deque[str](maxlen=REQUESTS)

    def is_new(msg_id: str) -> bool:
        if msg_id in taken:
            return False
        taken.append(msg_id)
        return True

    def handle_once(stream: Any, message: dict[str, Any], *args: Any) -> Any:
        return is_new(message["header"]["msg_id"]) and should_handle(stream, message, *args)

    def receive_once(socket: Any, *args: Any, **options: Any) -> tuple[Any, Any]:
        identity, message = receive(socket, *args, **options)
        if message is not None and socket is kernel.stdin_socket and not is_new(message["parent_header"].get("msg_id", "")):
            return None, None
        return identity, message

    kernel.should_handle = handle_once
    kernel.session.recv = receive_once


def forget_history() -> None:
    """Write nothing that runs here to the history of whoever's account this is."""
    from IPython import get_ipython

    get_ipython().history_manager.enabled = False


class Parcels:
    """Folders whose files arrive in pieces."""

    def __init__(self) -> None:
        self.folders: list[str] = []

    def open(self) -> str:
        """Return a new private folder."""
        self.folders.append(tempfile.mkdtemp(prefix="agk-data-"))
        return self.folders[-1]

    def sizes(self, folder: str) -> dict[str, int]:
        """Return how many bytes of each file have arrived."""
        return {entry.name: entry.stat().st_size for entry in os.scandir(folder)} if folder in self.folders else {}

    def piece(self, folder: str, name: str, at: int, size: int) -> str:
        """Return a part of a file, as text that JSON can hold."""
        with open(os.path.join(folder, name), "rb") as file:
            file.seek(at)
            return base64.b64encode(file.read(size)).decode()

    def close(self, folder: str) -> None:
        if folder in self.folders:
            self.folders.remove(folder)
            shutil.rmtree(folder, ignore_errors=True)

    def accept(self, comm: Any, message: dict[str, Any]) -> None:
        """Take pieces: each says to which file of which folder it is to be added."""
        comm.on_msg(self.add)

    def add(self, message: dict[str, Any]) -> None:
        about = message["content"]["data"]
        if about["folder"] in self.folders and about["name"] == os.path.basename(about["name"]):
            with open(os.path.join(about["folder"], about["name"]), "ab") as file:
                for piece in message["buffers"]:
                    file.write(piece)


PARCELS = Parcels()


def take_files() -> None:
    """Let files arrive through the kernel's own channels, where notebook and kernel share no disk."""
    from IPython import get_ipython

    get_ipython().kernel.comm_manager.register_target("agent_parcels", PARCELS.accept)


def live_remotely() -> dict[str, str]:
    """Do all of the above; return what could not be done, and why."""
    failures = {}
    for step in (forget_history, remember_messages, take_once, take_files):
        try:
            step()
        except Exception as error:  # noqa: PERF203  # three steps, each on its own
            failures[step.__name__] = f"{type(error).__name__}: {error}"
    return failures
