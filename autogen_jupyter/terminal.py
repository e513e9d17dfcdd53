"""Text from models and programs, made safe to look at: no escape sequence, no control character, no hidden reordering.

Colours (SGR sequences) can be kept for a terminal, or read as runs of styled text for HTML. Everything else that a terminal would
obey (cursor movement, titles, links, clipboard writes) is removed.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["RESET", "Cleaner", "Span", "clean", "encodable", "one_line", "overwrite", "printable", "spans", "strip_sequences"]

RESET = "\x1b[0m"

_SGR = re.compile(r"(?:\x1b\[|\x9b)([0-9;:]{0,64})m")
_STYLES = {0, 1, 2, 3, 4, 7, 9, 29, 39, 49, *range(21, 28), *range(30, 38), *range(40, 48), *range(90, 98), *range(100, 108)}
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,256}[ -/]{0,16}[@-~]"  # CSI: colours, cursor, erasing
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c\n]{0,4096}(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]{0,16}[0-OQ-WYZ\\`-~]"  # two characters: charset, reset, save cursor
)
_UNFINISHED = re.compile(
    r"(?:(?:\x1b\[|\x9b)[0-?]{0,256}[ -/]{0,16}"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c\n]{0,4096}\x1b?"
    r"|\x1b[ -/]{0,16}|\r)\Z"
)
_LONGEST = 4200
"""Characters in the longest sequence that is waited for."""
_OVERWRITTEN = re.compile(r"^[^\n\r]*\r+(?=[^\n\r])", re.MULTILINE)
_UNPRINTABLE: dict[int, str | None] = {
    **dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)], None),
    **dict.fromkeys([0x0D, 0x2028, 0x2029], "\n"),
    # Embeddings, overrides and isolates can make code read as something else than what runs: show that they are there.
    **{code: f"⟨U+{code:04X}⟩" for code in [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]},
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ERASE = re.compile(r"\x1b\[[012]?K")
_BACKSPACE = re.compile(r"[^\n\x08]\x08")
_SURROGATE = re.compile("[\ud800-\udfff]")


def strip_sequences(text: str) -> str:
    """Return the text without escape sequences, and without control characters that mean nothing in plain text."""
    return _CONTROL.sub("", _SEQUENCE.sub("", text))


def overwrite(text: str) -> str:
    r"""Apply ``\r`` and ``\b`` as a terminal does; a ``\r`` at the very end stays, for what may follow.

    Example:
        >>> overwrite("10%\r20%\rdone\n")
        'done\n'
    """
    if "\b" in text:
        text = _apply_backspaces(text)
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join([*(_line(line.rstrip("\r")) for line in lines[:-1]), _last_line(lines[-1])])


def _last_line(line: str) -> str:
    kept = line.rstrip("\r")
    return _line(kept) + ("\r" if kept != line else "")


def _line(line: str) -> str:
    if "\r" not in line:
        return line
    shown = ""
    for written in line.split("\r"):
        if not written:
            continue
        shown = written if _ERASE.search(written) else written + shown[len(written) :]
    return shown


def _apply_backspaces(text: str) -> str:
    before = None
    while before != text:
        before, text = text, _BACKSPACE.sub("", text)
    return text.replace("\b", "")


def encodable(text: str) -> str:
    """Return the text without lone surrogates, which no file can hold."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def clean(text: str) -> str:
    """Return the text as it can be shown anywhere: printable characters, tabs and line breaks."""
    return text if _is_clean(text) else printable(_SEQUENCE.sub("", _overwrite(text)))


def _is_clean(text: str) -> bool:
    """Say whether a text is clean as it is: most are, and this is soon seen."""
    return text.isprintable() or text.replace("\n", "").isprintable()


def one_line(text: str, limit: int = 80) -> str:
    """Return the text as a short label on one line, such as the name of an agent."""
    return _one_line(text[: 4 * limit], limit)


