"""Cells that drive a chat view by hand, without a conversation behind it: the kernel's side of a scripted chat."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from autogen_jupyter import portal
from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.human_input import InputRequest
from autogen_jupyter.notebook.protocol import (
    Acknowledged,
    FromFrontend,
    InputAnswered,
    InputAsked,
    InputClosed,
    Request,
    RequestSeen,
    Snapshot,
    ToFrontend,
)
from autogen_jupyter.notebook.widget import ChatWidget
from autogen_jupyter.session.permissions import offers
from autogen_jupyter.session.transcript import (
    Code,
    EntryPut,
    MessageEntry,
    NoticeEntry,
    OutputChanged,
    RunEntry,
    Status,
    StatusChanged,
    TextAppended,
    ToolUse,
)

__all__ = ["Code", "MessageEntry", "NoticeEntry", "RunEntry", "Script", "Status", "ToolUse"]


class Script:
    """A chat whose every step is called by a test.

    Example::

        script = Script()
        display(script.widget)
        script.say("assistant", "user", "Hello")
        answer = await script.ask("approval", "print(1)")
    """

    def __init__(self) -> None:
        self.entries: dict[str, Any] = {}
        self.status = Status(state="running")
        self.request: Request | None = None
        self.heard: list[FromFrontend] = []
        self.answer: InputAnswered | None = None
        self.answered = threading.Event()
        self.widget = ChatWidget(snapshot=self.snapshot, on_message=self.on_message)

    def snapshot(self) -> Snapshot:
        return Snapshot(list(self.entries.values()), self.status, self.request)

    def on_message(self, message: FromFrontend) -> None:
        self.heard.append(message)
        if isinstance(message, RequestSeen):
            self.post(Acknowledged(message.request_id))
        elif isinstance(message, InputAnswered):
            self.answer = message
            self.request = None
            self.post(InputClosed(message.request_id, ""))
            self.answered.set()

    def post(self, *messages: ToFrontend) -> None:
        self.widget.post(messages)

    def put(self, entry: Any) -> None:
        self._change(lambda: self.entries.__setitem__(entry.id, entry), EntryPut(entry))

    def say(self, sender: str, recipient: str, text: str, **more: Any) -> str:
        entry = MessageEntry(f"m{len(self.entries)}", sender, recipient, "assistant", text, **more)
        self.put(entry)
        return entry.id

    def grow(self, id_: str, text: str) -> None:
        entry = self.entries[id_]
        self._change(lambda: self.entries.__setitem__(id_, replace(entry, text=entry.text + text)), TextAppended(id_, text))

    def output(self, id_: str, output: dict[str, Any]) -> None:
        self._change(lambda: self.entries[id_].outputs.append(output), OutputChanged(id_, "add", output=output))

    def append(self, id_: str, text: str) -> None:
        outputs = self.entries[id_].outputs
        self._change(lambda: outputs[-1].update(text=outputs[-1]["text"] + text), OutputChanged(id_, "append", len(outputs) - 1, text=text))

    def now(self, **changes: Any) -> None:
        self.status = replace(self.status, **changes)
        self.post(StatusChanged(self.status))

    async def ask(
        self,
        kind: Any,
        *codes: str,
        language: str = "python",
        prompt: str = "",
        choices: tuple[str, ...] = (),
        is_last: bool = False,
    ) -> InputAnswered:
        """Ask, and wait as an awaiting cell waits."""
        blocks = [Code(language, code) for code in codes]
        id_ = InputRequest(kind, prompt).id
        self.answered.clear()
        asked = InputRequest(kind, prompt, blocks=tuple(CodeBlock(block.language, block.code) for block in blocks), id=id_)
        self.request = Request(id_, kind, prompt, "user", "assistant", blocks, list(choices), is_last, offers(asked))
        self.post(InputAsked(self.request))
        while not self.answered.is_set():  # noqa: ASYNC110 - it is set on another thread, and an interrupt is seen only between slices
            await asyncio.sleep(0.05)
        assert self.answer is not None
        return self.answer

    def _change(self, change: Callable[[], None], message: ToFrontend) -> None:
        """Change the state and tell it in one step of the portal, as a session does."""

        async def both() -> None:
            change()
            self.widget.post([message])

        portal.submit(both()).result()
