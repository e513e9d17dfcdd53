"""The conversations of one agent, as the classic's dictionary of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from ..agent import Agent
from .history import History

__all__ = ["Conversations"]


class Conversations(MutableMapping[Agent, list[dict[str, Any]]]):
    """What an agent said to each of the others; ``[]`` where nothing was said, as in the classic's ``defaultdict``.

    It is no copy: the lists and what is done with them are the agent's memory. Where nothing was said, there is no conversation.

    Args:
        histories: by agent.
        history_with: returns an agent's history, which it makes where there is none.
    """

    def __init__(self, histories: Mapping[Agent, History], history_with: Callable[[Agent], History]) -> None:
        self._histories = histories
        self._history_with = history_with

    def __getitem__(self, other: Agent) -> list[dict[str, Any]]:
        return self._history_with(other).as_dicts()

    def __setitem__(self, other: Agent, messages: list[dict[str, Any]]) -> None:
        self[other][:] = messages

    def __delitem__(self, other: Agent) -> None:
        if other not in self:
            raise KeyError(other)
        self._history_with(other).clear()

    def __contains__(self, other: object) -> bool:
        history = self._histories.get(other)  # type: ignore[call-overload]
        return history is not None and bool(history.messages)

    def __iter__(self) -> Iterator[Agent]:
        return iter([other for other, history in self._histories.items() if history.messages])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def get(self, other: Agent, default: Any = None) -> Any:
        """Return the messages exchanged with ``other``, or ``default`` where there are none."""
        if other not in self:
            return default
        return self[other]

    def pop(self, other: Agent, *default: Any) -> Any:
        """Forget the messages exchanged with ``other`` and return them; ``default`` where there are none."""
        if default and other not in self:
            return default[0]
        messages = list(self[other])
        del self[other]
        return messages

    def __repr__(self) -> str:
        return repr(dict(self))
