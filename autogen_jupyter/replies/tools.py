"""Call the functions that a message asks for, all at once, and answer with what they returned."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from ..messages import Message, ToolCall, ToolResult
from ..portal import call
from .base import Reply, Stop, Turn

__all__ = ["ToolPolicy"]


class ToolPolicy:
    """The classic's ``generate_tool_calls_reply`` and ``generate_function_call_reply``.

    An unknown function, arguments that are not a JSON object, or an exception become text for the model to read: none ends the chat.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.functions = dict(functions)

    async def reply(self, turn: Turn) -> Reply | Stop | None:
        if not turn.messages:
            return None
        message = turn.messages[-1]
        if function_call := message.extra.get("function_call"):
            return await self._answer_function_call(turn, function_call)
        calls = [tool_call for tool_call in message.tool_calls if tool_call.name]
        if not calls or not self.functions:
            return None
        results = await asyncio.gather(*(self._result(tool_call) for tool_call in calls))
        content = "\n\n".join(result.content for result in results)
        return Reply(Message("tool", content, sender=turn.agent, tool_results=tuple(results)))

    async def _answer_function_call(self, turn: Turn, function_call: Mapping[str, Any]) -> Reply | None:
        name = str(function_call.get("name", ""))
        if name not in self.functions:
            return None
        result = await self._result(ToolCall("", name, str(function_call.get("arguments", ""))))
        return Reply(Message("function", result.content, sender=name))

    async def _result(self, tool_call: ToolCall) -> ToolResult:
        return ToolResult(tool_call.id, await self._content(tool_call))

    async def _content(self, tool_call: ToolCall) -> str:
        function = self.functions.get(tool_call.name)
        if function is None:
            return f"Error: Function {tool_call.name} not found."
        try:
            arguments = json.loads(tool_call.arguments or "{}", strict=False)
        except json.JSONDecodeError as error:
            return f"Error: {error}\n The argument must be in JSON format."
        if not isinstance(arguments, dict):
            return f"Error: the arguments of {tool_call.name} are {arguments!r:.80}\n The argument must be a JSON object."
        try:
            return _as_text(await call(function, **arguments))
        except Exception as error:
            return f"Error: {type(error).__name__}: {error}"


def _as_text(result: Any) -> str:
    if isinstance(result, str):
        return result
    if hasattr(result, "model_dump_json"):
        return str(result.model_dump_json())
    try:
        return json.dumps(result, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(result)
