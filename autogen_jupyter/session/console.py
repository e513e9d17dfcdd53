"""The conversation as text on a terminal, laid out as the classic prints it. Only this module and the command line write for people.

The renderer reads events in their JSON form, so that it shows a running chat and a saved log alike. Logs may be of a later version
or damaged: what it does not know, it leaves out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from ..events import INTERRUPTED, ChatEvent, to_json
from ..terminal import Cleaner, clean, one_line
from . import event_json as read
from .console_parts import Page, Reply, Run, Spent, failed, last_line
from .output_view import Failure, Picture, Stream, view
from .wording import ending, model_label, run_outcome, seconds_text, short_outcome

__all__ = ["ConsoleRenderer"]

_DASHES = "-" * 80
_STARS = "*" * 80
_DIM = "\x1b[2m"
_RED, _GREEN, _YELLOW, _BLUE, _MAGENTA = (f"\x1b[{code}m" for code in (31, 32, 33, 34, 35))
"""The classic's colours."""


class ConsoleRenderer:
    """Writes a chat as it happens: a heading for each message, its text as it streams in, runs with their outputs.

    Args:
        write: takes each piece of text, such as ``sys.stdout.write``.
        color: whether headings are set off by escape codes and programs may colour their output.

    Example:
        >>> renderer = ConsoleRenderer(lambda text: None)
        >>> renderer.show({"kind": "noticed", "text": "The agent kernel was restarted."})
    """

    def __init__(self, write: Callable[[str], None], *, color: bool = False) -> None:
        self._write = write
        self._color = color
        self._page = Page(color=color)
        self._replies: dict[str, Reply] = {}
        self._runs: dict[str, Run] = {}
        self._tools_running: dict[str, str] = {}
        self._current = ""
        self._depth = 0
        self._spent = Spent()

    def show_event(self, event: ChatEvent) -> None:
        """Show one event."""
        self.show(to_json(event))

    def show(self, event: Mapping[str, Any]) -> None:
        """Show one event in its JSON form (``events.to_json``). Unknown kinds and missing fields are passed over."""
        kind = read.text(event, "kind") if isinstance(event, Mapping) else ""
        shower = _SHOWERS.get(kind)
        if shower and not (_is_silent(event) and kind in _BEGINNINGS):
            shower(self, event)
        if made := self._page.take():
            self._write(made)

    # Chats

    def _chat_started(self, _event: Mapping[str, Any]) -> None:
        self._depth += 1

    def _queued_chat_started(self, event: Mapping[str, Any]) -> None:
        lines = ["", _STARS, "Starting a new chat....", "", _STARS]
        if event.get("verbose") is True:
            lines[3:3] = ["Message:", clean(read.text(event, "message")), "Carryover:", clean(read.text(event, "carryover"))]
        self._say("\n".join(lines), _BLUE)

    def _chat_ended(self, event: Mapping[str, Any]) -> None:
        self._depth = max(0, self._depth - 1)
        if self._depth:  # others go on
            return
        for message_id in list(self._replies):
            self._finish_reply(message_id)
        for run in self._runs.values():
            self._tell_outcome(run)
        if not _is_silent(event):
            why = ending(read.text(event, "reason"), self._spent.prompt, self._spent.completion, self._spent.usd)
            self._mark(f"CHAT ENDED{': ' if why else ''}{why}", _RED)
        self._spent = Spent()
        self._runs.clear()

    def _usage_recorded(self, event: Mapping[str, Any]) -> None:
        self._spent.add(event)

    def _noticed(self, event: Mapping[str, Any]) -> None:
        level = read.text(event, "level")
        lead = f"{level}: " if level in ("warning", "error") else ""
        # As it is: a notice may hold commands to copy, and the terminal wraps by itself.
        self._say(clean(lead + read.text(event, "text")), _RED if level == "error" else "")

    def _kernel_changed(self, event: Mapping[str, Any]) -> None:
        state, detail = read.text(event, "state"), one_line(read.text(event, "detail"), 200)
        if state in ("restarting", "dead"):
            self._say(f"agent kernel {state}{': ' if detail else ''}{detail}", _DIM)

    def _speaker_selected(self, event: Mapping[str, Any]) -> None:
        self._page.blank()
        self._say(f"Next speaker: {one_line(read.text(event, 'agent'))}", _GREEN)
        self._page.blank()

    # Messages

    def _reply_started(self, event: Mapping[str, Any]) -> None:
        is_language_model = event.get("is_language_model", True) is not False
        heading = _heading(event, model_label(read.text(event, "model"), is_language_model=is_language_model))
        self._replies[read.text(event, "message_id")] = Reply(heading, Cleaner(color=self._color))
        self._go_on(read.text(event, "message_id"))

    def _message_delta(self, event: Mapping[str, Any]) -> None:
        reply = self._replies.get(read.text(event, "message_id"))
        if reply is None:
            return
        if event.get("reasoning") is True:
            if not reply.is_thinking:
                reply.is_thinking = True
                self._go_on(read.text(event, "message_id"))
                self._say("(thinking)", _DIM)
            return
        if made := reply.feed(read.text(event, "text")):
            self._go_on(read.text(event, "message_id"))
            self._page.add(made, is_colored=self._color)

    def _reply_broken(self, event: Mapping[str, Any]) -> None:
        if read.text(event, "message_id") not in self._replies:
            return
        self._finish_reply(read.text(event, "message_id"))
        if reason := read.text(event, "reason"):
            self._say(clean(f"warning: {reason}"))

    def _message_added(self, event: Mapping[str, Any]) -> None:
        message = event.get("message")
        if not isinstance(message, Mapping):
            return
        message_id = read.text(message, "id")
        run = self._runs.get(read.text(event, "run_id"))
        if message_id in self._replies:
            self._finish_reply(message_id, message)
        elif not _is_silent(event):
            self._message(_heading({**event, "sender": event.get("sender") or message.get("name")}), message, run)
        if run is not None:
            self._tell_outcome(run)

    def _message(self, heading: str, message: Mapping[str, Any], run: Run | None) -> None:
        results = read.tool_results(message)
        for call_id, content in results:
            self._head(heading)
            self._starred(f"Response from calling tool ({call_id})", content)
            self._dashes()
        role = read.text(message, "role")
        if results and role == "tool":
            return
        content = clean(read.content(message))
        if run is not None and run.has_output:
            self._page.blank()
        self._head(heading)
        if role in ("tool", "function"):
            named = one_line(read.text(message, "name" if role == "function" else "tool_call_id"))
            self._starred(f"Response from calling {role} ({named})", content)
        elif run is not None and run.has_output:
            self._page.add(_report(run, content))
        elif content or not read.calls(message):
            self._page.add(f"{content}\n")
        self._calls(message)
        self._dashes()
        if run is not None:
            run.status = ""

    def _finish_reply(self, message_id: str, message: Mapping[str, Any] | None = None) -> None:
        reply = self._replies[message_id]
        if made := reply.rest(None if message is None else read.content(message)):
            self._go_on(message_id)
            self._page.add(made, is_colored=self._color)
        del self._replies[message_id]
        self._calls(message or {})
        self._dashes()

    def _go_on(self, message_id: str) -> None:
        """Make the message the one that is being written, with a heading when it was not."""
        reply = self._replies[message_id]
        if self._current != message_id:
            self._head(reply.heading + (" (continued)" if reply.is_headed else ""))
            reply.is_headed = True
            self._current = message_id

    def _head(self, heading: str) -> None:
        self._page.line()
        self._page.add(f"{heading}:", _YELLOW)
        self._page.add("\n\n")

    def _calls(self, message: Mapping[str, Any]) -> None:
        for call in read.calls(message):
            kind = f"tool call ({call.id})" if call.id is not None else "function call"
            self._starred(f"Suggested {kind}: {call.name}", f"Arguments: \n{call.arguments}")

    def _starred(self, title: str, text: str) -> None:
        self._page.line()
        self._page.add(line := f"***** {title} *****", _GREEN)
        self._page.add(f"\n{text}")
        self._page.line()
        self._page.add("*" * len(line), _GREEN)
        self._page.line()

    def _dashes(self) -> None:
        self._page.blank()
        self._page.add(_DASHES + "\n")
        self._current = ""

    def _mark(self, text: str, style: str) -> None:
        """Write what happens between the messages, as the classic marks it."""
        self._page.blank()
        self._say(f">>>>>>>> {text}", style)

    # Runs

    def _code_proposed(self, event: Mapping[str, Any]) -> None:
        is_reported = bool(read.text(event, "message_id"))
        self._runs[read.text(event, "run_id")] = Run(read.blocks(event), Cleaner(color=self._color), is_reported=is_reported)

    def _code_started(self, event: Mapping[str, Any]) -> None:
        blocks = read.blocks(event)
        run = self._runs.get(read.text(event, "run_id"))
        if run is None:
            return
        self._settle(run)
        number = event.get("block")
        number = number if isinstance(number, int) else 0
        if blocks and blocks != run.blocks:
            self._mark("CODE EDITED BEFORE IT RUNS:", _RED)
            for _, code in blocks:
                self._say(textwrap.indent(clean(code), "    "))
            run.blocks = blocks
        language = one_line(blocks[number][0], 20) if 0 <= number < len(blocks) else ""
        self._mark(f"EXECUTING CODE BLOCK {number} (inferred language is {language or 'unknown'})...", _RED)

    def _code_output(self, event: Mapping[str, Any]) -> None:
        change = event.get("change")
        run = self._runs.get(read.text(event, "run_id"))
        if not isinstance(change, Mapping) or run is None:
            return
        output, operation, index = change.get("output"), change.get("op"), str(change.get("index"))
        if operation == "replace" and isinstance(output, Mapping):
            run.replaced[index] = output
            if self._color:
                self._page.passing(last_line(output))
            return
        if operation == "clear":
            run.replaced.clear()
            self._page.passing("")
            return
        self._settle(run)
        if operation == "append":
            run.show(index, read.text(change, "text"))
            self._stream(run, read.text(change, "text"))
        elif operation == "add" and isinstance(output, Mapping):
            self._output(run, output, index)

    def _code_finished(self, event: Mapping[str, Any]) -> None:
        run = self._runs.get(read.text(event, "run_id"))
        if run is None:
            return
        self._stream(run, run.cleaner.flush(), is_clean=True)
        self._settle(run)
        exit_code = read.number(event, "exit_code")
        run.status, run.seconds = read.text(event, "status") or "finished", read.number(event, "seconds")
        run.exit_code = None if exit_code is None else int(exit_code)
        if run.status in ("refused", "interrupted") or not run.is_reported:
            self._tell_outcome(run)

    def _tell_outcome(self, run: Run) -> None:
        """Say how a run ended, unless a message has said it."""
        if run.status:
            self._say(run_outcome(run.status, run.exit_code, run.seconds), _DIM)
            run.status = ""

    def _settle(self, run: Run) -> None:
        """Show what was updated as it stands now."""
        replaced, run.replaced = run.replaced, {}
        for index, output in replaced.items():
            self._output(run, output, index)

    def _output(self, run: Run, output: Mapping[str, Any], index: str) -> None:
        seen = view(output)
        run.has_output = run.has_output or seen is not None
        if isinstance(seen, Stream):
            self._page.line()
            self._stream(run, run.not_shown(index, seen.text))
        elif isinstance(seen, Picture):
            size = f" {seen.size.replace('×', 'x')}" if seen.size else ""
            self._say(f"[{seen.mime}{size}]{' ' + seen.description if seen.description else ''}")
        elif isinstance(seen, Failure):
            self._say(failed(seen), _RED)
        elif seen is not None:
            self._say(seen.text)

    def _stream(self, run: Run, text: str, *, is_clean: bool = False) -> None:
        self._current = ""
        self._page.add(text if is_clean else run.cleaner.feed(text), is_colored=self._color)

    # Tools

    def _tool_called(self, event: Mapping[str, Any]) -> None:
        call_id = read.text(event, "call_id")
        self._tools_running[call_id] = name = one_line(read.text(event, "name")) or "without a name"
        details = f"Call ID: {one_line(call_id)}\n" if call_id else ""
        self._mark(f"EXECUTING FUNCTION {name}...\n{details}Input arguments: {clean(read.text(event, 'arguments'))}", _MAGENTA)

    def _tool_returned(self, event: Mapping[str, Any]) -> None:
        name = self._tools_running.pop(read.text(event, "call_id"), None)
        if name is None:  # it never ran
            return
        seconds = read.number(event, "seconds")
        took = "" if seconds is None else f" ({seconds_text(seconds)})"
        if event.get("is_error") is True:
            how = "INTERRUPTED" if read.text(event, "content") == INTERRUPTED else "FAILED"
            self._mark(f"FUNCTION {name} {how}{took}", _RED)
        else:
            self._mark(f"EXECUTED FUNCTION {name}{took}", _MAGENTA)

    # Questions

    def _human_passed(self, _event: Mapping[str, Any]) -> None:
        self._mark("NO HUMAN INPUT RECEIVED.", _RED)

    def _auto_reply_started(self, _event: Mapping[str, Any]) -> None:
        self._mark("USING AUTO REPLY...", _RED)

    def _input_requested(self, event: Mapping[str, Any]) -> None:
        request = event.get("request")
        if isinstance(request, Mapping):
            who = one_line(read.text(request, "agent")) or "a person"
            self._say(f"? {who} is asked: {clean(read.text(request, 'prompt')).strip()}")

    def _input_received(self, event: Mapping[str, Any]) -> None:
        answer = event.get("answer")
        via = read.text(answer, "via") if isinstance(answer, Mapping) else ""
        if isinstance(answer, Mapping) and via != "stdin":
            self._say(f"  {read.text(answer, 'action')}{f' (by {one_line(via)})' if via else ''}", _DIM)

    def _say(self, text: str, style: str = "") -> None:
        self._page.line()
        self._page.add(text, style)
        self._page.line()
        self._current = ""


