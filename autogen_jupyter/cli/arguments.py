"""The command line's parser: its options for a chat are those of the magic, from the same table."""

from __future__ import annotations

import argparse
import difflib
import re
from typing import Any, NoReturn

from .._version import __version__
from ..errors import UsageError
from ..notebook.options import OPTIONS, ChatOptions, read_value
from ..notebook.parser import HelpFormatter, argument_of
from .exit_codes import EXIT_CODES

__all__ = ["DATA_LEVELS", "EXIT_EPILOG", "Parser", "add_chat_options", "chat_options", "new_parser"]

ONLY_IN_A_NOTEBOOK = {"inputs", "outputs", "name", "new", "detach", "share", "yes", "pickle"}
"""Options about variables and other cells, which a command has not."""
DATA_LEVELS = next(option.choices for option in OPTIONS if option.field == "data")
EXIT_EPILOG = "exit codes:\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())


class Parser(argparse.ArgumentParser):
    """Answers what it does not know with the nearest thing it knows."""

    def __init__(self, **given: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=HelpFormatter, **given)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{_helpful(message, self)} See {self.prog} --help.")


def new_parser() -> tuple[Parser, Any]:
    """Return the parser of ``jupyter agentchat``, and what its commands are added to."""
    parser = Parser(prog="jupyter agentchat", description="Multi-agent chat, native to Jupyter.", epilog=EXIT_EPILOG)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command_name")
    return parser, commands


def add_chat_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the magic that make sense on a command line."""
    for option in OPTIONS:
        if option.field in ONLY_IN_A_NOTEBOOK:
            continue
        if option.field == "data":
            parser.add_argument(
                "--data",
                action="append",
                default=[],
                metavar="FILE|LEVEL",
                help="a file to work on (a table becomes a variable); or what the model is told of it: " + ", ".join(DATA_LEVELS),
            )
            continue
        parser.add_argument(*option.flags, dest=option.field, help=option.help.replace("%", "%%"), **argument_of(option))


def chat_options(arguments: argparse.Namespace) -> ChatOptions:
    """Return what the command line says about the chat."""
    given = vars(arguments) | {"data": None}
    levels = [word for word in arguments.data if word in DATA_LEVELS]
    said = {option.field: read_value(option, given) for option in OPTIONS if option.field not in ONLY_IN_A_NOTEBOOK}
    return ChatOptions(**{**said, "data": levels[-1] if levels else None})


def _helpful(message: str, parser: argparse.ArgumentParser) -> str:
    """Return argparse's complaint with the nearest word that would have been right."""
    if match := re.search(r"argument COMMAND: invalid choice: '([^']*)' \(choose from (.*)\)", message):
        word, known = match[1], [name.strip(" '") for name in match[2].split(",")]
        near = difflib.get_close_matches(word, known, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        return f"There is no command {word!r}. {hint}There are {', '.join(known)}. To ask the agents something: {parser.prog} run {word!r}."
    if match := re.search(r"unrecognized arguments: (.*)", message):
        flags = [flag for action in _every_action(parser) for flag in action.option_strings if flag.startswith("--")]
        word = match[1].split()[0]
        near = difflib.get_close_matches(word.split("=")[0], flags, n=1)
        if not word.startswith("-"):
            return f"{word!r} is one word too many; put what you ask in quotes."
        return f"There is no option {word}." + (f" Did you mean {near[0]}?" if near else "")
    if "arguments are required: COMMAND" in message:
        return "Say what to do."
    return message[:1].upper() + message[1:] + "."


def _every_action(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    actions = list(parser._actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            actions += [inner for one in action.choices.values() for inner in one._actions]
    return actions
