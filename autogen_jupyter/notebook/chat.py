"""What a cell's chat leaves: its answer, its messages, its code, in `_`; and a handle on it while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping
from concurrent.futures import Future
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..code_blocks import CodeBlock
from ..conversation.chat_result import ChatResult
from ..errors import ChatStopped
from ..portal import on_portal
from ..session.html_block import one_block
from ..session.session import Session
from ..session.transcript import Entry, RunEntry
from .as_notebook import as_notebook
from .options import ChatOptions
from .prompt import Prompt

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from .chats import Conversation

__all__ = ["Chat"]


class Chat:
    """One request to a named conversation, and what came of it. It can be looked at while it runs, and awaited.

    Everything that a ``ChatResult`` has is here too. ``messages`` are those of the whole conversation up to the end of this request;
    ``code``, ``outputs``, ``usage`` and the rest belong to this request alone.

    Example:
        >>> chat = await agentchat("Describe df", inputs={"df": df}, approve="never")  # doctest: +SKIP
        >>> chat.summary  # doctest: +SKIP
        'df has 344 rows …'
    """

    def __init__(
        self, conversation: Conversation, request: str, options: ChatOptions, session: Session, prompt: Prompt | None = None
    ) -> None:
        self.conversation = conversation
        """The named conversation that it belongs to."""
        self.request = request
        """As it was written."""
        self.prompt = prompt
        """What was sent for it, and what of the notebook is in that; None where it names nothing."""
        self.options = options
        """The options it ran with: those of the cell, over the conversation's, over the configuration's."""
        self.session = session
        self.variables: dict[str, object] = {}
        """What was brought back from the agent kernel (``-o``), by name."""
        self.files: list[Path] = []
        """Files that appeared or changed meanwhile, relative to the working folder: those in it, and those that isolated code made."""
        self.files_in_kernel: list[Path] = []
        """Those of them that isolated code made: they go with the agent kernel, unless ``%agentchat bring`` copies them to the folder."""
        self.begins_at = 0
        """How many messages the conversation had before."""
        self._result: ChatResult | None = None
        self._error: BaseException | None = None
        self._ended: Future[None] = Future()

    # --- while it runs

    @property
    def name(self) -> str:
        """The conversation's name."""
        return self.conversation.name

    @property
    def is_running(self) -> bool:
        return not self._ended.done()

    @property
    def state(self) -> str:
        """``running``, ``waiting`` (for a person), ``ended`` or ``failed``."""
        if self.is_running:
            return "waiting" if self.session.pending is not None else "running"
        return "ended" if self._error is None or isinstance(self._error, ChatStopped) else "failed"

    def stop(self, reason: str = "stopped by the human") -> None:
        """Stop it; both kernels keep their variables, and what was said stays."""
        self.session.interrupt(reason)

    def __await__(self) -> Generator[Any, None, Chat]:
        return self.follow().__await__()

    @on_portal
    async def follow(self) -> Chat:
        """Wait for the end, as ``await chat`` does. An interrupt ends the waiting, not the chat."""
        await asyncio.shield(asyncio.wrap_future(self._ended))
        if self._error is not None:
            raise self._error
        return self

    @property
    def is_answered(self) -> bool:
        """Whether the agents came to an end, whatever happened after that."""
        return self._result is not None

    def keep(self, result: ChatResult) -> None:
        """Take the agents' result."""
        self._result = result

    def end(self, error: BaseException | None = None) -> None:
        """Note how it ended, and wake those who wait."""
        self._error = error
        self._ended.set_result(None)

    # --- what came of it

    @property
    def summary(self) -> Any:
        """The answer: the last message, without its end mark."""
        made = self._result.summary if self._result is not None else ""
        return made.strip() if isinstance(made, str) else made

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation's messages up to here, as the classic's dictionaries."""
        return self._result.chat_history if self._result is not None else self.conversation.messages

    chat_history = messages

    @property
    def code(self) -> list[CodeBlock]:
        """The blocks that were run, in order, as they were run."""
        if self._result is not None:
            return self._result.code
        return [CodeBlock(block.language, block.code) for run in self._runs for block in run.blocks]

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """What they gave: nbformat outputs, in order."""
        if self._result is not None:
            return self._result.outputs
        return [output for run in self._runs for output in run.outputs]

    @property
    def usage(self) -> list[dict[str, Any]]:
        """One row for each model answer: agent, model, prompt_tokens, completion_tokens, usd."""
        return self._result.usage if self._result is not None else []

    @property
    def cost(self) -> dict[str, Any]:
        """The classic's usage summaries."""
        return self._result.cost if self._result is not None else {}

    @property
    def human_input(self) -> list[str]:
        """What people typed, in order."""
        return self._result.human_input if self._result is not None else []

    @property
    def stop_reason(self) -> str:
        """Why it ended, in words; empty while it runs."""
        if self._result is not None:
            return self._result.stop_reason
        if self._error is None or isinstance(self._error, ChatStopped):
            return str(self._error or "")
        return f"{type(self._error).__name__}: {self._error}"

    @property
    def parsed(self) -> Any:
        """The answer as an object, where one was asked for."""
        return self._result.parsed if self._result is not None else None

    @property
    def chat_id(self) -> Any:
        return self._result.chat_id if self._result is not None else None

    @property
    def entries(self) -> list[Entry]:
        """What stands on the page of this request."""
        return self.session.transcript.entries

    def to_notebook(self) -> NotebookNode:
        """Return this request as a notebook: what was said as text, what ran as code cells with their outputs.

        Example:
            >>> import nbformat
            >>> nbformat.write(chat.to_notebook(), "chat.ipynb")  # doctest: +SKIP
        """
        return as_notebook([(self.request, self.entries)], title=self.name)

    @property
    def _runs(self) -> list[RunEntry]:
        return [entry for entry in self.entries if isinstance(entry, RunEntry) and entry.state not in ("proposed", "refused")]

    # --- how it looks

    def __repr__(self) -> str:
        return f"<Chat {self.name!r}: {self._in_a_line}>"

    @property
    def _in_a_line(self) -> str:
        if self.is_running:
            return {"waiting": "waiting for you", "running": "running"}[self.state]
        counted = [_count(len(self.messages) - self.begins_at, "message"), _count(len(self.code), "block of code", "blocks of code")]
        return f"{self.stop_reason or 'ended'} ({', '.join(counted)})"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Mapping[str, str]:
        """Show the line and the answer. The answer is a model's text: escaped, never rendered as HTML."""
        del include, exclude
        answer = str(self.summary or "")
        heading = f"Chat {escape(self.name)}: {escape(self._in_a_line)}"
        brought = f"<p>Brought back: {escape(', '.join(self.variables))}</p>" if self.variables else ""
        page = f'<div><strong>{heading}</strong><div style="white-space: pre-wrap">{escape(answer)}</div>{brought}</div>'
        return {"text/plain": f"{self!r}\n{answer}".rstrip(), "text/html": one_block(page)}


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
