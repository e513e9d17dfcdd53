"""What the first of some nested chats is told of the conversation around it: AG2's ``carryover_config``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..agent import Agent
from ..errors import UsageError
from ..messages import Message, content_str
from ..portal import call
from .summary import reflection

__all__ = ["CARRYOVER", "check_carryover", "with_carryover"]

CARRYOVER = "carryover_config"
_METHODS = ("all", "last_msg", "reflection_with_llm")


def check_carryover(chat_queue: Sequence[Mapping[str, Any]]) -> None:
    """Raise a UsageError where what is to be carried over cannot be."""
    for place, chat in enumerate(chat_queue):
        config = chat.get(CARRYOVER) if isinstance(chat, Mapping) else None
        if config is None:
            continue
        if place:
            raise UsageError(f"Chat {place} of the nested chats has a {CARRYOVER}; only the first can, the others are told the summaries.")
        method = config.get("summary_method") if isinstance(config, Mapping) else None
        if method not in _METHODS and not callable(method):
            raise UsageError(
                f'{CARRYOVER} is {config!r:.80}; it must be a dictionary with a "summary_method": {", ".join(_METHODS)}, '
                "or a function (agent, messages, summary_args)."
            )


async def with_carryover(message: str | None, chat: Mapping[str, Any], agent: Agent, messages: Sequence[Mapping[str, Any]]) -> str:
    """Return the opening of a nested chat with what its ``carryover_config`` tells of the conversation.

    Args:
        message: the opening without it.
        chat: the chat, with its recipient, whose model reflects.
        agent: whose conversation it is.
        messages: what was said in it.
    """
    config = chat[CARRYOVER]
    method, args = config["summary_method"], config.get("summary_args") or {}
    told: Any
    if callable(method):
        told = await call(method, agent, [dict(one) for one in messages], args)
    elif method == "reflection_with_llm":
        told = await reflection(agent, chat["recipient"], [Message.from_dict(one, role="user") for one in messages], args)
    else:
        told = "\n".join(content_str(one.get("content")) for one in (messages if method == "all" else messages[-1:]) if one.get("content"))
    if not isinstance(told, str):
        raise UsageError(f"The summary_method of {CARRYOVER} returned {told!r:.80}; it must return text.")
    return f"{message}\nContext:\n{told}" if message else f"Context:\n{told}"
