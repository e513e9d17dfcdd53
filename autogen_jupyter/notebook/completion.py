"""Tab completion in ``%%agentchat`` cells and ``%agentchat`` lines: options and their values, commands, models, teams, agents, variables.

``candidates`` is a plain function of the text and of what is known; ``Matcher`` gives it to IPython. Completing must cost next to nothing,
so nothing heavy is imported and no value is looked into beyond its attributes' names.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import ModuleType
from typing import Any, NamedTuple

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from .completion_words import COMMAND_ARGUMENTS, MODELS
from .context_words import CONTEXT_WORDS
from .magic_line import words_of
from .options import OPTIONS, Option, option_of
from .teams import PLANS

__all__ = ["Candidate", "Known", "candidates", "known_in", "matcher"]

_CELL = re.compile(r"%%agentchat(?=[ \t]|$)")
_LINE = re.compile(r"\s*(?:[^\W\d]\w*[ \t]*=[ \t]*)?%agentchat(?=[ \t]|$)")
_CONTINUED = re.compile(r"(^|[ \t])\\[ \t]*$")
_IN_BRACES = re.compile(r"\{(?P<path>[^{}\s!:]*)$")
_ATTRIBUTE = re.compile(r"(?P<root>[^\W\d]\w*)\.(?P<start>\w*)$")
_NUMBERED = re.compile(r"(?:@|\{)(?P<what>In|Out|cell)\[(?P<start>\d*)$")
_AT = re.compile(r"(?<![\w@`])@[\w\-]*$")
_NO_VARIABLES = {"In", "Out", "get_ipython", "exit", "quit", "open"}
_MOST = 200


class Candidate(NamedTuple):
    """One word that could stand at the cursor."""

    text: str
    kind: str


@dataclass(frozen=True)
class Known:
    """What there is to choose from, beside the options."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    """The notebook's namespace."""
    teams: Sequence[str] = ()
    agents: Sequence[str] = ()
    """Names of the agents of the chat, without the ``@``."""
    chats: Sequence[str] = ()
    models: Sequence[str] = ()
    """Short names of models, and models in use."""


def candidates(text: str, at: int, known: Known) -> tuple[str, list[Candidate]]:
    """Return the word that is being typed at a place in a cell, and what could become of it.

    Example:
        >>> candidates("%%agentchat --appr", 18, Known())
        ('--appr', [Candidate(text='--approve', kind='option')])
    """
    before = text[:at]
    lines = before.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
    if first is not None and (cell := _CELL.match(lines[first])):
        head = first
        while head < len(lines) - 1 and _CONTINUED.search(lines[head]):
            head += 1
        if len(lines) - 1 > head:
            return _in_prose(lines[-1], text[at:], known)
        line = " ".join(_CONTINUED.sub("", part) for part in lines[first : head + 1])
        return _on_line(line[cell.end() :], text[at:], known, is_cell=True)
    if match := _LINE.match(lines[-1]):
        return _on_line(lines[-1][match.end() :], text[at:], known, is_cell=False)
    return "", []


# --- on the line


def _on_line(line: str, after: str, known: Known, *, is_cell: bool) -> tuple[str, list[Candidate]]:
    word = re.search(r"\S*$", line)[0]  # type: ignore[index]
    if word == line:  # the cursor touches the magic's own name
        return "", []
    said = [one.text for one in words_of(line[: len(line) - len(word)])]
    if (valued := _valued(said, word)) is not None:
        return _value(*valued, known)
    others = _others(said)
    if "--" in said or (others and not is_cell):
        return _argument(others, word, known) if len(others) == 1 and others[0] in COMMAND_ARGUMENTS else _in_prose(line, after, known)
    flags = [Candidate(flag, "option") for flag in _flags_left(said)]
    if others or word.startswith("-"):
        return word, _beginning(word, flags)
    first = [] if is_cell or said else [Candidate(name, "command") for name in COMMAND_ARGUMENTS]
    first += [Candidate(name, "team") for name in known.teams]
    first += _agents(known)
    first += [Candidate(name, "model") for name in _models(known)] if is_cell else []
    if word:
        found = _beginning(word, first)
        return (word, found) if found or is_cell else _in_prose(line, after, known)
    return word, first + flags


def _valued(said: Sequence[str], word: str) -> tuple[Option, str] | None:
    """Return the option whose value is being typed, and the value so far; None where it is none."""
    before, is_joined = (said[-1], False) if said and "=" not in said[-1] else ("", False)
    if word.startswith("--") and "=" in word:
        before, is_joined = word, True
    option = option_of(before) if before else None
    if option is None or not option.takes_value:
        return None
    return option, word.partition("=")[2] if is_joined else word


def _others(said: Iterable[str]) -> list[str]:
    """Return the words that are neither options nor their values."""
    found, takes = [], False
    for word in said:
        option = option_of(word) if not takes else None
        if not takes and option is None and word != "--":
            found.append(word)
        takes = option is not None and option.takes_value and "=" not in word
    return found


def _flags_left(said: Sequence[str]) -> list[str]:
    used = {option.field for word in said if (option := option_of(word)) is not None and option.kind != "names"}
    left = [option for option in OPTIONS if option.field not in used]
    return [flag for option in left for flag in reversed(option.flags)] + ["--help"]


