"""What a person allowed to run without being asked again in a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..code_blocks import PYTHON, CodeBlock
from ..human_input import InputRequest, Permission, Scope
from ..replies.risks import risks

__all__ = ["Permissions", "offers"]

_CALL = re.compile(r"\s*([\w.-]+)\(", re.ASCII)


class Permissions:
    """The permissions that hold in one chat.

    Example:
        >>> request = InputRequest("approval", "Run?", blocks=(CodeBlock("python", "import os"),))
        >>> permissions = Permissions()
        >>> permissions.give(request, "alike")
        True
        >>> permissions.cover(InputRequest("approval", "Run?", blocks=(CodeBlock("python", "import shutil"),)))
        False
    """

    def __init__(self) -> None:
        self._given: dict[str, Permission] = {}

    @property
    def given(self) -> tuple[Permission, ...]:
        return tuple(self._given.values())

    def give(self, request: InputRequest, scope: Scope) -> bool:
        """Allow what ``request`` asks about, as far as ``scope`` reaches; return whether this was new."""
        new = [offer for offer in offers(request) if offer.scope == scope and offer.id not in self._given]
        self._given |= {permission.id: permission for permission in new}
        return bool(new)

    def revoke(self, id_: str) -> bool:
        """Ask again; return whether there was such a permission."""
        return self._given.pop(id_, None) is not None

    def cover(self, request: InputRequest) -> bool:
        """Say whether everything that ``request`` asks about is allowed."""
        if request.kind != "approval" or not request.blocks:
            return False
        if any(_is_call(block) for block in request.blocks):
            return all(_is_call(block) and _tool_id(block) in self._given for block in request.blocks)
        found = _risks_of(request)
        return "chat" in self._given or (found is not None and any(found <= allowed for allowed in self._classes()))

    def _classes(self) -> Iterator[set[str]]:
        for id_, permission in self._given.items():
            if permission.scope == "alike":
                yield set(id_.split("\n")[1:])


def offers(request: InputRequest) -> list[Permission]:
    """Return the permissions that a person could give together with a yes to ``request``.

    Code that cannot be looked into is like no other code, and a tool is never allowed by what was said about code.
    """
    if request.kind != "approval" or not request.blocks:
        return []
    if any(_is_call(block) for block in request.blocks):
        return [Permission(_tool_id(request.blocks[0]), "tool", f"calls of {_tool(request.blocks[0])}")] if len(request.blocks) == 1 else []
    made = [Permission("chat", "chat", "all code in this chat")]
    found = _risks_of(request)
    if found is not None:
        what = f"that {_listed(sorted(found))}" if found else "in which nothing risky is found"
        made.append(Permission("\n".join(["alike", *sorted(found)]), "alike", f"Python code {what}"))
    return made


def _risks_of(request: InputRequest) -> set[str] | None:
    """Return what is risky in the code, or None when it cannot be looked into."""
    found: set[str] = set()
    for block in request.blocks:
        risky = risks(block)
        if block.language not in PYTHON or any(risk.startswith("cannot be read") for risk in risky):
            return None
        found.update(risky)
    return found


def _is_call(block: CodeBlock) -> bool:
    """A tool call comes as a block of JSON between the parentheses of its name."""
    return block.language == "json"


def _tool(block: CodeBlock) -> str:
    match = _CALL.match(block.code)
    return match[1] if match else block.code.partition("(")[0]


def _tool_id(block: CodeBlock) -> str:
    return f"tool {_tool(block)}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
