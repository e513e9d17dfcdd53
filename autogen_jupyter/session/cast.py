"""Who takes part in a conversation, as the live view tells it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from .entries import MessageEntry

__all__ = ["colors", "managers"]


def colors(messages: Collection[MessageEntry]) -> dict[str, int]:
    """Return the number of each sender's colour: agents get theirs in the order in which they first speak."""
    return {sender: number for number, sender in enumerate(dict.fromkeys(message.sender for message in messages))}


def managers(messages: Collection[MessageEntry]) -> set[str]:
    """Return who only passes on what others say: several speak to a group's manager, who never says anything."""
    audiences = defaultdict(set)
    for message in messages:
        audiences[message.recipient].add(message.sender)
    senders = {message.sender for message in messages}
    return {name for name, heard in audiences.items() if len(heard) > 1 and name not in senders}
