"""What happens in a chat, as facts in the past tense. Agents emit these; console, widget, record and tests read them.

The ``kind`` of each event is part of the public API, and so are its fields: a saved log is read by later versions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from .code_blocks import CodeBlock
from .human_input import InputAnswer, InputRequest, Permission
from .messages import Message
from .output_change import OutputChange
from .plain_data import plain_fields

__all__ = [
    "INTERRUPTED",
    "AutoReplyStarted",
    "ChatEnded",
    "ChatEvent",
    "ChatStarted",
    "CodeFinished",
    "CodeOutput",
    "CodeProposed",
    "CodeStarted",
    "HandedOver",
    "HumanPassed",
    "InputReceived",
    "InputRequested",
    "InputWithdrawn",
    "KernelChanged",
    "KernelPlace",
    "KernelState",
    "MessageAdded",
    "MessageDelta",
    "Noticed",
    "OutputChange",
    "PermissionsChanged",
    "QueuedChatStarted",
    "ReplyBroken",
    "ReplyStarted",
    "SpeakerSelected",
    "Subscriber",
    "ToolCalled",
    "ToolReturned",
    "UsageRecorded",
    "to_json",
]

KernelState = Literal["starting", "idle", "busy", "restarting", "dead", "closed"]
KernelPlace = Literal["", "isolated", "not isolated", "remote"]
"""What keeps code from the rest of the machine; ``remote``: the machine is another one. Empty where nothing is known."""


@dataclass(frozen=True, slots=True)
class ChatStarted:
    """Two agents began to talk."""

    kind: ClassVar[str] = "chat_started"
    chat_id: str
    sender: str
    recipient: str


@dataclass(frozen=True, slots=True)
class QueuedChatStarted:
    """The next of several chats that were planned together is about to begin."""

    kind: ClassVar[str] = "queued_chat_started"
    sender: str
    recipient: str
    verbose: bool = False
    """Whether the plan wants the next two fields to be shown; they are empty where it does not."""
    message: str = ""
    """The opening as it was planned."""
    carryover: str = ""
    """What it is told of the chats before it."""
    silent: bool = False
    """Whether the chat is not shown."""


@dataclass(frozen=True, slots=True)
class SpeakerSelected:
    """It was settled who speaks next in a group."""

    kind: ClassVar[str] = "speaker_selected"
    agent: str
    reason: str
    """How it was settled, in words: ``round_robin``, ``chosen by gpt-6-luna``, ``the only eligible agent`` …"""
    group: str = ""
    """Name of the group's manager."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An agent of a group handed the conversation over, by a tool call, a condition, a rule of its own or a guardrail."""

    kind: ClassVar[str] = "handed_over"
    agent: str
    to: str
    """Name of the agent that goes on."""
    reason: str = ""
    """How, in words."""


@dataclass(frozen=True, slots=True)
class ReplyStarted:
    """A model began to write a message."""

    kind: ClassVar[str] = "reply_started"
    message_id: str
    sender: str
    recipient: str
    model: str
    is_language_model: bool = True
    silent: bool = False
    """Whether it is part of a chat that is not shown."""


@dataclass(frozen=True, slots=True)
class MessageDelta:
    """Text arrived for a message that is still being written."""

    kind: ClassVar[str] = "message_delta"
    message_id: str
    text: str
    reasoning: bool = False
    """Whether the text is the model's thinking and not part of the message."""


@dataclass(frozen=True, slots=True)
class ReplyBroken:
    """A message that was being written broke off. What came of it stays to be read, and is not part of the conversation."""

    kind: ClassVar[str] = "reply_broken"
    message_id: str
    reason: str
    """What happened, in words; empty where an error says it."""


@dataclass(frozen=True, slots=True)
class MessageAdded:
    """A message was delivered."""

    kind: ClassVar[str] = "message_added"
    message: Message
    recipient: str
    run_id: str = ""
    """The run whose result this message reports, if it does."""
    silent: bool = False
    """Whether the classic would print nothing of it."""
    sender: str = ""
    """Who delivered it, where that is known; the message may bear another name, such as that of the function whose result it is."""


@dataclass(frozen=True, slots=True)
class CodeProposed:
    """A message holds code that an agent is about to run, if it may."""

    kind: ClassVar[str] = "code_proposed"
    run_id: str
    agent: str
    message_id: str
    blocks: tuple[CodeBlock, ...]
    silent: bool = False
    """Whether it is part of a chat that is not shown, and no person decides about it."""


@dataclass(frozen=True, slots=True)
class CodeStarted:
    """A block of a run began to execute. ``blocks`` holds the code of the whole run as it is executed, perhaps edited by a person."""

    kind: ClassVar[str] = "code_started"
    run_id: str
    block: int
    blocks: tuple[CodeBlock, ...]