def _value(option: Option, word: str, known: Known) -> tuple[str, list[Candidate]]:
    if option.choices:
        return word, _beginning(word, [Candidate(choice, "value") for choice in option.choices])
    if option.kind == "names":
        done, _, part = word.rpartition(",")
        return part, [one for one in _variables(known, part) if one.text not in done.split(",")]
    names = {"model": _models(known), "name": known.chats}.get(option.field, ())
    return word, _beginning(word, [Candidate(name, option.field) for name in names])


def _argument(command: Sequence[str], word: str, known: Known) -> tuple[str, list[Candidate]]:
    kind = COMMAND_ARGUMENTS[command[0]]
    if kind == "names":
        return _value(next(option for option in OPTIONS if option.kind == "names"), word, known)
    names = {"chat": known.chats, "kept": known.chats, "command": tuple(COMMAND_ARGUMENTS), "team": known.teams}.get(kind, ())
    return word, _beginning(word, [Candidate(name, kind) for name in names])


def _models(known: Known) -> list[str]:
    return list(dict.fromkeys([*known.models, *MODELS]))


# --- in prose


def _in_prose(line: str, after: str, known: Known) -> tuple[str, list[Candidate]]:
    if numbered := _NUMBERED.search(line):
        return _numbers(numbered, after, known)
    if braces := _IN_BRACES.search(line):
        return _path(braces["path"], "" if after.startswith("}") else "}", known)
    if at := _AT.search(line):
        return at[0], _beginning(at[0], [*_agents(known), *(Candidate(word, "context") for word in CONTEXT_WORDS)])
    return "", []


def _numbers(match: re.Match[str], after: str, known: Known) -> tuple[str, list[Candidate]]:
    kept = known.variables.get("Out" if match["what"] == "Out" else "In", ())
    numbers = sorted(kept) if isinstance(kept, Mapping) else range(1, len(kept))
    end = "" if after.startswith("]") else "]"
    end += "}" if match[0].startswith("{") and end and not after.startswith("}") else ""
    return match["start"], _beginning(match["start"], [Candidate(f"{number}{end}", "cell") for number in reversed(numbers)])


def _path(path: str, end: str, known: Known) -> tuple[str, list[Candidate]]:
    if attribute := _ATTRIBUTE.fullmatch(path):
        value = known.variables.get(attribute["root"])
        names = [] if value is None else [name for name in dir(value) if not name.startswith("_")]
        return attribute["start"], _beginning(attribute["start"], [Candidate(name + end, "attribute") for name in names])
    if not re.fullmatch(r"\w*", path):
        return "", []
    numbered = [Candidate(f"{name}[", "cell") for name in ("In", "Out")]
    return path, [*(Candidate(one.text + end, one.kind) for one in _variables(known, path)), *_beginning(path, numbered)]


def _variables(known: Known, start: str) -> list[Candidate]:
    """Return the notebook's variables that begin so, the newest first; without functions, classes and modules."""
    found = (
        Candidate(name, "variable")
        for name, value in reversed([*known.variables.items()])
        if name.startswith(start)
        and not name.startswith("_")
        and name not in _NO_VARIABLES
        and not (isinstance(value, (ModuleType, type)) or callable(value))
    )
    return [*islice(found, _MOST)]


def _agents(known: Known) -> list[Candidate]:
    return [Candidate(f"@{name}", "agent") for name in known.agents]


def _beginning(word: str, among: Iterable[Candidate]) -> list[Candidate]:
    return [one for one in among if one.text.startswith(word)][:_MOST]


# --- for IPython


def matcher(known: Callable[[], Known]) -> Any:
    """Return a matcher for IPython's completer (version 2 of that interface). It never raises, and has nothing to say on other cells."""

    @context_matcher(  # type: ignore[untyped-decorator]
        priority=1_000, identifier="autogen_jupyter"
    )
    def agentchat_matcher(context: CompletionContext) -> SimpleMatcherResult:
        try:
            word, found = _for(context, known)
        except Exception:  # a completion is never worth an error
            logging.getLogger(__name__).debug("completion failed", exc_info=True)
            word, found = "", []
        completions = [SimpleCompletion(text=one.text, type=one.kind) for one in found]
        return {"completions": completions, "matched_fragment": word, "suppress": bool(completions), "ordered": True}

    return agentchat_matcher


def _for(context: CompletionContext, known: Callable[[], Known]) -> tuple[str, list[Candidate]]:
    text = context.full_text
    if "%agentchat" not in text:
        return "", []
    start = sum(len(line) + 1 for line in text.split("\n")[: context.cursor_line])
    return candidates(text, start + context.cursor_position, known())


def known_in(shell: Any, magics: Any) -> Known:
    """Return what there is in a kernel. Nothing is imported for it: before the first chat there are no chats to name."""
    loaded = sys.modules.get(f"{__package__}.chats")
    everything = [*loaded.chats] if loaded is not None else []
    current = loaded.chats.current if loaded is not None else None
    team = current.team if current is not None else None
    agents = [agent.name for agent in team.addressable] if team is not None else [PLANS["analyst"].agents[0].name]
    used = [one.options.model for one in everything if one.options.model]
    return Known(shell.user_ns, tuple(PLANS), tuple(agents), tuple(one.name for one in everything), (*magics.aliases, *used))
