"""Ask the person an agent stands for, and notice when the conversation is over.

The order of the checks, the prompts' words and the counters are the classic's ``check_termination_and_human_reply``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, get_args

from ..agent import Agent
from ..code_blocks import CodeBlock
from ..context import current
from ..errors import UsageError
from ..events import AutoReplyStarted, HumanPassed
from ..human_input import InputAnswer, InputRequest
from ..images import with_references
from ..messages import Message, ToolResult, content_str
from ..portal import call
from .base import Reply, Stop, Turn

__all__ = ["HumanInputMode", "HumanPolicy", "says_terminate"]

HumanInputMode = Literal["ALWAYS", "TERMINATE", "NEVER"]
IsTermination = Callable[[dict[str, Any]], bool]
INTERRUPTED = "USER INTERRUPTED"
TERMINATE = "TERMINATE"
_LINES = ("stdin", "api")
"""Doors that take a line of text, where nothing typed means nothing more than that."""


def says_terminate(message: Mapping[str, Any]) -> bool:
    """The classic's default predicate: the content is exactly ``TERMINATE``."""
    return content_str(message.get("content")) == TERMINATE


class HumanPolicy:
    """The three human-input modes, termination messages, and the limit on automatic replies."""

    def __init__(
        self,
        *,
        mode: HumanInputMode,
        ask: Callable[[InputRequest], Awaitable[InputAnswer]],
        is_termination: IsTermination | None,
        limit: int,
        proposed_code: Callable[[Turn], tuple[CodeBlock, ...]],
    ) -> None:
        self.mode = mode
        self.end_where(is_termination)
        self._ask = ask
        self._proposed_code = proposed_code
        self._limit = _checked_limit(limit)
        self._limits: dict[Agent | None, int] = {}
        self._counts: dict[Agent | None, int] = {}
        self._loaded: dict[str, Mapping[str, int]] = {"limits": {}, "counts": {}}
        """Saved limits and counts by the sender's name, which hold until there is a new one."""

    @property
    def mode(self) -> HumanInputMode:
        return self._mode

    @mode.setter
    def mode(self, mode: HumanInputMode) -> None:
        if mode not in get_args(HumanInputMode):
            raise UsageError(f"human_input_mode is {mode!r}; it must be ALWAYS, TERMINATE or NEVER (in capitals).")
        self._mode: HumanInputMode = mode

    def end_where(self, is_termination: IsTermination | None) -> None:
        """Let a conversation end at the messages for which a predicate is true; None: at those that are exactly ``TERMINATE``."""
        if is_termination is not None and not callable(is_termination):
            raise UsageError(
                f"is_termination_msg is {is_termination!r:.80}; it must be a function of the message (a dictionary), such as "
                'lambda message: "TERMINATE" in (message["content"] or "").'
            )
        self.is_termination = is_termination or says_terminate

    def limit(self, sender: Agent | None = None) -> int:
        """Return how many automatic replies in a row ``sender`` gets."""
        known = self._limits.get(sender)
        if known is None:
            known = loaded.get(_name(sender)) if (loaded := self._loaded["limits"]) else None
        return self._limit if known is None else known

    def set_limit(self, value: int, sender: Agent | None = None) -> None:
        """Change the limit for one sender, or for everybody."""
        _checked_limit(value)
        if sender is None:
            self._limit = value
            self._limits.clear()
            self._loaded = {**self._loaded, "limits": {}}
        else:
            self._limits[sender] = value

    def count(self, sender: Agent | None) -> int:
        """Return how many automatic replies in a row ``sender`` got so far."""
        known = self._counts.get(sender)
        return self._loaded["counts"].get(_name(sender), 0) if known is None else known

    def reset(self, sender: Agent | None = None) -> None:
        """Start counting again, for one sender or for all."""
        if sender is None:
            self._counts.clear()
            self._loaded = {**self._loaded, "counts": {}}
        else:
            self._counts[sender] = 0

    def save(self) -> dict[str, Any]:
        """Return limits and counts as JSON-able data; senders are named."""
        limits = {**self._loaded["limits"], **{_name(sender): limit for sender, limit in self._limits.items()}}
        counts = {**self._loaded["counts"], **{_name(sender): count for sender, count in self._counts.items()}}
        return {"limit": self._limit, "limits": limits, "counts": {name: count for name, count in counts.items() if count}}

    def load(self, state: Mapping[str, Any]) -> None:
        """Take over what ``save`` returned."""
        self._limit = int(state["limit"])
        self._limits.clear()
        self._counts.clear()
        self._loaded = {"limits": dict(state["limits"]), "counts": dict(state["counts"])}

    async def reply(self, turn: Turn) -> Reply | Stop | None:
        if not turn.messages:
            return None
        message = turn.messages[-1]
        stop = await self.end_meant_by(message)
        if self._mode == "ALWAYS":
            return await self._ask_always(turn, message, stop)
        if self.count(turn.sender) >= self.limit(turn.sender):
            limit_stop = Stop(f"{turn.agent} gave {self.count(turn.sender)} automatic replies in a row, its limit")
            return await self._ask_or_stop(turn, message, stop or limit_stop, may_go_on=stop is None)
        if stop is not None:
            return await self._ask_or_stop(turn, message, stop, may_go_on=False)
        return self._automatic(turn, message)

    async def end_meant_by(self, message: Message) -> Stop | None:
        """Return the end of the conversation that a received message means, if it means that."""
        is_default = self.is_termination is says_terminate  # what most agents have, and asked for each message
        ends = message.text == TERMINATE if is_default else await call(self.is_termination, message.to_dict())
        return Stop(self._over_reason(message)) if ends else None

    def _over_reason(self, message: Message) -> str:
        """Return the predicate's own ``reason``, if it has one, or what can be seen."""
        if reason := getattr(self.is_termination, "reason", ""):
            return str(reason)
        if TERMINATE in message.text:
            return f"{message.sender or 'the sender'} said TERMINATE"
        return f"the message of {message.sender or 'the sender'} met the termination condition"

    async def _ask_always(self, turn: Turn, message: Message, stop: Stop | None) -> Reply | Stop | None:
        prompt = (
            f"Replying as {turn.agent}. Provide feedback to {turn.sender_name}. "
            "Press enter to skip and use auto-reply, or type 'exit' to end the conversation: "
        )
        blocks = () if stop else self._proposed_code(turn)
        request = InputRequest(
            "approval" if blocks else "reply", prompt, turn.agent, turn.sender_name, blocks=blocks, is_last=stop is not None
        )
        return self._decide(turn, message, await self._ask(request), stop, blocks)

    async def _ask_or_stop(self, turn: Turn, message: Message, stop: Stop, *, may_go_on: bool) -> Reply | Stop | None:
        if self._mode == "NEVER":
            self.reset(turn.sender)
            return stop
        skip = "Press enter to skip and use auto-reply, or type 'exit'" if may_go_on else "Press enter or type 'exit'"
        prompt = f"Please give feedback to {turn.sender_name}. {skip} to stop the conversation: "
        request = InputRequest("reply", prompt, turn.agent, turn.sender_name, is_last=not may_go_on)
        return self._decide(turn, message, await self._ask(request), None if may_go_on else stop, ())

    def _decide(
        self, turn: Turn, message: Message, answer: InputAnswer, stop: Stop | None, blocks: tuple[CodeBlock, ...]
    ) -> Reply | Stop | None:
        text = answer.to_classic()
        if text == "exit":
            self.reset(turn.sender)
            return Stop(f"the human ended the conversation (as {turn.agent})")
        if text:
            return self._human_reply(turn, message, text)
        if answer.action == "continue" or answer.via in _LINES:
            current().emit(HumanPassed(turn.agent, turn.sender_name, current().silent))
        if stop is not None:
            self.reset(turn.sender)
            return stop
        if answer.action == "run":
            turn.approved = answer.blocks if answer.blocks is not None else blocks
        return self._automatic(turn, message)

    def _automatic(self, turn: Turn, message: Message) -> Reply | None:
        if self.limit(turn.sender) == 0:
            return self._human_reply(turn, message, "")
        self._counts[turn.sender] = self.count(turn.sender) + 1
        if self._mode != "NEVER":
            current().emit(AutoReplyStarted(turn.agent, turn.sender_name, current().silent))
        return None

    def _human_reply(self, turn: Turn, message: Message, text: str) -> Reply:
        """Tool calls that the person talked over are answered too, so that the history stays valid."""
        self.reset(turn.sender)
        results = tuple(ToolResult(call.id, INTERRUPTED) for call in message.tool_calls)
        written = with_references(text, text, turn.sender)
        extra: dict[str, Any] = {} if isinstance(written, str) else {"images": written["images"]}
        if function_call := message.extra.get("function_call"):
            extra["tool_responses"] = [{"role": "function", "name": function_call.get("name", ""), "content": INTERRUPTED}]
        return Reply(Message("user", text, sender=turn.agent, tool_results=results, extra=extra))


def _checked_limit(limit: int) -> int:
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise UsageError(f"max_consecutive_auto_reply is {limit!r}; it must be a whole number, 0 or more.")
    return limit


def _name(sender: Agent | None) -> str:
    return sender.name if sender is not None else ""
