"""Run the code that a message proposes, if it may run, and report what it gave."""

from __future__ import annotations

import difflib
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from ..code_blocks import CodeBlock, extract_code_blocks
from ..context import ChatContext, current
from ..errors import UsageError
from ..events import CodeFinished, CodeOutput, CodeProposed, CodeStarted, KernelChanged, KernelPlace, KernelState, Noticed, OutputChange
from ..human_input import InputAnswer, InputRequest
from ..images import plots_in
from ..kernels.base import CodeExecutor, ExecutionResult
from ..kernels.languages import file_name
from ..messages import Message, new_id
from ..redaction import without_secrets
from .base import Reply, Stop, Turn
from .output_redactor import OutputRedactor
from .risks import risks

__all__ = ["CodePolicy", "LastMessages"]

LastMessages = int | Literal["auto"]


class CodePolicy:
    """Code execution as the classic's user proxy does it: the newest message that holds code is run, all its blocks in order."""

    def __init__(
        self,
        executor: CodeExecutor,
        *,
        last_n_messages: LastMessages = "auto",
        ask: Callable[[InputRequest], Awaitable[InputAnswer]],
    ) -> None:
        if last_n_messages != "auto" and (not isinstance(last_n_messages, int) or last_n_messages < 0):
            raise UsageError(f'last_n_messages is {last_n_messages!r}; it must be "auto" or a whole number of messages, 0 or more.')
        self.executor = executor
        self._last_n = last_n_messages
        self._ask = ask
        self._context = current()
        self._told = ""

    def attach(self, context: ChatContext) -> None:
        """A chat begins: let it see the kernel, and start the kernel now, so that it is ready before there is code to run."""
        self._context = context
        start = getattr(self.executor, "start", None)
        if start is not None:
            start()
        notice = getattr(getattr(self.executor, "boundary", None), "notice", "")
        if notice and notice != self._told:
            self._told = notice
            context.emit(Noticed(notice, "warning"))
        context.runs_code(self.executor)
        state: KernelState = getattr(self.executor, "state", "closed")
        if state in ("idle", "busy"):  # it runs since an earlier chat, and has nothing to tell of by itself
            context.emit(KernelChanged(state, place=self._place))

    def kernel_changed(self, state: KernelState, detail: str = "") -> None:
        """Tell the chat of the kernel's new state (an executor's ``on_state``)."""
        self._context.emit(KernelChanged(state, detail, self._place))

    @property
    def _place(self) -> KernelPlace:
        boundary = getattr(self.executor, "boundary", None)
        if boundary is None:
            return ""
        return "remote" if boundary.name == "server" else "isolated" if boundary.isolated else "not isolated"

    async def answer_code(self, prompt: str, password: bool) -> str:
        """Ask the person what running code asks for with ``input()`` (an executor's ``ask``)."""
        request = InputRequest("password" if password else "text", prompt, agent="the running code")
        return (await self._context.human.ask(request)).to_classic()

    def proposed(self, turn: Turn) -> tuple[CodeBlock, ...]:
        """Return the blocks that would run in this turn."""
        found = self._find(turn.messages)
        return found[1] if found else ()

    def _find(self, messages: Sequence[Message]) -> tuple[Message, tuple[CodeBlock, ...]] | None:
        for message in _to_scan(messages, self._last_n):
            known = self.executor.languages | getattr(self.executor, "refuses", frozenset())
            saved: frozenset[str] = getattr(self.executor, "saves", frozenset())
            blocks = tuple(
                block
                for block in extract_code_blocks(message.text)
                if block.language in known or (block.language in saved and file_name(block.code))
            )
            if blocks:
                return message, blocks
        return None

    async def reply(self, turn: Turn) -> Reply | Stop | None:
        found = self._find(turn.messages)
        if found is None:
            return None
        message, proposed = found
        run_id = new_id("r")
        blocks = turn.approved
        silent = current().silent and blocks is None and not _needs_approval(proposed)
        current().emit(CodeProposed(run_id, turn.agent, message.id, proposed, silent))
        if blocks is None:
            blocks, refusal = await self._approve(turn, proposed, run_id)
            if refusal is not None:
                return refusal
        result = await self._run(run_id, blocks)
        plots = plots_in(result.outputs) if getattr(turn.sender, "sees_images", False) else []
        message = Message("assistant", _report(result, proposed, blocks), turn.agent, extra={"images": plots} if plots else {})
        return Reply(message, run_id=run_id)

    async def run(self, agent: str, blocks: tuple[CodeBlock, ...]) -> ExecutionResult:
        """Run blocks that no message proposes, but a function of the user's; the chat's approval holds for them too."""
        run_id = new_id("r")
        asks = _needs_approval(blocks)
        current().emit(CodeProposed(run_id, agent, "", blocks, current().silent and not asks))
        if asks:
            prompt = f"A function of {agent} wants to run this code. Press enter to run it, or type why not: "
            answer = await self._ask(InputRequest("approval", prompt, agent, blocks=blocks))
            if answer.action not in ("run", "continue"):
                current().emit(CodeFinished(run_id, 1, "refused", 0.0, ""))
                return ExecutionResult(1, (), f"The code was not run: a person did not allow it. {answer.text}".rstrip(), "interrupted")
            blocks = answer.blocks if answer.blocks is not None else blocks
        return await self._run(run_id, blocks)

    async def _approve(self, turn: Turn, proposed: tuple[CodeBlock, ...], run_id: str) -> tuple[tuple[CodeBlock, ...], Reply | Stop | None]:
        """Return the code to run, or what to answer instead of running it."""
        if not _needs_approval(proposed):
            return proposed, None
        prompt = f"{turn.sender_name} wants to run this code. Press enter to run it, type a reply to send that instead, or 'exit' to end: "
        answer = await self._ask(InputRequest("approval", prompt, turn.agent, turn.sender_name, blocks=proposed))
        if answer.action in ("run", "continue"):
            return answer.blocks if answer.blocks is not None else proposed, None
        current().emit(CodeFinished(run_id, 1, "refused", 0.0, ""))
        if answer.action == "end":
            return (), Stop(f"the human ended the conversation (as {turn.agent})")
        return (), Reply(Message("user", f"I did not run your code. {answer.text}", sender=turn.agent))

    async def _run(self, run_id: str, blocks: tuple[CodeBlock, ...]) -> ExecutionResult:
        emit = current().emit
        emit(CodeStarted(run_id, 0, blocks))
        running = 0
        secrets = OutputRedactor()

        def on_output(block: int, change: OutputChange) -> None:
            nonlocal running
            if block != running:
                running = block
                emit(CodeStarted(run_id, block, blocks))
            for shown in secrets.take(change):
                emit(CodeOutput(run_id, shown))

        started = time.monotonic()
        try:
            result = without_secrets(await self.executor.execute_code_blocks(blocks, on_output))
        except BaseException:
            emit(CodeFinished(run_id, 130, "interrupted", time.monotonic() - started, ""))
            raise
        for shown in secrets.flush():
            emit(CodeOutput(run_id, shown))
        emit(CodeFinished(run_id, result.exit_code, result.status, result.seconds, result.output))
        return result


