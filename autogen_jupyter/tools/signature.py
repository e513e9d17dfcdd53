"""A function's arguments: their JSON schema for the model, and the check of what the model sent."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .arguments import ArgumentError
from .docstrings import described, underlying
from .injection import Field, injections
from .references import definition, written_out

if TYPE_CHECKING:
    from pydantic import PydanticUserError, TypeAdapter

__all__ = ["Signature"]

_MISSING = inspect.Parameter.empty


@dataclass(frozen=True)
class _Argument:
    name: str
    adapter: TypeAdapter[Any]
    description: str
    default: Any = _MISSING

    @property
    def is_required(self) -> bool:
        return self.default is _MISSING


class Signature:
    """The arguments that a function takes by name, as its annotations say; those that are injected are left out (see ``injections``).

    Args:
        function: the function. Annotations may be anything pydantic knows: ``Annotated[int, "what it is"]``, ``Literal``, ``Optional``,
            enums, dataclasses, pydantic models, and lists and dictionaries of these.
        strict: whether every argument needs a type that can be written as JSON; otherwise what is unknown is not checked.

    Raises:
        UsageError: an argument cannot be called by name; or, when strict, has no annotation or one that JSON cannot hold.

    Example:
        >>> def add(a: int, b: int = 0) -> int: ...
        >>> Signature(add).schema["required"]
        ['a']
    """

    def __init__(self, function: Callable[..., Any], *, strict: bool = True) -> None:
        self.name = str(getattr(function, "__name__", type(function).__name__))
        self._strict = strict
        parameters = _parameters(function)
        self._takes_any = parameters is None or any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        injected = injections(function)
        hints, (_, texts) = self._hints(function, besides=injected), described(function)
        self._arguments = {
            argument.name: argument
            for parameter in (parameters or {}).values()
            if parameter.name not in injected and (argument := self._argument(parameter, hints, texts)) is not None
        }

    @functools.cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments: an object."""
        from pydantic import TypeAdapter

        inputs = [(argument.name, "validation", argument.adapter) for argument in self._arguments.values()]
        schemas, shared = TypeAdapter.json_schemas(inputs, ref_template="#/$defs/{model}")  # type: ignore[arg-type]
        definitions = shared.get("$defs", {})
        properties = {}
        for argument in self._arguments.values():
            found = dict(schemas[argument.name, "validation"])
            of_its_type = found.get("description") or definitions.get(definition(found), {}).get("description")
            found["description"] = argument.description or of_its_type or argument.name
            if not argument.is_required:
                found |= _default(argument)
            properties[argument.name] = found
        properties, needed = written_out(properties, definitions)
        made: dict[str, Any] = {"type": "object", "properties": properties}
        made["required"] = [argument.name for argument in self._arguments.values() if argument.is_required]
        return {**made, "$defs": needed} if needed else made

    def check(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments as the function's annotations want them: models built, numbers read.

        Raises:
            ArgumentError: some do not fit; the message names each, what came, and what was expected.
        """
        checked: dict[str, Any] = {}
        problems: list[str] = []
        for name, value in arguments.items():
            argument = self._arguments.get(name)
            if argument is not None:
                checked[name] = self._checked(argument, value, problems)
            elif self._takes_any:
                checked[name] = value
            else:
                known = ", ".join(self._arguments) or "none"
                problems.append(f"{name}: there is no such argument; known: {known}")
        missing = [one.name for one in self._arguments.values() if one.is_required and one.name not in arguments]
        problems += [f"{name} is missing; expected: {self._expected(name)}" for name in missing]
        if problems:
            raise ArgumentError("\n- ".join([f"the arguments of {self.name} do not fit.", *problems]))
        return checked

    def _checked(self, argument: _Argument, value: Any, problems: list[str]) -> Any:
        from pydantic import ValidationError

        try:
            return argument.adapter.validate_python(value)
        except ValidationError as error:
            for problem in error.errors(include_url=False)[:5]:
                where = argument.name + "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in problem["loc"])
                got = "" if problem["type"] == "missing" else f"; got {problem['input']!r:.80}"
                expected = "" if problem["loc"] else f"; expected: {self._expected(argument.name)}"
                problems.append(f"{where}: {problem['msg']}{got}{expected}")
            return None

    def _expected(self, name: str) -> str:
        return _in_words(self.schema["properties"][name], self.schema.get("$defs", {}))

    def _hints(self, function: Callable[..., Any], *, besides: Container[str]) -> Mapping[str, Any]:
        """Return the annotations, read one by one, so that one that cannot be read does not hide the others."""
        target = underlying(function)
        names = {**getattr(target, "__globals__", {})}
        if inspect.isfunction(target) and target.__closure__:
            names |= inspect.getclosurevars(target).nonlocals
        hints: dict[str, Any] = {}
        for name, annotation in getattr(target, "__annotations__", {}).items():
            if name == "return" or name in besides:
                continue
            holder = type("holder", (), {"__annotations__": {name: annotation}})
            try:
                hints |= typing.get_type_hints(holder, globalns=names, include_extras=True)
            except Exception as error:
                if self._strict:
                    advice = "Define the types it names at the top of the module."
                    raise UsageError(f"The annotation of {name} in {self.name} cannot be read: {error}. {advice}") from error
                hints[name] = Any
        return hints

    def _argument(self, parameter: inspect.Parameter, hints: Mapping[str, Any], texts: Mapping[str, str]) -> _Argument | None:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            return None
        name, default = parameter.name, parameter.default
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise UsageError(f"The parameter {name} of {self.name} is positional-only; models give arguments by name. Remove the '/'.")
        annotation = hints.get(name, _MISSING)
        if annotation is _MISSING:
            if default is _MISSING and self._strict:
                raise UsageError(
                    f"The parameter {name} of {self.name} has no annotation, so a model cannot be told what to give. "
                    f'Write its type, and what it means: {name}: Annotated[str, "what it is"].'
                )
            annotation = type(default) if self._strict and isinstance(default, (bool, int, float, str)) else Any
        if default is None and annotation is not Any:
            annotation = typing.Optional[annotation]  # noqa: UP045 - the type is a value here
        return _Argument(name, self._adapter(name, annotation), _note(annotation) or texts.get(name, ""), default)

    def _adapter(self, name: str, annotation: Any) -> TypeAdapter[Any]:
        from pydantic import PydanticUserError, TypeAdapter

        try:
            adapter = TypeAdapter(annotation)
            if self._strict:
                adapter.json_schema()
        except PydanticUserError as error:
            if not self._strict:
                return TypeAdapter(Any)
            shown = getattr(annotation, "__name__", annotation)
            raise UsageError(f"The parameter {name} of {self.name} is annotated with {shown}, {_why_not(error)}") from error
        return adapter


def _why_not(error: PydanticUserError) -> str:
    if error.code == "typed-dict-version":
        return "whose TypedDict does not tell enough in this Python. Import it so: from typing_extensions import TypedDict."
    advice = "Use numbers, text, lists, dictionaries, Literal, enums, dataclasses or pydantic models."
    return f"which a model cannot write as JSON. {advice}"


def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter] | None:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # some built-in functions have none
        return None


def _note(annotation: Any) -> str:
    """Return the text of ``Annotated[T, "text"]`` or ``Annotated[T, Field("text")]``, also inside an Optional."""
    if typing.get_origin(annotation) is typing.Union:
        return next(filter(None, map(_note, typing.get_args(annotation))), "")
    notes = [note.description if isinstance(note, Field) else note for note in getattr(annotation, "__metadata__", ())]
    return next((note for note in notes if isinstance(note, str)), "")


def _default(argument: _Argument) -> dict[str, Any]:
    try:
        return {"default": argument.adapter.dump_python(argument.default, mode="json", warnings="error")}
    except Exception:  # a default that JSON cannot hold is the function's own affair
        return {}


def _in_words(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _in_words(definitions.get(definition(schema), {}), definitions)
    if "enum" in schema:
        return "one of " + ", ".join(repr(value) for value in schema["enum"])
    if "const" in schema:
        return repr(schema["const"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_in_words(one, definitions) for one in schema["anyOf"]))
    kind = str(schema.get("type", "any JSON value"))
    if kind == "object" and "title" in schema:
        return f"an object {schema['title']}"
    return f"{kind} of {_in_words(schema['items'], definitions)}" if kind == "array" and schema.get("items") else kind
