"""What the terminal shows of a chat."""

from __future__ import annotations

import base64
import re
import struct
from typing import Any

import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.events import (
    AutoReplyStarted,
    ChatEnded,
    ChatEvent,
    ChatStarted,
    CodeFinished,
    CodeOutput,
    CodeProposed,
    CodeStarted,
    HumanPassed,
    InputReceived,
    InputRequested,
    KernelChanged,
    MessageAdded,
    MessageDelta,
    Noticed,
    OutputChange,
    QueuedChatStarted,
    ReplyBroken,
    ReplyStarted,
    SpeakerSelected,
    ToolCalled,
    ToolReturned,
    UsageRecorded,
    to_json,
)
from autogen_jupyter.human_input import InputAnswer, InputRequest
from autogen_jupyter.messages import Message, ToolCall, ToolResult
from autogen_jupyter.session.console import ConsoleRenderer

DASHES = "-" * 80
STARS = "*" * 80


def shown(*events: ChatEvent, color: bool = False) -> str:
    written: list[str] = []
    renderer = ConsoleRenderer(written.append, color=color)
    for event in events:
        renderer.show_event(event)
    return "".join(written)


def said(text: Any, *, id: str = "m1", **options: Any) -> MessageAdded:  # noqa: A002
    return MessageAdded(Message("assistant", text, sender="assistant", id=id), "user", **options)


def streamed(*pieces: str, id: str = "m1") -> list[ChatEvent]:  # noqa: A002
    return [ReplyStarted(id, "assistant", "user", "gpt-5"), *(MessageDelta(id, piece) for piece in pieces)]


def ran(*changes: OutputChange) -> list[ChatEvent]:
    blocks = (CodeBlock("python", "x"),)
    return [CodeProposed("r1", "user", "m1", blocks), CodeStarted("r1", 0, blocks), *(CodeOutput("r1", change) for change in changes)]


def printed(text: str, name: str = "stdout") -> OutputChange:
    return OutputChange("add", output={"output_type": "stream", "name": name, "text": text})


def reported(text: str) -> MessageAdded:
    return MessageAdded(Message("assistant", text, sender="user"), "assistant", "r1", sender="user")


def displayed(**data: Any) -> OutputChange:
    return OutputChange(
        "add", output={"output_type": "display_data", "data": {k.replace("_", "/", 1): v for k, v in data.items()}, "metadata": {}}
    )


def png(width: int, height: int) -> str:
    return base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x06\0\0\0").decode()


def test_a_message_has_a_heading_and_is_followed_by_dashes() -> None:
    assert shown(said("Hello.")) == f"assistant (to user):\n\nHello.\n\n{DASHES}\n"


def test_text_is_written_as_it_streams_in_and_not_again_when_it_is_whole() -> None:
    written: list[str] = []
    renderer = ConsoleRenderer(written.append)
    for event in streamed("Hel", "lo."):
        renderer.show_event(event)
    assert written == ["assistant (to user) · gpt-5:\n\n", "Hel", "lo."]
    renderer.show_event(said("Hello."))
    assert written[3:] == [f"\n\n{DASHES}\n"]


def test_what_was_not_streamed_is_added_at_the_end() -> None:
    assert "Hello, world.\n\n" + DASHES in shown(*streamed("Hello"), said("Hello, world."))


def test_a_message_that_was_changed_after_streaming_is_shown_as_it_was_sent() -> None:
    assert "Hello\n\nGoodbye\n\n" + DASHES in shown(*streamed("Hello"), said("Goodbye"))


def test_what_is_no_language_model_says_so_in_the_heading() -> None:
    event = ReplyStarted("m1", "assistant", "user", "builtin/demo", is_language_model=False)
    assert shown(event) == "assistant (to user) · builtin/demo (not a language model):\n\n"


@pytest.mark.parametrize("whole", ["Done.\n\nTERMINATE", "TERMINATE", "a\n\n\nb  c"])
def test_what_was_streamed_is_shown_whole_with_the_word_that_ends_the_chat(whole: str) -> None:
    for size in (1, 3, len(whole)):
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert shown(*streamed(*pieces), said(whole)) == f"assistant (to user) · gpt-5:\n\n{whole}\n\n{DASHES}\n"


def test_a_silent_message_is_not_shown() -> None:
    assert shown(said("secret", silent=True)) == ""


