"""Call the functions that a message asks for, all at once, and answer with what they returned."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from ..code_blocks import CodeBlock
from ..context import current
from ..errors import BlockingCall, UsageError
from ..events import INTERRUPTED, Noticed, ToolCalled, ToolReturned
from ..human_input import InputAnswer, InputRequest
from ..messages import Message, ToolCall, ToolResult, new_id
from ..portal import call
from ..redaction import redacted
from ..tools import ArgumentError, Owner, Signature, Tool, error_text, read_arguments, result_text, supplied
from .base import Reply, Stop, Turn

__all__ = ["Outcome", "ToolPolicy", "answer_to"]

Outcome = tuple[str, bool]
"""The text for the model, and whether it tells of an error."""
_Check = Callable[[Mapping[str, Any]], dict[str, Any]]
_in_own_way: ContextVar[str] = ContextVar("autogen_jupyter_own_execution", default="")
"""The id of the call that an agent's own ``execute_function`` is running."""


class ToolPolicy:
    """The classic's ``generate_tool_calls_reply`` and ``generate_function_call_reply``.

    An unknown function, arguments that do not fit, or an exception become text for the model to read: none ends the chat.
    """

    def __init__(
        self,
        functions: Mapping[str, Callable[..., Any]],
        *,
        ask: Callable[[InputRequest], Awaitable[InputAnswer]] | None = None,
        owner: Owner | None = None,
        settle: Callable[[Any], Any] = lambda result: result,
        own_way: Callable[[], Callable[..., Any] | None] = lambda: None,
        lent: Callable[[], Mapping[str, Callable[..., Any]]] = dict,
    ) -> None:
        self.functions = dict(functions)
        self.needs_approval: set[str] = set()
        """Names of the functions that a person must allow to run, each time."""
        self._ask = ask
        self._owner = owner
        self._settle = settle
        self._own_way = own_way
        self._lent = lent
        self._checks: dict[str, tuple[Callable[..., Any], _Check]] = {}

    @property
    def at_hand(self) -> Mapping[str, Callable[..., Any]]:
        """The functions, with those that are lent for the running chat."""
        lent = self._lent()
        return {**self.functions, **lent} if lent else self.functions

    def proposed(self, turn: Turn) -> tuple[CodeBlock, ...]:
        """Return the calls in this turn that a person must allow, as they are shown."""
        calls = turn.messages[-1].calls if turn.messages else ()
        return tuple(_shown(tool_call) for tool_call in calls if self._must_ask(tool_call))

    async def reply(self, turn: Turn) -> Reply | Stop | None:
        if not turn.messages:
            return None
        message = turn.messages[-1]
        if not any(tool_call.name for tool_call in message.calls):
            return None
        if not self.at_hand and getattr(turn.sender, "relays_others", False):  # another member of the group may run it
            return None
        return await self.answer(turn, message)

    async def answer(self, turn: Turn, message: Message, *, finished: dict[int, str] | None = None) -> Reply | Stop:
        """Run the calls of a message, all at once, and return the message with their results.

        Args:
            turn: what is replied to.
            message: asks for the calls.
            finished: takes each result by the number of its call as soon as it is there, for whoever is stopped before the rest is.
        """
        finished = {} if finished is None else finished
        refusals = await self._refusals(turn, message.calls)
        if isinstance(refusals, Stop):
            return refusals
        calls, refused = refusals
        execute = self._own_way()

        async def run(number: int, one: ToolCall) -> str:
            finished[number], _ = await self.run(turn.agent, one, refused.get(number), execute)
            return finished[number]

        texts = await asyncio.gather(*(run(number, one) for number, one in enumerate(calls)))
        return Reply(answer_to(message, texts, sender=turn.agent))

    async def run(self, agent: str, tool_call: ToolCall, refused: str | None = None, execute: Callable[..., Any] | None = None) -> Outcome:
        """Run one call and tell the chat of it; with ``refused`` only tell that it was not run.

        Args:
            agent: who runs it.
            tool_call: the call.
            refused: the text that says why it is not run.
            execute: an agent's own ``execute_function``, which is called instead.
        """
        if tool_call.id and tool_call.id == _in_own_way.get():  # it is told of already
            return await self._outcome(tool_call)
        emit, silent = current().emit, current().silent
        emit(ToolCalled(tool_call.id, agent, tool_call.name, tool_call.arguments, silent))
        started = time.monotonic()
        try:
            if refused is not None:
                content, is_error = refused, True
            elif execute is None:
                content, is_error = await self._outcome(tool_call)
            else:
                content, is_error = await _executed(execute, tool_call)
            content = redacted(content)
        except BaseException:
            emit(ToolReturned(tool_call.id, INTERRUPTED, True, time.monotonic() - started, silent))
            raise
        emit(ToolReturned(tool_call.id, content, is_error, time.monotonic() - started, silent))
        return content, is_error

    async def _outcome(self, tool_call: ToolCall) -> Outcome:
        name = tool_call.name
        function = self.at_hand.get(name)
        if function is None:
            return f"Error: Function {name} not found.", True
        target = function.function if isinstance(function, Tool) else function
        try:
            arguments = read_arguments(tool_call.arguments, name)
            result = await self.invoke(name, arguments)
            return result_text(self._settle(result)), False
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            if isinstance(error, BlockingCall):  # no model can mend that
                current().emit(Noticed(f"The tool {name} failed. {error}", "warning"))
            return error_text(error, target), True

    async def invoke(
        self, name: str, arguments: Mapping[str, Any], *, owner: Owner | None = None, function: Callable[..., Any] | None = None
    ) -> Any:
        """Call a function with what a model wrote and what is injected, and return what it returned.

        Args:
            name: under which the model knows it.
            arguments: as the model wrote them; they are checked.
            owner: the agent that the injected arguments are about. Default: the one whose function it is.
            function: what is called. Default: the one of this name.

        Raises:
            ArgumentError: an argument does not fit.
        """
        function = function or self.at_hand[name]
        target = function.function if isinstance(function, Tool) else function
        check = await call(self._check_of, name, function)
        checked = await call(check, arguments)
        result = await call(target, **checked | await supplied(target, owner or self._owner))
        return [item async for item in result] if inspect.isasyncgen(result) else result

    def _check_of(self, name: str, function: Callable[..., Any]) -> _Check:
        known = self._checks.get(name)
        if known is None or known[0] is not function:
            check = function.check if isinstance(function, Tool) else Signature(function, strict=False).check
            known = self._checks[name] = (function, check)
        return known[1]

    # --- asking the person

    def _must_ask(self, tool_call: ToolCall) -> bool:
        return tool_call.name in self.needs_approval and self._ask is not None

    async def _refusals(self, turn: Turn, calls: Sequence[ToolCall]) -> Stop | tuple[list[ToolCall], dict[int, str]]:
        """Ask for each call that needs it; return the calls as they may run, and why some may not, by position."""
        allowed, refused = list(calls), {}
        approved = list(turn.approved or ())
        for n, tool_call in enumerate(calls):
            if not self._must_ask(tool_call):
                continue
            answer = InputAnswer("run", blocks=(approved.pop(0),)) if approved else await self._ask_about(turn, tool_call)
            if answer.action == "end":
                return Stop(f"the human ended the conversation (as {turn.agent})")
            if answer.action not in ("run", "continue"):
                refused[n] = f"The call was not allowed. {answer.text}".rstrip()
                continue
            try:
                allowed[n] = _as_allowed(tool_call, answer)
            except ArgumentError as error:
                refused[n] = str(error)
        return allowed, refused

    async def _ask_about(self, turn: Turn, tool_call: ToolCall) -> InputAnswer:
        assert self._ask is not None  # noqa: S101 - _must_ask has looked
        prompt = (
            f"{turn.sender_name} wants to call {tool_call.name}. "
            "Press enter to allow it, type a reply to send that instead, or 'exit' to end: "
        )
        return await self._ask(InputRequest("approval", prompt, turn.agent, turn.sender_name, blocks=(_shown(tool_call),)))


