"""What the model reads of a run: the outputs as plain text, short, with the failing lines of its own code."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..images import image_size
from ..terminal import overwrite, strip_sequences
from .html_text import tables_text

__all__ = ["LIMIT", "clip", "outputs_text"]

LIMIT = 8_000
"""Characters of output that a model is given for one run."""
FLOOD = 10 * LIMIT
"""From this length on, output is taken for a flood: its two ends say more than either."""

MESSAGE = 3_000
"""Characters of what an error says."""

_CHAIN = re.compile(
    r"^(The above exception was the direct cause of the following exception:"
    r"|During handling of the above exception, another exception occurred:)\s*$",
    re.MULTILINE,
)
_OBJECT_REPR = re.compile(r"<[\w.]+(?: [^\n]*)?>")
_FRAME = re.compile(r"^(?:Cell |Input )?In ?\[\d+\], (?:line \d+|in .*)|^Cell In\[\d+\]|^Input In \[\d+\]|^File ")
_LIBRARY = re.compile(r"site-packages|dist-packages|[/\\]lib[/\\]python\d|<frozen |<agent kernel>|<string>|[/\\]Lib[/\\]|importlib")
_RULE = re.compile(r"^-{20,}\s*$")


def outputs_text(outputs: Iterable[Mapping[str, Any]]) -> str:
    """Return nbformat outputs as text without escape sequences, in their order, not yet shortened."""
    text = ""
    for output in outputs:
        piece = _piece(output)
        if text and piece and not text.endswith("\n") and output["output_type"] != "stream":
            text += "\n"
        text += piece
        if piece and output["output_type"] != "stream":
            text += "\n"
    return text.rstrip()


def clip(text: str, *, failed: bool, limit: int = LIMIT) -> str:
    """Shorten ``text`` and say how much was cut: keep its head, the tail of a failure, both ends of a flood."""
    cut = len(text) - limit
    if cut <= 0:
        return text
    note = f"[{cut:,} characters cut]"
    if len(text) > FLOOD:
        head = limit // 2
        return f"{text[:head]}\n… {note} …\n{text[len(text) - (limit - head) :]}"
    return f"{note} …\n{text[cut:]}" if failed else f"{text[:limit]}\n… {note}"


def _piece(output: Mapping[str, Any]) -> str:
    kind = output["output_type"]
    if kind == "stream":
        return overwrite(strip_sequences(_joined(output["text"]))).replace("\r", "\n")
    if kind == "error":
        return error_text(output["ename"], output["evalue"], output["traceback"])
    return data_text(output["data"])


def data_text(data: Mapping[str, Any]) -> str:
    """Return what a displayed object says in words: its text, or what kind of picture it is."""
    images = [_image_text(mime, value) for mime, value in data.items() if mime.startswith("image/")]
    plain = strip_sequences(_joined(data.get("text/plain", "")))
    if images:
        return " ".join(images)
    if plain and not _OBJECT_REPR.fullmatch(plain):
        return plain
    for mime in ("text/markdown", "text/latex"):
        if mime in data:
            return _joined(data[mime])
    if table := tables_text(_joined(data.get("text/html", ""))):
        return table
    other = [f"[{mime}]" for mime in data if mime != "text/plain"]
    return plain or " ".join(other)


def _image_text(mime: str, value: Any) -> str:
    try:
        width, height = image_size(mime, base64.b64decode("".join(_joined(value).split())))
    except ValueError:  # also base64's own error
        return f"[{mime}]"
    return f"[{mime} {width}x{height}]"


def _joined(text: Any) -> str:
    return "".join(map(str, text)) if isinstance(text, (list, tuple)) else str(text)


def error_text(ename: str, evalue: str, traceback: Sequence[str]) -> str:
    """Return an error as its last lines, after the frames that lie in the user's code; library frames are only counted.

    What caused it, or was being handled, comes first, as in Python.
    """
    last = strip_sequences(f"{ename}: {evalue}" if evalue else ename)
    text = overwrite(strip_sequences("\n".join(traceback)))
    *causes, own = _CHAIN.split(text)
    shown = []
    for cause, link in zip(causes[::2], causes[1::2], strict=True):
        lines = cause.rstrip().split("\n")
        if lines[-1] != last:  # libraries like to say the same again
            shown += [*_own(_frames(lines))[-1:], _shortened(lines[-1]), link]
    frames = _own(_frames(own.split("\n")))
    in_libraries = sum(_is_in_library(frame) for frame in _frames(text.split("\n")))
    shown += [*frames[-3:], f"… {in_libraries} more in library code" if in_libraries and frames else ""]
    said = own[own.rindex(last) + len(last) :] if last in own else ""
    notes = said.lstrip(":").strip()  # IPython writes a colon even where nothing follows
    return "\n".join(filter(None, [*shown, _shortened(last), _shortened(notes)]))


def _own(frames: Iterable[list[str]]) -> list[str]:
    """Return those in the user's code, as text."""
    return ["\n".join(frame).rstrip() for frame in frames if not _is_in_library(frame)]


def _is_in_library(frame: Sequence[str]) -> bool:
    return _LIBRARY.search(frame[0]) is not None


def _shortened(text: str) -> str:
    """Return what an error says, without its middle when it says too much to leave room for the rest."""
    cut = len(text) - MESSAGE
    return text if cut <= 0 else f"{text[: MESSAGE // 2]} … [{cut:,} characters cut] … {text[-(MESSAGE // 2) :]}"


def _frames(lines: Sequence[str]) -> Iterable[list[str]]:
    """Split a traceback of IPython's into its frames: a line that names the place, and the lines of code below it."""
    frame: list[str] = []
    for line in lines:
        if _FRAME.match(line.lstrip()):
            if frame:
                yield frame
            frame = [line.strip()]
        elif frame and (not line or line[0].isspace() or line.startswith(("-", "."))) and not _RULE.match(line):
            frame.append(line)
        elif frame:
            yield frame
            frame = []
    if frame:
        yield frame
