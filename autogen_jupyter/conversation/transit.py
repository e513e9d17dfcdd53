"""What a model is not told of: the calls by which agents handed over, which say nothing of the matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from ..messages import Message

__all__ = ["leaving_out", "without_transit"]

_names: ContextVar[frozenset[str]] = ContextVar("autogen_jupyter_transit", default=frozenset())


@contextmanager
def leaving_out(names: Iterable[str]) -> Iterator[None]:
    """Let the models of whatever runs inside not be told of calls of these names."""
    token = _names.set(frozenset(names))
    try:
        yield
    finally:
        _names.reset(token)


def without_transit(messages: Sequence[Message]) -> Sequence[Message]:
    """Return what a model is told of a history: all but the calls to hand over and the answers to them.

    A message with other calls, or with text, keeps these. The history itself does not change.
    """
    names = _names.get()
    if not names:
        return messages
    left_out = {call.id for message in messages for call in message.tool_calls if call.name in names}
    return [told for message in messages if (told := _told(message, left_out)) is not None] if left_out else messages


def _told(message: Message, left_out: set[str]) -> Message | None:
    calls = tuple(call for call in message.tool_calls if call.id not in left_out)
    results = tuple(result for result in message.tool_results if result.tool_call_id not in left_out)
    if len(calls) == len(message.tool_calls) and len(results) == len(message.tool_results):
        return None if message.tool_call_id in left_out else message
    if message.role == "tool":
        return replace(message, content="\n\n".join(one.content for one in results), tool_results=results) if results else None
    return replace(message, tool_calls=calls, tool_results=results) if calls or results or message.text else None
