"""What may be varied: the search space, as people write it down."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..models.options import REQUEST_OPTIONS

if TYPE_CHECKING:
    import optuna

__all__ = ["OURS", "Space"]

OURS = ("model", "prompt", "system_message", "n")
"""Settings that are not options of the request."""
_SIMPLE = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class _Choice:
    values: tuple[Any, ...]

    @property
    def labels(self) -> list[Any]:
        return [value if isinstance(value, _SIMPLE) else f"{at}: {label(value)}" for at, value in enumerate(self.values)]

    def suggest(self, trial: optuna.Trial, name: str) -> Any:
        if len(self.values) == 1:
            return self.values[0]
        labels = self.labels
        return self.values[labels.index(trial.suggest_categorical(name, labels))]


@dataclass(frozen=True)
class _Range:
    low: float
    high: float
    log: bool = False

    def suggest(self, trial: optuna.Trial, name: str) -> Any:
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(name, self.low, self.high, log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)


class Space:
    """For each setting a value, a list of values to choose from, or a range ``(low, high)`` or ``(low, high, "log")``.

    Whole numbers give a range of whole numbers.

    Raises:
        UsageError: a setting is unknown, or has a form that means nothing.

    Example:
        >>> Space({"prompt": ["Add {a} and {b}.", "{a} + {b} = ?"], "temperature": (0.0, 1.0), "n": (1, 5)}).names
        ['prompt', 'temperature', 'n']
    """

    def __init__(self, space: Mapping[str, Any]) -> None:
        if not isinstance(space, Mapping) or "prompt" not in space:
            raise UsageError(
                'The space needs a "prompt": a text with the columns of the data in braces, a list of such texts, or functions of a row.'
            )
        self._parts = {name: _part(name, given) for name, given in space.items()}

    @property
    def names(self) -> list[str]:
        """The settings, in order."""
        return list(self._parts)

    @property
    def identity(self) -> dict[str, str]:
        """What tells it from other spaces."""
        return {name: f"{part.labels}" if isinstance(part, _Choice) else str(part) for name, part in self._parts.items()}

    def suggest(self, trial: optuna.Trial) -> dict[str, Any]:
        """Return the settings that a trial should try."""
        return {name: part.suggest(trial, name) for name, part in self._parts.items()}


def label(value: Any) -> str:
    """Return a value of a setting as people read it; nothing of a configuration but the model's name."""
    if isinstance(value, Mapping):
        entries = value.get("config_list") or [value]
        return str(value.get("model") or entries[0].get("model") or entries[0].get("base_url") or "model")
    for attribute in ("__name__", "model"):
        found = getattr(value, attribute, None)
        if isinstance(found, str):
            return found
    return str(value)


def _part(name: str, given: Any) -> _Choice | _Range:
    known = [*OURS, *sorted(REQUEST_OPTIONS)]
    if name not in known:
        near = difflib.get_close_matches(str(name), known, 1)
        raise UsageError(f"The space has the unknown setting {name!r}" + (f"; did you mean {near[0]!r}?" if near else "."))
    if isinstance(given, list):
        if not given:
            raise UsageError(f"The space has no value to choose from for {name!r}.")
        return _checked(name, _Choice(tuple(given)))
    if isinstance(given, tuple):
        return _range(name, given)
    return _checked(name, _Choice((given,)))


def _checked(name: str, choice: _Choice) -> _Choice:
    for value in choice.values:
        if name == "n" and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise UsageError(f"The space has n={value!r}; the number of answers is a whole number from 1.")
        if name == "prompt" and not (isinstance(value, str) or callable(value)):
            raise UsageError(f"The space has a prompt that is {value!r:.80}; write text, or a function of a row that returns text.")
    return choice


def _range(name: str, given: tuple[Any, ...]) -> _Range:
    numbers = given[:2]
    right = len(given) in (2, 3) and all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in numbers)
    if not right or given[2:] not in ((), ("log",)) or not numbers[0] < numbers[1] or (name == "n" and numbers[0] < 1):
        raise UsageError(f'The space has {name}={given!r}; a range is (low, high) or (low, high, "log"), a choice is a list.')
    if len(given) == 3 and numbers[0] <= 0:
        raise UsageError(f"The space has {name}={given!r}; a range on a logarithmic scale begins above 0.")
    return _Range(numbers[0], numbers[1], log=len(given) == 3)
