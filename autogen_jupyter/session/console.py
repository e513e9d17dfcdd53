"""The conversation as text on a terminal. Of the whole package only this module and the command line write for people.

The renderer reads events in their JSON form, so that it shows a running chat and a saved log alike. Logs may be of a later version
or damaged: what it does not know, it leaves out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from ..events import ChatEvent, to_json
from ..terminal import RESET, Cleaner, clean, one_line
from . import event_json as read
from .output_view import Failure, Picture, Stream, view
from .wording import ended, last_word_at, model_label, run_outcome, running, tool_outcome, without_last_word

__all__ = ["ConsoleRenderer"]

_DASHES = "-" * 80
_TRACEBACK_LINES = 6
_CONTEXT = 12
_BOLD, _DIM, _RED = "\x1b[1m", "\x1b[2m", "\x1b[31m"


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
        self._page = _Page(color=color)
        self._replies: dict[str, _Reply] = {}
        self._runs: dict[str, _Run] = {}
        self._tools_running: dict[str, str] = {}
        self._current = ""
        self._depth = 0
        self._spent = _Spent()

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

    def _chat_ended(self, event: Mapping[str, Any]) -> None:
        for message_id in list(self._replies):
            self._finish_reply(message_id)
        self._depth = max(0, self._depth - 1)
        if self._depth:
            return
        if not _is_silent(event):
            self._say(ended(read.text(event, "reason"), self._spent.prompt, self._spent.completion, self._spent.usd), _DIM)
        self._spent = _Spent()
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
        self._say(f"Next speaker: {one_line(read.text(event, 'agent'))}", _DIM)

    # Messages

    def _reply_started(self, event: Mapping[str, Any]) -> None:
        is_language_model = event.get("is_language_model", True) is not False
        heading = _heading(event, model_label(read.text(event, "model"), is_language_model=is_language_model))
        self._replies[read.text(event, "message_id")] = _Reply(heading, Cleaner(color=self._color))
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
        if message_id in self._replies:
            self._finish_reply(message_id, message)
            return
        if _is_silent(event) or read.text(event, "run_id") in self._runs:
            return
        shown = clean(without_last_word(read.content(message)))
        calls = read.tool_calls(message)
        if not shown.strip() and not calls:
            return
        self._head(_heading({"sender": message.get("name"), "recipient": event.get("recipient")}, ""))
        self._page.add(shown)
        self._tools(calls)
        self._dashes()

    def _finish_reply(self, message_id: str, message: Mapping[str, Any] | None = None) -> None:
        reply = self._replies[message_id]
        if made := reply.rest(None if message is None else read.content(message)):
            self._go_on(message_id)
            self._page.add(made, is_colored=self._color)
        del self._replies[message_id]
        self._tools(read.tool_calls(message or {}))
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
        self._page.add(f"{heading}:", _BOLD)
        self._page.add("\n\n")

    def _tools(self, calls: list[str]) -> None:
        for call in calls:
            self._page.line()
            self._page.add(f"***** Suggested tool call {call} *****\n")

    def _dashes(self) -> None:
        self._page.line()
        self._page.add(_DASHES + "\n", _DIM)
        self._current = ""

    # Runs

    def _code_proposed(self, event: Mapping[str, Any]) -> None:
        self._runs[read.text(event, "run_id")] = _Run(read.blocks(event), Cleaner(color=self._color))

    def _code_started(self, event: Mapping[str, Any]) -> None:
        blocks = read.blocks(event)
        run = self._runs.get(read.text(event, "run_id"))
        if run is None:
            return
        number = event.get("block")
        number = number if isinstance(number, int) else 0
        if blocks and blocks != run.blocks:
            self._say("edited before it ran:", _DIM)
            for _, code in blocks:
                self._say(textwrap.indent(clean(code), "    "))
            run.blocks = blocks
        self._say(f"$ {running([language for language, _ in blocks], number)}", _DIM)

    def _code_output(self, event: Mapping[str, Any]) -> None:
        change = event.get("change")
        run = self._runs.get(read.text(event, "run_id"))
        if not isinstance(change, Mapping) or run is None:
            return
        output, operation = change.get("output"), change.get("op")
        if operation == "append":
            self._stream(run, read.text(change, "text"))
        elif operation == "add" and isinstance(output, Mapping):
            self._output(run, output)
        elif operation == "replace" and isinstance(output, Mapping):
            run.replaced[str(change.get("index"))] = output
        elif operation == "clear":
            run.replaced.clear()

    def _code_finished(self, event: Mapping[str, Any]) -> None:
        run = self._runs.get(read.text(event, "run_id"))
        if run is None:
            return
        self._stream(run, run.cleaner.flush(), is_clean=True)
        for output in run.replaced.values():
            self._output(run, output)
        run.replaced.clear()
        exit_code = read.number(event, "exit_code")
        outcome = run_outcome(read.text(event, "status"), None if exit_code is None else int(exit_code), read.number(event, "seconds"))
        self._say(outcome, _DIM)
        self._dashes()

    def _output(self, run: _Run, output: Mapping[str, Any]) -> None:
        seen = view(output)
        if isinstance(seen, Stream):
            self._page.line()
            self._stream(run, seen.text)
        elif isinstance(seen, Picture):
            size = f" {seen.size.replace('×', 'x')}" if seen.size else ""
            self._say(f"[{seen.mime}{size}]{' ' + seen.description if seen.description else ''}")
        elif isinstance(seen, Failure):
            traceback = Cleaner(color=self._color)
            lines = (traceback.feed(seen.traceback) + traceback.flush()).rstrip().splitlines()
            lines = [line for line in lines if line.strip()][-_TRACEBACK_LINES:]
            self._page.line()
            self._page.add("\n".join(lines) or f"{seen.name}: {seen.message}", is_colored=self._color)
            self._page.line()
        elif seen is not None:
            self._say(seen.text)

    def _stream(self, run: _Run, text: str, *, is_clean: bool = False) -> None:
        self._current = ""
        self._page.add(text if is_clean else run.cleaner.feed(text), is_colored=self._color)

    # Tools

    def _tool_called(self, event: Mapping[str, Any]) -> None:
        self._tools_running[read.text(event, "call_id")] = name = one_line(read.text(event, "name"))
        self._say(f"$ calling {name or 'a tool'} …", _DIM)

    def _tool_returned(self, event: Mapping[str, Any]) -> None:
        name = self._tools_running.pop(read.text(event, "call_id"), "")
        failed = event.get("is_error") is True
        self._say(tool_outcome(name, read.number(event, "seconds"), is_error=failed), _RED if failed else _DIM)

    # Questions

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


class _Page:
    """What is about to be written, and whether the cursor stands at the start of a line."""

    def __init__(self, *, color: bool) -> None:
        self._color = color
        self._parts: list[str] = []
        self._is_fresh = True

    def add(self, text: str, style: str = "", *, is_colored: bool = False) -> None:
        if not text:
            return
        if self._color and style:
            self._parts += [style, text, RESET]
        else:
            self._parts += [text, RESET if is_colored and "\x1b" in text else ""]
        self._is_fresh = text.removesuffix(RESET).endswith("\n")

    def line(self) -> None:
        """Go to the start of a line."""
        if not self._is_fresh:
            self.add("\n")

    def take(self) -> str:
        made, self._parts = "".join(self._parts), []
        return made


class _Reply:
    """A message that a model is writing."""

    def __init__(self, heading: str, cleaner: Cleaner) -> None:
        self.heading = heading
        self.is_headed = False
        self.is_thinking = False
        self._cleaner = cleaner
        self._came: list[str] = []
        self._shown = ""
        """The end of what was shown: a word that begins there is not the last word."""
        self._held = ""

    def feed(self, text: str) -> str:
        """Take in text as the model wrote it; return what can be shown of it now."""
        self._came.append(text)
        before, text = self._shown, self._held + self._cleaner.feed(text)
        end = max(0, last_word_at(before + text) - len(before))
        self._held = text[end:]
        self._shown = (before + text[:end])[-_CONTEXT:]
        return text[:end]

    def rest(self, whole: str | None) -> str:
        """Return what is left to show of the whole message; all of it when it is not what was streamed."""
        came = "".join(self._came)
        if whole is not None and not whole.startswith(came) and whole.strip() != came.strip():
            return ("\n\n" if came.strip() else "") + clean(without_last_word(whole, is_reply=True))
        self._held += self._cleaner.feed((whole or "")[len(came) :]) + self._cleaner.flush()
        return without_last_word(self._shown + self._held, is_reply=True)[len(self._shown) :].rstrip()


class _Run:
    """A run that is being shown."""

    def __init__(self, blocks: list[tuple[str, str]], cleaner: Cleaner) -> None:
        self.blocks = blocks
        self.cleaner = cleaner
        self.replaced: dict[str, Mapping[str, Any]] = {}
        """Displays that were updated: shown once more, as they ended."""


class _Spent:
    """What the models took, so far."""

    def __init__(self) -> None:
        self.prompt = 0
        self.completion = 0
        self.usd: float | None = 0.0

    def add(self, event: Mapping[str, Any]) -> None:
        self.prompt += int(read.number(event, "prompt_tokens") or 0)
        self.completion += int(read.number(event, "completion_tokens") or 0)
        usd = read.number(event, "usd")
        self.usd = None if self.usd is None or usd is None else self.usd + usd


def _is_silent(event: Mapping[str, Any]) -> bool:
    return event.get("silent") is True


def _heading(event: Mapping[str, Any], label: str) -> str:
    sender, recipient = (one_line(read.text(event, key)) for key in ("sender", "recipient"))
    return f"{sender or 'someone'}{f' (to {recipient})' if recipient else ''}{f' · {label}' if label else ''}"


_BEGINNINGS = frozenset({"reply_started", "code_proposed", "tool_called", "tool_returned"})
"""What is left out where a chat is silent; what follows it goes with it."""
_SHOWERS: Mapping[str, Callable[[ConsoleRenderer, Mapping[str, Any]], None]] = {
    "chat_started": ConsoleRenderer._chat_started,
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
    "kernel_changed": ConsoleRenderer._kernel_changed,
    "usage_recorded": ConsoleRenderer._usage_recorded,
    "noticed": ConsoleRenderer._noticed,
    "chat_ended": ConsoleRenderer._chat_ended,
}
