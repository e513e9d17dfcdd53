"""A function with the name, the description and the schema under which a model knows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol

from ..errors import UsageError
from .docstrings import described
from .signature import Signature

__all__ = ["Tool", "ToolError", "ToolUser", "check_name", "normalized_name", "tool"]

_BAD = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_NAME = 64


class ToolError(Exception):
    """Raise it in a tool to tell the model what went wrong: it reads the message alone, without type and place."""

    is_for_model = True


class ToolUser(Protocol):
    """An agent that tools can be registered with."""

    def register_for_llm(self) -> Callable[[Any], Any]: ...

    def register_for_execution(self) -> Callable[[Any], Any]: ...


@dataclass(frozen=True, init=False)
class Tool:
    """A function that a model may ask for. It can be called like the function, and registered wherever a function can.

    It is made by ``from_function`` or the decorator ``tool``; by ``Tool(name=…, description=…, func_or_tool=f)``, as in AG2, which is
    the same; or of its fields.

    Example:
        >>> @tool(description="Add two numbers.")
        ... def add(a: int, b: int) -> int:
        ...     return a + b
        >>> add.name, add(1, 2)
        ('add', 3)
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON schema of the arguments: an object."""
    function: Callable[..., Any]
    """Called with the arguments by name; sync or async."""
    check: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    """Returns the arguments as the function wants them, or raises ``ArgumentError`` with a text for the model."""

    def __init__(
        self,
        name: str | None = None,
        description: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        function: Callable[..., Any] | None = None,
        check: Callable[[Mapping[str, Any]], dict[str, Any]] = dict,
        *,
        func_or_tool: Callable[..., Any] | None = None,
    ) -> None:
        if func_or_tool is not None:
            made = Tool.from_function(func_or_tool, name=name, description=description)
            given = (made.name, made.description, parameters or made.parameters, made.function, made.check)
        elif name is None or description is None or parameters is None or function is None:
            raise UsageError("A Tool needs a name, a description, parameters and a function; or func_or_tool=f, or Tool.from_function(f).")
        else:
            given = (check_name(name), description, parameters, function, check)
        for field, value in zip(fields(self), given, strict=True):
            object.__setattr__(self, field.name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    @property
    def schema(self) -> dict[str, Any]:
        """The tool as the Chat Completions API describes it."""
        function = {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}
        return {"type": "function", "function": function}

    def register_for_llm(self, agent: ToolUser) -> None:
        """Tell the agent's model of it."""
        agent.register_for_llm()(self)

    def register_for_execution(self, agent: ToolUser) -> None:
        """Let the agent run it."""
        agent.register_for_execution()(self)

    def register_tool(self, agent: ToolUser) -> None:
        """Do both."""
        self.register_for_llm(agent)
        self.register_for_execution(agent)

    @classmethod
    def from_function(cls, function: Callable[..., Any], *, name: str | None = None, description: str | None = None) -> Tool:
        """Make a tool of a function.

        Args:
            function: its parameters need annotations; it may be a tool already.
            name: what the model calls it. Default: the function's name.
            description: what it is good for. Default: its docstring.

        Raises:
            UsageError: there is no description, a parameter has no annotation, or the name has other characters than
                letters, digits, ``_`` and ``-``.
        """
        if isinstance(function, Tool):
            return cls(name or function.name, description or function.description, function.parameters, function.function, function.check)
        if not callable(function):
            raise UsageError(f"A tool is a function, not {type(function).__name__}: {function!r:.80}.")
        own_name = str(name or getattr(function, "__name__", type(function).__name__))
        about = description or described(function)[0]
        if not about:
            raise UsageError(
                f"The function {own_name} has no description, so a model cannot know what it is good for. "
                'Give one where you register it (description="…"), or write a docstring.'
            )
        signature = Signature(function)
        return cls(own_name, about, signature.schema, function, signature.check)


def tool(*, name: str | None = None, description: str | None = None) -> Callable[[Callable[..., Any]], Tool]:
    """Make a ``Tool`` of the function that follows.

    Args:
        name: what the model calls it. Default: the function's name.
        description: what it is good for. Default: its docstring.
    """
    return lambda function: Tool.from_function(function, name=name, description=description)


def check_name(name: Any) -> str:
    """Return the name of a tool.

    Raises:
        UsageError: the APIs would not take it.
    """
    if not isinstance(name, str) or not name or _BAD.search(name) or len(name) > _LONGEST_NAME:
        good = normalized_name(str(name)) or "my_tool"
        raise UsageError(
            f"A tool is named {name!r}; a name is up to {_LONGEST_NAME} letters, digits, '_' and '-', such as {good!r}. Give name=\"…\"."
        )
    return name


def normalized_name(name: str) -> str:
    """Return a name that the APIs take: what models make up may hold other characters, and servers refuse to read it again."""
    return _BAD.sub("_", name)[:_LONGEST_NAME]
