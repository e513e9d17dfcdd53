"""What ``autogen_jupyter`` offers by name is a promise."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys

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


FIND_IN_SIGNATURES = """
import importlib, inspect, pkgutil
import autogen_jupyter

def callables(owner):
    for name, value in list(vars(owner).items()):
        value = getattr(value, "__func__", value)
        if inspect.isclass(value) and value.__module__ == getattr(owner, "__name__", ""):
            yield from callables(value)
        if inspect.isroutine(value) or inspect.isclass(value):
            yield f"{getattr(owner, '__name__', owner)}.{name}", value

found = (name for _, name, _ in pkgutil.walk_packages(autogen_jupyter.__path__, "autogen_jupyter."))
modules = [name for name in found if not name.endswith((".__main__", ".bootstrap"))]  # these are run, not imported
seen = 0
for module in [autogen_jupyter, *map(importlib.import_module, modules)]:
    public = {name: getattr(module, name) for name in getattr(module, "__all__", ())}
    for name, value in [*public.items(), *callables(module)]:
        try:
            signature = str(inspect.signature(value))
        except (TypeError, ValueError):
            continue
        seen += 1
        if "sk-of-nobody" in signature:
            print(module.__name__, name)
assert seen > 2000, seen
"""


def test_no_signature_shows_the_environment() -> None:
    environment = {**os.environ, "OPENAI_API_KEY": "sk-of-nobody"}
    done = subprocess.run(
        [sys.executable, "-c", FIND_IN_SIGNATURES], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
