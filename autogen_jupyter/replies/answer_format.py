"""Answers of a given type: what the model is told of it, and how its text becomes an object."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from ..context import current
from ..errors import UsageError
from ..events import Noticed
from ..redaction import without_secrets

__all__ = ["AnswerFormat", "NotInFormat"]

_FENCED = re.compile(r"\A\s*```\w*[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_PROBLEMS = 10
_END = "TERMINATE"
_REMEMBERED = 256


class NotInFormat(Exception):  # noqa: N818 - it never leaves this package
    """An answer does not have the type; the message says what is wrong, for the model."""


class AnswerFormat:
    """A type that a model's answers must have.

    Args:
        type_: a pydantic model, or any other type pydantic knows, such as a dataclass or ``list[int]``.

    Raises:
        UsageError: the type cannot be described as JSON.

    Example:
        >>> AnswerFormat(list[int]).parse("[1, 2]")
        [1, 2]
    """

    def __init__(self, type_: Any) -> None:
        from pydantic import PydanticUserError, TypeAdapter

        self.type = type_
        self._told: dict[str, Any] = {}
        """The newest objects by the texts that their ``format`` gave."""
        self.name = _NOT_IN_NAMES.sub("_", getattr(type_, "__name__", str(type_)))[:64]
        try:
            self._adapter: TypeAdapter[Any] = TypeAdapter(type_)
            self.schema: dict[str, Any] = self._adapter.json_schema()
        except PydanticUserError as error:
            raise UsageError(
                f"response_format is {type_!r:.80}, which cannot be written as JSON. Give a pydantic model or a dataclass of plain types."
            ) from error

    @property
    def option(self) -> Mapping[str, Any]:
        """The ``response_format`` of a request.

        It is not sent as ``strict``, which allows only some schemas and makes optional fields required; the answer is checked here.
        """
        return {"type": "json_schema", "json_schema": {"name": self.name, "schema": self.schema}}

    def parse(self, text: str) -> Any:
        """Return the object that an answer writes, also where it stands in a fence, or before the TERMINATE that prompts ask for.

        Raises:
            NotInFormat: the text is no JSON, or does not fit the type.
        """
        from pydantic import ValidationError

        if self._told and (key := _key(text)) in self._told:
            return self._told[key]
        text = _bare(text)
        fenced = _FENCED.match(text)
        try:
            return self._adapter.validate_json(fenced[1] if fenced else text)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False)[:_PROBLEMS]
            raise NotInFormat("\n".join(f"- {_place(problem['loc'])}{problem['msg']}" for problem in problems)) from None

    def told(self, text: str) -> str:
        """Return how an answer reads: as its ``format()`` says, where the type has one, as in AG2; else as it is.

        A TERMINATE that stands after the answer stays there.
        """
        try:
            answer = self.parse(text)
        except NotInFormat:
            return text
        told = self._formatted(answer)
        if told is None:
            return text
        if text.rstrip().endswith(_END) and not told.rstrip().endswith(_END):
            told = f"{told} {_END}"
        self._remember(told, answer)
        return told

    def _formatted(self, answer: Any) -> str | None:
        """Return what an answer's ``format()`` gives; None where it is for something else, or fails."""
        if isinstance(answer, str):
            return None
        try:
            method = getattr(answer, "format", None)
            told = method() if callable(method) and _needs_nothing(method) else None
        except Exception as error:
            current().emit(
                Noticed(f"{self.name}.format() failed, so the answer reads as it is. {type(error).__name__}: {error}", "warning")
            )
            return None
        return told if isinstance(told, str) else None

    def _remember(self, told: str, answer: Any) -> None:
        key = _key(told)
        self._told.pop(key, None)
        self._told[key] = answer
        if len(self._told) > _REMEMBERED:
            del self._told[next(iter(self._told))]


def _needs_nothing(method: Callable[..., Any]) -> bool:
    """Say whether a method can be called without arguments."""
    try:
        inspect.signature(method).bind()
    except TypeError:
        return False
    return True


def _bare(text: str) -> str:
    return text.strip().removesuffix(_END).strip()


def _key(text: str) -> str:
    """Return a text as a history has it: without secrets."""
    return _bare(without_secrets(text))


def _place(loc: tuple[int | str, ...]) -> str:
    return "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in loc).lstrip(".") + ": " if loc else ""
