"""The options of ``%%agentchat``: one parser, from which the help is made too."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from ..errors import UsageError
from .magic_line import split_magic_line

__all__ = ["CODE_TIMEOUT", "ChatOptions", "HelpRequested", "help_text", "parse_line"]

N = TypeVar("N", int, float)

CODE_TIMEOUT = 60.0
"""Seconds a block of code may run when nobody says otherwise."""

_EXAMPLES = """\
examples:
  %%agentchat
  Describe data/penguins.csv and plot body mass by species.

  %%agentchat -i df --approve never --max-turns 5
  Which columns of df have missing values?

The agents go on with the chat of the cell before. The result is in `_`: .summary .chat_history .code .outputs .usage
"""


class HelpRequested(Exception):  # noqa: N818 - not an error: the person asked for help
    """The line asks for help instead of a chat."""


@dataclass(frozen=True)
class ChatOptions:
    """What a line says; None where it says nothing, and the configuration decides."""

    model: str | None = None
    human: str | None = None
    approve: str | None = None
    max_turns: int | None = None
    timeout: float | None = None
    inputs: tuple[str, ...] = ()
    quiet: bool = False
    words: tuple[str, ...] = ()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"%%agentchat: {message}. See %agentchat --help.")


def _parser() -> _Parser:
    parser = _Parser(
        prog="%%agentchat",
        usage="%%%%agentchat [options]   (on the first line; below it, what you want done, in your own words)",
        description="Two agents work on your request: an assistant that writes code, and a proxy that runs it in a kernel of its own.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("-m", "--model", metavar="MODEL", help="the model, as provider/model, a server's URL, or builtin/demo")
    add("-i", "--input", metavar="NAMES", action="append", default=[], help="copy these variables into the agent kernel: -i df,config")
    add("--human", choices=["always", "terminate", "never"], help="when agents ask you: at every message, at the end, or never (default)")
    add("--approve", choices=["always", "risky", "never"], help="which generated code asks before it runs (default: always)")
    add("--max-turns", metavar="N", type=_positive_int, help="round trips at the most")
    add("--timeout", metavar="SECONDS", type=_positive_float, help="stop a block of code that runs longer (default: 60)")
    add("-q", "--quiet", action="store_true", help="show only the answer")
    add("-h", "--help", action="store_true", help="show this")
    add("words", nargs="*", help=argparse.SUPPRESS)
    return parser


def help_text() -> str:
    """Return the help of ``%%agentchat``."""
    return _parser().format_help()


def parse_line(line: str) -> ChatOptions:
    """Read the magic's line.

    Raises:
        UsageError: an unknown option or a value that does not fit; the message names it and the nearest one.
        HelpRequested: the line asks for help.
    """
    parsed, unknown = _parser().parse_known_args(split_magic_line(line))
    if unknown:
        raise UsageError(_unknown(unknown[0]))
    if parsed.help:
        raise HelpRequested
    names = [name.strip() for given in parsed.input for name in given.split(",") if name.strip()]
    return ChatOptions(
        parsed.model, parsed.human, parsed.approve, parsed.max_turns, parsed.timeout, tuple(names), parsed.quiet, tuple(parsed.words)
    )


def _unknown(option: str) -> str:
    known = [name for action in _parser()._actions for name in action.option_strings if name.startswith("--")]
    near = difflib.get_close_matches(option.split("=", maxsplit=1)[0], known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
    return f"%%agentchat has no option {option}. {hint} See %agentchat --help."


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
