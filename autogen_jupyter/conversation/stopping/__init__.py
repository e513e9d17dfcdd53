"""When a chat ends: conditions that combine with ``&`` and ``|``, and the detector of chats that go in circles."""

from __future__ import annotations

from .base import StopCondition
from .conditions import Custom, ExternalStop, FunctionCalled, HandoffTo, MaxCost, MaxMessages, MaxTurns, TextMention, Timeout, TokenUsage
from .loops import LoopDetector
from .watch import StopWatch, stop_requested, unwatch

__all__ = [
    "Custom",
    "ExternalStop",
    "FunctionCalled",
    "HandoffTo",
    "LoopDetector",
    "MaxCost",
    "MaxMessages",
    "MaxTurns",
    "StopCondition",
    "StopWatch",
    "TextMention",
    "Timeout",
    "TokenUsage",
    "stop_requested",
    "unwatch",
]
