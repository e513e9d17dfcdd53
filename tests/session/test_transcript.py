"""The fold from events to what people read."""

from __future__ import annotations

from typing import Any

import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.events import (
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
    KernelChanged,
    MessageAdded,
    MessageDelta,
    Noticed,
    OutputChange,
    ReplyStarted,
    SpeakerSelected,
    ToolCalled,
    ToolReturned,
    UsageRecorded,
)
from autogen_jupyter.human_input import InputAnswer, InputRequest
from autogen_jupyter.messages import Message, ToolCall, ToolResult
from autogen_jupyter.replies.pieces import NOT_RUN
from autogen_jupyter.session.transcript import (
    Change,
    EntryPut,
    MessageEntry,
    NoticeEntry,
    OutputChanged,
    RunEntry,
    StatusChanged,
    TextAppended,
    Transcript,
)


def folded(*events: ChatEvent) -> Transcript:
    transcript = Transcript()
    for event in events:
        transcript.apply(event)
    return transcript


def reply_started(message_id: str = "m1", model: str = "gpt") -> ReplyStarted:
    return ReplyStarted(message_id, "assistant", "user", model)


def said(text: Any, *, id: str = "m1", sender: str = "assistant", **options: Any) -> MessageAdded:  # noqa: A002
    return MessageAdded(Message("assistant", text, sender=sender, id=id), "user", **options)


def proposed(code: str = "1/0", run_id: str = "r1") -> CodeProposed:
    return CodeProposed(run_id, "user", "m1", (CodeBlock("python", code),))


def started(code: str = "1/0", run_id: str = "r1") -> CodeStarted:
    return CodeStarted(run_id, 0, (CodeBlock("python", code),))


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def only(transcript: Transcript) -> Any:
    (entry,) = transcript.entries
    return entry


# Messages


def test_streamed_text_is_joined_while_it_is_written() -> None:
    entry = only(folded(reply_started(), MessageDelta("m1", "Hel"), MessageDelta("m1", "lo")))
    assert (entry.text, entry.state, entry.model) == ("Hello", "writing", "gpt")


def test_each_delta_is_a_change_of_its_own() -> None:
    transcript = folded(reply_started())
    assert transcript.apply(MessageDelta("m1", "Hel")) == [TextAppended("m1", "Hel")]


def test_a_delivered_message_replaces_what_was_streamed_and_keeps_its_model() -> None:
    entry = only(folded(reply_started(), MessageDelta("m1", "Hel"), said("Hello!")))
    assert (entry.text, entry.state, entry.model) == ("Hello!", "done", "gpt")


def test_thinking_is_kept_apart_from_the_text() -> None:
    transcript = folded(
        reply_started(), MessageDelta("m1", "hm, ", reasoning=True), MessageDelta("m1", "Yes"), MessageDelta("m1", "so", True)
    )
    assert (only(transcript).text, only(transcript).reasoning) == ("Yes", "hm, so")


def test_a_delta_for_an_unknown_or_finished_message_changes_nothing() -> None:
    transcript = folded(reply_started(), said("Hello"))
    assert transcript.apply(MessageDelta("m1", "late")) == []
    assert transcript.apply(MessageDelta("m9", "lost")) == []
    assert only(transcript).text == "Hello"


def test_a_silent_message_is_not_shown() -> None:
    assert folded(said("hidden", silent=True)).entries == []


def test_a_silent_message_is_not_shown_while_it_is_written_either() -> None:
    transcript = folded(ReplyStarted("m1", "assistant", "user", "gpt", silent=True), MessageDelta("m1", "Hi"))
    assert (transcript.entries, transcript.status.activity) == ([], "assistant is writing")
    assert transcript.apply(said("Hi", silent=True)) == []


def test_a_streamed_message_that_turns_out_silent_is_settled_where_it_stands() -> None:
    transcript = folded(ReplyStarted("m1", "assistant", "manager", "gpt"), MessageDelta("m1", "Hi"), said("Hi", silent=True))
    assert (only(transcript).state, only(transcript).recipient) == ("done", "manager")


