"""Doubles for conversations: an executor that only remembers, and chats with a scripted person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.context import Approval
from autogen_jupyter.events import ChatEvent, OutputChange
from autogen_jupyter.human_input import InputAnswer, ScriptedInput
from autogen_jupyter.kernels.base import ExecutionResult, OnOutput
from autogen_jupyter.session.session import Session


class EchoExecutor:
    """Says what it was given to run; code that holds ``fail`` fails."""

    languages = frozenset({"python", "sh"})

    def __init__(self) -> None:
        self.ran: list[CodeBlock] = []

    async def execute_code_blocks(self, blocks: Sequence[CodeBlock], on_output: OnOutput | None = None) -> ExecutionResult:
        self.ran.extend(blocks)
        text = "".join(f"ran {block.code}\n" for block in blocks)
        output = {"output_type": "stream", "name": "stdout", "text": text}
        if on_output is not None:
            on_output(0, OutputChange("add", 0, output))
        failed = any("fail" in block.code for block in blocks)
        return ExecutionResult(1 if failed else 0, (output,), text, "error" if failed else "ok")

    async def interrupt(self) -> None: ...

    async def restart(self) -> None: ...

    async def close(self) -> None: ...


class Room:
    """A session with a scripted person in it, and everything that happened there."""

    def __init__(self, answers: Iterable[str | InputAnswer] = (), approval: Approval = "never") -> None:
        self.human = ScriptedInput(answers)
        self.session = Session(door=self.human, approval=approval)
        self.events: list[ChatEvent] = []
        self.session.subscribe(self.events.append)

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    async def chat(self, sender, recipient, **options):
        return await self.session.run(lambda: sender.a_initiate_chat(recipient, **options))


def contents(result) -> list[tuple[str, object]]:
    return [(message["role"], message["content"]) for message in result.chat_history]