def test_an_empty_message_is_one_message_as_it_counts_for_the_agents() -> None:
    assert shown(said("")) == f"assistant (to user):\n\n\n\n{DASHES}\n"


def test_the_heading_names_who_delivered_a_message_that_bears_another_name() -> None:
    assert shown(said("Hi", sender="chat_manager")).startswith("chat_manager (to user):\n")


def test_of_a_silent_chat_only_what_a_person_decides_is_shown() -> None:
    blocks = (CodeBlock("python", "x"),)
    events: list[ChatEvent] = [
        ChatStarted("c", "a", "b"),
        ReplyStarted("m1", "assistant", "user", "gpt-5", silent=True),
        MessageDelta("m1", "secret"),
        ReplyBroken("m1", "the server hung up"),
        said("secret", silent=True),
        ToolCalled("t", "user", "add", "{}", silent=True),
        ToolReturned("t", "3", False, 0.1, silent=True),
        HumanPassed("user", "assistant", silent=True),
        AutoReplyStarted("user", "assistant", silent=True),
        QueuedChatStarted("user", "assistant", silent=True),
        CodeProposed("r1", "user", "m1", blocks, silent=True),
        CodeStarted("r1", 0, blocks),
        CodeOutput("r1", printed("secret")),
        CodeFinished("r1", 0, "ok", 0.1, "secret"),
        ChatEnded("c", "done", silent=True),
    ]
    assert shown(*events) == ""
    assert "? user is asked: May it run?" in shown(*events, InputRequested(InputRequest("approval", "May it run?", "user")))


def test_a_chat_after_a_silent_one_is_shown_to_its_end() -> None:
    silent = [ChatStarted("c", "a", "b"), ChatEnded("c", "done", silent=True)]
    assert shown(*silent, ChatStarted("d", "a", "b"), ChatEnded("d", "done")) == "\n>>>>>>>> CHAT ENDED: done\n"


def test_thinking_is_mentioned_once_and_not_written_out() -> None:
    text = shown(*streamed(), MessageDelta("m1", "hm", reasoning=True), MessageDelta("m1", "hm", reasoning=True), MessageDelta("m1", "Yes"))
    assert text.count("(thinking)") == 1
    assert "hm" not in text
    assert text.endswith("Yes")


def test_a_tool_call_is_shown_with_its_arguments() -> None:
    message = Message("assistant", None, sender="assistant", tool_calls=(ToolCall("c1", "add", '{"a": 1}'),), id="m1")
    stars = "*" * len("***** Suggested tool call (c1): add *****")
    calls = f'***** Suggested tool call (c1): add *****\nArguments: \n{{"a": 1}}\n{stars}\n'
    assert shown(MessageAdded(message, "user")) == f"assistant (to user):\n\n{calls}\n{DASHES}\n"


def test_the_older_form_of_a_call_is_shown_without_an_id() -> None:
    message = Message("assistant", "Text", sender="assistant", extra={"function_call": {"name": "add", "arguments": "{}"}})
    stars = "*" * len("***** Suggested function call: add *****")
    assert f"Text\n***** Suggested function call: add *****\nArguments: \n{{}}\n{stars}\n" in shown(MessageAdded(message, "user"))


def test_each_result_of_a_tool_is_a_message_of_its_own() -> None:
    results = (ToolResult("c1", "3"), ToolResult("c2", "Error: no"))
    message = Message("tool", "3\n\nError: no", sender="user", tool_results=results)
    stars = "*" * len("***** Response from calling tool (c1) *****")
    first, second = (
        f"user (to bot):\n\n***** Response from calling tool ({call}) *****\n{text}\n{stars}\n\n{DASHES}\n"
        for call, text in (("c1", "3"), ("c2", "Error: no"))
    )
    assert shown(MessageAdded(message, "bot")) == first + second


def test_what_a_person_says_to_a_call_comes_after_its_result() -> None:
    message = Message("user", "no, do not", sender="user", tool_results=(ToolResult("c1", "USER INTERRUPTED"),))
    text = shown(MessageAdded(message, "bot"))
    assert text.index("USER INTERRUPTED") < text.index(f"{DASHES}\nuser (to bot):\n\nno, do not\n\n{DASHES}")


def test_the_result_of_a_function_names_the_function_and_who_called_it() -> None:
    text = shown(MessageAdded(Message("function", "3", sender="add"), "bot", sender="user"))
    stars = "*" * len("***** Response from calling function (add) *****")
    assert text == f"user (to bot):\n\n***** Response from calling function (add) *****\n3\n{stars}\n\n{DASHES}\n"


