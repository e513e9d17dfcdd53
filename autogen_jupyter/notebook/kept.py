"""Read a chat from wherever it was kept: a saved file, a ledger, or the outputs of a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Any

from ..code_blocks import CodeBlock
from ..errors import UsageError
from ..events import ChatEnded, ChatStarted, MessageAdded
from ..session.bundle import MIME, entries_of, said_of
from ..session.recorded import event_of
from ..session.saved_entries import entry_of, status_of
from ..session.transcript import Entry, MessageEntry, RunEntry, Status, Transcript
from ..terminal import one_line

__all__ = ["KIND", "LONGEST_NAME", "KeptChat", "conversations_in", "read_kept"]

LONGEST_NAME = 60
"""Characters of a conversation's name."""
KIND = "autogen_jupyter.conversation"
"""What a file says that ``%agentchat save`` wrote."""


@dataclass
class KeptChat:
    """A chat as a file holds it.

    Example:
        >>> KeptChat("sales").code
        []
    """

    name: str
    id: str = ""
    """The conversation's; empty where nothing says it."""
    parts: list[tuple[str, list[Entry], Status]] = field(default_factory=list)
    """Each request: what was asked, what stood on its page, and how it ended."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    """What was said, as the classic's dictionaries."""
    options: dict[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] | None = None
    """The agents' own state, where it was saved (``save_chat``)."""
    saved_code: list[CodeBlock] = field(default_factory=list)
    unread: int = 0
    """Entries that are none that this version knows."""

    @property
    def code(self) -> list[CodeBlock]:
        """The blocks that ran to their end, in order."""
        runs = [entry for _, entries, _ in self.parts for entry in entries if isinstance(entry, RunEntry) and entry.state == "ok"]
        return [CodeBlock(block.language, block.code) for run in runs for block in run.blocks] or self.saved_code

    @property
    def left_out(self) -> str:
        """A sentence on what could not be read, or nothing."""
        if self.unread > 1:
            return f"{self.unread} entries of it cannot be read and are left out."
        return "1 entry of it cannot be read and is left out." if self.unread else ""


def read_kept(path: Path) -> KeptChat:
    """Read all that was said in a file as one chat.

    Args:
        path: a file that ``%agentchat save`` wrote, a ledger (``.jsonl``), or a notebook with a chat in its outputs.
        only: which chat of a notebook: the id of a conversation, or of the one request that an output shows. Default: all as one.

    Raises:
        UsageError: it cannot be read, or holds no chat.
    """
    found = _read(path)
    return _joined(path.stem, found)


def conversations_in(path: Path) -> list[KeptChat]:
    """Read the conversations of a file, the one that was used last at the end. Those of one name are numbered, but for the last of them.

    Raises:
        UsageError: it cannot be read, or holds no chat.
    """
    by_id: dict[str, list[KeptChat]] = {}
    for one in _read(path):
        by_id[one.id] = [*by_id.pop(one.id, ()), one]
    found, names = [_joined(parts[-1].name, parts) for parts in by_id.values()], set[str]()
    for kept in reversed(found):
        kept.name = next(name for name in chain([kept.name], (f"{kept.name}-{number}" for number in count(2))) if name not in names)
        names.add(kept.name)
    return found


def _joined(name: str, parts: Sequence[KeptChat]) -> KeptChat:
    if len(parts) == 1:
        return parts[0]
    kept = KeptChat(name, parts[-1].id)
    for one in parts:
        kept.parts += one.parts
        kept.messages += one.messages
        kept.unread += one.unread
    return kept


def _read(path: Path) -> list[KeptChat]:
    """Return the chats of a file in order: of a notebook, one for each output."""
    try:
        text = path.expanduser().read_text(encoding="utf-8")
        found = [_of_ledger(path.stem, text.splitlines())] if path.suffix == ".jsonl" else _of_json(path.stem, _parsed(text))
    except FileNotFoundError as error:
        raise UsageError(f"{path} cannot be read: there is no such file.") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{path} cannot be read: {error}.") from error
    if not any(kept.parts or kept.messages or kept.state for kept in found):
        raise UsageError(f"{path} holds no chat. What does: a file that %agentchat save wrote, a ledger (.jsonl), a notebook with a chat.")
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None  # a file of another kind, which holds no chat


