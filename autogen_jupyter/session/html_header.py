"""The line on top of the saved page: what became of the chat, which model wrote, and what it took. As in the live view."""

from __future__ import annotations

from collections.abc import Sequence

from ..terminal import one_line
from . import html_style as look
from .html_parts import SEPARATOR, dot, escape, tag
from .html_sheet import BADGE
from .transcript import Entry, MessageEntry, Status
from .wording import short_usage

__all__ = ["header"]


def header(entries: Sequence[Entry], status: Status) -> str:
    """Return the header as one HTML element."""
    now = tag("div", dot(status.state) + tag("strong", escape(_activity(status)), style=look.STRONG), style=look.NOW)
    model, is_language_model = _model(entries, status)
    badge = "" if is_language_model else tag("span", "not a language model", BADGE)
    usage = escape(short_usage(status.prompt_tokens, status.completion_tokens, status.usd))
    facts = [
        part for part in (tag("span", escape(model), "", 'dir="auto"') if model else "", badge, tag("span", usage) if usage else "") if part
    ]
    return tag("div", now + (tag("div", SEPARATOR.join(facts), style=look.FACTS) if facts else ""), style=look.HEADER)


def _activity(status: Status) -> str:
    if status.state == "ended":
        reason = one_line(status.reason, 200)
        return f"Ended: {reason}" if reason else "Ended"
    activity = status.activity or {"running": "Running", "waiting": "Waiting for you"}.get(status.state, "Starting")
    return activity[:1].upper() + activity[1:]


def _model(entries: Sequence[Entry], status: Status) -> tuple[str, bool]:
    """Return the model that wrote last, and whether it is a language model."""
    written = [entry for entry in entries if isinstance(entry, MessageEntry) and entry.model]
    name = status.model or (written[-1].model if written else "")
    return name, next((entry.is_language_model for entry in reversed(written) if entry.model == name), True)
