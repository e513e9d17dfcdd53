"""What a sub-command of ``%agentchat`` is, and which one a line means: a command only when its arguments fit, else it is a request."""

from __future__ import annotations

import difflib
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...errors import UsageError
from ..chats import Chats
from ..teams import PLANS

__all__ = ["COMMANDS", "Command", "Place", "command", "find", "takes_options", "usage_of", "without_name"]

Kind = Literal["chat", "number", "file", "names", "name", "paths", "text", "command", "team", "kept", "named", "rebuild", "all", "pickle"]
Shown = Any
"""What a command returns: text to show, another object for ``_``, or None."""


@dataclass(frozen=True)
class Place:
    """Where a command works."""

    chats: Chats
    shell: Any
    magics: Any
    """The magics, whose traits are the configuration."""


Run = Callable[[Place, Sequence[str]], Awaitable[Shown]]


@dataclass(frozen=True)
class Command:
    """A sub-command: one small function, and the arguments it takes."""

    name: str
    run: Run
    help: str
    takes: tuple[Kind, ...] = ()
    least: int = 0
    """How many of the arguments must be given."""
    is_hidden: bool = False

    def fits(self, words: Sequence[str], place: Place) -> bool:
        """Say whether these words can be its arguments."""
        takes = [kind for kind in self.takes if kind != "named"]
        if len(takes) < len(self.takes):
            words, _ = without_name(words)
        if self.takes[-1:] == ("text",):
            return len(words) >= self.least
        if self.takes[-1:] == ("paths",):
            return bool(words) and all(_fits("file", word, place) or word in ("--yes", "-y", "--all") for word in words)
        if not self.least <= len(words) <= len(takes):
            return False
        return all(_fits(kind, word, place) for kind, word in zip(takes, words, strict=False))


COMMANDS: dict[str, Command] = {}
_RECORDED = re.compile(r"\d{8}-\d{6}-")
_LABELS = {
    "chat": "CHAT",
    "number": "N",
    "file": "FILE",
    "names": "NAMES",
    "name": "NAME",
    "paths": "PATH...",
    "text": "TEXT",
    "command": "COMMAND",
    "team": "TEAM",
    "kept": "CHAT|FILE|ID",
    "named": "-n NAME",
    "rebuild": "run|empty",
    "all": "all",
    "pickle": "--pickle",
}


def command(name: str, what: str, *, takes: tuple[Kind, ...] = (), least: int = 0, also: str = "") -> Callable[[Run], Run]:
    """Make a function a sub-command; ``also`` is a hidden second name, which other magics have used for it."""

    def register(run: Run) -> Run:
        COMMANDS[name] = Command(name, run, what, takes, least)
        if also:
            COMMANDS[also] = Command(also, run, what, takes, least, is_hidden=True)
        return run

    return register


def usage_of(command: Command) -> str:
    """Return a command with the names of its arguments.

    Example:
        >>> usage_of(Command("undo", lambda place, words: None, "", ("number",)))
        'undo [N]'
    """
    labels = [_LABELS[kind] for kind in command.takes]
    return " ".join([command.name, *(label if number < command.least else f"[{label}]" for number, label in enumerate(labels))])


def without_name(words: Sequence[str]) -> tuple[Sequence[str], str | None]:
    """Return the words without ``-n NAME``, and the name.

    Example:
        >>> without_name(["a.ipynb", "-n", "sales", "run"])
        (['a.ipynb', 'run'], 'sales')
    """
    for at, word in enumerate(words):
        if word in ("-n", "--name") and at + 1 < len(words):
            return [*words[:at], *words[at + 2 :]], words[at + 1]
        if word.startswith("--name="):
            return [*words[:at], *words[at + 1 :]], word.removeprefix("--name=")
    return words, None


def takes_options(words: Sequence[str], options: Collection[str]) -> bool:
    """Say whether the options of a line that begins with a command are the command's own; otherwise the line is a request."""
    found = COMMANDS.get(words[0]) if words else None
    is_named = found is not None and "named" in found.takes and without_name(words)[1] is not None
    return not options or (is_named and set(options) == {"name"})


def find(words: Sequence[str], place: Place) -> Command | None:
    """Return the command that a line means; None when the line is a request.

    Raises:
        UsageError: it is neither: one word that nearly is a command, or a command whose argument is missing.
    """
    if not words:
        return None
    first, rest = words[0], words[1:]
    found = COMMANDS.get(first)
    if found is not None:
        if found.fits(rest, place):
            return found
        if not rest:
            raise UsageError(f"%agentchat {first} needs more: %agentchat {usage_of(found)}.")
        _complain_of_misspelled_chat(found, rest, place)
        return None
    near = difflib.get_close_matches(first.lower(), [one.name for one in COMMANDS.values() if not one.is_hidden], n=1, cutoff=0.7)
    if near and len(words) <= 2 and COMMANDS[near[0]].fits(rest, place) and COMMANDS[near[0]].takes[-1:] != ("text",):
        raise UsageError(
            f"There is no command {first!r}. Did you mean %agentchat {near[0]}? "
            f"To ask the agents just this: %agentchat -- {' '.join(words)}"
        )
    return None


def _complain_of_misspelled_chat(found: Command, rest: Sequence[str], place: Place) -> None:
    names = [conversation.name for conversation in place.chats]
    if found.takes[:1] == ("chat",) and len(rest) == 1 and (near := difflib.get_close_matches(rest[0], names, n=1)):
        raise UsageError(f"There is no chat {rest[0]!r}. Did you mean {near[0]!r}?")


def _is_chat(word: str, place: Place) -> bool:
    return any(conversation.name == word for conversation in place.chats)


def _is_file(word: str, _place: Place) -> bool:
    return "." in word.strip(".") or "/" in word


_CHECKS: dict[str, Callable[[str, Place], bool]] = {
    "chat": _is_chat,
    "number": lambda word, place: word.isascii() and word.isdigit() and int(word) > 0,
    "file": _is_file,
    "names": lambda word, place: all(name.isidentifier() for name in word.split(",")),
    "command": lambda word, place: word in COMMANDS,
    "kept": lambda word, place: _is_chat(word, place) or _is_file(word, place) or _RECORDED.match(word) is not None,
    "rebuild": lambda word, place: word in ("run", "empty"),
    "all": lambda word, place: word == "all",
    "pickle": lambda word, place: word == "--pickle",
    "team": lambda word, place: word in PLANS,
}


def _fits(kind: Kind, word: str, place: Place) -> bool:
    return kind not in _CHECKS or _CHECKS[kind](word, place)
