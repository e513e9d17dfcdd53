"""The conversation as a page: HTML that needs no script and no network, reads well without its style sheet, and holds nothing dangerous.

It is what a notebook shows when the live view is gone: after reopening, on GitHub, in an export. Jupyter trusts the outputs of executed
cells, so nothing else would stop what slips through here: all text is escaped, and the page passes an allow-list once more before its
style sheet is added. In a Markdown file the page is one block of HTML.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..kernels.model_text import outputs_text
from . import html_parts as parts
from . import html_sheet as look
from . import html_style as once
from .cast import colors, managers
from .html_block import one_block
from .html_gate import allowed
from .html_header import header
from .html_parts import escape, tag
from .model_markdown import to_html
from .output_view import Failure, OutputView, Picture, Stream, Table, view
from .tool_call import long_arguments, short_call
from .transcript import Entry, MessageEntry, NoticeEntry, RunEntry, Status, ToolUse
from .wording import duration, run_state, tool_state

__all__ = ["html_of", "ungated"]

_MARKS = {"ok": "✓ ", "error": "✗ ", "timeout": "✗ ", "died": "✗ ", "interrupted": "■ "}
"""What stands for the coloured dot where styles are dropped."""
_AUTO = 'dir="auto"'


def html_of(entries: Sequence[Entry], status: Status) -> str:
    """Return the whole conversation as one HTML element."""
    # The sheet comes last: of a viewer that shows it as text, the chat can be read all the same.
    return tag("div", one_block(allowed(ungated(entries, status))) + look.SHEET, look.BOX_CLASS, style=once.BOX)


def ungated(entries: Sequence[Entry], status: Status) -> str:
    """Return what is in the page's box as it is before the gate, which should find nothing to take away."""
    messages = {entry.id: entry for entry in entries if isinstance(entry, MessageEntry)}
    numbers, silent = colors(messages.values()), managers(messages.values())
    before, made = "", list[str]()
    for entry in entries:
        if isinstance(entry, MessageEntry):
            message = _message(entry, numbers[entry.sender], has_manager=entry.recipient in silent)
            made.append(f"<hr>{message}" if any(made) and message else message)
        elif isinstance(entry, RunEntry):
            made.append(_run(entry, has_message=entry.message_id in messages, is_joined=entry.message_id == before))
        else:
            made.append(_notice(entry))
        before = entry.id
    shown = tag("div", "\n".join(filter(None, made)), style=once.ENTRIES)
    log = tag("div", shown, attributes='role="region" aria-label="Agent chat" tabindex="0"', style=once.LOG)
    return header(entries, status) + log


def _message(entry: MessageEntry, color: int, *, has_manager: bool) -> str:
    has_text, has_thoughts = bool(entry.text.strip()), bool(entry.reasoning.strip())
    if not has_text and not has_thoughts and not entry.tool_calls and entry.state == "done":
        return ""
    model = entry.model if entry.model and not entry.is_language_model else ""
    mark = {"writing": "still writing", "stopped": "stopped here"}.get(entry.state, model)
    about = [f"to {entry.recipient}" if entry.recipient and not has_manager else "", mark]
    heading = [
        tag("strong", escape(entry.sender) or "someone", attributes=_AUTO),
        *(f" {tag('bdi', escape(part))}" for part in about if part),
    ]
    body = [tag("p", "".join(heading))]
    if has_thoughts:
        body.append(parts.details("Thinking", tag("div", escape(entry.reasoning), look.THOUGHTS, _AUTO)))
    if has_text:
        body.append(tag("div", to_html(entry.text), look.TEXT))
    if entry.tool_calls:
        body.append(tag("div", "".join(_tool(use) for use in entry.tool_calls), look.TOOLS if has_text else look.TOOLS_ALONE))
    avatar = f'data-a="{escape(entry.sender[:1].upper()) or "?"}"'
    return tag("div", tag("div", "".join(body)), f"{look.MESSAGE} {look.agent(color)}".rstrip(), avatar)


