"""The conversation as a page: HTML that needs no script, no style sheet and no network, and holds nothing dangerous.

It is what a notebook shows when the live view is gone: after reopening, on GitHub, in an export. Jupyter trusts the outputs of executed
cells, so nothing else would stop what slips through here: all text is escaped, and the finished page passes an allow-list once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from . import html_parts as parts
from .html_gate import allowed
from .html_parts import COLORS, FAINT, PANEL, escape, tag
from .model_markdown import TABLE, to_html
from .output_view import Failure, OutputView, Picture, Stream, Table, view
from .transcript import Entry, MessageEntry, NoticeEntry, RunEntry, Status, ToolUse
from .wording import ended, model_label, run_outcome, tool_heading, usage_text

__all__ = ["html_of", "ungated"]

_PAGE = "max-width:62em;line-height:1.5;overflow-wrap:break-word"
_DATA_TABLE = TABLE.replace('style="', 'style="text-align:right;')
_AGENTS = ("cyan", "green", "violet", "orange", "blue", "magenta")
_MARKS = {"ok": ("✓", "green"), "error": ("✗", "red"), "timeout": ("✗", "red"), "died": ("✗", "red"), "interrupted": ("■", "orange")}
_NOTICE_COLORS = {"warning": "orange", "error": "red"}


def html_of(entries: Sequence[Entry], status: Status) -> str:
    """Return the whole conversation as one HTML element."""
    return allowed(ungated(entries, status))


def ungated(entries: Sequence[Entry], status: Status) -> str:
    """Return the page as it is before the gate, which should find nothing to take away."""
    messages = {entry.id: entry for entry in entries if isinstance(entry, MessageEntry)}
    made = [_entry(entry, messages) for entry in entries]
    return tag("div", "\n".join([*filter(None, made), _footer(status)]), _PAGE)


def _entry(entry: Entry, messages: Mapping[str, MessageEntry]) -> str:
    if isinstance(entry, MessageEntry):
        return _message(entry)
    if isinstance(entry, RunEntry):
        return _run(entry, messages.get(entry.message_id))
    return _notice(entry)


def _message(entry: MessageEntry) -> str:
    body = to_html(entry.text) if entry.text.strip() else ""
    if entry.reasoning.strip():
        body = parts.details("Thinking", parts.folded(entry.reasoning, escape, style=FAINT)) + body
    body += "".join(_tool(use) for use in entry.tool_calls)
    if not body and entry.state == "done":
        return ""
    label = model_label(entry.model, is_language_model=entry.is_language_model, separator=" – ")
    stands = {"writing": "still writing", "stopped": "stopped here"}.get(entry.state, "")
    about = " · ".join(escape(part) for part in (f"to {entry.recipient}" if entry.recipient else "", label, stands) if part)
    heading = f"{_agent(entry.sender)} {tag('span', about, FAINT)}"
    return _block(heading, body, COLORS[_hue(entry.sender)])


def _tool(use: ToolUse) -> str:
    mark, color = _MARKS.get(use.state, ("·", "cyan"))
    heading = f"{tag('span', mark, f'color:{COLORS[color]}')} {tag('span', escape(tool_heading(use.name, use.state, use.seconds)), FAINT)}"
    call = parts.code(f"{use.name}({use.arguments})", "")
    result = parts.details("Result", parts.folded(use.result, escape, style=PANEL)) if use.result.strip() else ""
    return tag("div", heading + call + result, "margin:0.4em 0")


def _run(entry: RunEntry, proposal: MessageEntry | None) -> str:
    body = []
    if entry.is_edited or proposal is None:
        body = [parts.code(block.code, block.language) for block in entry.blocks]
    if entry.is_edited:
        body.insert(0, tag("div", "Edited before it ran:", FAINT))
    body += [_output(seen) for seen in _views(entry.outputs)]
    if entry.output.strip():
        reader = proposal.sender if proposal and proposal.sender else "the model"
        body.append(parts.details(f"What {reader} reads", parts.folded(entry.output, escape, style=PANEL)))
    return _block(_run_heading(entry), "".join(body), "rgba(128,128,128,0.4)")


def _run_heading(entry: RunEntry) -> str:
    languages = ", ".join(dict.fromkeys(block.language for block in entry.blocks)) or "code"
    if entry.state in ("proposed", "running"):
        text = "wants to run" if entry.state == "proposed" else "is running"
        return f"{_agent(entry.agent)} {tag('span', escape(f'{text} {languages}'), FAINT)}"
    if entry.state == "refused":
        return f"{_agent(entry.agent)} {tag('span', escape(f'did not run {languages}'), FAINT)}"
    mark, color = _MARKS.get(entry.state, ("·", "cyan"))
    outcome = run_outcome(entry.state, entry.exit_code if entry.exit_code else None, entry.seconds)
    about = f"ran {languages}{f' · {outcome}' if outcome else ''}"
    return f"{tag('span', mark, f'color:{COLORS[color]}')} {_agent(entry.agent)} {tag('span', escape(about), FAINT)}"


def _notice(entry: NoticeEntry) -> str:
    color = COLORS.get(_NOTICE_COLORS.get(entry.level, ""), "")
    lead = f"{tag('strong', entry.level.capitalize() + ':', f'color:{color}')} " if color else ""
    return tag("div", lead + escape(entry.text), f"white-space:pre-wrap;{PANEL};margin:0 0 1.1em")


def _footer(status: Status) -> str:
    if status.state == "ended":
        text = ended(status.reason, status.prompt_tokens, status.completion_tokens, status.usd)
        text = text[:1].upper() + text[1:]
    else:
        usage = usage_text(status.prompt_tokens, status.completion_tokens, status.usd)
        text = " · ".join(part for part in (status.activity, usage) if part)
    return tag("div", escape(text), f"{FAINT};margin:0") if text else ""


def _block(heading: str, body: str, color: str) -> str:
    return tag(
        "div",
        f"{tag('div', heading, 'margin:0 0 0.25em')}{body}",
        f"margin:0 0 1.1em;padding:0 0 0 0.9em;border-left:3px solid {color}",
    )


def _agent(name: str) -> str:
    return tag("strong", escape(name) or "someone", f"color:{COLORS[_hue(name)]}")


def _hue(name: str) -> str:
    """Return a colour that a name always has: in this page, the next one and the live view alike."""
    return _AGENTS[hashlib.sha256(name.encode(errors="replace")).digest()[0] % len(_AGENTS)]


def _views(outputs: Sequence[Mapping[str, Any]]) -> list[OutputView]:
    """Return what there is to see, with neighbouring pieces of one stream as one."""
    made: list[OutputView] = []
    for output in outputs:
        seen, before = view(output), made[-1] if made else None
        if seen is None:
            continue
        if isinstance(seen, Stream) and isinstance(before, Stream) and seen.is_error == before.is_error:
            made[-1] = Stream(before.text + seen.text, seen.is_error)
        else:
            made.append(seen)
    return made


def _output(seen: OutputView) -> str:
    if isinstance(seen, Stream):
        is_blank = not seen.text.strip()
        return (
            ""
            if is_blank
            else parts.folded(seen.text, style=f"border-left:2px solid {COLORS['orange']};padding-left:0.6em" if seen.is_error else "")
        )
    if isinstance(seen, Picture):
        return _picture(seen)
    if isinstance(seen, Table):
        # Numbers stand under each other; an aligned cell says so itself.
        return tag("div", seen.html.replace("<table>", _DATA_TABLE), "overflow-x:auto;margin:0.4em 0")
    if isinstance(seen, Failure):
        text = seen.traceback if seen.traceback.strip() else f"{seen.name}: {seen.message}"
        return parts.folded(text, is_tail=True, style="background-color:rgba(212,70,83,0.1);border-radius:4px;padding:0.6em 0.8em")
    return parts.folded(seen.text)


def _picture(seen: Picture) -> str:
    alt = seen.description or (f"plot, {seen.size}" if seen.size else "plot")
    width = f' width="{seen.width}"' if seen.width else ""
    # Plots are drawn for a white page, and may be transparent.
    style = "max-width:100%;height:auto;background-color:#ffffff;border-radius:4px;margin:0.4em 0"
    return f'<div><img src="data:{seen.mime};base64,{seen.data}" alt="{escape(alt)}"{width} style="{style}"></div>'