def test_a_tool_that_runs_has_a_line_and_its_end_another() -> None:
    text = shown(
        ToolCalled("c1", "user", "add", "{}"),
        ToolCalled("c2", "user", "sub\x1b[2J", "{}"),
        ToolReturned("c2", "Error: x", True, 1.24),
        ToolReturned("c1", "2", False, 0.02),
        ToolCalled("", "user", "mul", '{"a": 1}'),
        ToolReturned("", "interrupted", True, 0.02),
    )
    assert text.split("\n>>>>>>>> ")[1:] == [
        "EXECUTING FUNCTION add...\nCall ID: c1\nInput arguments: {}\n",
        "EXECUTING FUNCTION sub...\nCall ID: c2\nInput arguments: {}\n",
        "FUNCTION sub FAILED (1.2 s)\n",
        "EXECUTED FUNCTION add (0.02 s)\n",
        'EXECUTING FUNCTION mul...\nInput arguments: {"a": 1}\n',
        "FUNCTION mul INTERRUPTED (0.02 s)\n",
    ]


def test_a_call_that_never_ran_has_no_end() -> None:
    assert shown(ToolReturned("c1", "The chat ended before.", True, 0.0)) == ""


def test_a_run_shows_its_start_its_outputs_and_its_end() -> None:
    text = shown(
        *ran(printed("a\n"), OutputChange("append", 0, text="b\n"), displayed(text_plain="   x\n0  1")),
        CodeFinished("r1", 0, "ok", 1.24, ""),
        reported("exitcode: 0 (execution succeeded)\nCode output: a\nb\n   x\n0  1\n"),
    )
    start = "\n>>>>>>>> EXECUTING CODE BLOCK 0 (inferred language is python)...\n"
    report = f"user (to assistant):\n\nexitcode: 0 (execution succeeded) · 1.2 s\n\n{DASHES}\n"
    assert text == f"{start}a\nb\n   x\n0  1\n\n{report}"


def test_a_run_that_shows_no_output_is_reported_whole() -> None:
    text = shown(*ran(), CodeFinished("r1", 0, "ok", 1.24, "3"), reported("exitcode: 0 (execution succeeded)\nCode output: 3"))
    assert f"...\nuser (to assistant):\n\nexitcode: 0 (execution succeeded)\nCode output: 3\n\n{DASHES}\n" in text
    assert text.endswith(f"{DASHES}\n")


def test_a_report_that_was_changed_on_its_way_is_shown_whole() -> None:
    assert "Fine.\nAll of it.\n" in shown(*ran(printed("a")), CodeFinished("r1", 0, "ok", 1.0, "a"), reported("Fine.\nAll of it."))


def test_the_report_of_a_run_is_silent_where_the_message_is_and_the_run_still_says_how_it_ended() -> None:
    text = shown(*ran(printed("a")), CodeFinished("r1", 0, "ok", 1.2, "a"), said("exitcode: 0", run_id="r1", silent=True))
    assert text.endswith("a\nexit code 0 · 1.2 s\n")


def test_blocks_of_a_longer_run_are_counted() -> None:
    blocks = (CodeBlock("python", "a"), CodeBlock("sh", "b"))
    assert ">>>>>>>> EXECUTING CODE BLOCK 1 (inferred language is sh)..." in shown(
        CodeProposed("r1", "user", "m1", blocks), CodeStarted("r1", 1, blocks)
    )


def test_code_that_a_person_edited_is_shown_before_it_runs() -> None:
    edited = (CodeBlock("python", "y = 1\ny"),)
    text = shown(*ran()[:1], CodeStarted("r1", 0, edited))
    edit = "\n>>>>>>>> CODE EDITED BEFORE IT RUNS:\n    y = 1\n    y\n"
    assert text == f"{edit}\n>>>>>>>> EXECUTING CODE BLOCK 0 (inferred language is python)...\n"


def test_a_plot_is_named_with_its_size() -> None:
    assert "[image/png 640x480]\n" in shown(*ran(displayed(image_png=png(640, 480), text_plain="<Figure>")))


def test_bytes_that_are_no_image_are_not_called_one() -> None:
    assert "<Figure>" in shown(*ran(displayed(image_png="bm90IGFuIGltYWdl", text_plain="<Figure>")))


