"""What the agents of a group know together: variables that tools change and conditions read."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from ..errors import UsageError
from .context_expression import ContextExpression

__all__ = ["Condition", "ContextVariables", "active_variables", "as_variables", "holds", "shared"]


class ContextVariables(UserDict[str, Any]):
    """A dictionary that the agents of a group share. A tool with a parameter ``context_variables`` is given it.

    Example:
        >>> variables = ContextVariables({"logged_in": False})
        >>> variables.set("logged_in", True)
        >>> variables.to_dict()
        {'logged_in': True}

    ``ContextVariables(logged_in=False)`` makes the same, and so does AG2's ``ContextVariables(data={"logged_in": False})``; a variable
    that is called ``data`` and is a dictionary stands in a dictionary: ``ContextVariables({"data": {…}})``.
    """

    def __init__(self, variables: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None, /, **named: Any) -> None:
        if variables is None and [*named] == ["data"] and (named["data"] is None or isinstance(named["data"], Mapping)):
            variables, named = named["data"], {}
        super().__init__(variables, **named)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ContextVariables:
        """Return the variables of a dictionary, as the constructor does."""
        return cls(data)

    def set(self, key: str, value: Any) -> None:
        """Set one variable."""
        self.data[key] = value

    def remove(self, key: str) -> bool:
        """Remove a variable; say whether it was there."""
        return self.data.pop(key, _NOTHING) is not _NOTHING

    def contains(self, key: str) -> bool:
        """Say whether there is such a variable."""
        return key in self.data

    def to_dict(self) -> dict[str, Any]:
        """Return the variables as a plain dictionary."""
        return dict(self.data)


_NOTHING = object()
_active: ContextVar[ContextVariables | None] = ContextVar("autogen_jupyter_context_variables", default=None)


def as_variables(given: Mapping[str, Any] | None) -> ContextVariables:
    """Return variables that agents can share: the same ones where they already can be.

    Raises:
        UsageError: they are no dictionary.
    """
    if given is not None and not isinstance(given, Mapping):
        raise UsageError(f"context_variables is {given!r:.80}; it must be a dictionary or ContextVariables.")
    return given if isinstance(given, ContextVariables) else ContextVariables(dict(given or {}))


def active_variables() -> ContextVariables | None:
    """Return the variables of the group that is running, or None outside of such a group."""
    return _active.get()


@contextmanager
def shared(variables: ContextVariables) -> Iterator[None]:
    """Let whatever runs inside be part of a group with these variables."""
    token = _active.set(variables)
    try:
        yield
    finally:
        _active.reset(token)


class _Holding(Protocol):
    def holds(self, variables: Mapping[str, Any]) -> bool: ...


Condition = str | ContextExpression | _Holding | Callable[[ContextVariables], bool]
"""The name of a variable that has to be true, an expression or another object that holds or does not, or a function of the variables."""


def holds(condition: Condition, variables: ContextVariables) -> bool:
    """Say whether a condition is true for these variables."""
    if isinstance(condition, str):
        return bool(variables.get(condition))
    return bool(condition(variables)) if callable(condition) else condition.holds(variables)
