"""The conversation as people read it: a fold over the events, one entry for each thing on the page.

``Transcript.apply`` takes an event and returns what changed. The changes are what a live view is sent; the entries are what a late
view, the saved output and the exports are made from. Everything here is plain data that JSON can hold.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..code_blocks import CodeBlock
from ..errors import UsageError
from ..events import (
    INTERRUPTED,
    ChatEnded,
    ChatEvent,
    ChatStarted,
    CodeFinished,
    CodeOutput,
    CodeProposed,
    CodeStarted,
    InputReceived,
    InputRequested,
    InputWithdrawn,
    KernelChanged,
    MessageAdded,
    MessageDelta,
    Noticed,
    PermissionsChanged,
    ReplyBroken,
    ReplyStarted,
    SpeakerSelected,
    ToolCalled,
    ToolReturned,
    UsageRecorded,
)
from ..messages import Message
from ..replies.pieces import NOT_RUN
from ..terminal import one_line
from .entries import (
    Change,
    Code,
    Entry,
    EntryPut,
    MessageEntry,
    NoticeEntry,
    OutputChanged,
    RunEntry,
    Status,
    StatusChanged,
    TextAppended,
    ToolUse,
    changed,
)
from .wording import without_last_word

__all__ = [
    "Change",
    "Code",
    "Entry",
    "EntryPut",
    "MessageEntry",
    "NoticeEntry",
    "OutputChanged",
    "RunEntry",
    "Status",
    "StatusChanged",
    "TextAppended",
    "ToolUse",
    "Transcript",
]


class Transcript:
    """The entries so far, in order, and the status."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._writing: dict[str, list[str]] = {}
        self._callers: dict[str, str] = {}
        """For the id of a tool call, the newest message that has one."""
        self._newest: dict[str, str] = {}
        """For the name of a tool, the id of the newest call of it."""
        self._depth = 0
        self.status = Status()

    @property
    def entries(self) -> list[Entry]:
        """All entries, in order. Text that is still being written is included."""
        return [self._settled(entry) for entry in self._entries.values()]

    def apply(self, event: ChatEvent) -> list[Change]:
        """Take in one event and return what changed."""
        fold = _FOLDS.get(type(event))
        return fold(self, event) if fold else []

    def _settled(self, entry: Entry) -> Entry:
        parts = self._writing.get(entry.id)
        if parts and isinstance(entry, MessageEntry):
            return changed(entry, text=entry.text + "".join(parts))
        return _copied(entry)

    def _put(self, entry: Entry) -> EntryPut:
        self._entries[entry.id] = entry
        return EntryPut(_copied(entry))

    def _now(self, **changes: Any) -> StatusChanged:
        if "activity" in changes and changes["activity"] != self.status.activity:
            changes["since"] = time.time()
        self.status = changed(self.status, **changes)
        return StatusChanged(self.status)

    def _chat_started(self, _event: ChatStarted) -> list[Change]:
        self._depth += 1
        return [self._now(state="running", reason="", activity="")]

    def _speaker_selected(self, event: SpeakerSelected) -> list[Change]:
        why = one_line(event.reason).replace("round_robin", "round robin")
        return [self._now(activity=f"{event.agent} speaks next ({why})" if why else f"{event.agent} speaks next")]

    def _reply_started(self, event: ReplyStarted) -> list[Change]:
        activity = self._now(activity=f"{event.sender} is writing", model=event.model)
        if event.silent:
            return [activity]
        self._writing[event.message_id] = []
        entry = MessageEntry(
            event.message_id,
            event.sender,
            event.recipient,
            "assistant",
            "",
            state="writing",
            model=event.model,
            is_language_model=event.is_language_model,
        )
        return [self._put(entry), activity]

    def _message_delta(self, event: MessageDelta) -> list[Change]:
        entry = self._entries.get(event.message_id)
        if not isinstance(entry, MessageEntry) or event.message_id not in self._writing:
            return []
        if event.reasoning:
            self._entries[entry.id] = changed(entry, reasoning=entry.reasoning + event.text)
        else:
            self._writing[event.message_id].append(event.text)
        return [TextAppended(event.message_id, event.text, event.reasoning)]

    def _reply_broken(self, event: ReplyBroken) -> list[Change]:
        entry, parts = self._entries.get(event.message_id), self._writing.pop(event.message_id, None)
        if not isinstance(entry, MessageEntry) or parts is None:
            return []
        stopped = self._put(changed(entry, text=entry.text + "".join(parts), state="stopped"))
        return [stopped, *(self._noticed(Noticed(event.reason, "warning")) if event.reason else [])]

    def _message_added(self, event: MessageAdded) -> list[Change]:
        message = event.message
        self._writing.pop(message.id, None)
        if (event.run_id and event.run_id in self._entries) or self._is_reported(message):
            return []
        calls = [ToolUse(call.id, call.name, call.arguments) for call in message.calls]
        if calls:
            self._callers |= dict.fromkeys((call.id for call in calls), message.id)
            self._newest |= {call.name: call.id for call in calls}
        before = self._entries.get(message.id)
        if isinstance(before, MessageEntry):
            shown = without_last_word(_text_of(message), is_reply=bool(before.model))
            recipient = before.recipient if event.silent else event.recipient
            text = shown if shown.strip() else ""
            return [self._put(changed(before, text=text, recipient=recipient, state="done", tool_calls=calls))]
        shown = without_last_word(_text_of(message))
        if event.silent or not (shown.strip() or calls):
            return []
        return [self._put(MessageEntry(message.id, message.sender, event.recipient, message.role, shown, tool_calls=calls))]

    def _is_reported(self, message: Message) -> bool:
        """Say whether a message only repeats results that stand with the calls they belong to."""
        if message.role == "function":  # it names no call
            uses = [self._use(self._newest.get(message.sender, ""))]
        elif message.role == "tool" and message.tool_results:
            uses = [self._use(result.tool_call_id) for result in message.tool_results]
        else:
            return False
        return all(use is not None and not _is_open(use) and use.state != "refused" for use in uses)

    def _use(self, call_id: str) -> ToolUse | None:
        entry = self._entries.get(self._callers.get(call_id, ""))
        uses = entry.tool_calls if isinstance(entry, MessageEntry) else []
        return next((use for use in uses if use.id == call_id), None)

    def _use_changed(self, call_id: str, **changes: Any) -> list[Change]:
        entry, before = self._entries.get(self._callers.get(call_id, "")), self._use(call_id)
        if not isinstance(entry, MessageEntry) or before is None:
            return []
        uses = [changed(use, **changes) if use is before else use for use in entry.tool_calls]
        return [self._put(changed(entry, tool_calls=uses))]

    def _tool_called(self, event: ToolCalled) -> list[Change]:
        changes = self._use_changed(event.call_id, state="running", arguments=event.arguments)
        return [*changes, self._now(activity=f"calling {event.name}")]

    def _tool_returned(self, event: ToolReturned) -> list[Change]:
        state = _UNANSWERED.get(event.content, "error") if event.is_error else "ok"
        result = "" if state in _UNANSWERED.values() else event.content
        changes = self._use_changed(event.call_id, state=state, result=result, seconds=None if state == "refused" else event.seconds)
        return [*changes, self._now(activity=self._calling(event.call_id))]

    def _calling(self, call_id: str) -> str:
        """Say which of the calls that were made at once with this one still runs."""
        entry = self._entries.get(self._callers.get(call_id, ""))
        uses = entry.tool_calls if isinstance(entry, MessageEntry) else []
        return next((f"calling {use.name}" for use in uses if use.state == "running"), "")

    def _code_proposed(self, event: CodeProposed) -> list[Change]:
        return [] if event.silent else [self._put(RunEntry(event.run_id, event.agent, event.message_id, _codes(event.blocks)))]

    def _code_started(self, event: CodeStarted) -> list[Change]:
        entry = self._entries.get(event.run_id)
        if not isinstance(entry, RunEntry):
            return []
        blocks = _codes(event.blocks)
        is_edited = entry.is_edited or blocks != entry.blocks
        entry = changed(entry, state="running", block=event.block, blocks=blocks, is_edited=is_edited)
        return [self._put(entry), self._now(activity="running code")]

    def _code_output(self, event: CodeOutput) -> list[Change]:
        entry = self._entries.get(event.run_id)
        if not isinstance(entry, RunEntry):
            return []
        change = event.change
        change.apply_to(entry.outputs)
        output = dict(change.output) if change.output is not None else None
        return [OutputChanged(event.run_id, change.op, change.index, output, change.text)]

    def _code_finished(self, event: CodeFinished) -> list[Change]:
        entry = self._entries.get(event.run_id)
        if not isinstance(entry, RunEntry):
            return []
        state: Any = event.status
        entry = changed(entry, state=state, exit_code=event.exit_code, seconds=event.seconds, output=event.output)
        return [self._put(entry), self._now(activity="")]

    def _input_requested(self, _event: InputRequested) -> list[Change]:
        return [self._now(state="waiting", activity="waiting for you")]

    def _input_received(self, _event: InputReceived) -> list[Change]:
        return [self._now(state="running", activity="")]

    def _permissions_changed(self, event: PermissionsChanged) -> list[Change]:
        return [self._now(permissions=list(event.permissions))]

    def _kernel_changed(self, event: KernelChanged) -> list[Change]:
        place = event.place or self.status.kernel_place
        return [self._now(kernel=event.state, kernel_detail=event.detail, kernel_place=place)]

    def _usage_recorded(self, event: UsageRecorded) -> list[Change]:
        status = self.status
        return [
            self._now(
                prompt_tokens=status.prompt_tokens + (event.prompt_tokens or 0),
                completion_tokens=status.completion_tokens + (event.completion_tokens or 0),
                usd=None if status.usd is None or event.usd is None else status.usd + event.usd,
            )
        ]

    def _noticed(self, event: Noticed) -> list[Change]:
        return [self._put(NoticeEntry(f"n{len(self._entries)}", event.text, event.level))]

    def _chat_ended(self, event: ChatEnded) -> list[Change]:
        self._depth = max(0, self._depth - 1)
        if self._depth:  # a nested chat; the one around it goes on
            return [self._now(activity="")]
        changes: list[Change] = []
        for id_ in list(self._writing):
            entry = self._entries[id_]
            parts = self._writing.pop(id_)
            if isinstance(entry, MessageEntry):
                changes.append(self._put(changed(entry, text=entry.text + "".join(parts), state="stopped")))
        unfinished = [entry for entry in self._entries.values() if isinstance(entry, RunEntry) and entry.state in ("proposed", "running")]
        changes += [self._put(changed(entry, state="interrupted" if entry.state == "running" else "refused")) for entry in unfinished]
        calling = [entry for entry in self._entries.values() if isinstance(entry, MessageEntry) and any(map(_is_open, entry.tool_calls))]
        changes += [self._put(changed(entry, tool_calls=[_closed(use) for use in entry.tool_calls])) for entry in calling]
        return [*changes, self._now(state="ended", reason=event.reason, activity="")]


