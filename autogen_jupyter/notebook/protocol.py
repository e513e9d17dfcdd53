"""Wire messages between the kernel and the chat view: the only place they are defined.

``make protocol`` writes ``labextension/src/protocol.ts`` from this module; a test fails when the two differ. State that a late view
needs lives in the widget's traits (``entries``, ``status``, ``request``); what happens travels as one of these messages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..human_input import Permission
from ..session.transcript import (
    Code,
    EntryPut,
    MessageEntry,
    NoticeEntry,
    OutputChanged,
    RunEntry,
    Status,
    StatusChanged,
    TextAppended,
    ToolUse,  # noqa: F401 - a part of MessageEntry; the generator finds it here
)

__all__ = [
    "Acknowledged",
    "Batch",
    "FromFrontend",
    "InputAnswered",
    "InputAsked",
    "InputClosed",
    "PermissionRevoked",
    "PluginFound",
    "Request",
    "RequestSeen",
    "Snapshot",
    "SnapshotRequested",
    "StopRequested",
    "ToFrontend",
]


@dataclass(frozen=True)
class Request:
    """A question to the person; see ``human_input.InputRequest``."""

    id: str
    type: Literal["approval", "reply", "choice", "text", "password"]
    prompt: str
    agent: str
    sender: str
    blocks: list[Code]
    choices: list[str]
    is_last: bool
    offers: list[Permission] = field(default_factory=list)
    """What could be allowed from now on together with a yes."""


@dataclass(frozen=True)
class InputAsked:
    """An agent waits for a person: show the prompt, and answer ``request_seen`` until acknowledged."""

    request: Request
    kind: Literal["input_asked"] = "input_asked"


@dataclass(frozen=True)
class InputClosed:
    """The question needs no answer any more: another door answered it, or the chat ended."""

    request_id: str
    note: str
    kind: Literal["input_closed"] = "input_closed"


@dataclass(frozen=True)
class Acknowledged:
    """The kernel knows that this view can hear; stop repeating."""

    request_id: str
    kind: Literal["acknowledged"] = "acknowledged"


@dataclass(frozen=True)
class RequestSeen:
    """A person can see the question in this view."""

    request_id: str
    kind: Literal["request_seen"] = "request_seen"


@dataclass(frozen=True)
class InputAnswered:
    """The person decided. ``code`` holds the edited blocks of an approval, in order, or null.

    ``allow`` says how far a yes reaches: the scope of one of the request's ``offers``, or nothing for this once.
    """

    request_id: str
    action: Literal["run", "reply", "continue", "end", "choose", "text"]
    text: str
    code: list[str] | None
    allow: Literal["", "chat", "alike", "tool"]
    kind: Literal["input_answered"] = "input_answered"


@dataclass(frozen=True)
class PermissionRevoked:
    """The person wants to be asked again."""

    permission_id: str
    kind: Literal["permission_revoked"] = "permission_revoked"


@dataclass(frozen=True)
class StopRequested:
    """The person wants the running chat to stop; both kernels keep their state."""

    kind: Literal["stop_requested"] = "stop_requested"


@dataclass(frozen=True)
class SnapshotRequested:
    """This view missed a batch and needs the whole state again."""

    kind: Literal["snapshot_requested"] = "snapshot_requested"


@dataclass(frozen=True)
class PluginFound:
    """This page has the JupyterLab plugin: it draws saved chats itself, and shows the widget in their place while that lives."""

    kind: Literal["plugin_found"] = "plugin_found"


Entry = MessageEntry | RunEntry | NoticeEntry
ToFrontend = EntryPut | TextAppended | OutputChanged | StatusChanged | InputAsked | InputClosed | Acknowledged
FromFrontend = RequestSeen | InputAnswered | PermissionRevoked | StopRequested | SnapshotRequested | PluginFound


@dataclass(frozen=True)
class Snapshot:
    """All that a view needs to draw the chat as it stands now."""

    entries: list[Entry]
    status: Status
    request: Request | None = None
    """The question that waits for an answer, if any."""


@dataclass(frozen=True)
class Batch:
    """Messages as they travel: some at a time, in order."""

    number: int
    """Counts from 1. A view that gets one out of turn has missed something."""
    messages: list[ToFrontend]