def test_of_an_error_the_last_lines_are_shown() -> None:
    traceback = [f"\x1b[31mline {number}\x1b[0m" for number in range(30)]
    text = shown(*ran(OutputChange("add", output={"output_type": "error", "ename": "E", "evalue": "v", "traceback": traceback})))
    assert "line 29" in text
    assert "line 3\n" not in text
    assert "\x1b" not in text


def test_an_error_without_traceback_is_shown_by_its_name() -> None:
    output = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}
    assert "ValueError: no\n" in shown(*ran(OutputChange("add", output=output)))


def test_an_updated_display_is_shown_once_more_as_it_ended() -> None:
    def change(n: int) -> OutputChange:
        return OutputChange("replace", 0, output={"output_type": "display_data", "data": {"text/plain": f"{n} %"}, "metadata": {}})

    text = shown(*ran(displayed(text_plain="0 %"), *(change(n) for n in range(50, 101, 10))), CodeFinished("r1", 0, "ok", 1.0, ""))
    assert re.findall(r"\d+ %", text) == ["0 %", "100 %"]


@pytest.mark.parametrize(
    ("status", "exit_code", "line"),
    [
        ("timeout", 124, "timed out · exit code 124 · 60 s"),
        ("refused", 1, "not run"),
        ("died", 137, "the agent kernel died · exit code 137 · 60 s"),
    ],
)
def test_how_a_run_ended_is_said_in_words(status: str, exit_code: int, line: str) -> None:
    assert line in shown(*ran(), CodeFinished("r1", exit_code, status, 60.0, ""), ChatEnded("c1", "")).splitlines()


def test_a_run_that_timed_out_says_so_in_its_report() -> None:
    report = reported("exitcode: 124 (execution failed)\nCode output: a")
    assert "(execution failed) · timed out · 60 s\n" in shown(*ran(printed("a")), CodeFinished("r1", 124, "timeout", 60.0, "a"), report)


def test_the_message_that_reports_a_run_nobody_saw_is_shown() -> None:
    assert "exitcode: 0" in shown(said("exitcode: 0", run_id="r7"))


def test_a_person_who_says_nothing_lets_the_agent_reply() -> None:
    text = shown(HumanPassed("user", "bot"), AutoReplyStarted("user", "bot"))
    assert text == "\n>>>>>>>> NO HUMAN INPUT RECEIVED.\n\n>>>>>>>> USING AUTO REPLY...\n"


def test_each_of_several_planned_chats_has_a_banner() -> None:
    assert shown(QueuedChatStarted("user", "bot")) == f"\n{STARS}\nStarting a new chat....\n\n{STARS}\n"


def test_the_banner_tells_the_plan_where_that_is_wanted() -> None:
    text = shown(QueuedChatStarted("user", "bot", verbose=True, message="Hi\x1b[2J", carryover="a\nb"))
    assert text == f"\n{STARS}\nStarting a new chat....\nMessage:\nHi\nCarryover:\na\nb\n\n{STARS}\n"


def test_a_question_is_shown_with_who_is_asked_and_how_it_was_answered() -> None:
    request = InputRequest("approval", "Run this code?", agent="user", id="q1")
    text = shown(InputRequested(request), InputReceived("q1", InputAnswer("run", via="widget")))
    assert text == "? user is asked: Run this code?\n  run (by widget)\n"


def test_a_secret_answer_is_not_shown() -> None:
    assert "hunter2" not in shown(InputReceived("q1", InputAnswer("text", "hunter2", via="widget")))


def test_a_notice_in_the_middle_of_a_message_leaves_the_message_readable() -> None:
    text = shown(*streamed("Hel"), Noticed("Slow model.", "warning"), MessageDelta("m1", "lo."), said("Hello."))
    heading = "assistant (to user) · gpt-5"
    assert text == f"{heading}:\n\nHel\nwarning: Slow model.\n{heading} (continued):\n\nlo.\n\n{DASHES}\n"


def test_a_notice_keeps_its_lines_because_it_may_hold_commands_to_copy() -> None:
    how_to = f"No model found.\nTo use one:\n    export OPENAI_API_KEY={'x' * 200}   # {'a comment ' * 20}.\n"
    assert shown(Noticed(how_to)) == how_to


def test_only_troubles_of_the_kernel_are_worth_a_line() -> None:
    assert shown(KernelChanged("idle"), KernelChanged("restarting", "out of memory")) == "agent kernel restarting: out of memory\n"