def _is_silent(event: Mapping[str, Any]) -> bool:
    return event.get("silent") is True


def _report(run: Run, content: str) -> str:
    """Return the beginning of the message that reports a run, and how long it took; the rest is the output, and what the model is told."""
    first, _, rest = content.partition("\n")
    if not (first.startswith("exitcode: ") and rest.startswith("Code output: ")):
        return content
    return " · ".join(part for part in (first, short_outcome(run.status, run.seconds)) if part)


def _heading(event: Mapping[str, Any], label: str = "") -> str:
    sender, recipient = one_line(read.text(event, "sender")), one_line(read.text(event, "recipient"))
    return f"{sender or 'someone'}{f' (to {recipient})' if recipient else ''}{f' · {label}' if label else ''}"


_BEGINNINGS = frozenset(
    {"queued_chat_started", "reply_started", "code_proposed", "tool_called", "tool_returned", "human_passed", "auto_reply_started"}
)
"""What is left out where a chat is silent; what follows it goes with it."""
_SHOWERS: Mapping[str, Callable[[ConsoleRenderer, Mapping[str, Any]], None]] = {
    "chat_started": ConsoleRenderer._chat_started,
    "queued_chat_started": ConsoleRenderer._queued_chat_started,
    "speaker_selected": ConsoleRenderer._speaker_selected,
    "reply_started": ConsoleRenderer._reply_started,
    "message_delta": ConsoleRenderer._message_delta,
    "reply_broken": ConsoleRenderer._reply_broken,
    "message_added": ConsoleRenderer._message_added,
    "code_proposed": ConsoleRenderer._code_proposed,
    "code_started": ConsoleRenderer._code_started,
    "code_output": ConsoleRenderer._code_output,
    "code_finished": ConsoleRenderer._code_finished,
    "tool_called": ConsoleRenderer._tool_called,
    "tool_returned": ConsoleRenderer._tool_returned,
    "input_requested": ConsoleRenderer._input_requested,
    "input_received": ConsoleRenderer._input_received,
    "human_passed": ConsoleRenderer._human_passed,
    "auto_reply_started": ConsoleRenderer._auto_reply_started,
    "kernel_changed": ConsoleRenderer._kernel_changed,
    "usage_recorded": ConsoleRenderer._usage_recorded,
    "noticed": ConsoleRenderer._noticed,
    "chat_ended": ConsoleRenderer._chat_ended,
}
