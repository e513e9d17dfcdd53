"""From a code block to what the kernel is asked to run."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ..code_blocks import PYTHON, SHELL, CodeBlock

__all__ = ["BOOTSTRAP_MODULE", "SAVED", "Cell", "cell_for", "file_name", "installs", "is_shell", "saved_name", "saving"]

BOOTSTRAP_MODULE = "_agent_kernel"
"""Name under which the kernel knows the module that the bootstrap made of ``bootstrap.py``."""

SAVED = frozenset({"css", "html", "javascript", "js"})
"""Languages of which a page is made, whose blocks are saved where nothing runs them."""
_FILE_NAME = re.compile(r"(?:#|//|/\*|<!--) filename: (?P<name>\S.*?)\s*(?:\*/|-->)?\s*")
_SUFFIXES = {"javascript": "js", **dict.fromkeys(PYTHON, "py")}
_PIP = re.compile(r"[!%]?\s*(?:sudo\s+)?(?:python3?\s+-m\s+)?pip3?\s+(?P<command>(?:install|uninstall|list|show|freeze)\b.*)")
_INSTALL = re.compile(
    r"(?P<mark>[!%]?)\s*(?:sudo\s+)?(?:(?:python[\d.]*\s+-m\s+|uv\s+)?pip[\d.]*|conda|mamba|micromamba)\s+(?:un)?install\b.*", re.MULTILINE
)
_STATE = re.compile(r"(?:cd|export|unset|source|\.)(?:\s[^;&|`]*)?")
_PROMPT = "$ "


@dataclass(frozen=True, slots=True)
class Cell:
    """What the kernel runs for a code block."""

    code: str
    has_exit_code: bool = False
    """Whether ``_exit_code`` tells how it went, also when no exception was raised."""


def is_shell(language: str) -> bool:
    """Say whether the language is one that a shell runs."""
    return language in SHELL


def cell_for(block: CodeBlock) -> Cell:
    """Return the cell for a block. Python runs as it is; a lone ``pip install`` installs into the kernel's own environment."""
    if block.language in PYTHON | SHELL:
        pip = _pip_commands(block.code)
        if pip:
            return Cell("\n".join(f"%pip {command}" for command in pip), has_exit_code=True)
    if is_shell(block.language):
        script = without_prompts(block.code, is_console=block.language == "console")
        call = f"run_shell({block.language!r}, {script!r}, {changes_state_only(script)!r})"
        return Cell(f"__import__({BOOTSTRAP_MODULE!r}).{call}", has_exit_code=True)
    return Cell(block.code)


def file_name(code: str) -> str | None:
    """Return the name in a first line of exactly the form ``# filename: name``, which asks for the block to be saved.

    The comment may also be one of JavaScript's, CSS's or HTML's.
    """
    match = _FILE_NAME.fullmatch(code.lstrip("\n").split("\n", 1)[0])
    return match["name"] if match else None


def saved_name(block: CodeBlock) -> str:
    """Return the name under which a block is saved that is not run: its own, or one made from its text, as the classic makes it."""
    digest = hashlib.md5(block.code.encode(), usedforsecurity=False).hexdigest()
    return file_name(block.code) or f"tmp_code_{digest}.{_SUFFIXES.get(block.language, block.language)}"


def saving(block: CodeBlock) -> CodeBlock:
    """Return the block that saves another one, which is not run, and says where."""
    return CodeBlock("python", f"__import__({BOOTSTRAP_MODULE!r}).keep_block({saved_name(block)!r}, {block.code!r})")


def installs(block: CodeBlock) -> list[str]:
    """Return the lines of a block that install packages or remove them, as far as that can be read off the text."""
    is_lone_pip = bool(_pip_commands(block.code))
    lines = [line.strip().removeprefix(_PROMPT) for line in block.code.splitlines()]
    matches = [_INSTALL.fullmatch(line) for line in lines]
    return [match[0].lstrip("!% ") for match in matches if match and (match["mark"] or is_lone_pip or is_shell(block.language))]


def changes_state_only(script: str) -> bool:
    """Say whether a script does nothing but change the directory and variables, which is of use only if it lasts."""
    lines = [line.strip() for line in script.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    return bool(lines) and all(_STATE.fullmatch(line) for line in lines)


def _pip_commands(code: str) -> list[str]:
    lines = [line.strip().removeprefix(_PROMPT) for line in code.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    matches = [_PIP.fullmatch(line) for line in lines]
    return [match["command"] for match in matches if match and not re.search(r"[;&|<>`\\]", match["command"])] if all(matches) else []


def without_prompts(script: str, *, is_console: bool) -> str:
    """Take the ``$ `` away that models write before commands; in a console transcript the other lines are output and go too."""
    lines = script.splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    if not first.startswith(_PROMPT):
        return script
    if is_console:
        lines = [line for line in lines if line.startswith((_PROMPT, "> "))]
    return "\n".join(line[2:] if line.startswith(_PROMPT) or (is_console and line.startswith("> ")) else line for line in lines)
