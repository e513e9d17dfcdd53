"""What an agent remembers, as JSON: to be saved, and to go on after a restart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any

from ..agent import Agent
from ..errors import UsageError
from ..replies.human import HumanInputMode, HumanPolicy
from .context_variables import ContextVariables
from .history import History

__all__ = ["Stateful", "load_chat", "plain", "save_chat"]

VERSION = 1


class Stateful:
    """Saves and loads what an agent remembers.

    Not saved are its model and key, its functions and reply functions, and the variables of its agent kernel: make the new agent with
    the same arguments.
    """

    if TYPE_CHECKING:

        @property
        def name(self) -> str: ...

    human_input_mode: HumanInputMode
    context_variables: ContextVariables
    _system_message: str
    _human_policy: HumanPolicy
    _histories: dict[Agent, History]
    _remembered: dict[str, History]
    _answers: dict[Agent, bool]
    _answers_to: Set[str] = frozenset()
    """Names of agents it replied to in an earlier life; holds until there is a new chat with them."""

    def save_state(self) -> dict[str, Any]:
        """Return the histories, counters and limits, the system message and the human-input mode, as JSON-able data.

        Other agents are named; of two with one name the later conversation counts.
        """
        refused = {other.name for other, answers in self._answers.items() if not answers}
        histories = self._remembered | {other.name: history for other, history in self._histories.items()}
        return {
            "kind": "autogen_jupyter.agent",
            "version": VERSION,
            "name": self.name,
            "system_message": self._system_message,
            "human_input_mode": self.human_input_mode,
            "replies": self._human_policy.save(),
            "context_variables": plain(dict(self.context_variables)),
            "answers": sorted({*self._answers_to, *(other.name for other, answers in self._answers.items() if answers)} - refused),
            "histories": {
                name: [plain(message.to_dict()) for message in history.messages] for name, history in histories.items() if history.messages
            },
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Remember what ``save_state`` returned, and forget everything else.

        Other agents are recognized by their names when this agent next talks with them.

        Raises:
            UsageError: this is not the state of an agent of this name.
        """
        _check(state, "autogen_jupyter.agent", "system_message", "human_input_mode", "replies", "answers", "histories")
        if state.get("name") != self.name:
            raise UsageError(f"This is the state of {state.get('name')!r}; it cannot be loaded into {self.name}.")
        self._system_message = str(state["system_message"])
        self.human_input_mode = state["human_input_mode"]
        self._human_policy.load(state["replies"])
        self.context_variables.clear()
        self.context_variables.update(state.get("context_variables", {}))
        self._answers.clear()
        self._answers_to = set(state["answers"])
        self._histories.clear()
        self._remembered = {name: History.from_dicts(messages) for name, messages in state["histories"].items()}

    def recognize(self, other: Stateful) -> None:
        """Let what was said with an agent of this name in an earlier life be what was said with this one."""
        if isinstance(other, Agent) and other.name in self._remembered:
            self._histories[other] = self._remembered.pop(other.name)


def save_chat(*agents: Stateful) -> dict[str, Any]:
    """Return the states of the agents of a chat as JSON-able data.

    Example:
        >>> from autogen_jupyter import ConversableAgent
        >>> sorted(save_chat(ConversableAgent("a"), ConversableAgent("b"))["agents"])
        ['a', 'b']
    """
    names = [agent.name for agent in agents]
    if len(set(names)) < len(names):
        raise UsageError(f"Two of these agents have the same name: {', '.join(names)}. A saved chat tells them apart by name.")
    return {"kind": "autogen_jupyter.chat", "version": VERSION, "agents": {agent.name: agent.save_state() for agent in agents}}


def load_chat(state: Mapping[str, Any], *agents: Stateful) -> None:
    """Let the agents remember what ``save_chat`` returned; they can then go on with ``send`` or ``initiate_chat(clear_history=False)``.

    A manager remembers what was said in its group, and the group's context variables.

    Raises:
        UsageError: one of the agents is not in it.
    """
    _check(state, "autogen_jupyter.chat", "agents")
    saved = state["agents"]
    if missing := [agent.name for agent in agents if agent.name not in saved]:
        raise UsageError(f"The saved chat has no agent {missing[0]!r}; it has {', '.join(saved)}.")
    for agent in agents:
        agent.load_state(saved[agent.name])
        for other in agents:
            agent.recognize(other)


def _check(state: object, kind: str, *keys: str) -> None:
    if not isinstance(state, Mapping) or state.get("kind") != kind:
        raise UsageError(f"This is no saved state of the kind {kind!r}: {state!r:.80}.")
    if state.get("version") != VERSION:
        raise UsageError(f"The state is of version {state.get('version')!r}; this release reads version {VERSION}.")
    if missing := [key for key in keys if key not in state]:
        raise UsageError(f"The state of {state.get('name', 'the chat')!r} is not whole: {', '.join(missing)} is missing. Save it anew.")


def plain(value: Any) -> Any:
    """Return what of a value JSON can hold; the rest of a dictionary or list (a function, a table) is left out."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items() if _is_plain(one)}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value if _is_plain(one)]
    return value


def _is_plain(value: Any) -> bool:
    if isinstance(value, (Mapping, list, tuple)):
        return True
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
