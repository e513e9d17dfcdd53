"""What stands on the page of a chat, and the changes to it. Everything here is plain data that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, Literal, TypeVar

from ..events import KernelPlace
from ..human_input import Permission

__all__ = [
    "Change",
    "Code",
    "Entry",
    "EntryPut",
    "MessageEntry",
    "NoticeEntry",
    "OutputChanged",
    "PartOf",
    "RunEntry",
    "Status",
    "StatusChanged",
    "TextAppended",
    "ToolUse",
    "changed",
    "defaults_of",
]


@dataclass(frozen=True)
class Code:
    """A block of code and its language."""

    language: str
    code: str


@dataclass(frozen=True)
class ToolUse:
    """A tool that a message asks for, and what came of it."""

    id: str
    """As the model gave it: unique only within its message."""
    name: str
    arguments: str
    """As the model wrote them, or as a person edited them: a JSON object, hopefully."""
    state: Literal["asked", "running", "ok", "error", "interrupted", "refused"] = "asked"
    """``refused``: the chat ended before it ran."""
    result: str = ""
    """The text that the model reads."""
    seconds: float | None = None


@dataclass(frozen=True)
class MessageEntry:
    """Something an agent or a person said. Text is Markdown."""

    id: str
    sender: str
    recipient: str
    role: str
    text: str
    state: Literal["writing", "done", "stopped"] = "done"
    reasoning: str = ""
    """The model's thinking, when the server shows it."""
    model: str = ""
    """Name of the model that wrote it; empty when no model did."""
    is_language_model: bool = True
    tool_calls: list[ToolUse] = field(default_factory=list)
    """The tools that the message asks for; a message may consist of nothing else."""
    kind: Literal["message"] = "message"


@dataclass(frozen=True)
class RunEntry:
    """Code that ran, or asked to, with its outputs as a notebook cell has them."""

    id: str
    agent: str
    message_id: str
    """The message that proposed the code."""
    blocks: list[Code]
    state: Literal["proposed", "running", "ok", "error", "timeout", "interrupted", "died", "refused"] = "proposed"
    is_edited: bool = False
    """Whether a person changed the code before it ran; then ``blocks`` is not what the message says."""
    block: int = 0
    """Which block is running, from 0."""
    outputs: list[dict[str, Any]] = field(default_factory=list)
    exit_code: int | None = None
    seconds: float | None = None
    output: str = ""
    """The text that the model reads."""
    kind: Literal["run"] = "run"


@dataclass(frozen=True)
class NoticeEntry:
    """Something to know that no agent said."""

    id: str
    text: str
    level: Literal["info", "warning", "error"] = "info"
    kind: Literal["notice"] = "notice"


Entry = MessageEntry | RunEntry | NoticeEntry


@dataclass(frozen=True)
class Status:
    """Where the chat stands, in one line."""

    state: Literal["starting", "running", "waiting", "ended"] = "starting"
    """``waiting`` means: for a person."""
    reason: str = ""
    """Why it ended."""
    activity: str = ""
    """What is going on, for people: ``assistant is writing``."""
    kernel: str = ""
    """The agent kernel's state: ``starting``, ``idle``, ``busy``, ``restarting``, ``dead``, ``closed``, or empty."""
    kernel_detail: str = ""
    kernel_place: KernelPlace = ""
    """What keeps the agent kernel from the rest; ``remote``: it is another machine's. Empty while nothing is known."""
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0
    """Cost so far in US dollars; None once a part of it is unknown."""
    since: float = 0.0
    """When ``activity`` began: seconds since the epoch."""
    permissions: list[Permission] = field(default_factory=list)
    """What may run without a question."""


@dataclass(frozen=True)
class PartOf:
    """The conversation that a chat belongs to, where it goes on from chat to chat."""

    name: str
    id: str
    """Tells it from others of its name, such as those of an earlier kernel."""


@dataclass(frozen=True)
class EntryPut:
    """An entry is new, or replaces the one with its id."""

    entry: Entry
    kind: Literal["entry_put"] = "entry_put"


@dataclass(frozen=True)
class TextAppended:
    """A message that is being written grew."""

    entry_id: str
    text: str
    reasoning: bool = False
    kind: Literal["text_appended"] = "text_appended"


@dataclass(frozen=True)
class OutputChanged:
    """The outputs of a run changed; see ``events.OutputChange``."""

    entry_id: str
    op: Literal["add", "append", "replace", "clear"]
    index: int = 0
    output: dict[str, Any] | None = None
    text: str = ""
    kind: Literal["output_changed"] = "output_changed"


@dataclass(frozen=True)
class StatusChanged:
    """The chat's status line changed."""

    status: Status
    kind: Literal["status_changed"] = "status_changed"


Change = EntryPut | TextAppended | OutputChanged | StatusChanged


T = TypeVar("T", MessageEntry, RunEntry, Status, ToolUse)


def changed(value: T, **changes: Any) -> T:
    """Return a copy of which some fields are others. ``dataclasses.replace`` takes five times as long, and each message needs a few."""
    made = object.__new__(type(value))
    vars(made).update(vars(value), **changes)
    return made


@cache
def defaults_of(kind: type) -> Mapping[str, Any]:
    """Return what the fields of one of these are where a saved chat does not say; ``kind`` is always said."""
    made = {
        one.name: one.default if one.default_factory is MISSING else one.default_factory() for one in fields(kind) if one.name != "kind"
    }
    return {name: value for name, value in made.items() if value is not MISSING}
