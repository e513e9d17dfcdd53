"""No event leaves a session with a secret in it; where one was taken out, the session says so once."""

from __future__ import annotations

from dataclasses import replace

from .. import redaction
from ..events import ChatEvent, CodeFinished, MessageAdded, MessageDelta, Noticed, ToolReturned
from ..redaction import MARK, redacted

__all__ = ["NOTICE", "says_so", "without_secrets"]

NOTICE = f"A secret stood in this chat; where it was, there is {MARK}. %agentchat secrets says which are known and taken out."


def without_secrets(event: ChatEvent) -> ChatEvent:
    """Return an event without the secrets in it."""
    if isinstance(event, MessageDelta):  # by far the most frequent
        text = redacted(event.text)
        return event if text is event.text or text == event.text else replace(event, text=text)
    return redaction.without_secrets(event)


def says_so(event: ChatEvent) -> bool:
    """Say whether something was taken out of what an event reports."""
    if isinstance(event, MessageAdded):
        return MARK in event.message.text
    if isinstance(event, CodeFinished):
        return MARK in event.output
    if isinstance(event, ToolReturned):
        return MARK in event.content
    return isinstance(event, Noticed) and MARK in event.text and event.text != NOTICE
