"""Take secrets out of text: keys that this process knows, and strings that look like keys.

Where it is applied: to what models are sent and what they answer, to what code and tools give, to every message of a history, every
event, and every error that is shown. What was taken out is marked ``[secret removed]``.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, TypeVar, cast

__all__ = ["MARK", "OURS", "StreamRedactor", "generation", "known_secrets", "learn", "redacted", "removed", "without_secrets"]

T = TypeVar("T")
MARK = "[secret removed]"
SHORTEST = 8
"""Characters that a known value must have: taking out every ``none`` would say less about secrets than about nothing."""
_TOO_SHORT = len("://:p@")
"""A text of fewer characters holds neither a known secret nor anything that looks like one."""
_SHORT = 200
"""Characters of a text that is remembered apart from the long ones."""
_FRESH = 0.25
"""Seconds after which the environment is looked at again."""
_LONGEST_HELD = 8_192
_NAME = re.compile(
    r"(?:^|_)(?:\w*KEY|TOKEN|SECRET|PASS|PASSWORD|PASSWD|PASSPHRASE|PWD|CREDENTIALS?|PAT)S?\d*(?:_(?:ID|OLD|NEW|VALUE)?\d*)?$"
)
"""Names of environment variables that hold secrets."""
_IN_JSON = re.compile(r'"api_key"\s*:\s*"([^"\\]+)"')
_NO_SECRETS = frozenset(
    {"disabled", "required", "optional", "not-needed", "no-key-required", "sk-no-key-required", "lm-studio", "not_needed"}
)


@dataclass(frozen=True)
class _Shape:
    """What one kind of key looks like."""

    name: str
    starts: tuple[str, ...]
    """One of these is in every such key; looked for first, because that is fast."""
    pattern: re.Pattern[str]


def _shape(name: str, starts: str, pattern: str, flags: int = 0) -> _Shape:
    return _Shape(name, tuple(starts.split("|")), re.compile(pattern, flags))


_NOT_IN_A_WORD = r"(?<![A-Za-lo-qsu-z0-9])"
"""Keys begin where a word does. The letters that may stand before one end escapes (n, r, t) and a terminal's colours (m)."""
_SHAPES = (
    _shape("a key of OpenAI, Anthropic or OpenRouter", "sk-", _NOT_IN_A_WORD + r"sk-(?=[\w-]*\d)[\w-]{20,}"),
    _shape("a key of Google", "AIza", _NOT_IN_A_WORD + r"AIza[\w-]{35}"),
    _shape("a key of Groq", "gsk_", _NOT_IN_A_WORD + r"gsk_[A-Za-z0-9]{20,}"),
    _shape("a token of Hugging Face", "hf_", _NOT_IN_A_WORD + r"hf_[A-Za-z0-9]{30,}"),
    _shape("a token of GitHub", "ghp_|gho_|ghu_|ghs_|ghr_", _NOT_IN_A_WORD + r"gh[pousr]_[A-Za-z0-9]{30,}"),
    _shape("a token of GitHub", "github_pat_", _NOT_IN_A_WORD + r"github_pat_\w{30,}"),
    _shape("a token of GitLab", "glpat-", _NOT_IN_A_WORD + r"glpat-[\w-]{20,}"),
    _shape("a token of Slack", "xox", _NOT_IN_A_WORD + r"xox[abeoprs]-[A-Za-z0-9-]{20,}"),
    _shape("a key of AWS", "AKIA|ASIA", _NOT_IN_A_WORD + r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _shape("a web token", "eyJ", _NOT_IN_A_WORD + r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    _shape("a bearer token", "earer ", r"(?<=[Bb]earer )[\w.~+/-]{20,}=*"),
    _shape("a password in an address", "://", r"(?<=://)[^\s/:@'\"]*:[^\s/:@'\"]+(?=@)"),
    _shape(
        "a private key", "-----BEGIN", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----.*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|\Z)", re.DOTALL
    ),
)
_STARTS = tuple((start, shape) for shape in _SHAPES for start in shape.starts)
_BEGINS = tuple(start for shape in _SHAPES for start in shape.starts if start not in ("://", "earer "))
_MAY_GO_ON = re.compile(
    rf"{_NOT_IN_A_WORD}(?:{'|'.join(map(re.escape, _BEGINS[:-1]))})[\w.-]*\Z"
    r"|[Bb]earer [\w.~+/-]*=*\Z|://[^\s/@'\"]*\Z|-----BEGIN (?:(?!-----END)[\s\S])*\Z"
)
_BEGINS_ANYWHERE = ("://", "-----BEGIN", "bearer ", "Bearer ")
_PARTS_ANYWHERE = frozenset(start[:length] for start in _BEGINS_ANYWHERE for length in range(1, len(start) + 1))
_PARTS = _PARTS_ANYWHERE | {start[:length] for start in _BEGINS for length in range(1, len(start) + 1)}
_TAIL = max(map(len, _PARTS))

_learned: dict[str, str] = {}
"""Secrets that were used in this process, with where they came from."""
_removed: Counter[str] = Counter()
_lock = threading.Lock()


def learn(value: str, source: str) -> None:
    """Remember a secret that is used in this process, so that it is taken out everywhere; ``source`` names it for people."""
    value = value.strip()
    if _is_secret(value) and value not in _learned:
        _learned[value] = source
        _known.forget()


def known_secrets() -> list[str]:
    """Return where the secrets come from that are known: names of environment variables, ``api_key``, never the secrets."""
    return sorted(set(_known.values().values()))


def generation() -> int:
    """Return a number that changes when another secret becomes known: what was looked at before must be looked at again."""
    _known.values()
    return _known.generation


def removed() -> dict[str, int]:
    """Return what was taken out in this process so far, and how often."""
    return dict(_removed)


class _Known:
    """The values to take out, longest first."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._until = 0.0
        self.generation = 1

    def values(self) -> dict[str, str]:
        now = time.monotonic()
        if now >= self._until:
            found = {**dict(_from_environment(os.environ)), **_learned}
            if found != self._values:
                with _lock:
                    self._values = dict(sorted(found.items(), key=lambda pair: -len(pair[0])))
                self.generation += 1
                _looked_through.cache_clear()
                _short_looked_through.cache_clear()
            self._until = now + _FRESH
        return self._values

    def forget(self) -> None:
        self._until = 0.0


_known = _Known()


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if _NAME.search(name.upper()) and _is_secret(value.strip()):
            yield value.strip(), name
        elif "api_key" in value:
            for found in _IN_JSON.findall(value):
                if _is_secret(found):
                    yield found, name


def _is_secret(value: str) -> bool:
    return len(value) >= SHORTEST and not value.isdigit() and not value.startswith(("/", "~/", "./")) and value.lower() not in _NO_SECRETS


def redacted(text: str) -> str:
    """Return a text without the secrets in it.

    Example:
        >>> redacted("postgres://ada:lovelace@db/sales")
        'postgres://[secret removed]@db/sales'
    """
    if len(text) < _TOO_SHORT:
        return text
    _known.values()
    clean, sources = _looked_through(text) if len(text) > _SHORT else _short_looked_through(text)
    if sources:
        with _lock:
            _removed.update(sources)
    return clean


def _taken_out(text: str) -> tuple[str, dict[str, int]]:
    """Return a text without secrets, and how many of each were in it."""
    sources: dict[str, int] = {}
    for value, source in _known.values().items():
        if value in text:
            sources[source] = sources.get(source, 0) + text.count(value)
            text = text.replace(value, MARK)
    for start, shape in _STARTS:
        if start in text:
            text, times = shape.pattern.subn(_mark, text)
            if times:
                sources[shape.name] = sources.get(shape.name, 0) + times
    return text, sources


# A text is looked at by everybody who passes it on; names and roles come again with every message, and outcrowd nothing that is long.
_looked_through = lru_cache(maxsize=512)(_taken_out)
_short_looked_through = lru_cache(maxsize=4096)(_taken_out)


def _mark(found: re.Match[str]) -> str:
    return found[0] if MARK in found[0] else MARK


_PLAIN = frozenset({type(None), bool, int, float})
_CONTAINERS = frozenset({tuple, list, dict})
OURS: Mapping[str, bool] = {"ours": True}
"""The metadata of a dataclass's field whose values are of our own making, or one word of a few: nobody hides a secret there."""


def without_secrets(value: T) -> T:
    """Return a value with the secrets taken out of every text in it: dictionaries, lists and dataclasses are looked into.

    What has no secret is returned as it is, and is not copied.
    """
    return cast(T, _without(value))


def _without(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.startswith("data:image/") else redacted(value)
    if names := _names(value.__class__):
        return _without_in_dataclass(value, names)
    if isinstance(value, Mapping):
        return _without_in_mapping(value)
    return _without_in_sequence(value) if isinstance(value, (list, tuple)) else value


def _without_in_sequence(value: Sequence[Any]) -> Any:
    made = [_without(item) for item in value]
    if all(new is old for new, old in zip(made, value, strict=True)):
        return value
    return type(value)(made) if type(value) in (list, tuple) else tuple(made)  # type: ignore[call-arg]


@cache
def _names(kind: type) -> tuple[str, ...]:
    """Return the names of a dataclass's fields that may hold a secret; of other types none."""
    return tuple(field.name for field in fields(kind) if "ours" not in field.metadata) if is_dataclass(kind) else ()


@cache
def _fields_of(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    """Return the function that reads those fields at once."""
    names = _names(kind)
    return attrgetter(*names) if len(names) > 1 else lambda value: tuple(getattr(value, name) for name in names)


def _without_in_mapping(value: Mapping[Any, Any]) -> Any:
    made = {
        key: item if isinstance(key, str) and key.startswith(("image/", "audio/", "video/")) and key != "image/svg+xml" else _without(item)
        for key, item in value.items()
    }
    named = {redacted(key) if isinstance(key, str) else key: item for key, item in made.items()}
    return value if all(made[key] is value[key] for key in made) and named.keys() == made.keys() else named


def _without_in_dataclass(value: Any, names: Sequence[str]) -> Any:
    changed = {}
    for name, old in zip(names, _fields_of(value.__class__)(value), strict=True):
        kind = type(old)
        if (kind is str and len(old) < _TOO_SHORT) or kind in _PLAIN or (kind in _CONTAINERS and not old):  # most fields
            continue
        new = _without(old)
        if new is not old and new != old:
            changed[name] = new
    if not changed:
        return value
    given = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
    return type(value)(**{**given, **changed})


class StreamRedactor:
    """Takes secrets out of a text that arrives in pieces: what may be the beginning of one is held back until it is clear.

    Example:
        >>> stream = StreamRedactor()
        >>> [stream.feed("Use postgres://ada:love"), stream.feed("lace@db"), stream.flush()]
        ['Use postgres', '://[secret removed]@db', '']
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take a piece; return what can be shown."""
        text = self._held + piece
        if not text:
            return ""
        safe = len(text) if len(text) > _LONGEST_HELD else min(_begin_of_known(text), _begin_of_shape(text))
        self._held = text[safe:]
        return redacted(text[:safe]) if safe else ""

    def flush(self) -> str:
        """Return what was held back: the text is at its end."""
        held, self._held = self._held, ""
        return redacted(held) if held else ""


def _begin_of_known(text: str) -> int:
    """Return where a known secret may begin that the text does not yet hold to its end."""
    safe = len(text)
    for value in _known.values():
        at = text.find(value[0], max(0, len(text) - len(value) + 1))
        while 0 <= at < safe:
            if value.startswith(text[at:]):
                safe = at
                break
            at = text.find(value[0], at + 1)
    return safe


def _begin_of_shape(text: str) -> int:
    found = _MAY_GO_ON.search(text)
    safe = found.start() if found else len(text)
    for at in range(max(0, len(text) - _TAIL), safe):
        tail = text[at:]
        if tail in (_PARTS_ANYWHERE if at and text[at - 1].isalnum() and text[at - 1] not in "mnrt" else _PARTS):
            return at
    return safe
