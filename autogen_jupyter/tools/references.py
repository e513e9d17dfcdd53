"""The ``$ref`` of a JSON schema: a type that is named once is written there, as the classic writes it; others are described once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["definition", "written_out"]

Definitions = Mapping[str, Mapping[str, Any]]


def definition(schema: Mapping[str, Any]) -> str:
    """Return the name of the definition that a schema refers to, or nothing."""
    reference = schema.get("$ref")
    return reference.rpartition("/")[2] if isinstance(reference, str) else ""


def written_out(schema: Mapping[str, Any], definitions: Definitions) -> tuple[Any, dict[str, Any]]:
    """Return a schema with each definition in the place of its only reference, and the definitions that several places need.

    A type that holds its own kind is such a one: it is named within itself and outside.
    """
    named = Counter(_named_in([schema, *definitions.values()]))

    def written(part: Any) -> Any:
        if isinstance(part, list):
            return [written(one) for one in part]
        if not isinstance(part, Mapping):
            return part
        name = definition(part)
        if name in definitions and named[name] == 1:
            return written({**definitions[name], **{key: value for key, value in part.items() if key != "$ref"}})
        return {key: written(value) for key, value in part.items()}

    return written(schema), {name: written(body) for name, body in definitions.items() if named[name] > 1}


def _named_in(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        yield definition(schema)
        for part in schema.values():
            yield from _named_in(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _named_in(part)
