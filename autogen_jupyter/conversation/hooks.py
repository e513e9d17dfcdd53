"""Functions of the user's that look at messages on their way: the classic's hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..agent import Agent
from ..errors import UsageError
from ..messages import Message
from ..portal import call

__all__ = ["HOOKABLE", "Hooks"]

Said = Message | Mapping[str, Any] | str

HOOKABLE = (
    "update_agent_state",
    "process_last_received_message",
    "process_all_messages_before_reply",
    "process_message_before_send",
)


class Hooks:
    """The hooks of one agent, called in the order they were registered; each may be sync or async."""

    def __init__(self) -> None:
        self.lists: dict[str, list[Callable[..., Any]]] = {name: [] for name in HOOKABLE}

    def add(self, hookable: str, hook: Callable[..., Any]) -> None:
        """Register a hook.

        Raises:
            UsageError: there is no such place, or the hook is there already or cannot be called.
        """
        name = hookable.removeprefix("a_")
        if name not in self.lists:
            raise UsageError(f"There is no hook {hookable!r}; there are {', '.join(HOOKABLE)}.")
        if not callable(hook):
            raise UsageError(f"The hook for {hookable} is {hook!r:.80}; it must be a function.")
        if hook in self.lists[name]:
            raise UsageError(f"The function {getattr(hook, '__name__', hook)} is already registered for {name}.")
        self.lists[name].append(hook)

    def __bool__(self) -> bool:
        return any(self.lists.values())

    @property
    def change_what_is_sent(self) -> bool:
        return bool(self.lists["process_message_before_send"])

    async def before_send(self, sender: Agent, said: Said, recipient: Agent, silent: bool | None) -> Said:
        """Pass what is about to be sent through ``process_message_before_send(sender, message, recipient, silent)``.

        Only needed where ``change_what_is_sent`` says so. As in the classic, a function is given what was said as it was said: text,
        or a dictionary.
        """
        given: Any = _as_said(said)
        for hook in self.lists["process_message_before_send"]:
            given = await call(hook, sender=sender, message=given, recipient=recipient, silent=silent)
            if not isinstance(given, (str, Mapping)):
                raise _wrong("process_message_before_send", hook, given, "the message to send: text or a dictionary")
        return _changed(said, given) if isinstance(said, Message) else given

    async def update(self, agent: Agent, messages: Sequence[Message]) -> None:
        """Let ``update_agent_state(agent, messages)`` see a history that is to be answered."""
        for hook in self.lists["update_agent_state"]:
            await call(hook, agent, [message.to_dict() for message in messages])

    async def before_reply(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Return what a reply is made from: what the all-messages hooks make of a history, each time the model is asked."""
        hooks = self.lists["process_all_messages_before_reply"]
        if not hooks:
            return messages
        given: Any = [message.to_dict() for message in messages]
        for hook in hooks:
            given = await call(hook, given)
            if not isinstance(given, (list, tuple)):
                raise _wrong("process_all_messages_before_reply", hook, given, "the list of messages to reply to")
        return [Message.from_dict(one) for one in given]

    async def last(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Let the last-message hooks see a history, and return what they make of it."""
        if not (self.lists["process_last_received_message"] and messages):
            return messages
        last = messages[-1]
        if last.content is None or last.text == "exit" or "function_call" in last.extra or "context" in last.extra:
            return messages
        content: Any = last.to_dict()["content"]
        for hook in self.lists["process_last_received_message"]:
            content = await call(hook, content)
            if not isinstance(content, (str, list, tuple)):
                raise _wrong("process_last_received_message", hook, content, "the content to reply to: text or a list of parts")
        return [*messages[:-1], Message.from_dict(last.to_dict() | {"content": content})]


def _wrong(place: str, hook: Callable[..., Any], returned: object, wanted: str) -> UsageError:
    name = getattr(hook, "__name__", hook)
    return UsageError(f"The hook {name} for {place} returned {returned!r:.80}; it must return {wanted}.")


def _as_said(said: Said) -> Mapping[str, Any] | str:
    """Return the form in which the classic's agents say this: what a model or code answers is text, what a person types is not."""
    if not isinstance(said, Message):
        return said
    has_more = said.tool_calls or said.tool_results or said.extra
    return said.content if isinstance(said.content, str) and said.role == "assistant" and not has_more else said.to_dict()


def _changed(message: Message, given: Mapping[str, Any] | str) -> Message:
    if isinstance(given, str):
        given = message.to_dict() | {"content": given}
    changed = Message.from_dict(given, role=message.role, sender=message.sender)
    return replace(changed, id=message.id)  # what was shown while it was written belongs to it