def _is_open(use: ToolUse) -> bool:
    return use.state in ("asked", "running")


def _closed(use: ToolUse) -> ToolUse:
    """Return a tool call as it stands when its chat has ended."""
    return changed(use, state="interrupted" if use.state == "running" else "refused") if _is_open(use) else use


def _codes(blocks: tuple[CodeBlock, ...]) -> list[Code]:
    return [Code(block.language, block.code) for block in blocks]


def _copied(entry: Entry) -> Entry:
    """Return the entry with outputs of its own: those of a run go on changing while a reader holds what it was given."""
    return changed(entry, outputs=[dict(output) for output in entry.outputs]) if isinstance(entry, RunEntry) else entry


def _text_of(message: Message) -> str:
    """Return the text of a message; a part of an unknown type, which cannot be sent either, stands by its name."""
    try:
        return message.text
    except UsageError:
        parts = message.content if isinstance(message.content, tuple) else ()
        return "".join(str(part.get("text", "")) if part.get("type") == "text" else f"<{part.get('type')}>" for part in parts)


_UNANSWERED = {INTERRUPTED: "interrupted", NOT_RUN: "refused"}
"""What stands for the result of a call that has none, and the state that says so."""
_FOLDS: Mapping[type, Any] = {
    ChatStarted: Transcript._chat_started,
    SpeakerSelected: Transcript._speaker_selected,
    ReplyStarted: Transcript._reply_started,
    MessageDelta: Transcript._message_delta,
    ReplyBroken: Transcript._reply_broken,
    MessageAdded: Transcript._message_added,
    CodeProposed: Transcript._code_proposed,
    CodeStarted: Transcript._code_started,
    CodeOutput: Transcript._code_output,
    CodeFinished: Transcript._code_finished,
    ToolCalled: Transcript._tool_called,
    ToolReturned: Transcript._tool_returned,
    InputRequested: Transcript._input_requested,
    InputReceived: Transcript._input_received,
    InputWithdrawn: Transcript._input_received,
    PermissionsChanged: Transcript._permissions_changed,
    KernelChanged: Transcript._kernel_changed,
    UsageRecorded: Transcript._usage_recorded,
    Noticed: Transcript._noticed,
    ChatEnded: Transcript._chat_ended,
}