def _of_json(stem: str, content: Any) -> list[KeptChat]:
    if not isinstance(content, dict):
        return []
    if content.get("kind") == KIND:
        return [_of_saved(content)]
    if isinstance(content.get("cells"), list):
        return _of_notebook(stem, content["cells"])
    return []


def _of_saved(state: Mapping[str, Any]) -> KeptChat:
    code = [CodeBlock(str(language), str(block)) for language, block in state["code"]]
    kept = KeptChat(str(state["name"]), str(state.get("id") or ""), options=dict(state["options"]), state=state["chat"], saved_code=code)
    for asked, said in state.get("requests", ()):
        entries = _entries(said)
        kept.parts.append((str(asked), entries, Status(state="ended")))
        kept.unread += len(said) - len(entries)
    return kept


def _of_notebook(stem: str, cells: Iterable[Mapping[str, Any]]) -> list[KeptChat]:
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", ())]
    return [_of_output(stem, data) for data in outputs if said_of(data)]  # before anything was said there is no chat to go on with


def _of_output(stem: str, data: Mapping[str, Any]) -> KeptChat:
    entries = _entries(entries_of(data))
    asked = next((entry.text for entry in entries if isinstance(entry, MessageEntry)), "")
    name, id_ = _conversation(data[MIME].get("conversation"))
    part = (asked, entries, status_of(data[MIME].get("status")))
    return KeptChat(name or stem, id_, [part], [*_messages(entries)], unread=len(said_of(data)) - len(entries))


def _conversation(given: object) -> tuple[str, str]:
    """Return the name and the id of an output's conversation; nothing where an earlier version saved it."""
    if isinstance(given, Mapping):
        name, id_ = given.get("name"), given.get("id")
        if isinstance(name, str) and isinstance(id_, str) and name and id_:
            return one_line(name, LONGEST_NAME), id_
    return "", ""


def _entries(given: Iterable[Mapping[str, Any]]) -> list[Entry]:
    return [entry for one in given if (entry := entry_of(one)) is not None]


def _messages(entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    """Return what was said: messages, and the reports on code, which a page shows as the code's outputs."""
    for entry in entries:
        if isinstance(entry, MessageEntry) and entry.text.strip():
            yield {"role": "user", "name": entry.sender, "content": entry.text}
        elif isinstance(entry, RunEntry) and entry.exit_code is not None:
            outcome = "execution succeeded" if entry.exit_code == 0 else "execution failed"
            content = f"exitcode: {entry.exit_code} ({outcome})\nCode output: {entry.output}"
            yield {"role": "user", "name": entry.agent, "content": content}


def _of_ledger(stem: str, lines: Iterable[str]) -> KeptChat:
    """Fold a ledger's events as they were folded while they happened. A line that was cut off, or is of a later version, is left out."""
    kept, transcript, depth, heard = KeptChat(stem), Transcript(), 0, set[str]()
    for line in lines:
        try:
            given = json.loads(line)
        except ValueError:
            continue
        if not isinstance(given, dict):
            continue
        _take_remark(kept, given)
        event = event_of(given)
        if event is None:
            continue
        if isinstance(event, ChatStarted):
            depth += 1
        if isinstance(event, MessageAdded) and event.message.id not in heard:  # in a group, everybody is told
            heard.add(event.message.id)
            kept.messages.append(event.message.to_dict())
        transcript.apply(event)
        if isinstance(event, ChatEnded):
            depth -= 1
            if depth <= 0:
                _end_part(kept, transcript)
                transcript, depth = Transcript(), 0
    _end_part(kept, transcript)
    return kept


def _take_remark(kept: KeptChat, given: Mapping[str, Any]) -> None:
    """Take in what a record says beside the events."""
    if given.get("kind") == "record_started":
        kept.name, kept.id = str(given.get("name") or kept.name), str(given.get("id") or "")
        kept.options = dict(given.get("options") or {})
    elif given.get("kind") == "messages_cut":
        del kept.messages[int(given.get("to", 0)) :]
        del kept.parts[max(0, int(given.get("requests", 0))) :]


def _end_part(kept: KeptChat, transcript: Transcript) -> None:
    entries = transcript.entries
    if any(isinstance(entry, MessageEntry) for entry in entries):
        asked = next(entry.text for entry in entries if isinstance(entry, MessageEntry))
        kept.parts.append((asked, entries, transcript.status))
