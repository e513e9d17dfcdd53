"""The options of a chat: one table, from which the parser, the help, the configuration, the reference page and completion are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from ..errors import UsageError
from ..models.budget import Budget, as_budget
from ..sizes import as_bytes

__all__ = ["CODE_TIMEOUT", "OPTIONS", "ChatOptions", "Option", "option_of", "read_value"]

CODE_TIMEOUT = 60.0
"""Seconds a block of code may run when nobody says otherwise."""


@dataclass(frozen=True)
class ChatOptions:
    """What was said about a chat; None (or nothing) where nothing was said, and the chat, the configuration or the default decides.

    One object is handed on whole: from the magic's line, the Python function and the command line to whoever needs a part of it.

    Example:
        >>> ChatOptions(model="builtin/demo").over(ChatOptions(model="gpt-6-luna", max_turns=3))
        ChatOptions(model='builtin/demo', max_turns=3)
    """

    model: str | None = None
    human: str | None = None
    approve: str | None = None
    max_turns: int | None = None
    timeout: float | None = None
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    name: str | None = None
    new: bool = False
    data: str | None = None
    format: str | None = None
    detach: bool = False
    quiet: bool = False
    budget: Budget | str | None = None
    isolate: str | None = None
    network: bool = False
    mounts: tuple[str, ...] = ()
    memory: int | str | None = None
    """Bytes, or a text such as ``4GB``."""
    share: str | None = None
    yes: bool = False
    dry_run: bool = False
    pickle: bool = False
    kernel: str | None = None
    """Where code runs: a kernel of this machine, or a server."""
    team: str | None = None
    """Which team answers; on a magic's line its name is the first word."""
    agent: str | None = None
    """Who of the team is addressed; on a magic's line ``@agent`` is the first word."""

    def over(self, others: ChatOptions) -> ChatOptions:
        """Return the options with those of ``others`` where these say nothing."""
        return replace(others, **self.said())

    def said(self) -> dict[str, Any]:
        """Return the fields that say something."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in given.items() if not (value is None or value is False or value == ())}

    def lasting(self) -> ChatOptions:
        """Return what a chat remembers for its next cell: not what concerns one cell, and never a permission."""
        kept = {option.field for option in OPTIONS if option.lasts}
        return ChatOptions(**{name: value for name, value in self.said().items() if name in kept})

    def check(self) -> ChatOptions:
        """Return these options.

        Raises:
            UsageError: a value is not among those that an option can have.
        """
        for option in OPTIONS:
            value = getattr(self, option.field)
            if option.choices and value is not None and value not in option.choices:
                raise UsageError(f"{option.field} is {value!r}; it must be one of {', '.join(option.choices)}.")
            if option.kind in ("count", "seconds") and value is not None and not value > 0:
                raise UsageError(f"{option.field} is {value!r}; it must be above 0.")
        as_budget(self.budget)
        if self.memory is not None:
            as_bytes(self.memory)
        return self

    def __repr__(self) -> str:
        return f"ChatOptions({', '.join(f'{name}={value!r}' for name, value in self.said().items())})"


@dataclass(frozen=True)
class Option:
    """One option, wherever it can be given.

    To add one: a field in ``ChatOptions`` and a row in ``OPTIONS``.
    """

    field: str
    """The field of ``ChatOptions``, the keyword in Python, the trait in ``%config AgentChat``."""
    flags: tuple[str, ...]
    kind: Literal["text", "names", "paths", "choice", "flag", "count", "seconds"]
    help: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    default: Any = None
    is_configurable: bool = False
    """Whether ``%config AgentChat`` can set it."""
    lasts: bool = False
    """Whether a chat remembers it for its next cell."""

    @property
    def takes_value(self) -> bool:
        return self.kind != "flag"


_HUMAN = ("always", "terminate", "never")
_APPROVE = ("always", "risky", "never")
_DATA = ("schema", "sample", "full", "none")
_ISOLATE = ("auto", "bubblewrap", "none")
_FORMATS = ("markdown", "md", "code", "text", "json", "html", "image", "math")

OPTIONS: tuple[Option, ...] = (
    Option(
        "model",
        ("-m", "--model"),
        "text",
        "the model, as provider/model, a server's URL, or builtin/demo",
        metavar="MODEL",
        is_configurable=True,
        lasts=True,
    ),
    Option("name", ("-n", "--name"), "text", "go on with the chat of this name, or begin it (default: the chat used last)", metavar="CHAT"),
    Option("new", ("--new",), "flag", "begin a new chat; with -n, in place of the one of that name"),
    Option("inputs", ("-i", "--input"), "names", "copy these variables into the agent kernel: -i df,config", metavar="NAMES"),
    Option("outputs", ("-o", "--output"), "names", "bring these variables back from the agent kernel: -o clean", metavar="NAMES"),
    Option("pickle", ("--pickle",), "flag", "let -i copy objects of any class too, by pickle; nothing ever comes back that way"),
    Option(
        "data",
        ("--data",),
        "choice",
        "what the model is told of -i variables: columns and types (schema, default), five rows too, all of it, or only the name",
        choices=_DATA,
        default="schema",
        is_configurable=True,
    ),
    Option(
        "human",
        ("--human",),
        "choice",
        "when agents ask you: at every message, at the end, or never (default)",
        choices=_HUMAN,
        default="never",
        is_configurable=True,
    ),
    Option(
        "approve",
        ("--approve",),
        "choice",
        "which generated code asks before it runs (default: none that is isolated, else always)",
        choices=_APPROVE,
        is_configurable=True,
    ),
    Option(
        "isolate",
        ("--isolate",),
        "choice",
        "what holds generated code back: bubblewrap where it works (auto, default), that or no code runs, or nothing",
        choices=_ISOLATE,
        default="auto",
        is_configurable=True,
        lasts=True,
    ),
    Option(
        "network",
        ("--network",),
        "flag",
        "let isolated code use the network, with all that listens on this machine",
        is_configurable=True,
        lasts=True,
    ),
    Option(
        "mounts",
        ("--mount",),
        "paths",
        "show isolated code another folder, to read, or with :rw to change too; can be given again",
        metavar="PATH[:rw]",
        is_configurable=True,
        lasts=True,
    ),
    Option(
        "memory",
        ("--memory",),
        "text",
        "memory that generated code may use: 4GB, 512MiB",
        metavar="SIZE",
        is_configurable=True,
        lasts=True,
    ),
    Option("share", ("--share",), "text", "use one agent kernel with the other chats that name it", metavar="NAME", lasts=True),
    Option("yes", ("--yes", "-y"), "flag", "do not ask before variables come back, or before a new agent kernel takes the old one's place"),
    Option("max_turns", ("--max-turns",), "count", "round trips at the most", metavar="N", is_configurable=True),
    Option(
        "timeout",
        ("--timeout",),
        "seconds",
        "stop a block of code that runs longer (default: 60)",
        metavar="SECONDS",
        default=CODE_TIMEOUT,
        is_configurable=True,
    ),
    Option(
        "budget",
        ("--budget",),
        "text",
        'stop the chat cleanly before it takes more: "0.50usd", "200k tokens", "10min", "5usd per day"',
        metavar="LIMITS",
        is_configurable=True,
    ),
    Option(
        "kernel",
        ("--kernel",),
        "text",
        "run code in this Jupyter kernel, on this configured server, or at this server's address",
        metavar="NAME-OR-URL",
        is_configurable=True,
        lasts=True,
    ),
    Option("format", ("-f", "--format"), "choice", "what form the answer should have", choices=_FORMATS, is_configurable=True),
    Option("detach", ("--detach",), "flag", "run in the background: the cell ends at once, `await _` waits for the answer"),
    Option("dry_run", ("--dry-run",), "flag", "show what the model would be sent, with its tokens and price, and send nothing"),
    Option("quiet", ("-q", "--quiet"), "flag", "show only the answer", is_configurable=True),
)
"""Every option, in the order of the help."""


def option_of(flag: str) -> Option | None:
    """Return the option of a flag, such as ``-m`` or ``--model=x``."""
    name = flag.split("=", maxsplit=1)[0]
    return next((option for option in OPTIONS if name in option.flags), None)


def read_value(option: Option, given: Mapping[str, Any]) -> Any:
    """Return an option's value from parsed arguments, as ``ChatOptions`` holds it."""
    value = given[option.field]
    if option.kind == "names":
        return tuple(name.strip() for part in value or () for name in part.split(",") if name.strip())
    if option.kind == "paths":
        return tuple(value or ())
    return value
