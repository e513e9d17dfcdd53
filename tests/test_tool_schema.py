"""What a model is told of a function, and what becomes of the arguments that it sends."""

from __future__ import annotations

import dataclasses
import enum
import functools
import sys
import typing
from typing import Annotated, Any, Literal, Optional

import pytest
from pydantic import BaseModel, Field

from autogen_jupyter import UsageError, tool
from autogen_jupyter.tools import ArgumentError, Signature, Tool, read_arguments


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Item(BaseModel):
    price: float
    tags: list[str] = []


@dataclasses.dataclass
class Box:
    width: int


class NoJson: ...


def schema_of(function: Any) -> dict[str, Any]:
    return Tool.from_function(function, description="x").schema["function"]["parameters"]


def test_annotations_become_a_schema_with_descriptions_and_defaults() -> None:
    def convert(
        amount: Annotated[float, "how much"],
        currency: Annotated[Literal["USD", "EUR"], "of what"] = "USD",
        note: Annotated[Optional[str], "for the books"] = None,  # noqa: UP045
    ) -> str:
        """Convert money."""
        return ""

    made = Tool.from_function(convert)
    assert made.schema == {
        "type": "function",
        "function": {
            "name": "convert",
            "description": "Convert money.",
            "parameters": {
                "type": "object",
                "properties": {
                    "amount": {"type": "number", "description": "how much"},
                    "currency": {"enum": ["USD", "EUR"], "type": "string", "description": "of what", "default": "USD"},
                    "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "for the books", "default": None},
                },
                "required": ["amount"],
            },
        },
    }


def test_models_dataclasses_enums_and_collections_are_described_once_and_built_from_what_the_model_sends() -> None:
    def order(item: Item, more: list[Item], box: Box, color: Color, counts: dict[str, int]) -> None: ...

    schema = schema_of(order)
    assert set(schema["$defs"]) == {"Item"}
    assert schema["properties"]["more"] == {"type": "array", "items": {"$ref": "#/$defs/Item"}, "description": "more"}
    assert schema["properties"]["color"] == {"type": "string", "enum": ["red", "blue"], "title": "Color", "description": "color"}
    sent = {"item": {"price": "3"}, "more": [{"price": 1}], "box": {"width": 2}, "color": "red", "counts": {"a": 1}}
    assert Signature(order).check(sent) == {
        "item": Item(price=3),
        "more": [Item(price=1)],
        "box": Box(2),
        "color": Color.RED,
        "counts": {"a": 1},
    }


def test_a_model_that_one_argument_has_is_written_there_as_in_the_classic() -> None:
    def buy(item: Annotated[Item, "what to buy"], count: int = 1) -> None: ...

    price, tags = {"type": "number", "title": "Price"}, {"type": "array", "items": {"type": "string"}, "title": "Tags", "default": []}
    assert schema_of(buy) == {
        "type": "object",
        "properties": {
            "item": {
                "type": "object",
                "title": "Item",
                "properties": {"price": price, "tags": tags},
                "required": ["price"],
                "description": "what to buy",
            },
            "count": {"type": "integer", "default": 1, "description": "count"},
        },
        "required": ["item"],
    }


class Tree(BaseModel):
    """A tree of words."""

    word: str
    below: list[Tree] = []


def test_a_model_that_holds_its_own_kind_is_named() -> None:
    def draw(tree: Tree) -> None: ...

    schema = schema_of(draw)
    assert schema["properties"]["tree"] == {"$ref": "#/$defs/Tree", "description": "A tree of words."}
    assert schema["$defs"]["Tree"]["properties"]["below"]["items"] == {"$ref": "#/$defs/Tree"}
    with pytest.raises(ArgumentError, match="tree is missing; expected: an object Tree"):
        Signature(draw).check({})


def test_constraints_of_a_pydantic_field_are_part_of_it() -> None:
    def dice(sides: Annotated[int, Field(ge=2, description="how many")]) -> int:
        return sides

    assert schema_of(dice)["properties"]["sides"] == {"type": "integer", "minimum": 2, "description": "how many"}
    with pytest.raises(ArgumentError, match="sides: Input should be greater than or equal to 2; got 1"):
        Signature(dice).check({"sides": 1})


GOOGLE = """Find it.

    More about it.

    Args:
        what (str): the thing
            that is meant
        where: the place

    Returns:
        a text
    """
NUMPY = """Find it.

    More about it.

    Parameters
    ----------
    what : str
        the thing
        that is meant
    where
        the place

    Returns
    -------
    str
    """
REST = """Find it.

    More about it.

    :param str what: the thing
        that is meant
    :param where: the place
    :returns: a text
    """


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, REST])
def test_docstrings_of_three_styles_describe_the_function_and_its_arguments(text: str) -> None:
    def find(what: str, where: Annotated[str, "the annotation wins"] = "") -> None: ...

    find.__doc__ = text
    made = Tool.from_function(find)
    assert made.description == "Find it.\n\nMore about it."
    properties = made.parameters["properties"]
    assert (properties["what"]["description"], properties["where"]["description"]) == ("the thing that is meant", "the annotation wins")