@pytest.mark.parametrize("text", ["", "  \n", None, "TERMINATE", "\nTERMINATE.\n"])
def test_a_message_without_anything_to_read_makes_no_entry(text: str | None) -> None:
    assert folded(said(text)).entries == []


def test_a_streamed_message_that_only_ends_the_chat_is_left_empty() -> None:
    entry = only(folded(reply_started(), MessageDelta("m1", "TERMINATE"), said("TERMINATE")))
    assert (entry.text, entry.state) == ("", "done")


def test_a_message_that_calls_tools_is_an_entry_even_without_text() -> None:
    message = Message("assistant", None, sender="assistant", tool_calls=(ToolCall("c1", "add", "{}"),), id="m1")
    assert only(folded(MessageAdded(message, "user"))).text == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Done.\n\nTERMINATE", "Done."),
        ("Done. TERMINATE.\n", "Done."),
        ("Done! TERMINATE!", "Done!"),
        ("It is 4 TERMINATE", "It is 4"),
        ("**Done**\nTERMINATE  \n\n", "**Done**"),
        ("We DETERMINATE", "We DETERMINATE"),
        ("set PRE_TERMINATE", "set PRE_TERMINATE"),
        ("TERMINATED", "TERMINATED"),
        ("TERMINATE the process first", "TERMINATE the process first"),
        ("terminate", "terminate"),
        ("keeps its end\n", "keeps its end\n"),
    ],
)
def test_the_last_word_of_a_reply_is_cut_but_not_inside_words(text: str, shown: str) -> None:
    assert only(folded(reply_started(), said(text))).text == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("When you are done, say TERMINATE.", "When you are done, say TERMINATE."),
        ("Thanks. TERMINATE", "Thanks."),
        ("Thanks\nTERMINATE", "Thanks"),
    ],
)
def test_a_person_who_asks_for_the_last_word_keeps_their_sentence(text: str, shown: str) -> None:
    assert only(folded(said(text, sender="user"))).text == shown


def test_cutting_the_last_word_takes_no_time_on_long_blank_text() -> None:
    text = " " * 300_000 + "x"
    assert only(folded(said(text))).text == text


def test_images_in_a_message_stand_as_a_mark_and_unknown_parts_by_their_type() -> None:
    parts = ({"type": "text", "text": "Look: "}, {"type": "image_url", "image_url": {"url": "x"}})
    assert only(folded(said(parts))).text == "Look: <image>"
    assert only(folded(said((*parts[:1], {"type": "input_audio"})))).text == "Look: <input_audio>"


def test_a_message_that_reports_a_shown_run_is_not_repeated() -> None:
    transcript = folded(proposed(), said("exitcode: 0", id="m2", run_id="r1"))
    assert [entry.kind for entry in transcript.entries] == ["run"]


def test_a_message_that_reports_a_run_nobody_saw_is_shown() -> None:
    assert only(folded(said("exitcode: 0", run_id="r1"))).text == "exitcode: 0"


# Tools


def asked(*ids: str, message_id: str = "m1") -> MessageAdded:
    calls = tuple(ToolCall(id_, "add", '{"a": 1}') for id_ in ids)
    return MessageAdded(Message("assistant", None, sender="assistant", tool_calls=calls, id=message_id), "user")


def answered(*ids: str) -> MessageAdded:
    return MessageAdded(Message("tool", "2", sender="user", tool_results=tuple(ToolResult(id_, "2") for id_ in ids)), "assistant")


def returned(id_: str, text: str = "2", *, is_error: bool = False) -> ToolReturned:
    return ToolReturned(id_, text, is_error, 0.5)


