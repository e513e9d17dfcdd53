"""Let a model write the reply, and show it while it is being written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..context import current
from ..events import MessageDelta, ReplyStarted, UsageRecorded
from ..messages import Message, new_id
from ..models.base import ModelClient, ModelReply, ModelRequest
from .base import Reply, Stop, Turn

__all__ = ["ModelPolicy"]


class ModelPolicy:
    """The classic's ``generate_oai_reply``, streaming."""

    def __init__(
        self, client: ModelClient, *, system_message: Callable[[], str], tools: Callable[[], Sequence[Mapping[str, Any]]] = tuple
    ) -> None:
        self.client = client
        self._system_message = system_message
        self._tools = tools

    async def reply(self, turn: Turn) -> Reply | Stop | None:
        message_id = new_id("m")
        client, emit = self.client, current().emit
        emit(ReplyStarted(message_id, turn.agent, turn.sender_name, client.model, client.is_language_model))
        answer = await self._ask(self._request(turn), message_id)
        usage = answer.usage
        emit(
            UsageRecorded(
                turn.agent,
                answer.model,
                usage.prompt_tokens if usage else None,
                usage.completion_tokens if usage else None,
                usage.usd if usage else None,
            )
        )
        text = answer.text or answer.refusal
        return Reply(
            Message("assistant", text or (None if answer.tool_calls else ""), turn.agent, tool_calls=answer.tool_calls, id=message_id)
        )

    def _request(self, turn: Turn) -> ModelRequest:
        system = self._system_message()
        first = (Message("system", system),) if system else ()
        relays = bool(getattr(turn.sender, "relays_others", False))  # the manager of a group passes on what its members say
        return ModelRequest((*first, *turn.messages), tools=tuple(self._tools()), name_speakers=relays)

    async def _ask(self, request: ModelRequest, message_id: str) -> ModelReply:
        emit = current().emit
        reply: ModelReply | None = None
        async for delta in self.client.stream(request):
            if delta.reasoning:
                emit(MessageDelta(message_id, delta.reasoning, reasoning=True))
            if delta.text:
                emit(MessageDelta(message_id, delta.text))
            reply = delta.reply or reply
        if reply is None:
            raise TypeError(f"{type(self.client).__name__}.stream() ended without a delta that carries the reply.")
        return reply
