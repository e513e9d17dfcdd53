"""The conversation as Markdown and as plain text, for viewers that show no HTML. Images are in the HTML; here they have a line, or a
link where somebody keeps them in files.

The Markdown is whole, because exports by LaTeX are made from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ..terminal import clean, one_line
from .model_markdown import defused, fenced
from .output_view import Failure, OutputView, Picture, Stream, Table, view
from .transcript import Code, Entry, MessageEntry, NoticeEntry, RunEntry, Status, ToolUse
from .wording import ended, model_label, run_outcome, tool_heading

__all__ = ["KeepPicture", "markdown_of", "plain_of"]

KeepPicture = Callable[[Picture], str]
"""Keeps a picture somewhere, and returns its address as Markdown has it; nothing where it is not kept."""
_LONGEST = 4_000
"""Characters of one output; the whole of it is in the data beside the text."""
_WHOLE, _BEGINNING = 2_000, 1_000
"""Characters of plain text that are kept, and how many of them come from the beginning. Hardly any viewer shows it."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$-])")


def _not_kept(_picture: Picture) -> str:
    return ""


def markdown_of(entries: Sequence[Entry], status: Status, keep: KeepPicture = _not_kept) -> str:
    """Return the whole conversation as Markdown in which no engine finds HTML, dangerous links, or images but those that ``keep`` kept."""
    messages = {entry.id for entry in entries if isinstance(entry, MessageEntry)}
    made = [part for entry in entries for part in _markdown(entry, messages, keep)]
    return "\n\n".join([*made, *([f"*{_words(_end(status))}*"] if _end(status) else [])]) + "\n"


def _markdown(entry: Entry, messages: set[str], keep: KeepPicture) -> list[str]:
    if isinstance(entry, NoticeEntry):
        return [f"> {_words(_notice(entry))}"]
    if isinstance(entry, MessageEntry):
        return _markdown_message(entry)
    made = [f"**{_words(entry.agent)}** {_words(_run_line(entry))}"]
    if entry.is_edited or entry.message_id not in messages:
        made += ["\n".join(fenced(block.code, block.language)) for block in entry.blocks]
    for seen in _views(entry):
        made.append(_markdown_picture(seen, keep) if isinstance(seen, Picture) else "\n".join(fenced(_text(seen))))
    return made


def _markdown_picture(picture: Picture, keep: KeepPicture) -> str:
    if kept := keep(picture):
        return f"![{_words(picture.description) or 'plot'}]({kept})"
    return f"*[plot {picture.size}]*" if picture.size else "*[plot]*"


def _markdown_message(entry: MessageEntry) -> list[str]:
    made = [defused(entry.text)] if entry.text.strip() else []
    for use in entry.tool_calls:
        made += [f"*{_words(tool_heading(use.name, use.state, use.seconds))}*", "\n".join(fenced(_call(use), ""))]
        made += ["\n".join(fenced(_short(clean(use.result)), ""))] if use.result.strip() else []
    return [f"**{_words(entry.sender)}** {_words(_about(entry))}".rstrip(), *made] if made else []


def plain_of(entries: Sequence[Entry], status: Status) -> str:
    """Return the conversation as compact plain text: all of it, or the beginning and the end of a long one, which says so."""
    messages = {entry.id for entry in entries if isinstance(entry, MessageEntry)}
    made = [part for entry in entries if (part := _plain(entry, messages))]
    return "\n\n".join([*_bounded(made), *filter(None, [_end(status)])]) + "\n"


def _bounded(parts: Sequence[str]) -> Sequence[str]:
    """Return the parts, or the first and the last of them if they are too long together, and a note on what is not there."""
    if sum(map(len, parts)) <= _WHOLE:
        return parts
    first = _fitting(parts[:-1], _BEGINNING)
    last = _fitting(parts[len(first) :][::-1], _WHOLE - sum(map(len, first)))[::-1]
    missing = len(parts) - len(first) - len(last)
    note = f"[… {missing:,} messages and runs left out of the plain text; the HTML and the Markdown of this output have them …]"
    return [*first, *([note] if missing else []), *last]


def _fitting(parts: Sequence[str], room: int) -> list[str]:
    """Return the first of the parts, cut if it must be, and those after it for which there is room."""
    made: list[str] = []
    for part in parts:
        if made and len(part) > room:
            break
        made.append(part if len(part) <= room else f"{part[:room]}\n[… {len(part) - room:,} characters left out of the plain text …]")
        room -= len(part)
    return made


def _plain(entry: Entry, messages: set[str]) -> str:
    if isinstance(entry, NoticeEntry):
        return _notice(entry)
    if isinstance(entry, MessageEntry):
        return _plain_message(entry)
    made = [f"{one_line(entry.agent)} {_run_line(entry)}"]
    if entry.is_edited or entry.message_id not in messages:
        made += [_indented(block) for block in entry.blocks]
    for seen in _views(entry):
        made.append(f"[plot {seen.size}]" if isinstance(seen, Picture) else _text(seen))
    return "\n".join(made)


def _plain_message(entry: MessageEntry) -> str:
    made = [clean(entry.text).strip()] if entry.text.strip() else []
    for use in entry.tool_calls:
        made += [f"{_call(use)}", tool_heading(use.name, use.state, use.seconds)]
        made += [_short(clean(use.result).strip())] if use.result.strip() else []
    return "\n".join([f"{one_line(entry.sender)} {_about(entry)}".rstrip() + ":", *made]) if made else ""


def _call(use: ToolUse) -> str:
    return _short(f"{one_line(use.name)}({clean(use.arguments)})")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _indented(block: Code) -> str:
    return "\n".join(f"    {line}" for line in clean(block.code).splitlines())


def _about(entry: MessageEntry) -> str:
    label = model_label(entry.model, is_language_model=entry.is_language_model)
    recipient = one_line(entry.recipient)
    return " · ".join(part for part in (f"(to {recipient})" if recipient else "", label) if part)


def _run_line(entry: RunEntry) -> str:
    languages = ", ".join(dict.fromkeys(one_line(block.language, 20) for block in entry.blocks)) or "code"
    if entry.state in ("proposed", "running"):
        return f"{'wants to run' if entry.state == 'proposed' else 'is running'} {languages}"
    if entry.state == "refused":
        return f"did not run {languages}"
    edited = " (edited before it ran)" if entry.is_edited else ""
    return f"ran {languages}{edited} · {run_outcome(entry.state, entry.exit_code, entry.seconds)}"


def _notice(entry: NoticeEntry) -> str:
    return f"{'' if entry.level == 'info' else entry.level.capitalize() + ': '}{one_line(entry.text, 400)}"


def _end(status: Status) -> str:
    if status.state != "ended":
        return one_line(status.activity)
    text = ended(status.reason, status.prompt_tokens, status.completion_tokens, status.usd)
    return text[:1].upper() + text[1:]


def _views(entry: RunEntry) -> list[OutputView]:
    seen = (view(output) for output in entry.outputs if isinstance(output, Mapping))
    return [one for one in seen if one is not None and not (isinstance(one, Stream) and not one.text.strip())]


def _text(seen: Stream | Table | Failure | OutputView) -> str:
    if isinstance(seen, Failure):
        text = clean(seen.traceback) if seen.traceback.strip() else f"{seen.name}: {seen.message}"
        return text if len(text) <= _LONGEST else "…" + text[-_LONGEST:]
    text = "" if isinstance(seen, Picture) else clean(seen.text).strip("\n")
    return _short(text)


def _words(text: str) -> str:
    """Return text that means nothing in Markdown but itself."""
    return _SPECIAL.sub(r"\\\1", one_line(text, 400).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