def test_a_tool_call_goes_from_asked_through_running_to_its_result() -> None:
    transcript = folded(asked("c1"))
    states = [only(transcript).tool_calls[0].state]
    for event in (ToolCalled("c1", "user", "add", '{"a": 1}'), returned("c1")):
        transcript.apply(event)
        states.append(only(transcript).tool_calls[0].state)
    assert states == ["asked", "running", "ok"]
    assert (only(transcript).tool_calls[0].result, only(transcript).tool_calls[0].seconds) == ("2", 0.5)


def test_a_running_tool_is_the_activity() -> None:
    transcript = folded(asked("c1"), ToolCalled("c1", "user", "add", "{}"))
    assert transcript.status.activity == "calling add"
    transcript.apply(returned("c1", is_error=True))
    assert (transcript.status.activity, only(transcript).tool_calls[0].state) == ("", "error")


def test_calls_at_once_are_told_apart() -> None:
    events = [ToolCalled("c1", "user", "add", "{}"), ToolCalled("c2", "user", "add", "{}"), returned("c2", "two"), returned("c1", "one")]
    uses = only(folded(asked("c1", "c2"), *events)).tool_calls
    assert [use.result for use in uses] == ["one", "two"]


def test_an_id_that_comes_again_belongs_to_the_newest_message() -> None:
    events = [ToolCalled("call_0", "user", "add", "{}"), returned("call_0", "first")]
    again = [ToolCalled("call_0", "user", "add", "{}"), returned("call_0", "second")]
    entries: list[Any] = folded(asked("call_0"), *events, asked("call_0", message_id="m2"), *again).entries
    assert [entry.tool_calls[0].result for entry in entries] == ["first", "second"]


def test_the_end_of_the_chat_leaves_no_call_that_would_still_run() -> None:
    transcript = folded(asked("c1", "c2", "c3"), ToolCalled("c1", "user", "add", "{}"), returned("c1"))
    transcript.apply(ToolCalled("c2", "user", "add", "{}"))
    changes = transcript.apply(ChatEnded("c1", "stopped by the human"))
    assert [use.state for use in only(transcript).tool_calls] == ["ok", "interrupted", "refused"]
    assert [type(change) for change in changes] == [EntryPut, StatusChanged]


def test_a_call_that_was_cut_off_is_no_error() -> None:
    transcript = folded(asked("c1"), ToolCalled("c1", "user", "add", "{}"), returned("c1", INTERRUPTED, is_error=True))
    assert (only(transcript).tool_calls[0].state, only(transcript).tool_calls[0].result) == ("interrupted", "")


def test_a_call_that_was_never_run_has_no_result_and_no_time() -> None:
    use = only(folded(asked("c1"), returned("c1", NOT_RUN, is_error=True))).tool_calls[0]
    assert (use.state, use.result, use.seconds) == ("refused", "", None)


def test_a_message_that_only_repeats_shown_results_is_not_shown() -> None:
    assert len(folded(asked("c1"), ToolCalled("c1", "user", "add", "{}"), returned("c1"), answered("c1")).entries) == 1


def test_results_that_nobody_saw_arrive_are_shown() -> None:
    assert [entry.kind for entry in folded(asked("c1"), answered("c1")).entries] == ["message", "message"]


def test_a_call_that_no_message_asked_for_changes_no_entry() -> None:
    transcript = folded(asked("c1"))
    assert [type(change) for change in transcript.apply(returned("c9"))] == [StatusChanged]


# Runs


def test_a_run_goes_from_proposed_through_running_to_its_end() -> None:
    transcript = folded(proposed())
    states = [only(transcript).state]
    for event in (started(), CodeFinished("r1", 1, "error", 0.5, "ZeroDivisionError")):
        transcript.apply(event)
        states.append(only(transcript).state)
    assert states == ["proposed", "running", "error"]
    assert (only(transcript).exit_code, only(transcript).seconds, only(transcript).output) == (1, 0.5, "ZeroDivisionError")


def test_code_that_runs_as_proposed_is_not_marked() -> None:
    assert only(folded(proposed("a"), started("a"))).is_edited is False


