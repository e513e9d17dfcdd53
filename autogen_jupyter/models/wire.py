"""Messages as the Chat Completions API wants them: the edge where types become dictionaries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ..messages import Content, Message, ToolResult

__all__ = ["to_wire"]

NO_RESULT = "(no result: the call was not run to its end)"
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]+")


def to_wire(
    messages: Iterable[Message], *, send_names: bool = False, names_in_text: bool = False, older: bool = False
) -> list[dict[str, Any]]:
    """Return the history as the API writes it.

    Args:
        messages: the history, seen from the asking agent.
        send_names: add each author's name, reduced to the characters the API allows. Many servers refuse it, so it is off.
        names_in_text: begin what others said with a line that names them; this reaches every model.
        older: keep a ``function_call`` and messages of the role ``function``. Default: they are tool calls, which every server knows.
    """
    if not older:
        messages = _as_tools(messages)
    if names_in_text:
        messages = (_introduced(message) for message in messages)
    return list(_answered(wire for message in messages for wire in _unrolled(message, send_names=send_names)))


def _as_tools(messages: Iterable[Message]) -> Iterator[Message]:
    """Write calls and results of the older form as tools. A result names no call: it answers the one right before it."""
    call_id, count = "", 0
    for message in messages:
        if message.role == "function":
            yield Message("tool", message.content, tool_call_id=call_id) if call_id else replace(message, role="user")
        elif message.extra and not message.tool_calls and message.calls:
            count += 1
            call_id = f"call_function_{count}"
            yield replace(message, tool_calls=(replace(message.calls[0], id=call_id),), extra={})
            continue
        else:
            yield _as_result(message, call_id) if call_id else message
        call_id = ""


def _as_result(message: Message, call_id: str) -> Message:
    """Return a message that came instead of a function's result as the answer to the call, if that is in it: somebody talked over it."""
    said = [str(one.get("content") or "") for one in message.extra.get("tool_responses") or ()]
    said += [result.content for result in message.tool_results if not result.tool_call_id]
    return replace(message, tool_results=(ToolResult(call_id, said[0]),)) if said else message


def _answered(wires: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Add a result to each tool call that has none, because the chat was stopped or nobody had the tool: servers refuse such a history."""
    waiting: list[str] = []
    for wire in wires:
        if wire["role"] != "tool":
            yield from map(_no_result, waiting)
            waiting = [call["id"] for call in wire.get("tool_calls", ())]
        elif wire["tool_call_id"] in waiting:
            waiting.remove(wire["tool_call_id"])
        yield wire
    yield from map(_no_result, waiting)


def _no_result(call_id: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": NO_RESULT}


def _introduced(message: Message) -> Message:
    """The asking agent's own messages stay as they are, or the model would learn to begin its answers with a name."""
    if message.role != "user" or not message.sender:
        return message
    name = f"{message.sender}:\n"
    if isinstance(message.content, tuple):
        return replace(message, content=({"type": "text", "text": name}, *message.content))
    return replace(message, content=f"{name}{message.content or ''}")


def _unrolled(message: Message, *, send_names: bool) -> Iterator[dict[str, Any]]:
    """One message of ours may answer several tool calls; the API wants one message for each."""
    for result in message.tool_results:
        yield result.to_dict()
    if message.tool_results and message.role == "tool":
        return  # its content only repeats the results
    yield _single(message, send_names=send_names)


def _single(message: Message, *, send_names: bool) -> dict[str, Any]:
    function_call = message.extra.get("function_call")
    calls = bool(message.tool_calls or function_call)
    wire: dict[str, Any] = {"role": message.role, "content": _content(message.content, may_be_none=calls)}
    if message.tool_calls:
        wire["tool_calls"] = [call.to_dict() for call in message.tool_calls]
    if function_call:
        wire["function_call"] = function_call
    if message.role == "tool":
        wire["tool_call_id"] = message.tool_call_id or ""
    elif message.role == "function":
        wire["name"] = message.sender
    elif send_names and (name := _NOT_IN_NAMES.sub("_", message.sender)[:64]):
        wire["name"] = name
    return wire


def _content(content: Content, *, may_be_none: bool) -> str | list[dict[str, Any]] | None:
    if isinstance(content, tuple):
        return [dict(part) for part in content]
    if not content and may_be_none:
        return None
    return content or ""