@dataclass(frozen=True, slots=True)
class CodeOutput:
    """The outputs of a run changed."""

    kind: ClassVar[str] = "code_output"
    run_id: str
    change: OutputChange


@dataclass(frozen=True, slots=True)
class CodeFinished:
    """A run ended: by itself, by a limit, or because it was not allowed."""

    kind: ClassVar[str] = "code_finished"
    run_id: str
    exit_code: int
    status: str
    """``ok``, ``error``, ``timeout``, ``interrupted``, ``died`` or ``refused``."""
    seconds: float
    output: str
    """The text that the model reads."""


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """A tool that a message asked for began to run."""

    kind: ClassVar[str] = "tool_called"
    call_id: str
    """As the model gave it; calls of different messages may have the same."""
    agent: str
    """Who runs it."""
    name: str
    arguments: str
    """As the model wrote them, or as a person edited them: a JSON object, hopefully."""
    silent: bool = False
    """Whether it is part of a chat that is not shown."""


INTERRUPTED = "interrupted"
"""What a tool call returned that was cut off."""


@dataclass(frozen=True, slots=True)
class ToolReturned:
    """A tool call ended: with a result, with an error, or because it was not allowed."""

    kind: ClassVar[str] = "tool_returned"
    call_id: str
    content: str
    """The text that the model reads; ``INTERRUPTED`` when the chat was stopped meanwhile."""
    is_error: bool
    seconds: float
    silent: bool = False
    """Whether it is part of a chat that is not shown."""


@dataclass(frozen=True, slots=True)
class InputRequested:
    """An agent waits for a person."""

    kind: ClassVar[str] = "input_requested"
    request: InputRequest


@dataclass(frozen=True, slots=True)
class InputReceived:
    """The question was answered; other doors can close."""

    kind: ClassVar[str] = "input_received"
    request_id: str
    answer: InputAnswer


@dataclass(frozen=True, slots=True)
class InputWithdrawn:
    """The question was not answered and needs no answer any more: the chat was stopped, or nobody was there."""

    kind: ClassVar[str] = "input_withdrawn"
    request_id: str


@dataclass(frozen=True, slots=True)
class HumanPassed:
    """A person who could have replied for an agent typed nothing."""

    kind: ClassVar[str] = "human_passed"
    agent: str
    sender: str
    """Name of the agent whose message is being answered."""
    silent: bool = False
    """Whether it is part of a chat that is not shown."""


@dataclass(frozen=True, slots=True)
class AutoReplyStarted:
    """An agent that a person may speak for goes on to reply by itself."""

    kind: ClassVar[str] = "auto_reply_started"
    agent: str
    sender: str
    """Name of the agent whose message is being answered."""
    silent: bool = False
    """Whether it is part of a chat that is not shown."""


@dataclass(frozen=True, slots=True)
class PermissionsChanged:
    """A person said what may run without a question from now on, or took it back."""

    kind: ClassVar[str] = "permissions_changed"
    permissions: tuple[Permission, ...]
    """All that hold now."""


@dataclass(frozen=True, slots=True)
class KernelChanged:
    """The agent kernel changed its state."""

    kind: ClassVar[str] = "kernel_changed"
    state: KernelState
    detail: str = ""
    place: KernelPlace = ""


@dataclass(frozen=True, slots=True)
class UsageRecorded:
    """A model answered, and this is what it took."""

    kind: ClassVar[str] = "usage_recorded"
    agent: str
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None
    usd: float | None
    """None where the price is not known; 0.0 only where it really costs nothing."""
    cached: bool = False
    """Whether the answer comes from the cache; the tokens are those it took when it was made."""
    saved_usd: float | None = None
    """What a cached answer cost when it was made."""
    message_id: str = ""
    """The message that was written, if it was one."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something the person should know that no agent said."""

    kind: ClassVar[str] = "noticed"
    text: str
    level: Literal["info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True)
class ChatEnded:
    """The chat is over, and why."""

    kind: ClassVar[str] = "chat_ended"
    chat_id: str
    reason: str
    silent: bool = False
    """Whether the chat was not shown."""


ChatEvent = (
    ChatStarted
    | QueuedChatStarted
    | SpeakerSelected
    | HandedOver
    | ReplyStarted
    | MessageDelta
    | ReplyBroken
    | MessageAdded
    | CodeProposed
    | CodeStarted
    | CodeOutput
    | CodeFinished
    | ToolCalled
    | ToolReturned
    | InputRequested
    | InputReceived
    | InputWithdrawn
    | HumanPassed
    | AutoReplyStarted
    | PermissionsChanged
    | KernelChanged
    | UsageRecorded
    | Noticed
    | ChatEnded
)

Subscriber = Callable[[ChatEvent], None]


def to_json(event: ChatEvent) -> dict[str, Any]:
    """Return the event as a JSON-able dictionary with its ``kind``. An answer to a ``password`` question carries no text."""
    return {"kind": event.kind} | plain_fields(event)