async def _executed(execute: Callable[..., Any], tool_call: ToolCall) -> Outcome:
    """Call an agent's own ``execute_function``; what it leaves to the inherited one is part of the same call."""
    call_id = tool_call.id or new_id("call_")
    token = _in_own_way.set(call_id)
    try:
        result = await call(execute, {"id": call_id, "name": tool_call.name, "arguments": tool_call.arguments})
    except Exception as error:
        return error_text(error, execute), True
    finally:
        _in_own_way.reset(token)
    if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], Mapping)):
        raise UsageError(
            f'execute_function returned {result!r:.80}; it must return (succeeded, message), such as (True, {{"content": "3"}}).'
        )
    succeeded, message = result
    return result_text(message.get("content") or ""), not succeeded


def answer_to(message: Message, texts: Sequence[str], *, sender: str) -> Message:
    """Return the message with the results of another one's calls. The older form is answered by a message of the role ``function``."""
    if not message.tool_calls:
        return Message("function", "\n\n".join(texts), sender=message.calls[0].name)
    results = tuple(ToolResult(one.id, text) for one, text in zip(message.tool_calls, texts, strict=True))
    return Message("tool", "\n\n".join(texts), sender=sender, tool_results=results)


def _shown(tool_call: ToolCall) -> CodeBlock:
    return CodeBlock("json", f"{tool_call.name}({tool_call.arguments})")


def _as_allowed(tool_call: ToolCall, answer: InputAnswer) -> ToolCall:
    """Return the call with the arguments as the person left them."""
    if not answer.blocks or answer.blocks[0].code == _shown(tool_call).code:
        return tool_call
    edited = answer.blocks[0].code.strip()
    start, end = f"{tool_call.name}(", ")"
    if not (edited.startswith(start) and edited.endswith(end)):
        raise ArgumentError(f"The call was not run: it was edited to {edited!r:.80}, which is not {start}…{end}.")
    return replace(tool_call, arguments=edited[len(start) : -len(end)])