def test_code_that_a_person_changed_is_marked_and_stays_marked() -> None:
    entry = only(folded(proposed("a"), started("b"), CodeStarted("r1", 0, (CodeBlock("python", "b"),))))
    assert (entry.is_edited, entry.blocks[0].code) == (True, "b")


def test_outputs_are_added_extended_replaced_and_cleared() -> None:
    transcript = folded(proposed(), started())

    def outputs_after(change: OutputChange) -> list[dict[str, Any]]:
        transcript.apply(CodeOutput("r1", change))
        return list(only(transcript).outputs)

    assert outputs_after(OutputChange("add", output=printed("a"))) == [printed("a")]
    assert outputs_after(OutputChange("append", 0, text="b")) == [printed("ab")]
    assert outputs_after(OutputChange("replace", 0, output=printed("c"))) == [printed("c")]
    assert outputs_after(OutputChange("append", 7, text="lost")) == [printed("c")]
    assert outputs_after(OutputChange("append", -1, text="lost")) == [printed("c")]
    assert outputs_after(OutputChange("clear")) == []


def test_a_stream_kept_as_a_list_of_lines_can_grow() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]}
    transcript = folded(
        proposed(), CodeOutput("r1", OutputChange("add", output=output)), CodeOutput("r1", OutputChange("append", text="c"))
    )
    assert only(transcript).outputs[0]["text"] == "a\nbc"


def test_what_a_reader_was_given_does_not_change_afterwards() -> None:
    transcript = folded(proposed(), CodeOutput("r1", OutputChange("add", output=printed("a"))))
    (put, _) = transcript.apply(started())
    held = only(transcript)
    transcript.apply(CodeOutput("r1", OutputChange("append", text="b")))
    transcript.apply(CodeOutput("r1", OutputChange("add", output=printed("c"))))
    assert isinstance(put, EntryPut)
    assert isinstance(put.entry, RunEntry)
    assert put.entry.outputs == held.outputs == [printed("a")]


def test_the_changes_sent_to_a_live_view_rebuild_the_entries() -> None:
    events: list[ChatEvent] = [
        ChatStarted("c1", "user", "assistant"),
        said("Please", id="m0", sender="user"),
        reply_started(),
        MessageDelta("m1", "Do "),
        MessageDelta("m1", "this"),
        said("Do this"),
        proposed("a"),
        started("b"),
        CodeOutput("r1", OutputChange("add", output=printed("x"))),
        CodeOutput("r1", OutputChange("append", text="y")),
        CodeFinished("r1", 0, "ok", 0.1, "xy"),
        Noticed("Careful.", "warning"),
        reply_started("m2"),
        MessageDelta("m2", "And"),
        ChatEnded("c1", "stopped"),
    ]
    transcript = Transcript()
    shown: dict[str, Any] = {}
    for event in events:
        for change in transcript.apply(event):
            _draw(shown, change)
    assert list(shown.values()) == transcript.entries


def _draw(shown: dict[str, Any], change: Change) -> None:
    """A live view in ten lines."""
    if isinstance(change, EntryPut):
        shown[change.entry.id] = change.entry
    elif isinstance(change, TextAppended):
        entry = shown[change.entry_id]
        shown[entry.id] = MessageEntry(**{**vars(entry), "text": entry.text + change.text})
    elif isinstance(change, OutputChanged):
        outputs = shown[change.entry_id].outputs
        if change.op == "add":
            outputs.append(dict(change.output or {}))
        else:
            outputs[change.index]["text"] += change.text


def test_outputs_of_an_unknown_run_change_nothing() -> None:
    transcript = folded()
    assert transcript.apply(CodeOutput("r9", OutputChange("add", output=printed("a")))) == []
    assert transcript.apply(started(run_id="r9")) == []
    assert transcript.apply(CodeFinished("r9", 0, "ok", 0.0, "")) == []


