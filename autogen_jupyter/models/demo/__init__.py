"""The built-in demo model: a rule-based script that takes part in a coding chat like a model. It is not a language model.

It knows about a dozen data-analysis tasks, writes real code for them, reads what the code printed, mends its own errors and sums up.
Outside its table it says so. `reply` is the whole brain, a pure function; `DemoTransport` lets the ordinary ``openai`` client talk to it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .brain import reply as reply
    from .transport import DemoTransport as DemoTransport

__all__ = ["DemoTransport", "reply"]

_HOMES = {"DemoTransport": ".transport", "reply": ".brain"}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
