"""Read a chat from wherever it was kept: a saved file, a ledger, or the outputs of a notebook."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ..code_blocks import CodeBlock
from ..errors import UsageError
from ..events import ChatEnded, ChatStarted, MessageAdded
from ..session.bundle import MIME, entries_of
from ..session.recorded import event_of
from ..session.transcript import Code, Entry, MessageEntry, NoticeEntry, RunEntry, Status, ToolUse, Transcript

__all__ = ["KIND", "KeptChat", "entry_of", "read_kept"]

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
    parts: list[tuple[str, list[Entry], Status]] = field(default_factory=list)
    """Each request: what was asked, what stood on its page, and how it ended."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    """What was said, as the classic's dictionaries."""
    options: dict[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] | None = None
    """The agents' own state, where it was saved (``save_chat``)."""
    saved_code: list[CodeBlock] = field(default_factory=list)
    id: str = ""
    """What the conversation is known by in other kernels, where that was kept."""

    @property
    def code(self) -> list[CodeBlock]:
        """The blocks that ran to their end, in order."""
        runs = [entry for _, entries, _ in self.parts for entry in entries if isinstance(entry, RunEntry) and entry.state == "ok"]
        return [CodeBlock(block.language, block.code) for run in runs for block in run.blocks] or self.saved_code


def read_kept(path: Path, only: str = "") -> KeptChat:
    """Read a chat.

    Args:
        path: a file that ``%agentchat save`` wrote, a ledger (``.jsonl``), or a notebook with a chat in its outputs.
        only: which chat of a notebook: the id of a conversation, or of the one request that an output shows. Default: all as one.

    Raises:
        UsageError: it cannot be read, or holds no chat.
    """
    try:
        text = path.expanduser().read_text(encoding="utf-8")
        kept = _of_ledger(path.stem, text.splitlines()) if path.suffix == ".jsonl" else _of_json(path.stem, _parsed(text), only)
    except FileNotFoundError as error:
        raise UsageError(f"{path} cannot be read: there is no such file.") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{path} cannot be read: {error}.") from error
    if kept is None or not (kept.parts or kept.messages or kept.state):
        if only:
            raise UsageError(f"{path} holds no chat {only!r}. Save the notebook first if it was not saved since.")
        raise UsageError(f"{path} holds no chat. What does: a file that %agentchat save wrote, a ledger (.jsonl), a notebook with a chat.")
    return kept


def entry_of(given: Mapping[str, Any]) -> Entry | None:
    """Return an entry that was kept as a dictionary; None for one of a later version."""
    kind: Any = {"message": MessageEntry, "run": RunEntry, "notice": NoticeEntry}.get(str(given.get("kind")))
    if kind is None:
        return None
    values = {one.name: given[one.name] for one in dataclasses.fields(kind) if one.name in given}
    if "blocks" in values:
        values["blocks"] = [Code(str(block["language"]), str(block["code"])) for block in values["blocks"]]
    if "tool_calls" in values:
        names = {one.name for one in dataclasses.fields(ToolUse)}
        values["tool_calls"] = [ToolUse(**{key: use[key] for key in names & use.keys()}) for use in values["tool_calls"]]
    return cast(Entry, kind(**values))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None  # a file of another kind, which holds no chat


def _of_json(stem: str, content: Any, only: str) -> KeptChat | None:
    if not isinstance(content, dict):
        return None
    if content.get("kind") == KIND:
        return _of_saved(content)
    if isinstance(content.get("cells"), list):
        return _of_notebook(stem, content["cells"], only)
    return None


def _of_saved(state: Mapping[str, Any]) -> KeptChat:
    parts = [(str(asked), _entries(entries), Status(state="ended")) for asked, entries in state.get("requests", ())]
    code = [CodeBlock(str(language), str(block)) for language, block in state["code"]]
    return KeptChat(
        str(state["name"]), parts, id=str(state.get("id", "")), options=dict(state["options"]), state=state["chat"], saved_code=code
    )


def _of_notebook(stem: str, cells: Iterable[Mapping[str, Any]], only: str) -> KeptChat:
    kept = KeptChat(stem)
    for cell in cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if MIME in data and (not only or only in _ids(data[MIME])):
                _add(kept, _entries(entries_of(data)), _status(data[MIME].get("status", {})))
                if only and (held := data[MIME].get("conversation")):
                    kept.id, kept.name = str(held["id"]), str(held["name"])
    return kept


def _ids(made: Mapping[str, Any]) -> set[str]:
    """Return what a chat in an output can be called by."""
    return {str(made.get("chat_id", "")), str(made.get("conversation", {}).get("id", ""))}


def _add(kept: KeptChat, entries: list[Entry], status: Status) -> None:
    asked = next((entry.text for entry in entries if isinstance(entry, MessageEntry)), "")
    kept.parts.append((asked, entries, status))
    kept.messages += _messages(entries)


def _entries(given: Iterable[Mapping[str, Any]]) -> list[Entry]:
    return [entry for one in given if (entry := entry_of(one)) is not None]


def _status(given: Mapping[str, Any]) -> Status:
    names = {one.name for one in dataclasses.fields(Status)} - {"permissions"}
    return Status(**{key: given[key] for key in names & given.keys()})


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
        kept.name, kept.options = str(given.get("name") or kept.name), dict(given.get("options") or {})
        kept.id = str(given.get("id") or "")
    elif given.get("kind") == "messages_cut":
        del kept.messages[int(given.get("to", 0)) :]
        del kept.parts[max(0, int(given.get("requests", 0))) :]


def _end_part(kept: KeptChat, transcript: Transcript) -> None:
    entries = transcript.entries
    if any(isinstance(entry, MessageEntry) for entry in entries):
        asked = next(entry.text for entry in entries if isinstance(entry, MessageEntry))
        kept.parts.append((asked, entries, transcript.status))