def test_at_the_end_unfinished_things_say_that_they_did_not_finish() -> None:
    transcript = folded(
        ChatStarted("c1", "user", "assistant"),
        proposed(run_id="r1"),
        started(run_id="r1"),
        proposed(run_id="r2"),
        reply_started(),
        MessageDelta("m1", "half"),
        ChatEnded("c1", "stopped"),
    )
    assert [entry.state for entry in transcript.entries if not isinstance(entry, NoticeEntry)] == ["interrupted", "refused", "stopped"]
    assert transcript.entries[-1].text == "half"  # type: ignore[union-attr]


def test_a_nested_chat_that_ends_does_not_end_the_one_around_it() -> None:
    transcript = folded(ChatStarted("c1", "a", "b"), ChatStarted("c2", "b", "c"), proposed(), started(), ChatEnded("c2", "inner"))
    assert (transcript.status.state, only(transcript).state) == ("running", "running")
    transcript.apply(ChatEnded("c1", "outer"))
    assert (transcript.status.state, transcript.status.reason, only(transcript).state) == ("ended", "outer", "interrupted")


def test_a_second_chat_after_the_first_runs_again() -> None:
    transcript = folded(ChatStarted("c1", "a", "b"), ChatEnded("c1", "done"), ChatStarted("c2", "a", "b"))
    assert (transcript.status.state, transcript.status.reason) == ("running", "")


# Status


def used(usd: float | None, prompt: int | None = 10) -> UsageRecorded:
    return UsageRecorded("assistant", "gpt", prompt, 5, usd)


def test_usage_is_summed() -> None:
    status = folded(used(0.5), used(0.25), used(0.0, prompt=None)).status
    assert (status.prompt_tokens, status.completion_tokens, status.usd) == (20, 15, 0.75)


def test_one_unknown_price_makes_the_whole_cost_unknown() -> None:
    assert folded(used(0.5), used(None), used(0.25)).status.usd is None


def test_the_status_says_what_is_going_on_and_for_whom_the_chat_waits() -> None:
    transcript = folded(ChatStarted("c1", "user", "assistant"), reply_started())
    assert (transcript.status.activity, transcript.status.model) == ("assistant is writing", "gpt")
    transcript.apply(InputRequested(InputRequest("reply", "?", id="q1")))
    assert (transcript.status.state, transcript.status.activity) == ("waiting", "waiting for you")
    transcript.apply(InputReceived("q1", InputAnswer("continue")))
    assert (transcript.status.state, transcript.status.activity) == ("running", "")


def test_the_kernel_has_its_own_place_in_the_status() -> None:
    (change,) = Transcript().apply(KernelChanged("restarting", "out of memory"))
    assert isinstance(change, StatusChanged)
    assert (change.status.kernel, change.status.kernel_detail) == ("restarting", "out of memory")


def test_the_time_of_an_activity_is_that_of_its_beginning() -> None:
    transcript = folded(ChatStarted("c1", "user", "assistant"), reply_started())
    since = transcript.status.since
    transcript.apply(used(0.0))
    assert transcript.status.since == since > 0


def test_notices_are_entries_with_ids_of_their_own() -> None:
    first, second = folded(Noticed("a"), Noticed("b", "warning")).entries
    assert isinstance(first, NoticeEntry)
    assert isinstance(second, NoticeEntry)
    assert first.id != second.id
    assert (second.text, second.level) == ("b", "warning")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("round_robin", "coder speaks next (round robin)"),
        ("chosen by a-model", "coder speaks next (chosen by a-model)"),
        ("", "coder speaks next"),
    ],
)
def test_the_status_says_who_speaks_next_in_a_group_and_why(reason: str, said: str) -> None:
    transcript = Transcript()
    (change,) = transcript.apply(SpeakerSelected("coder", reason, "chat_manager"))
    assert isinstance(change, StatusChanged)
    assert transcript.status.activity == said
