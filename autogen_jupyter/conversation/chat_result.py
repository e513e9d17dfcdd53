"""What is left of a chat when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ..code_blocks import CodeBlock
from ..events import ChatEvent, CodeFinished, CodeOutput, CodeStarted, MessageAdded, UsageRecorded
from ..models.usage import usage_row
from .usage import both_summaries
from .usage_table import UsageTable

__all__ = ["ChatRecord", "ChatResult", "answered_with_type", "first_in_chat", "heard_from_human", "in_chat", "leave_chat"]


@dataclass
class ChatResult:
    """The result of a chat: the classic's fields, copied, and what its users missed.

    Example:
        >>> result = user.initiate_chat(assistant, message="Describe penguins.csv")  # doctest: +SKIP
        >>> result.stop_reason  # doctest: +SKIP
        'assistant said TERMINATE'
    """

    chat_id: Any = None
    chat_history: list[dict[str, Any]] = field(default_factory=list)
    """The messages, as the agent that began the chat remembers them."""
    summary: Any = ""
    """Text, or what a summary function of the user's returned."""
    cost: dict[str, Any] = field(default_factory=dict)
    """``usage_including_cached_inference`` and ``usage_excluding_cached_inference``: for each model cost (USD, None when unknown)
    and tokens, and ``total_cost``."""
    human_input: list[str] = field(default_factory=list)
    """What people typed, in order."""
    stop_reason: str = ""
    """Why the chat ended, in words."""
    usage: UsageTable = field(default_factory=UsageTable, repr=False)
    """One row for each model answer: agent, model, prompt_tokens, completion_tokens, usd, cached, saved_usd. A list that shows itself
    as a table and has ``to_dataframe()``."""
    code: list[CodeBlock] = field(default_factory=list, repr=False)
    """The blocks that were run, in order, as they were run."""
    outputs: list[dict[str, Any]] = field(default_factory=list, repr=False)
    """What they gave: nbformat outputs, in order."""
    parsed: Any = None
    """The last answer as an object of the agent's ``response_format``; None without one, or when the answer does not have the type."""


_running: ContextVar[ChatRecord | None] = ContextVar("autogen_jupyter_chat_record", default=None)


def heard_from_human(text: str) -> None:
    """Note in the running chat, if there is one, what a person said."""
    record = _running.get()
    if record is not None:
        record.heard(text)


def answered_with_type(text: str, answer: Any) -> None:
    """Note in the running chat, if there is one, what an agent answered that has a response format; None where it does not fit."""
    record = _running.get()
    if record is not None:
        record.answered(text, answer)


def first_in_chat(fact: object) -> bool:
    """Say whether this is the first time that a fact is asked about in the running chat and those within it; never outside of one."""
    record = _running.get()
    return record is not None and record.is_new(fact)


def in_chat() -> bool:
    """Say whether the running code is part of a chat."""
    return _running.get() is not None


def leave_chat() -> None:
    """What runs from here on, in this task, is no part of the chat that began it."""
    _running.set(None)


class ChatRecord:
    """A fold over a chat's events that a ChatResult is made from; and what people said in it, and in the chats within it."""

    def __init__(self) -> None:
        self._outer = _running.get()
        self.usage = UsageTable()
        self.human_input: list[str] = []
        self.typed: dict[str, Any] = {}
        """Objects by the text that writes them: what agents with a response format answered, here and in chats within."""
        self._known: set[object] = set()
        self._runs: dict[str, tuple[tuple[CodeBlock, ...], list[dict[str, Any]]]] = {}

    @property
    def code(self) -> list[CodeBlock]:
        return [block for blocks, _ in self._runs.values() for block in blocks]

    @property
    def outputs(self) -> list[dict[str, Any]]:
        return [output for _, outputs in self._runs.values() for output in outputs]

    @property
    def cost(self) -> dict[str, Any]:
        """The classic's two usage summaries."""
        return both_summaries(self.usage)

    @property
    def is_nested(self) -> bool:
        """Whether another chat runs around this one."""
        return self._outer is not None

    @contextmanager
    def recording(self) -> Iterator[ChatRecord]:
        """Be the record of what runs in this block."""
        token = _running.set(self)
        try:
            yield self
        finally:
            _running.reset(token)

    def is_new(self, fact: object) -> bool:
        """Say whether a fact was not asked about before in the outermost chat."""
        if self._outer is not None:
            return self._outer.is_new(fact)
        is_new = fact not in self._known
        self._known.add(fact)
        return is_new

    def heard(self, text: str) -> None:
        """Note what a person said."""
        self.human_input.append(text)
        if self._outer is not None:
            self._outer.heard(text)

    def answered(self, text: str, answer: Any) -> None:
        """Note an answer that has to have a type."""
        self.typed[text] = answer
        if self._outer is not None:
            self._outer.answered(text, answer)

    def apply(self, event: ChatEvent) -> None:
        if isinstance(event, MessageAdded):  # the most frequent, of which nothing is noted
            return
        if isinstance(event, UsageRecorded):
            self.usage.append(usage_row(event))
        elif isinstance(event, CodeStarted):
            self._runs.setdefault(event.run_id, (event.blocks, []))
        elif isinstance(event, CodeOutput) and event.run_id in self._runs:
            event.change.apply_to(self._runs[event.run_id][1])
        elif isinstance(event, CodeFinished) and event.status == "refused":
            self._runs.pop(event.run_id, None)