def _tool(use: ToolUse) -> str:
    text, is_whole = short_call(use.name, use.arguments)
    call = tag("code", escape(text), attributes='dir="ltr"')
    about = [tool_state(use.state), "" if use.seconds is None else duration(use.seconds)]
    lead = parts.dot(use.state) + _mark(use.state)
    made = [tag("div", lead + call + "".join(f" {tag('span', escape(part))}" for part in about if part), look.TOOL)]
    if not is_whole:
        made.append(_fold("Arguments", long_arguments(use.arguments)))
    if use.result.strip():
        made.append(_fold("Result", use.result, is_open=use.state == "error"))
    return tag("div", "".join(made))


def _fold(summary: str, text: str, *, is_open: bool = False) -> str:
    return tag("div", parts.details(summary, parts.folded(text, escape, classes=look.READS), is_open=is_open), look.TOOL_FOLD)


def _run(entry: RunEntry, *, has_message: bool, is_joined: bool) -> str:
    body = [_run_heading(entry)]
    if entry.is_edited or not has_message:
        body += [parts.code(block.code, block.language) for block in entry.blocks]
    views = [view(output) for output in entry.outputs]
    if outputs := "".join(tag("div", made) for made in map(_output, _merged(views)) if made):
        body.append(tag("div", outputs, f"{look.OUTPUTS} {look.state('error')}" if entry.state == "error" else look.OUTPUTS))
    if entry.output.strip() and entry.state not in ("running", "proposed") and not _is_above(entry, views):
        body.append(parts.details("What the assistant reads", parts.folded(entry.output, escape, classes=look.READS)))
    return tag("div", "".join(body), f"{look.RUN} {look.JOINED}" if is_joined else look.RUN)


def _is_above(entry: RunEntry, views: Sequence[OutputView | None]) -> bool:
    """Return whether what the model reads is what anyone sees of the outputs: printed text and pictures, and no word more."""
    is_seen = all(isinstance(seen, Stream | Picture) and "output_type" in output for seen, output in zip(views, entry.outputs, strict=True))
    return entry.state == "ok" and is_seen and entry.output == outputs_text(entry.outputs)


def _run_heading(entry: RunEntry) -> str:
    state = tag("strong", _mark(entry.state) + escape(run_state(entry.state, entry.exit_code, entry.block, len(entry.blocks))))
    took = tag("span", duration(entry.seconds), look.MUTED_TEXT) if entry.seconds is not None else ""
    edited = tag("span", "edited by you", look.BADGE) if entry.is_edited else ""
    first = tag("span", parts.dot(entry.state) + state)
    return tag("p", parts.SEPARATOR.join(filter(None, [first, took, edited])))


def _mark(state: str) -> str:
    return tag("span", _MARKS[state], look.ALT) if state in _MARKS else ""


def _notice(entry: NoticeEntry) -> str:
    lead = "" if entry.level == "info" else tag("strong", f"{entry.level.capitalize()}: ", look.ALT)
    text = tag("div", lead + parts.notice(entry.text), attributes=_AUTO)
    return tag("div", tag("div", text), f"{look.NOTICE} {look.state(entry.level)}".rstrip())


def _merged(views: Sequence[OutputView | None]) -> list[OutputView]:
    """Return what there is to see, with neighbouring pieces of one stream as one."""
    made: list[OutputView] = []
    for seen in views:
        before = made[-1] if made else None
        if seen is None:
            continue
        if isinstance(seen, Stream) and isinstance(before, Stream) and seen.is_error == before.is_error:
            made[-1] = Stream(before.text + seen.text, seen.is_error)
        else:
            made.append(seen)
    return made


def _output(seen: OutputView) -> str:
    if isinstance(seen, Stream):
        return parts.folded(seen.text, classes=look.STDERR if seen.is_error else "") if seen.text.strip() else ""
    if isinstance(seen, Picture):
        return _picture(seen)
    if isinstance(seen, Table):
        # Numbers stand under each other; an aligned cell says so itself.
        return tag("div", seen.html, f"{look.TABLE} {look.NUMBERS}")
    if isinstance(seen, Failure):
        text = seen.traceback if seen.traceback.strip() else f"{seen.name}: {seen.message}"
        return parts.folded(text, is_tail=True)
    return parts.folded(seen.text)


def _picture(seen: Picture) -> str:
    alt = seen.description or (f"plot, {seen.size}" if seen.size else "plot")
    width = f' width="{seen.width}"' if seen.width else ""
    return f'<img src="data:{seen.mime};base64,{seen.data}" alt="{escape(alt)}"{width}>'
