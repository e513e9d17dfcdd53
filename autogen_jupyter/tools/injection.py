"""Parameters that a tool is given besides what the model writes: what the agents share, the chat, and things of the user's own.

The model is not told of them, and cannot set them.
"""

from __future__ import annotations

import inspect
import typing
from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import UsageError
from ..portal import call
from .docstrings import underlying

__all__ = ["BaseContext", "ChatContext", "Depends", "Field", "Owner", "inject_params", "injections", "supplied"]

CONTEXT_VARIABLES = "context_variables"
"""A parameter of this name is given the variables of the agent's group, or the agent's own."""


class Owner(Protocol):
    """The agent whose tool is called."""

    @property
    def context_variables(self) -> Any:
        """What the agents of its group know together."""
        ...

    @property
    def chat_messages(self) -> Mapping[Any, list[dict[str, Any]]]:
        """What it heard and said, by agent."""
        ...


class BaseContext(ABC):  # noqa: B024 - a mark, as in AG2
    """Base of classes whose objects tools are given; the model is told nothing of them.

    Example:
        >>> from dataclasses import dataclass
        >>> from typing import Annotated
        >>> @dataclass
        ... class Account(BaseContext):
        ...     token: str
        >>> def balance(account: Annotated[Account, Depends(Account("secret"))], currency: str) -> str: ...
        >>> list(injections(balance))
        ['account']
    """


class ChatContext(BaseContext):
    """The chat in which a tool is called: a parameter with this annotation is given it.

    Example:
        >>> def repeat(chat: ChatContext) -> str:
        ...     return str(chat.last_message)
        >>> list(injections(repeat))
        ['chat']
    """

    def __init__(self, agent: Owner) -> None:
        self._agent = agent

    @property
    def chat_messages(self) -> Mapping[Any, list[dict[str, Any]]]:
        """What the agent heard and said, by agent."""
        return self._agent.chat_messages

    @property
    def last_message(self) -> dict[str, Any] | None:
        """The last message of the conversation that the agent began last."""
        conversations = [messages for messages in self._agent.chat_messages.values() if messages]
        return conversations[-1][-1] if conversations else None


@dataclass(frozen=True)
class Depends:
    """Says what a parameter is given: ``Annotated[T, Depends(x)]`` or ``parameter: T = Depends(x)``.

    A function is called for each call of the tool, sync or async, and may itself have such parameters. Anything else is given as it is.

    Example:
        >>> def who(user: str = Depends(lambda: "ann")) -> str:
        ...     return user
        >>> list(injections(who))
        ['user']
    """

    dependency: Any

    async def find(self, owner: Owner) -> Any:
        """Return what the parameter is given."""
        if isinstance(self.dependency, BaseContext) or not callable(self.dependency):
            return self.dependency
        return await call(self.dependency, **await supplied(self.dependency, owner))


@dataclass(frozen=True)
class Field:
    """Describes a parameter to the model: ``Annotated[int, Field("how many")]`` is ``Annotated[int, "how many"]``."""

    description: str


def inject_params(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function as it is: injected parameters are given wherever it is registered."""
    return f


def injections(function: Callable[..., Any]) -> dict[str, Callable[[Owner], Any]]:
    """Return the injected parameters of a function, by name, and how each is found for the agent that calls it.

    Raises:
        UsageError: a parameter is annotated with a context that nobody can give.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some built-in functions have none
        return {}
    found = {}
    for parameter in parameters:
        finder = _finder(function, parameter)
        if finder is not None:
            found[parameter.name] = finder
    return found


async def supplied(function: Callable[..., Any], owner: Owner | None) -> dict[str, Any]:
    """Return the injected arguments for one call of a function."""
    made: dict[str, Any] = {}
    for name, find in injections(function).items():
        if owner is None:
            raise UsageError(f"The parameter {name} of {_name(function)} is injected, and the function is called outside of an agent.")
        value = find(owner)
        made[name] = await value if inspect.isawaitable(value) else value
    return made


def _finder(function: Callable[..., Any], parameter: inspect.Parameter) -> Callable[[Owner], Any] | None:
    if isinstance(parameter.default, Depends):
        return parameter.default.find
    annotation = _annotation(function, parameter)
    given = next((note for note in getattr(annotation, "__metadata__", ()) if isinstance(note, Depends)), None)
    if given is not None:
        return given.find
    if parameter.name == CONTEXT_VARIABLES and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        return _context_variables
    kind = typing.get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    is_alias = typing.get_origin(kind) is not None  # such as list[int], which in Python 3.10 says that it is a class
    if is_alias or not (isinstance(kind, type) and issubclass(kind, BaseContext)):
        return None
    if issubclass(kind, ChatContext):
        return kind
    if parameter.default is not parameter.empty:
        default = parameter.default
        return lambda owner: default
    raise UsageError(
        f"The parameter {parameter.name} of {_name(function)} is a {kind.__name__}, and nothing says which. "
        f"Write {parameter.name}: Annotated[{kind.__name__}, Depends({kind.__name__}(…))]."
    )


def _context_variables(owner: Owner) -> Any:
    return owner.context_variables


def _annotation(function: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """Return a parameter's annotation; read it where it is written as text."""
    annotation = parameter.annotation
    if not isinstance(annotation, str):
        return annotation
    target = underlying(function)
    names = {**getattr(target, "__globals__", {})}
    if inspect.isfunction(target) and target.__closure__:
        names |= inspect.getclosurevars(target).nonlocals
    holder = type("holder", (), {"__annotations__": {parameter.name: annotation}})
    try:
        return typing.get_type_hints(holder, globalns=names, include_extras=True)[parameter.name]
    except Exception:  # the schema is where an annotation that cannot be read is complained about
        return annotation


def _name(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", type(function).__name__))
