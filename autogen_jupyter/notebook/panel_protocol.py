"""Wire messages between the kernel and the JupyterLab plugin: which chats there are, and how they are doing.

What is said in a chat does not travel here: the plugin shows the chat's own widget. ``make protocol`` writes the TypeScript.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..session.transcript import Status

__all__ = [
    "ChatStopRequested",
    "ChatsListed",
    "FromPanel",
    "KernelRequested",
    "KernelShown",
    "KernelVariable",
    "ListRequested",
    "PanelChat",
    "PanelTeam",
    "ToPanel",
]


@dataclass(frozen=True)
class PanelChat:
    """One chat of the notebook kernel."""

    id: str
    """The model id of its widget."""
    name: str
    """The conversation that it belongs to, or nothing."""
    title: str
    """How it began, in one line."""
    status: Status
    question: str
    """What it waits to be told, in one line, or nothing."""
    question_id: str
    """Tells one question from the next, which may be put in the same words; nothing while none waits."""


@dataclass(frozen=True)
class PanelTeam:
    """A team that a message can be for."""

    name: str
    description: str


@dataclass(frozen=True)
class ChatsListed:
    """All chats that can be looked at, in the order in which they began; and the teams of this kernel."""

    chats: list[PanelChat]
    teams: list[PanelTeam]
    now: float
    """The kernel's clock, in seconds since the epoch; the page's may be another."""
    kind: Literal["chats_listed"] = "chats_listed"


@dataclass(frozen=True)
class KernelVariable:
    """A variable of an agent kernel; see ``kernels.Variable``."""

    name: str
    type: str
    shape: list[int] | None
    size: int | None
    """Bytes, where that is known."""
    text: str


@dataclass(frozen=True)
class KernelShown:
    """What is in the agent kernel of a chat, as it was asked for."""

    chat_id: str
    variables: list[KernelVariable]
    problem: str = ""
    """Why they cannot be listed, in words for people; else nothing."""
    boundary: str = ""
    """What holds generated code back, in a sentence or two."""
    console: str = ""
    """The command that opens a console on it, in a terminal of its machine; empty while there is no kernel."""
    advice: str = ""
    """What to do before that command works, or instead of it."""
    kind: Literal["kernel_shown"] = "kernel_shown"


@dataclass(frozen=True)
class KernelRequested:
    """The person wants to look into the agent kernel of a chat."""

    chat_id: str
    kind: Literal["kernel_requested"] = "kernel_requested"


@dataclass(frozen=True)
class ListRequested:
    """The plugin wants to know the chats now."""

    kind: Literal["list_requested"] = "list_requested"


@dataclass(frozen=True)
class ChatStopRequested:
    """The person wants a chat to stop; both kernels keep their state."""

    chat_id: str
    kind: Literal["chat_stop_requested"] = "chat_stop_requested"


ToPanel = ChatsListed | KernelShown
FromPanel = ListRequested | ChatStopRequested | KernelRequested