def test_a_parameter_without_annotation_is_refused_by_name_unless_it_has_a_default() -> None:
    def f(a: int, b, c=3): ...

    with pytest.raises(UsageError, match=r"parameter b of f has no annotation.*b: Annotated\[str"):
        Tool.from_function(f, description="x")

    def g(a: int, c=3): ...

    assert schema_of(g)["properties"]["c"] == {"type": "integer", "default": 3, "description": "c"}


def test_no_description_is_refused_with_the_places_for_one() -> None:
    def f(a: int): ...

    with pytest.raises(UsageError, match=r'f has no description.*description="…".*docstring'):
        Tool.from_function(f)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="there it tells enough")
def test_a_typed_dict_that_does_not_tell_enough_says_where_to_import_it_from() -> None:
    def f(box: typing.TypedDict("Box", {"width": int})): ...  # type: ignore[valid-type]

    with pytest.raises(UsageError, match=r"parameter box of f is annotated with Box.*from typing_extensions import TypedDict"):
        Signature(f)


def test_a_type_that_is_no_json_is_refused_by_name() -> None:
    def f(table: NoJson): ...

    with pytest.raises(UsageError, match="parameter table of f is annotated with NoJson"):
        Tool.from_function(f, description="x")


def test_an_annotation_that_cannot_be_read_is_refused_by_name() -> None:
    class Local: ...

    def f(a: int, b: Local): ...

    with pytest.raises(UsageError, match="annotation of b in f cannot be read: name 'Local' is not defined"):
        Tool.from_function(f, description="x")
    assert Signature(f, strict=False).check({"a": "1", "b": 2}) == {"a": 1, "b": 2}


def test_a_positional_only_parameter_is_refused() -> None:
    def f(a: int, /): ...

    with pytest.raises(UsageError, match="positional-only"):
        Tool.from_function(f, description="x")


@pytest.mark.parametrize("name", ["two words", "", "ü", "x" * 65])
def test_a_name_that_servers_refuse_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="A tool is named"):
        Tool(name, "x", {}, print)


def test_each_argument_that_does_not_fit_is_named_with_what_came_and_what_was_expected() -> None:
    def f(a: int, b: Literal["x", "y"], c: Item, d: list[int], e: Optional[Color] = None): ...  # noqa: UP045

    with pytest.raises(ArgumentError) as caught:
        Signature(f).check({"a": "one", "c": {"price": "much"}, "d": [1, "z"], "e": "green", "extra": 1})
    lines = str(caught.value).splitlines()
    assert lines[0] == "the arguments of f do not fit."
    assert lines[1] == ("- a: Input should be a valid integer, unable to parse string as an integer; got 'one'; expected: integer")
    assert lines[2].startswith("- c.price: Input should be a valid number")
    assert lines[3].startswith("- d[1]: Input should be a valid integer")
    assert lines[4].endswith("expected: one of 'red', 'blue' or null")
    assert lines[5] == "- extra: there is no such argument; known: a, b, c, d, e"
    assert lines[6] == "- b is missing; expected: one of 'x', 'y'"


def test_keyword_arguments_of_any_name_pass_where_the_function_takes_them() -> None:
    def f(a: int, **others: int): ...

    assert Signature(f).check({"a": 1, "z": 2}) == {"a": 1, "z": 2}


def test_a_tool_made_by_the_decorator_can_be_called_like_its_function() -> None:
    @tool(name="plus", description="Add.")
    def add(a: int, b: int = 1) -> int:
        return a + b

    assert (add.name, add(1), add(a=1, b=5)) == ("plus", 2, 6)


def test_methods_partials_and_objects_can_be_tools() -> None:
    def pay(what: str, price: float) -> None:
        """Pay for it."""

    assert Tool.from_function(functools.partial(pay, price=2.0), name="pay").description == "Pay for it."

    class Shop:
        def buy(self, what: str) -> str:
            """Buy it."""
            return what

        def __call__(self, what: int) -> int:
            """Count it."""
            return what

    assert Tool.from_function(Shop().buy).parameters["required"] == ["what"]
    assert Tool.from_function(Shop()).parameters["properties"]["what"] == {"type": "integer", "description": "what"}


@pytest.mark.parametrize(("text", "value"), [('{"a": "x\ny\tz"}', {"a": "x\ny\tz"}), ("", {}), ('\n{"a":\n1}\n', {"a": 1})])
def test_line_breaks_and_tabs_inside_strings_are_taken_as_meant(text: str, value: dict[str, Any]) -> None:
    assert read_arguments(text, "f") == value
