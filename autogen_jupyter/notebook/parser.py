"""Reads the line of ``%%agentchat`` and ``%agentchat``, and writes their help: both from the table of options."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn, TypeVar

from ..errors import UsageError
from .magic_line import words_of
from .options import OPTIONS, ChatOptions, Option, option_of, read_value

__all__ = ["EXAMPLES", "USAGE", "HelpFormatter", "HelpRequested", "Line", "argument_of", "help_text", "parse_line"]

N = TypeVar("N", int, float)

USAGE = "%%agentchat [TEAM | @agent | MODEL] [options]   (below this line: what you want done, in your own words)"
_FLAG = re.compile(r"--?[A-Za-z]")
EXAMPLES = """\
  %%agentchat
  Describe data/penguins.csv and plot body mass by species.

  %%agentchat -i df -o clean --approve never --max-turns 5
  Which columns of df have missing values? Make `clean` without those rows.

  %agentchat and by island?          one line is enough to go on
  %agentchat help                    the sub-commands: list, status, stop, undo, save ...

The agents go on with the chat of the cell before. The result is in `_`: .summary .messages .code .outputs .usage .variables .files
"""


class HelpRequested(Exception):  # noqa: N818 - not an error: the person asked for help
    """The line asks for help instead of a chat."""


@dataclass(frozen=True)
class Line:
    """A magic's line: its options, the words between them, and what follows the options as it was written."""

    options: ChatOptions
    words: tuple[str, ...] = ()
    """Words that are neither options nor their values."""
    rest: str = ""
    """The line from the first such word on, untouched."""
    is_prose: bool = False
    """Whether ``--`` says that the rest is a request, whatever it looks like."""


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Writes ``-m, --model MODEL``, as Python 3.13 and later do; before, it was ``-m MODEL, --model MODEL``."""

    if sys.version_info < (3, 13):

        def _format_action_invocation(self, action: argparse.Action) -> str:
            if not action.option_strings or action.nargs == 0:
                return super()._format_action_invocation(action)
            value = self._format_args(action, self._get_default_metavar_for_optional(action))
            return f"{', '.join(action.option_strings)} {value}"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"%%agentchat: {message}. See %agentchat --help.")


@cache
def _parser() -> _Parser:
    parser = _Parser(
        prog="%%agentchat",
        usage=USAGE.replace("%", "%%"),
        description="Agents work on your request: an assistant that writes code, and a proxy that runs it in a kernel of its own.",
        epilog=f"examples:\n{EXAMPLES}",
        formatter_class=HelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    for option in OPTIONS:
        parser.add_argument(*option.flags, dest=option.field, help=option.help.replace("%", "%%"), **argument_of(option))
    parser.add_argument("-h", "--help", action="store_true", help="show this")
    return parser


def argument_of(option: Option) -> dict[str, Any]:
    """Return an option as argparse takes it."""
    if option.kind == "flag":
        return {"action": "store_true"}
    if option.kind == "choice":
        return {"choices": option.choices}
    if option.kind in ("names", "paths"):
        return {"action": "append", "metavar": option.metavar}
    kinds: dict[str, Any] = {"count": {"type": _positive_int}, "seconds": {"type": _positive_float}}
    return {"metavar": option.metavar, **kinds.get(option.kind, {})}


def help_text() -> str:
    """Return the help of ``%%agentchat``."""
    return _parser().format_help()


def parse_line(line: str, *, is_prose: bool = False) -> Line:
    """Read the magic's line.

    Args:
        line: what follows ``%%agentchat``.
        is_prose: options stand only at the beginning, and from the first other word on the line is a request.

    Raises:
        UsageError: an unknown option or a value that does not fit; the message names it and the nearest one.
        HelpRequested: the line asks for help.

    Example:
        >>> parse_line("-q it's  the mean?", is_prose=True).rest
        "it's  the mean?"
    """
    options: list[str] = []
    others: list[str] = []
    rest, ended = "", False
    pending = iter(words_of(line))
    for word in pending:
        if word.text == "--":
            rest, ended = line[word.start + 2 :].strip(), True
            break
        if _FLAG.match(word.text) and not (is_prose and others):
            options.append(_known(word.text))
            option = option_of(word.text)
            if option is not None and option.takes_value and "=" not in word.text:
                options += [value.text for value in [next(pending, None)] if value is not None]
            continue
        others.append(word.text)
        rest = rest or line[word.start :].strip()
        if is_prose:
            others = rest.split()
            break
    return Line(_parsed(options), tuple(others), rest, is_prose=ended)


def _parsed(words: Sequence[str]) -> ChatOptions:
    parsed = vars(_parser().parse_args(list(words)))
    if parsed["help"]:
        raise HelpRequested
    return ChatOptions(**{option.field: read_value(option, parsed) for option in OPTIONS})


def _known(word: str) -> str:
    name = word.split("=", maxsplit=1)[0]
    if name in ("-h", "--help") or option_of(name) is not None:
        return word
    known = [flag for option in OPTIONS for flag in option.flags if flag.startswith("--")]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
    raise UsageError(f"%%agentchat has no option {name}. {hint} See %agentchat --help.")


def _positive_int(text: str) -> int:
    return _positive(int, text, "a whole number, 1 or more")


def _positive_float(text: str) -> float:
    return _positive(float, text, "a number of seconds above 0")


def _positive(number: Callable[[str], N], text: str, wanted: str) -> N:
    try:
        value = number(text)
    except ValueError:
        value = number("0")
    if not value > 0 or value == float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
    return value