def _needs_approval(blocks: Sequence[CodeBlock]) -> bool:
    approval = current().approval
    return approval == "always" or (approval == "risky" and any(risks(block) for block in blocks))


def _to_scan(messages: Sequence[Message], last_n: LastMessages) -> Sequence[Message]:
    """Return the messages to look at, newest first; "auto" goes back to where this agent last spoke."""
    newest_first = reversed(messages)
    if last_n != "auto":
        return [message for message, _ in zip(newest_first, range(last_n), strict=False)]
    scanned: list[Message] = []
    for message in newest_first:
        if message.role != "user":
            break
        scanned.append(message)
    return scanned


def _report(result: ExecutionResult, proposed: tuple[CodeBlock, ...], ran: tuple[CodeBlock, ...]) -> str:
    outcome = "execution succeeded" if result.exit_code == 0 else "execution failed"
    text = f"exitcode: {result.exit_code} ({outcome})\nCode output: {result.output}"
    return text if ran == proposed else f"{text}\n\n{_edits(proposed, ran)}"


def _edits(proposed: tuple[CodeBlock, ...], ran: tuple[CodeBlock, ...]) -> str:
    """Tell the author what a person changed, so that its next code builds on what really ran."""
    before, after = ("\n".join(block.code for block in blocks).splitlines() for blocks in (proposed, ran))
    diff = "\n".join(difflib.unified_diff(before, after, "proposed", "executed", lineterm=""))
    return f"The code was edited before it ran:\n```diff\n{diff}\n```"