@lru_cache(maxsize=1024)
def _one_line(text: str, limit: int) -> str:
    """The same few names come again with every message."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _overwrite(text: str) -> str:
    """Keep of each line what stands there after its carriage returns, as a progress bar means it."""
    return _OVERWRITTEN.sub("", text.replace("\r\n", "\n")) if "\r" in text else text


def printable(text: str) -> str:
    """Return the text without control characters, every break as a line break; what an escape sequence had after its first stays."""
    return encodable(text).translate(_UNPRINTABLE)


class Cleaner:
    """Cleans text that arrives in pieces: an escape sequence cut in two is still seen as one.

    Example:
        >>> cleaner = Cleaner()
        >>> cleaner.feed("a\\x1b[2") + cleaner.feed("Jb")
        'ab'
    """

    def __init__(self, *, color: bool = False) -> None:
        self._color = color
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what can be shown of everything so far and was not returned before."""
        text = self._held + text
        if _is_clean(text):
            self._held = ""
            return text
        unfinished = _UNFINISHED.search(text, max(0, len(text) - _LONGEST))
        end = unfinished.start() if unfinished else len(text)
        self._held = text[end:]
        return self._shown(text[:end])

    def flush(self) -> str:
        """Return the rest, when no more text follows."""
        text, self._held = self._held, ""
        return self._shown(text)

    def _shown(self, text: str) -> str:
        if not self._color:
            return clean(text)
        made, at, text = [], 0, _overwrite(text)
        for sequence in _SEQUENCE.finditer(text):
            made.append(printable(text[at : sequence.start()]))
            if color := _SGR.fullmatch(sequence[0]):
                codes = ";".join(";".join(map(str, code)) for code in _codes(color[1]))
                made.append(f"\x1b[{codes}m" if codes else "")
            at = sequence.end()
        return "".join([*made, printable(text[at:])])


def _codes(parameters: str) -> Iterator[tuple[int, ...]]:
    """Yield the colour and weight changes of one SGR sequence. What hides or blinks (8, 5, 6) and what is unknown is left out."""
    numbers = [int(number[:4] or 0) for number in re.split("[;:]", parameters)]
    while numbers:
        first = numbers.pop(0)
        if first in (38, 48) and numbers[:1] in ([5], [2]):
            length = 2 if numbers[0] == 5 else 4
            if len(numbers) >= length and max(numbers[:length]) < 256:
                yield (first, *numbers[:length])
            del numbers[:length]
        elif first in _STYLES:
            yield (first,)


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style."""

    text: str
    color: str = ""
    """``red``, ``green``, ``yellow``, ``blue``, ``magenta``, ``cyan``, or empty for the page's own colour."""
    is_bold: bool = False


_HUES = ("red", "yellow", "green", "cyan", "blue", "magenta")
_NAMES = ("", "red", "green", "yellow", "blue", "magenta", "cyan", "")


def spans(text: str) -> list[Span]:
    """Return the text of a terminal as clean runs. Backgrounds are dropped: the page has its own."""
    made: list[Span] = []
    color, is_bold, at = "", False, 0
    text = _overwrite(text)
    for sequence in _SEQUENCE.finditer(text):
        _add(made, Span(printable(text[at : sequence.start()]), color, is_bold))
        at = sequence.end()
        if sgr := _SGR.fullmatch(sequence[0]):
            for code in _codes(sgr[1]):
                color, is_bold = _styled(code, color, is_bold)
    _add(made, Span(printable(text[at:]), color, is_bold))
    return made


def _add(made: list[Span], span: Span) -> None:
    if not span.text:
        return
    if made and (made[-1].color, made[-1].is_bold) == (span.color, span.is_bold):
        span = Span(made.pop().text + span.text, span.color, span.is_bold)
    made.append(span)


def _styled(code: tuple[int, ...], color: str, is_bold: bool) -> tuple[str, bool]:
    first = code[0]
    if first == 0:
        return "", False
    if first in (1, 22):
        return color, first == 1
    if first == 39:
        return "", is_bold
    if 30 <= first <= 37 or 90 <= first <= 97:
        return _NAMES[first % 10], is_bold
    if first == 38:
        return _nearest(code), is_bold
    return color, is_bold


def _nearest(code: tuple[int, ...]) -> str:
    """Return the named colour that a 256-colour or true-colour code is closest to in hue."""
    if code[1] == 2:
        red, green, blue = code[2:5]
    elif code[2] < 16:
        return _NAMES[code[2] % 8]
    elif code[2] < 232:
        red, green, blue = (51 * (((code[2] - 16) // step) % 6) for step in (36, 6, 1))
    else:
        return ""
    hue, _, saturation = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    return _HUES[round(hue * 6) % 6] if saturation > 0.2 else ""