def test_the_end_says_why_and_what_it_took() -> None:
    usage = UsageRecorded("assistant", "gpt-5", 1200, 80, 0.0012)
    text = shown(ChatStarted("c1", "user", "assistant"), usage, usage, ChatEnded("c1", "is_termination_msg"))
    assert text == "\n>>>>>>>> CHAT ENDED: is_termination_msg · 2,400 tokens in · 160 out · 0.0024 USD\n"


def test_an_unknown_price_is_not_called_free() -> None:
    assert "cost unknown" in shown(UsageRecorded("assistant", "x", 1, 1, None), ChatEnded("c1", ""))


def test_only_the_outermost_chat_announces_its_end() -> None:
    text = shown(ChatStarted("c1", "a", "b"), ChatStarted("c2", "b", "c"), ChatEnded("c2", "inner"), ChatEnded("c1", "outer"))
    assert text == "\n>>>>>>>> CHAT ENDED: outer\n"


def test_text_that_was_being_written_when_the_chat_ended_is_kept() -> None:
    assert "Half a sen\n" in shown(*streamed("Half a sen"), ChatEnded("c1", "stopped"))


HOSTILE = "a\x1b[2Jb\x1b]0;owned\x07c\x1b]8;;http://x\x1b\\d\x9b3Je\x1bcf\x08g\x00h\x1b[31mi"


@pytest.mark.parametrize("color", [False, True])
def test_no_text_from_outside_can_move_the_cursor_or_set_the_title(color: bool) -> None:
    run = [CodeProposed("r1", HOSTILE, "m1", (CodeBlock(HOSTILE, HOSTILE),)), CodeStarted("r1", 0, (CodeBlock(HOSTILE, HOSTILE + "x"),))]
    outputs = [
        printed(HOSTILE),
        displayed(text_plain=HOSTILE),
        displayed(text_html=f"<table><tr><td>{HOSTILE}</table>"),
        OutputChange("add", output={"output_type": "error", "ename": HOSTILE, "evalue": HOSTILE, "traceback": [HOSTILE]}),
        OutputChange("add", output={"output_type": "error", "ename": HOSTILE, "evalue": HOSTILE, "traceback": []}),
    ]
    text = shown(
        ReplyStarted("m1", HOSTILE, HOSTILE, HOSTILE),
        *(MessageDelta("m1", character) for character in HOSTILE),
        said(HOSTILE),
        said(HOSTILE, id="m2"),
        *run,
        *(CodeOutput("r1", output) for output in outputs),
        CodeFinished("r1", 0, HOSTILE, 0.1, HOSTILE),
        InputRequested(InputRequest("reply", HOSTILE, agent=HOSTILE)),
        Noticed(HOSTILE),
        KernelChanged("dead", HOSTILE),
        ChatEnded("c1", HOSTILE),
        color=color,
    )
    assert "abcdefgh" in text
    assert not re.search(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]", text)
    escapes = re.findall("\x1b.{0,4}", text)
    assert bool(escapes) is color
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_programs_may_colour_their_output_where_colours_are_wanted() -> None:
    assert "\x1b[32mgreen\x1b[0m" in shown(*ran(printed("\x1b[32mgreen\x1b[0m")), color=True)
    assert "green" in (plain := shown(*ran(printed("\x1b[32mgreen\x1b[0m"))))
    assert "\x1b" not in plain


def test_colours_of_a_program_end_with_its_output() -> None:
    assert "\x1b[31mred\x1b[0m" in shown(*ran(printed("\x1b[31mred")), color=True)


def test_hidden_text_is_not_hidden() -> None:
    assert "\x1b[8m" not in shown(*ran(printed("\x1b[8mrm -rf\x1b[0m")), color=True)


def test_reordering_characters_are_made_visible() -> None:
    assert "⟨U+202E⟩" in shown(said("safe\u202egnp.exe"))


def test_a_progress_bar_shows_how_it_ended() -> None:
    assert "\n100%\n" in shown(*ran(printed("10%\r50%\r100%\n")))


def test_a_saved_log_is_shown_as_the_chat_was() -> None:
    events: list[ChatEvent] = [
        *streamed("Hi"),
        said("Hi"),
        *ran(printed("a\n")),
        CodeFinished("r1", 0, "ok", 0.1, "a"),
        ChatEnded("c1", "x"),
    ]
    written: list[str] = []
    renderer = ConsoleRenderer(written.append)
    for event in events:
        renderer.show(to_json(event))
    assert "".join(written) == shown(*events)


