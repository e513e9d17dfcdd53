"""What a person may type into a group's chat to make its agents forget."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ..agent import Agent
from ..context import current
from ..events import Noticed
from ..messages import Message

if TYPE_CHECKING:
    from .group_chat import GroupChat

__all__ = ["obey_clear_history"]

_COMMAND = re.compile(r"\bclear\s+history\b", re.IGNORECASE)
_ARGUMENT = re.compile(r"\s+([\w-]+)[.,;!]?(?=\s|\Z)")


def obey_clear_history(group: GroupChat, message: Message) -> Message:
    """Do what ``clear history [agent] [messages to keep]`` in a person's message asks for; return the message without these words.

    Without an agent everybody forgets, and so does the group. The agent and the number may come in either order.
    """
    if not isinstance(message.content, str) or not (command := _COMMAND.search(message.content)):
        return message
    end, agent, keep = _arguments(group, message.content, command.end())
    _forget(group, agent, keep + bool(message.tool_results))  # the call stays that this message answers
    rest = (message.content[: command.start()].rstrip() + " " + message.content[end:].lstrip(" .,;!")).strip()
    return replace(message, content=rest)


def _arguments(group: GroupChat, text: str, at: int) -> tuple[int, Agent | None, int]:
    agent: Agent | None = None
    keep: int | None = None
    while found := _ARGUMENT.match(text, at):
        word = found[1]
        member = group.agent_by_name(word)
        if word.isdecimal() and keep is None:
            keep = int(word)
        elif member is not None and agent is None:
            agent = member
        else:
            break
        at = found.end()
    return at, agent, keep or 0


def _forget(group: GroupChat, agent: Agent | None, keep: int) -> None:
    if agent is None:
        del group.messages[: max(0, len(group.messages) - keep)]
    for one in group.agents if agent is None else [agent]:
        clear = getattr(one, "clear_history", None)
        if clear is not None:
            clear(nr_messages_to_preserve=keep)
    who = "all agents" if agent is None else agent.name
    current().emit(Noticed(f"Clearing history for {who}" + (f" except last {keep} messages." if keep else ".")))
