"""Imports point down, files stay small, and only the command line and the console write for people."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import autogen_jupyter

PACKAGE = Path(autogen_jupyter.__file__).parent
NAME = "autogen_jupyter"
LARGEST_FILE = 400

LAYERS: list[set[str]] = [
    {
        "_version",
        "cancellation",
        "errors",
        "messages",
        "code_blocks",
        "image_parts",
        "images",
        "interrupts",
        "led_loop",
        "output_change",
        "plain_data",
        "portal",
        "redaction",
        "sizes",
        "terminal",
        "workers",
    },
    {"events", "human_input", "context", "agent", "tools", "mcp_tools"},
    {"models", "kernels"},
    {"replies"},
    {"conversation"},
    {"session", "doctor"},
    {"notebook", "tracing", "tuning"},
    {"cli", "classic"},
    {"__init__"},
]
"""From the bottom up. A module or package may import from its own layer and from those below; ``__init__`` is the package's face."""
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

NOTEBOOK_LIBRARIES = {"IPython", "ipywidgets", "anywidget"}
RUNS_IN_THE_AGENT_KERNEL = {
    f"kernels.{name}" for name in ("bootstrap", "fence", "messages_out", "parcels.doors", "replay", "showing", "toolbox")
}
"""Source that is sent to the agent kernel, where IPython is at home; nothing of ours imports it."""
WRITES_FOR_PEOPLE = {"cli", "session.console"}


@dataclass(frozen=True)
class Module:
    """A module of the package: dotted name without the package's own, and its syntax tree."""

    name: str
    path: Path

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def part(self) -> str:
        """The module or package at the top of ``autogen_jupyter`` that this belongs to."""
        return self.name.split(".")[0]

    def imports(self) -> Iterator[str]:
        """Yield the absolute dotted names that are imported anywhere in it, in functions and under TYPE_CHECKING too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                origin = self._absolute(node)
                yield from (f"{origin}.{alias.name}" for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        inside = [NAME, *self.name.split(".")]
        is_package = self.path.name == "__init__.py"
        if self.name == "__init__":
            inside = [NAME]
        parents = inside[: len(inside) - node.level + is_package]
        return ".".join([*parents, *([node.module] if node.module else [])])


def _modules() -> list[Module]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if len(parts) > 1 and parts[-1] == "__init__":
            parts = parts[:-1]
        found.append(Module(".".join(parts), path))
    return found


MODULES = _modules()
every_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)


def _target(imported: str) -> str | None:
    """Return the top-level part of the package that an import reaches, or None for other people's packages."""
    parts = imported.split(".")
    if parts[0] != NAME:
        return None
    return parts[1] if len(parts) > 1 and parts[1] in RANK else "__init__"


@every_module
def test_every_module_has_a_layer(module: Module) -> None:
    assert module.part in RANK, f"Add {module.part!r} to LAYERS in {Path(__file__).name}: which layer is it in?"


@every_module
def test_imports_point_down(module: Module) -> None:
    upward = [name for name in module.imports() if (target := _target(name)) and RANK[target] > RANK[module.part]]
    assert not upward, f"{module.name} imports from a higher layer: {', '.join(upward)}. Put a Protocol below instead."


def test_packages_of_one_layer_do_not_import_each_other() -> None:
    reached = {(module.part, _target(name)) for module in MODULES for name in module.imports()}
    mutual = {tuple(sorted((a, b))) for a, b in reached if b and a != b and (b, a) in reached and RANK[a] == RANK[b]}
    assert not mutual, f"These import each other: {sorted(mutual)}."


@every_module
def test_files_are_small(module: Module) -> None:
    lines = len(module.path.read_text(encoding="utf-8").splitlines())
    assert lines < LARGEST_FILE, f"{module.name} has {lines} lines. Which second idea is in it?"


@every_module
def test_nobody_prints_but_the_console_and_the_command_line(module: Module) -> None:
    calls = [node.func for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    prints = any(isinstance(function, ast.Name) and function.id == "print" for function in calls)
    assert not prints or module.part in WRITES_FOR_PEOPLE or module.name in WRITES_FOR_PEOPLE, (
        f"{module.name} prints. Emit an event instead."
    )


@every_module
def test_only_the_notebook_layer_knows_the_notebook(module: Module) -> None:
    if RANK[module.part] >= RANK["notebook"] or module.name in RUNS_IN_THE_AGENT_KERNEL:
        return
    found = {name.split(".")[0] for name in module.imports()} & NOTEBOOK_LIBRARIES
    assert not found, f"{module.name} imports {', '.join(sorted(found))}; only the notebook layer may."


def test_nothing_imports_what_runs_in_the_agent_kernel() -> None:
    importers = [
        module.name for module in MODULES for name in module.imports() if name.removeprefix(f"{NAME}.") in RUNS_IN_THE_AGENT_KERNEL
    ]
    assert not importers


def test_relative_imports_are_resolved() -> None:
    """The tests above would pass on anything if imports were not found at all."""
    imported = {module.name: set(module.imports()) for module in MODULES}
    assert f"{NAME}.errors.UsageError" in imported["messages"]
    assert f"{NAME}.code_blocks.CodeBlock" in imported["kernels.base"]
    assert f"{NAME}.errors.UsageError" in imported["cli"]