@pytest.mark.parametrize("junk", [None, 1, [], {}, "text", [1], {"a": 1}, True, float("nan"), 10**400])
def test_logs_of_other_versions_or_damaged_ones_never_raise(junk: Any) -> None:
    renderer = ConsoleRenderer(lambda text: None, color=True)
    renderer.show(junk)
    renderer.show({"kind": "invented_later", "x": junk})
    whole = [to_json(event) for event in [*streamed("Hi"), said("Hi"), *ran(printed("a"), displayed(image_png="x")), ChatEnded("c1", "x")]]
    whole += [to_json(event) for event in [CodeFinished("r1", 0, "ok", 0.1, ""), UsageRecorded("a", "m", 1, 1, 0.1), Noticed("x")]]
    whole += [to_json(InputRequested(InputRequest("reply", "?"))), to_json(InputReceived("q", InputAnswer("run")))]
    whole += [to_json(KernelChanged("dead", "x")), to_json(ChatStarted("c", "a", "b"))]
    for event in whole:
        renderer.show({"kind": event["kind"]})
        for key, value in event.items():
            renderer.show({**event, key: junk})
            for inner in value if isinstance(value, dict) else ():
                renderer.show({**event, key: {**value, inner: junk}})


def test_the_next_speaker_of_a_group_is_one_safe_line() -> None:
    assert shown(SpeakerSelected("coder\n\x1b[2J", "round_robin", "chat_manager")) == "\nNext speaker: coder\n\n"


def test_an_answer_that_broke_off_stays_and_the_reason_stands_beneath_it() -> None:
    written: list[str] = []
    renderer = ConsoleRenderer(written.append)
    renderer.show({"kind": "reply_started", "message_id": "m1", "sender": "bot", "recipient": "user", "model": "m"})
    renderer.show({"kind": "message_delta", "message_id": "m1", "text": "The mean is ", "reasoning": False})
    renderer.show({"kind": "reply_broken", "message_id": "m1", "reason": "The connection broke."})
    renderer.show({"kind": "reply_started", "message_id": "m2", "sender": "bot", "recipient": "user", "model": "m"})
    renderer.show({"kind": "message_delta", "message_id": "m2", "text": "4", "reasoning": False})
    text = "".join(written)
    assert text.index("The mean is") < text.index("warning: The connection broke.") < text.rindex("4")


def test_a_progress_bar_is_shown_in_its_place_and_once() -> None:
    bar = {"output_type": "stream", "name": "stderr", "text": "before\n0%"}
    changes = [
        OutputChange("add", 0, bar),
        OutputChange("replace", 0, {**bar, "text": "before\n50%"}),
        OutputChange("replace", 0, {**bar, "text": "before\n100%"}),
        OutputChange("add", 1, {"output_type": "stream", "name": "stdout", "text": "after"}),
    ]
    lines = [line for line in shown(*ran(*changes)).splitlines() if line]
    assert lines[1:5] == ["before", "0%", "100%", "after"]


def test_a_terminal_shows_how_far_a_progress_bar_is_and_keeps_only_its_end() -> None:
    bar = {"output_type": "stream", "name": "stderr", "text": "0%"}
    changes = [OutputChange("replace", 0, {**bar, "text": text}) for text in ("50%\x1b[2J", "x" * 500, "100%")]
    written = shown(*ran(OutputChange("add", 0, bar), *changes, OutputChange("add", 1, {**bar, "text": "after\n"})), color=True)
    passing = [line for line in written.split("\r\x1b[K") if line][1:]
    assert passing[0] == "50%"
    assert passing[1].startswith("xxx")
    assert len(passing[1]) < 500
    assert passing[2] == "100%"
    assert passing[3].startswith("100%\nafter")
    assert "\x1b[2J" not in written


def test_an_error_is_shown_where_it_happened_in_the_code() -> None:
    frames = ["Cell In[3], line 7\n      6 x = 1\n----> 7 f()\n", "File /lib/python3/site-packages/a.py:9, in f()\n----> 9 raise E\n"]
    text = shown(*ran(OutputChange("add", output={"output_type": "error", "ename": "E", "evalue": "v", "traceback": frames})))
    assert "Cell In[3], line 7" in text
    assert "----> 7 f()" in text
    assert "site-packages" not in text
    assert "E: v" in text
