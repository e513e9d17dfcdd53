"""The part of an agent that runs chats in the background and hands out their events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..agent import Agent
from ..messages import content_str
from ..portal import call, on_portal, run_sync
from .chat_result import ChatResult
from .chat_starter import OpeningMessage, beginning_of
from .run_response import RunResponse

__all__ = ["Runner"]


class Runner:
    """Runs chats in the background."""

    @on_portal
    async def a_run(
        self, recipient: Agent | None = None, *, message: OpeningMessage = None, user_input: bool = False, **options: Any
    ) -> RunResponse:
        """Begin a chat and return at once, while it goes on.

        Args:
            recipient: the agent to talk to. Default: a person, who talks to this agent.
            message: the opening.
            user_input: without a recipient, whether the person is asked after every message; else they only say the opening.
            **options: whatever ``initiate_chat`` takes, such as ``max_turns`` and ``stop``.

        Returns:
            The chat: iterate over its ``events``, ``answer`` its questions, read its ``result``.
        """
        starter, other = (self, recipient) if recipient is not None else (_person(user_input), self)

        async def chat() -> ChatResult:
            result: ChatResult = await call(beginning_of(starter), other, message=message, **options)
            return result

        return RunResponse(chat)

    run = run_sync(a_run)


def _person(is_asked: bool) -> Runner:
    from .conversable_agent import ConversableAgent

    return ConversableAgent(
        "user",
        human_input_mode="ALWAYS" if is_asked else "NEVER",
        is_termination_msg=_mentions_terminate,
        default_auto_reply=None,
        description="The person who asks.",
    )


def _mentions_terminate(message: Mapping[str, Any]) -> bool:
    return "TERMINATE" in content_str(message.get("content"))
