"""The classic's ``_oai_system_message``: the system message as its scripts read it, and change it in place."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["SystemMessage"]


class _Told(Protocol):
    @property
    def system_message(self) -> str: ...

    def update_system_message(self, system_message: str) -> None: ...


class SystemMessage(dict[str, Any]):
    """The message as a dictionary; another ``content`` becomes the agent's. Copies of it are plain dictionaries."""

    def __init__(self, agent: _Told) -> None:
        super().__init__(content=agent.system_message, role="system")
        self._agent = agent

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        if key == "content":
            self._agent.update_system_message(value)

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)
