"""What a person should know about how an answer ended."""

from __future__ import annotations

from .base import ModelReply

__all__ = ["empty_notice", "is_empty", "notice_of", "withheld"]


def is_empty(reply: ModelReply) -> bool:
    """Say whether there is nothing to read and nothing to do in an answer."""
    return not (reply.text.strip() or reply.refusal.strip() or reply.tool_calls)


def withheld(reply: ModelReply) -> bool:
    """Say whether the provider's filter let nothing of the answer through."""
    return reply.finish_reason == "content_filter" and is_empty(reply)


def notice_of(reply: ModelReply) -> str:
    """Return what to say about an answer that is not whole; nothing when it is."""
    size = f" after {reply.usage.completion_tokens} tokens" if reply.usage else ""
    if reply.finish_reason == "length":
        return f'The answer of {reply.model} was cut off at its length limit{size}. Say "go on" to get the rest, or raise max_tokens.'
    if reply.finish_reason == "content_filter":
        return f"The answer of {reply.model} was cut off by the provider's content filter{size}."
    return ""


def empty_notice(reply: ModelReply) -> str:
    """Return what to say about an answer without words."""
    if reply.finish_reason == "length":
        return f"{reply.model} reached its length limit while it was thinking, before it had said anything. Raise max_tokens."
    return f"{reply.model} sent an empty answer."
