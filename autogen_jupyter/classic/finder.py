"""Make ``import autogen`` find this package: a finder in front of all others, and modules made from the table of names."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from ..errors import UsageError
from .advice import advice_for, missing
from .names import MODULES

__all__ = ["install", "uninstall"]

_PACKAGE = __package__.rpartition(".")[0]


def install() -> None:
    """Let ``import autogen`` and ``from autogen.coding import …`` mean this package, in this process. Twice is as good as once.

    Raises:
        UsageError: another package of that name is imported already.

    Example:
        >>> install()
        >>> import autogen
        >>> autogen.AssistantAgent
        <class 'autogen_jupyter.conversation.assistant_agent.AssistantAgent'>
        >>> uninstall()
    """
    present = sys.modules.get("autogen")
    if present is not None and not _is_ours(present):
        where = getattr(present, "__file__", None) or "an unknown place"
        raise UsageError(
            f"Another package named autogen is imported already, from {where}. "
            "Call autogen_jupyter.classic.install() before it, in a fresh kernel, or write: import autogen_jupyter as autogen."
        )
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


def uninstall() -> None:
    """Take the name back: what was imported stays usable, and the next ``import autogen`` looks for a real one."""
    if _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)
    for name in [name for name, module in sys.modules.items() if _is_classic(name) and _is_ours(module)]:
        del sys.modules[name]


def _is_classic(name: str) -> bool:
    return name.partition(".")[0] == "autogen"


def _is_ours(module: ModuleType) -> bool:
    return isinstance(getattr(getattr(module, "__spec__", None), "loader", None), _TableLoader)


class _TableFinder(MetaPathFinder):
    """Knows every module of the table, and answers for all other names below ``autogen``."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not _is_classic(fullname):
            return None
        if fullname not in MODULES:
            raise ModuleNotFoundError(_not_here(fullname))  # with the name, `from … import` would put its own words in place of these
        return ModuleSpec(fullname, _TableLoader(), is_package=True)


class _TableLoader(Loader):
    """Makes a module whose names are looked up in the table when they are first used."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        name, homes = module.__name__, MODULES[module.__name__]
        module.__doc__ = f"Classic AutoGen's {name}, as {_PACKAGE} has it."
        vars(module).update(__all__=sorted(homes), __getattr__=_getter(module, homes), __dir__=lambda: sorted(homes))


def _getter(module: ModuleType, homes: Mapping[str, str]) -> Any:
    def get(name: str) -> Any:
        full = f"{module.__name__}.{name}"
        if name in homes:
            home, _, attribute = homes[name].partition(":")
            value = getattr(importlib.import_module(f"{_PACKAGE}.{home}"), attribute)
            setattr(module, name, value)
            return value
        if full in MODULES:
            return importlib.import_module(full)
        if advice_for(full):
            raise missing(full, _not_here(full))
        raise AttributeError(_not_here(full))

    return get


def _not_here(name: str) -> str:
    parent, _, last = name.rpartition(".")
    elsewhere = next((f"from {module} import {last}" for module, names in MODULES.items() if last in names and module != parent), "")
    advice = advice_for(name) or elsewhere or "docs/classic.md lists what is here; please ask for it if you need it"
    return f"{name} is not in autogen_jupyter. Instead: {advice}."


_FINDER = _TableFinder()
