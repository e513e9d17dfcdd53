"""Cut a magic line into words. Prose stays prose: it never raises, whatever the line holds."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Word", "split_magic_line", "words_of"]

_CLOSING = {"{": "}", "[": "]"}


class Word(NamedTuple):
    """A word of a line, and where it begins there."""

    text: str
    start: int


def split_magic_line(line: str) -> list[str]:
    """Return the words of ``line``.

    A quote counts only at the beginning of a word or right after ``--option=``, and only when it is closed at the end of a word; a
    JSON object or list stays one word; a backslash is itself.

    Example:
        >>> split_magic_line("-m 'my model' --name=\\"a b\\" it's")
        ['-m', 'my model', '--name=a b', "it's"]
    """
    return [word.text for word in words_of(line)]


def words_of(line: str) -> list[Word]:
    """Return the words of ``line``, as ``split_magic_line`` does, with their places."""
    words: list[Word] = []
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        start = at
        option, at = _option(line, at)
        value, at = _value(line, at)
        words.append(Word(option + value, start))
    return words


def _option(line: str, at: int) -> tuple[str, int]:
    """Return a leading ``--option=``, if there is one, and where its value begins."""
    if not line.startswith("--", at):
        return "", at
    end = at
    while end < len(line) and not line[end].isspace() and line[end] != "=":
        end += 1
    return (line[at : end + 1], end + 1) if line[end : end + 1] == "=" else ("", at)


def _value(line: str, at: int) -> tuple[str, int]:
    first = line[at : at + 1]
    if first in ("'", '"'):
        end = line.find(first, at + 1)
        if end != -1 and (end + 1 == len(line) or line[end + 1].isspace()):
            return line[at + 1 : end], end + 1
    if first in ("{", "["):
        end = _closing(line, at)
        if end != -1:
            return line[at : end + 1], end + 1
    end = at
    while end < len(line) and not line[end].isspace():
        end += 1
    return line[at:end], end


def _closing(line: str, at: int) -> int:
    """Return where the bracket at ``at`` is closed, outside of JSON strings; -1 when it is not."""
    expected: list[str] = []
    in_string = False
    for position in range(at, len(line)):
        char = line[position]
        if in_string:
            in_string = char != '"' or line[position - 1] == "\\"
        elif char == '"':
            in_string = True
        elif char in _CLOSING:
            expected.append(_CLOSING[char])
        elif expected and char == expected[-1]:
            expected.pop()
            if not expected:
                return position
    return -1
