"""The part of an agent that runs chats in the background and hands out their events."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from typing import TYPE_CHECKING, Any, cast

from ..agent import Agent
from ..errors import UsageError
from ..messages import content_str
from ..portal import call, on_portal, run_sync
from .chat_result import ChatResult
from .chat_starter import ChatStarter, OpeningMessage, beginning_of
from .lent_tools import ToolsOfRun, lending, loan
from .run_response import RunResponse

if TYPE_CHECKING:
    from .conversable_agent import ConversableAgent

__all__ = ["Runner"]


class Runner:
    """Runs chats in the background."""

    @on_portal
    async def a_run(
        self,
        recipient: Agent | None = None,
        *,
        message: OpeningMessage = None,
        user_input: bool = False,
        tools: ToolsOfRun = None,
        **options: Any,
    ) -> RunResponse:
        """Begin a chat and return at once, while it goes on.

        Args:
            recipient: the agent to talk to. Default: a person, who talks to this agent.
            message: the opening.
            user_input: without a recipient, whether the person is asked after every message; else they only say the opening.
            tools: a tool, function or several, for this chat only: an agent's model is told of them, and the other agent runs them.
            **options: whatever ``initiate_chat`` takes, such as ``max_turns`` and ``stop``.

        Returns:
            The chat: iterate over its ``events``, ``answer`` its questions, read its ``result``.

        Raises:
            UsageError: an option that there is not, or tools that no model can be told of.
        """
        agent = cast("ConversableAgent", self)
        starter, other = (agent, recipient) if recipient is not None else (_person(user_input, agent), agent)
        _check(options, starter, message)
        lent = loan(tools, starter, other)

        async def chat() -> ChatResult:
            with lending(lent):
                result: ChatResult = await call(beginning_of(starter), other, message=message, **options)
            return result

        return RunResponse(chat)

    run = run_sync(a_run)


def _check(options: Mapping[str, Any], starter: ConversableAgent, message: OpeningMessage) -> None:
    if callable(message) or starter._overridden("a_generate_init_message", "generate_init_message") is not None:
        return  # it may read whatever it likes
    known = [*tuple(signature(ChatStarter.a_initiate_chat).parameters)[2:-1], "carryover", "chat_id"]
    if unknown := [name for name in options if name not in known]:
        raise UsageError(f"run takes no {unknown[0]}; it takes recipient, message, user_input, tools, {', '.join(sorted(known))}.")


def _person(is_asked: bool, agent: ConversableAgent) -> ConversableAgent:
    """Return who talks to an agent, and runs the tools that its model is told of and that it does not run itself."""
    from .conversable_agent import ConversableAgent

    return ConversableAgent(
        "user",
        human_input_mode="ALWAYS" if is_asked else "NEVER",
        is_termination_msg=_mentions_terminate,
        default_auto_reply=None,
        function_map={name: function for name, function in agent.known_functions.items() if not agent.can_execute_function(name)},
        description="The person who asks.",
    )


def _mentions_terminate(message: Mapping[str, Any]) -> bool:
    return "TERMINATE" in content_str(message.get("content"))
