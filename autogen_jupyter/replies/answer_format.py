"""Answers of a given type: what the model is told of it, and how its text becomes an object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import UsageError

__all__ = ["AnswerFormat", "NotInFormat"]

_FENCED = re.compile(r"\A\s*```\w*[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_PROBLEMS = 10
_END = "TERMINATE"


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
        """The objects by the texts that their ``format`` gave."""
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

        text = _bare(text)
        if text in self._told:
            return self._told[text]
        fenced = _FENCED.match(text)
        try:
            return self._adapter.validate_json(fenced[1] if fenced else text)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False)[:_PROBLEMS]
            raise NotInFormat("\n".join(f"- {_place(problem['loc'])}{problem['msg']}" for problem in problems)) from None

    def told(self, text: str) -> str:
        """Return how an answer reads: as its ``format()`` says, where the type has one, as in AG2; else as it is."""
        try:
            answer = self.parse(text)
        except NotInFormat:
            return text
        if isinstance(answer, str) or not callable(getattr(answer, "format", None)):
            return text
        told = str(answer.format())
        self._told[_bare(told)] = answer
        return told


def _bare(text: str) -> str:
    return text.strip().removesuffix(_END).strip()


def _place(loc: tuple[int | str, ...]) -> str:
    return "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in loc).lstrip(".") + ": " if loc else ""
