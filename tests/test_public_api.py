"""What ``autogen_jupyter`` offers by name is a promise."""

from __future__ import annotations

import inspect

import pytest

import autogen_jupyter


def test_public_names_are_sorted_and_unique() -> None:
    assert list(autogen_jupyter.__all__) == sorted(set(autogen_jupyter.__all__))


@pytest.mark.parametrize("name", autogen_jupyter.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(autogen_jupyter, name) is not None


@pytest.mark.parametrize("name", autogen_jupyter.__all__)
def test_every_public_class_and_function_is_documented(name: str) -> None:
    value = getattr(autogen_jupyter, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        assert (value.__doc__ or "").strip(), f"{name} has no docstring."


def test_dir_lists_the_public_names() -> None:
    assert set(autogen_jupyter.__all__) <= set(dir(autogen_jupyter))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = autogen_jupyter.no_such_name
