"""Take a group's chat up again from what was said before."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..agent import Agent
from ..context import current
from ..errors import UsageError
from ..events import Noticed
from ..messages import Message
from ..portal import call
from .broadcast import Broadcast
from .conversable_agent import ConversableAgent

if TYPE_CHECKING:
    from .group_chat_manager import GroupChatManager

__all__ = ["Remove", "messages_from_json", "messages_to_json", "recall", "resume"]

Remove = str | Callable[[str], str] | None
"""What is cut from the last message: a text, or a function that returns the message without it."""


async def resume(
    manager: GroupChatManager, messages: Sequence[Mapping[str, Any]], remove: Remove, *, silent: bool
) -> tuple[Agent, dict[str, Any]]:
    """Fill the histories of a group with all messages but the last; return who said that one, and it.

    Raises:
        UsageError: there are no messages, or one is by somebody who is not in the group.
    """
    if not messages:
        raise UsageError("There are no messages to resume; begin with initiate_chat(manager, message=…) instead.")
    last = dict(messages[-1])
    speaker = _speaker(manager, last)
    await recall(manager, messages[:-1])
    last["content"] = await _without(last.get("content"), remove)
    manager.groupchat.send_introductions = False  # whoever was introduced then is known
    manager.last_speaker = speaker
    if not silent:
        current().emit(Noticed(f"Prepared group chat with {len(messages)} messages, the last speaker is {speaker.name}"))
    if await manager.end_meant_by(Message.from_dict(last)):
        warning = "The last message to resume ends the chat, so it will not go on. Cut its end with remove_termination_string."
        current().emit(Noticed(warning, "warning"))
    return speaker, last


async def recall(manager: GroupChatManager, messages: Sequence[Mapping[str, Any]]) -> None:
    """Fill the histories of a group with messages, as if all had heard them; what was there before is forgotten.

    Raises:
        UsageError: one is by somebody who is not in the group.
    """
    speakers = [_speaker(manager, message) for message in messages]
    _forget(manager)
    broadcast = Broadcast(manager, manager.groupchat.agents)
    for message, speaker in zip(messages, speakers, strict=True):
        await _load(manager, Message.from_dict(message, role="user", sender=speaker.name), speaker, broadcast)


def messages_to_json(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return messages as JSON, to be kept."""
    return json.dumps([dict(message) for message in messages], ensure_ascii=False)


def messages_from_json(text: str) -> list[dict[str, Any]]:
    """Return messages that were kept as JSON.

    Raises:
        UsageError: it is not a JSON list of messages.
    """
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"The messages to resume are not JSON ({error}): {text!r:.80}.") from error
    if not isinstance(found, list) or not all(isinstance(message, dict) for message in found):
        raise UsageError(f"The messages to resume must be a JSON list of messages: {text!r:.80}.")
    return found


def _speaker(manager: GroupChatManager, message: Mapping[str, Any]) -> Agent:
    """The manager stands for messages without a name, and for an admin that is not in the group."""
    group, name = manager.groupchat, message.get("name")
    member = group.agent_by_name(str(name)) if name else None
    if member is not None:
        return member
    if not name or name in (manager.name, group.admin_name):
        return manager
    raise UsageError(f"A message to resume is by {name!r}, who is not in the group: {', '.join(group.agent_names)}.")


def _forget(manager: GroupChatManager) -> None:
    manager.groupchat.reset()
    manager.clear_history()
    for agent in manager.groupchat.agents:
        if isinstance(agent, ConversableAgent):
            agent.clear_history(manager)


async def _load(manager: GroupChatManager, message: Message, speaker: Agent, broadcast: Broadcast) -> None:
    if speaker is not manager:
        manager.history_with(speaker).append(message, "user")
        if isinstance(speaker, ConversableAgent):
            speaker.history_with(manager).append(message, "assistant")
    manager.groupchat.append(message, speaker)
    await broadcast.send(message, besides=speaker)


async def _without(content: Any, remove: Remove) -> Any:
    if remove is None or not isinstance(content, str):
        return content
    return content.replace(remove, "") if isinstance(remove, str) else await call(remove, content)
