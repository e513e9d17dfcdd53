"""Let a model write the reply, and show it while it is being written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..context import current
from ..errors import AnswerBrokenError, ContextLengthError
from ..events import MessageAdded, MessageDelta, Noticed, ReplyBroken, ReplyStarted
from ..images import has_images, image_references, with_images_read
from ..messages import Message, MessageView, new_id
from ..models.base import ModelClient, ModelReply, ModelRequest
from ..models.guarded import guarded
from ..models.raw import asked_for
from ..models.tokens import tokens
from ..models.usage import usage_of, usage_row
from ..tools import normalized_name
from .answer_format import AnswerFormat, NotInFormat
from .base import Reply, Stop, Turn
from .shortening import Room
from .tool_hiding import HideTools, tools_left

__all__ = ["ModelPolicy"]


@dataclass
class _Writing:
    """A message that a model is writing; when the answer breaks off and begins anew, it is another message."""

    agent: str
    recipient: str
    client: ModelClient
    id: str = field(default_factory=lambda: new_id("m"))

    def start(self) -> None:
        context, client = current(), self.client
        context.emit(ReplyStarted(self.id, self.agent, self.recipient, client.model, client.is_language_model, context.silent))

    def breaks(self, reason: str = "") -> None:
        current().emit(ReplyBroken(self.id, reason))

    def start_anew(self, reason: str) -> None:
        self.breaks(reason)
        self.id = new_id("m")
        self.start()


class ModelPolicy:
    """The classic's ``generate_oai_reply``, streaming."""

    def __init__(
        self,
        client: ModelClient,
        *,
        system_message: Callable[[], str],
        tools: Callable[[], Sequence[Mapping[str, Any]]] = tuple,
        tells_functions: Callable[[], bool] = lambda: False,
        sees_images: bool = False,
        hide_tools: HideTools = "never",
        told: Callable[[Sequence[Message]], Sequence[Message]] = lambda messages: messages,
    ) -> None:
        self.client = client
        self.answer_format: AnswerFormat | None = None
        """The type that answers must have; what does not fit goes back to the model once."""
        self.usage: list[dict[str, Any]] = []
        """One row for each answer (see ``usage_row``)."""
        self._system_message = system_message
        self._tools = tools
        self._tells_functions = tells_functions
        self._hide_tools = hide_tools
        self._told_of = told
        self._room = Room()
        self._sees_images = sees_images
        self._images_at_first = image_references(system_message()) if sees_images else ()
        """Those that whoever made the agent named; what is filled in later may come from a model, which can have no file sent."""
        self._told: set[str] = set()
        self._system: tuple[Message, ...] = ()

    async def reply(self, turn: Turn) -> Reply | Stop | None:
        message = await self._message(turn, turn.messages)
        if self.answer_format is not None and not message.calls:
            message = await self._in_format(self.answer_format, turn, message)
            message = replace(message, content=self.answer_format.told(message.text))
        return Reply(message)

    async def _message(self, turn: Turn, messages: Sequence[Message]) -> Message:
        writing = _Writing(turn.agent, turn.sender_name, self.client)
        writing.start()
        request = await self._with_images(self._request(turn, messages))
        answer = await self._answer(turn.agent, request, writing)
        self._count(answer, turn.agent, writing.id)
        text = answer.text or answer.refusal
        calls = tuple(replace(call, name=normalized_name(call.name)) for call in answer.tool_calls)
        if request.as_functions and len(calls) == 1:
            function_call = {"arguments": calls[0].arguments, "name": calls[0].name}
            return Message("assistant", text or None, turn.agent, extra={"function_call": function_call}, id=writing.id)
        return Message("assistant", text or (None if calls else ""), turn.agent, tool_calls=calls, id=writing.id)

    def _count(self, answer: ModelReply, agent: str, message_id: str) -> None:
        recorded = usage_of(answer, agent, message_id)
        self.usage.append(usage_row(recorded))
        current().emit(recorded)

    async def _in_format(self, answer_format: AnswerFormat, turn: Turn, message: Message) -> Message:
        """Return an answer that has the type if the model can write one: what does not fit goes back to it, once."""
        problem = _misfit(answer_format, message)
        if not problem:
            return message
        emit, name = current().emit, answer_format.name
        emit(MessageAdded(message, turn.sender_name, silent=current().silent))
        emit(Noticed(f"The answer of {turn.agent} is not a {name}; it is asked to correct it.\n{problem}"))
        request = f"Your answer does not have the required format ({name}):\n{problem}\nAnswer again, with the JSON alone."
        corrected = await self._message(turn, [*turn.messages, message, Message("user", request, turn.sender_name)])
        problem = _misfit(answer_format, corrected)
        if problem:
            emit(Noticed(f"The answer of {turn.agent} is still not a {name}.\n{problem}", "warning"))
        return corrected

    def _request(self, turn: Turn, messages: Sequence[Message]) -> ModelRequest:
        options = {"response_format": self.answer_format.option} if self.answer_format is not None else {}
        relays = bool(getattr(turn.sender, "relays_others", False))  # the manager of a group passes on what its members say
        tools = tools_left(self._tools(), messages, self._hide_tools)
        as_functions = bool(tools) and self._tells_functions() and not getattr(turn.sender, "runs_tools", False)
        history = MessageView(self._first(), self._told_of(messages))
        return ModelRequest(history, tools=tools, as_functions=as_functions, options=options, name_speakers=relays)

    def _first(self) -> tuple[Message, ...]:
        """Return the system message: the same object as before, as long as it says the same, so that it is looked through once."""
        system = self._system_message()
        if system != (self._system[0].content if self._system else ""):
            images = [one for one in image_references(system) if one in self._images_at_first]
            self._system = (Message("system", system, extra={"images": images} if images else {}),) if system else ()
        return self._system

    async def _with_images(self, request: ModelRequest) -> ModelRequest:
        """Show the model the images of people's messages and the plots of code; say once of each that cannot be read."""
        if not self._sees_images or not any(map(has_images, request.messages)):
            return request
        made: list[Message] = []
        for message in request.messages:
            seen, problems = await asyncio.to_thread(with_images_read, message) if has_images(message) else (message, [])
            made.append(seen)
            for problem in set(problems) - self._told:
                self._told.add(problem)
                current().emit(Noticed(f"The model is not shown an image: {problem}.", "warning"))
        return replace(request, messages=tuple(made))

    async def _answer(self, agent: str, request: ModelRequest, writing: _Writing) -> ModelReply:
        """Ask the model; when the request is longer than it can read, ask once more with less."""
        client = self.client
        request = self._room.fitted(client, request)
        try:
            answer = await self._ask(request, writing)
        except ContextLengthError:
            whole, request = request, self._room.after_refusal(client, request)
            if request is whole:
                raise
            shown, of = len(request.messages), len(whole.messages)
            current().emit(
                Noticed(
                    f"Shortened the conversation: {client.model} ({agent}) cannot read all of it and is shown {shown} of {of} messages."
                )
            )
            answer = await self._ask(request, writing)
        tokens.learn(client.model, request, answer.usage)
        return answer

    async def _ask(self, request: ModelRequest, writing: _Writing) -> ModelReply:
        emit = current().emit
        reply: ModelReply | None = None
        try:
            with asked_for(lambda: writing.id):
                async for delta in guarded(self.client).stream(request):
                    if delta.broken:
                        writing.start_anew(delta.broken)
                    if delta.reasoning:
                        emit(MessageDelta(writing.id, delta.reasoning, reasoning=True))
                    if delta.text:
                        emit(MessageDelta(writing.id, delta.text))
                    reply = delta.reply or reply
        except AnswerBrokenError:
            writing.breaks()  # the error says why
            raise
        if reply is None:
            raise TypeError(f"{type(self.client).__name__}.stream() ended without a delta that carries the reply.")
        return reply


def _misfit(answer_format: AnswerFormat, message: Message) -> str:
    """Say what is wrong with an answer; nothing when it has the type."""
    try:
        answer_format.parse(message.text)
    except NotInFormat as problem:
        return str(problem)
    return ""
