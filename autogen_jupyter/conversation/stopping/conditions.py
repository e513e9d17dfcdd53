"""The simple stop conditions."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import TypeVar

from ...agent import Agent
from ...errors import UsageError
from ...events import ChatEvent, HandedOver, MessageAdded, UsageRecorded
from ...messages import Message
from .base import StopCondition

__all__ = [
    "Custom",
    "ExternalStop",
    "FunctionCalled",
    "HandoffTo",
    "MaxCost",
    "MaxMessages",
    "MaxTurns",
    "TextMention",
    "Timeout",
    "TokenUsage",
]


class _OnMessages(StopCondition):
    """Looks at each message once, to however many agents it is delivered."""

    _last_id = ""

    def apply(self, event: ChatEvent) -> None:
        if isinstance(event, MessageAdded) and event.message.id != self._last_id:
            self._last_id = event.message.id
            self._heard(event.message)

    def _heard(self, message: Message) -> None:
        raise NotImplementedError

    def reset(self) -> None:
        self._last_id = ""


class MaxMessages(_OnMessages):
    """End after ``n`` messages, the opening included."""

    def __init__(self, n: int) -> None:
        self.n = _whole("MaxMessages", n)
        self._count = 0

    def __repr__(self) -> str:
        return f"MaxMessages({self.n})"

    def _heard(self, message: Message) -> None:
        self._count += 1

    def reset(self) -> None:
        super().reset()
        self._count = 0

    @property
    def reason(self) -> str:
        return f"{self.n} messages were exchanged" if self._count >= self.n else ""


class MaxTurns(MaxMessages):
    """End after ``n`` turns: a message and the reply to it."""

    def __init__(self, n: int) -> None:
        self.n = _whole("MaxTurns", n)
        self._count = 0

    def __repr__(self) -> str:
        return f"MaxTurns({self.n})"

    @property
    def reason(self) -> str:
        return f"{self.n} turns were taken" if self._count >= 2 * self.n else ""


class TextMention(_OnMessages):
    """End when a message holds ``text``.

    Args:
        text: what to look for, exactly as written.
        sender: only in messages of this agent, or the agent of this name. The opening counts too, so name an agent when the task
            itself mentions the text.
    """

    def __init__(self, text: str, *, sender: Agent | str | None = None) -> None:
        if not isinstance(text, str) or not text:
            raise UsageError(f"TextMention got {text!r}; give it the text to look for.")
        self.text = text
        self.sender = _name_of(sender) if sender is not None else None
        self._by = ""

    def __repr__(self) -> str:
        return f"TextMention({self.text!r})"

    def _heard(self, message: Message) -> None:
        if self.text in message.text and (self.sender is None or message.sender == self.sender):
            self._by = message.sender or "somebody"

    def reset(self) -> None:
        super().reset()
        self._by = ""

    @property
    def reason(self) -> str:
        return f'{self._by} said "{self.text}"' if self._by else ""


class FunctionCalled(_OnMessages):
    """End when the function ``name`` was called and its result is in the conversation."""

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise UsageError(f"FunctionCalled got {name!r:.80}; it must be the function's name, as a text.")
        self.name = name
        self.reset()

    def __repr__(self) -> str:
        return f"FunctionCalled({self.name!r})"

    def _heard(self, message: Message) -> None:
        self._calls |= {call.id for call in message.tool_calls if call.name == self.name}
        answered = {result.tool_call_id for result in message.tool_results} | {message.tool_call_id}
        if self._calls & answered or (message.role == "function" and message.sender == self.name):
            self._is_met = True

    def reset(self) -> None:
        super().reset()
        self._calls: set[str | None] = set()
        self._is_met = False

    @property
    def reason(self) -> str:
        return f"{self.name} was called" if self._is_met else ""


class HandoffTo(_OnMessages):
    """End when the conversation is handed over to an agent, before that one speaks.

    In groups that follow a pattern that is every handover: by a tool call, a condition, a rule or a guardrail. Elsewhere it is a call of
    a tool named ``transfer_to_<agent>``.
    """

    def __init__(self, agent: Agent | str) -> None:
        self.agent = _name_of(agent)
        self._by = ""

    def __repr__(self) -> str:
        return f"HandoffTo({self.agent!r})"

    def apply(self, event: ChatEvent) -> None:
        super().apply(event)
        if isinstance(event, HandedOver) and event.to == self.agent:
            self._by = event.agent

    def _heard(self, message: Message) -> None:
        if any(call.name == f"transfer_to_{self.agent}" for call in message.calls):
            self._by = message.sender or "somebody"

    def reset(self) -> None:
        super().reset()
        self._by = ""

    @property
    def reason(self) -> str:
        return f"{self._by} handed over to {self.agent}" if self._by else ""


class TokenUsage(StopCondition):
    """End when the models have used this many tokens, those of chats within the chat included.

    Args:
        total: prompt and completion together.
        prompt: tokens the models read.
        completion: tokens the models wrote.
    """

    sees_nested = True

    def __init__(self, total: int | None = None, *, prompt: int | None = None, completion: int | None = None) -> None:
        self._limits = {"tokens": total, "prompt tokens": prompt, "completion tokens": completion}
        given = [value for value in self._limits.values() if value is not None]
        if not given:
            raise UsageError("TokenUsage needs a limit, such as TokenUsage(total=100_000).")
        for value in given:
            _whole("TokenUsage", value)
        self.reset()

    def __repr__(self) -> str:
        return f"TokenUsage({', '.join(f'{kind}: {limit:,}' for kind, limit in self._limits.items() if limit is not None)})"

    def apply(self, event: ChatEvent) -> None:
        if isinstance(event, UsageRecorded):
            self._prompt += event.prompt_tokens or 0
            self._completion += event.completion_tokens or 0

    def reset(self) -> None:
        self._prompt = self._completion = 0

    @property
    def reason(self) -> str:
        used = (self._prompt + self._completion, self._prompt, self._completion)
        for (kind, limit), count in zip(self._limits.items(), used, strict=True):
            if limit is not None and count >= limit:
                return f"{count:,} of {limit:,} {kind} are used"
        return ""


class MaxCost(StopCondition):
    """End when the models have cost this many US dollars, those of chats within the chat included.

    Args:
        usd: the budget.
        unknown: what an answer means whose price is not known: ``"stop"`` ends the chat, since the budget cannot be kept;
            ``"ignore"`` counts it as nothing.
    """

    sees_nested = True

    def __init__(self, usd: float, *, unknown: str = "stop") -> None:
        if not isinstance(usd, (int, float)) or isinstance(usd, bool) or not usd > 0:
            raise UsageError(f"MaxCost got usd={usd!r}; it must be a number of US dollars above 0.")
        if unknown not in ("stop", "ignore"):
            raise UsageError(f'MaxCost got unknown={unknown!r}; it must be "stop" or "ignore".')
        self.usd, self.unknown = usd, unknown
        self.reset()

    def __repr__(self) -> str:
        return f"MaxCost(usd={self.usd})"

    def apply(self, event: ChatEvent) -> None:
        if isinstance(event, UsageRecorded):
            self._spent += event.usd or 0.0
            if event.usd is None and self.unknown == "stop":
                self._unpriced = event.model

    def reset(self) -> None:
        self._spent = 0.0
        self._unpriced = ""

    @property
    def reason(self) -> str:
        if self._spent >= self.usd:
            return f"${self._spent:.4g} of ${self.usd:.4g} are spent"
        if self._unpriced:
            return f'the price of {self._unpriced} is not known, so a budget of ${self.usd:.4g} cannot be kept (MaxCost(unknown="ignore"))'
        return ""


class Timeout(StopCondition):
    """End ``seconds`` after the chat began; a reply that is being made then is interrupted."""

    def __init__(self, seconds: float) -> None:
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not seconds > 0:
            raise UsageError(f"Timeout got {seconds!r}; it must be a number of seconds above 0.")
        self.seconds = seconds
        self.reset()

    def __repr__(self) -> str:
        return f"Timeout({self.seconds})"

    def reset(self) -> None:
        self._ends = time.monotonic() + self.seconds

    @property
    def wakes_in(self) -> float | None:
        remaining = self._ends - time.monotonic()
        return remaining if remaining > 0 else None

    @property
    def reason(self) -> str:
        return f"{self.seconds:g} seconds are over" if time.monotonic() >= self._ends else ""


E = TypeVar("E", bound="ExternalStop")


class ExternalStop(StopCondition):
    """Ends the chats it was given to when somebody calls ``set``, from any thread.

    When none of them runs, the next one that begins ends at once.

    Example:
        >>> stop = ExternalStop()
        >>> stop.set("the dashboard was closed")
    """

    def __init__(self) -> None:
        self._reason = ""
        self._running: list[ExternalStop] = []
        self._origin = self

    def set(self, reason: str = "stopped from outside") -> None:
        """End the running chats between two messages, for this reason."""
        origin = self._origin
        for chat in tuple(origin._running) or (origin,):
            chat._reason = reason or "stopped from outside"

    def reset(self) -> None:
        self._reason = ""

    def start(self: E) -> E:
        origin = self._origin
        begun = type(self)()
        begun._origin = origin
        begun._reason, origin._reason = origin._reason, ""
        origin._running.append(begun)
        return begun

    def finish(self) -> None:
        if self in self._origin._running:
            self._origin._running.remove(self)

    @property
    def reason(self) -> str:
        return self._reason


class Custom(StopCondition):
    """End when a function of the events says so.

    Args:
        function: called with each ``ChatEvent``, on the loop that runs the chat, so it must be quick; a text it returns is the reason,
            any other true value ends the chat too.
    """

    def __init__(self, function: Callable[[ChatEvent], object]) -> None:
        if not callable(function):
            raise UsageError(f"Custom got {function!r:.80}; it must be a function of one event.")
        if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__):
            raise UsageError(
                f"Custom got the async function {getattr(function, '__name__', function)}; events do not wait, so it must be a plain one. "
                "What has to be awaited can call set(reason) of an ExternalStop."
            )
        self.function = function
        self._reason = ""

    def __repr__(self) -> str:
        return f"Custom({getattr(self.function, '__name__', self.function)})"

    def apply(self, event: ChatEvent) -> None:
        if not self._reason and (answer := self.function(event)):
            self._reason = answer if isinstance(answer, str) else f"{getattr(self.function, '__name__', 'the stop function')} said so"

    def reset(self) -> None:
        self._reason = ""

    @property
    def reason(self) -> str:
        return self._reason


def _whole(what: str, value: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UsageError(f"{what} got {value!r}; it must be a whole number, 1 or more.")
    return value


def _name_of(agent: Agent | str) -> str:
    name = agent if isinstance(agent, str) else getattr(agent, "name", None)
    if not isinstance(name, str):
        raise UsageError(f"A stop condition got {agent!r:.80} for an agent; it must be an agent or its name.")
    return name
