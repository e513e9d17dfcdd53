"""What a block's ending means: exit code, status, and what the model is told besides the output."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .base import ExecutionStatus
from .kernel import Ending, Kernel

__all__ = ["EXIT_CODE", "Verdict", "judge", "used_up"]

EXIT_CODE = {"exit_code": "globals().get('_exit_code')"}
"""The expression that tells how a shell command ended."""
TIMED_OUT = 124
INTERRUPTED = 130

_KEPT = "State kept: variables are still there."
_LOST = "State lost: all variables are gone."
_STACK = re.compile(r"(?:Current thread|Stack)[^\n]*:\n(?P<stack>(?:  File [^\n]*\n?)+)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a block went."""

    exit_code: int = 0
    status: ExecutionStatus = "ok"
    note: str = ""
    """For the model, after the output; never shortened."""
    state_kept: bool = True


def used_up(seconds: float | None) -> Verdict:
    """Say that a chat has no time left for code."""
    return Verdict(TIMED_OUT, "timeout", f"[Not executed: the {seconds:g} seconds for all code of this chat are used up.]")


def judge(ending: Ending, kernel: Kernel, timeout: float | None, *, memory_limit: int | None = None, is_chats: bool = False) -> Verdict:
    """Say how a block went, from the way its request ended.

    Args:
        is_chats: whether the timeout was what the chat had left, and not the block's own.
    """
    if ending.how == "died" and kernel.is_stopping:
        return Verdict(INTERRUPTED, "interrupted", f"[Stopped, because the kernel was restarted or closed. {_LOST}]", state_kept=False)
    if ending.how == "died":
        return _died(kernel)
    if ending.how == "deaf":
        note = f"[The code has broken the kernel's output: nothing arrives any more. {_LOST} A new kernel is being started.]"
        return Verdict(1, "died", note, state_kept=False)
    state = _KEPT if ending.state_kept else _LOST
    if ending.how == "timeout":
        limit = "the time for all code of this chat is used up" if is_chats else f"stopped after {timeout:g} seconds"
        note = f"[Timeout: {limit}. {state}]"
        return Verdict(TIMED_OUT, "timeout", note, ending.state_kept)
    if ending.how == "flood":
        return Verdict(1, "error", f"[Stopped: far too much output. Print less. {state}]", ending.state_kept)
    return _done(ending, memory_limit)


def _died(kernel: Kernel) -> Verdict:
    code = kernel.died.result() or 0
    hint = f" {kernel.process.why_killed}" if kernel.process.why_killed else " Most likely it used up the memory." if code == -9 else ""
    stack = _STACK.search(kernel.process.last_words() + "\n")
    where = f" It crashed here:\n{_readable(stack['stack'])}\n" if stack else " "
    note = f"[The kernel died: {kernel.process.cause()}.{hint}{where}{_LOST} A new kernel is being started.]"
    return Verdict(128 - code if code < 0 else code or 1, "died", note, state_kept=False)


def _readable(stack: str) -> str:
    own = [line for line in stack.splitlines() if "ipykernel_" in line]
    return "\n".join(re.sub(r'File ".*?"', "your code", line) for line in own[:3]) or stack.splitlines()[0]


def _done(ending: Ending, memory_limit: int | None) -> Verdict:
    reply = ending.reply
    if reply.get("status") == "ok":
        code = _number(reply.get("user_expressions", {}).get("exit_code", {}))
        if ending.interrupted and code == INTERRUPTED:
            return Verdict(INTERRUPTED, "interrupted", f"[Interrupted. {_KEPT}]")
        code = code or int(ending.shows_error)  # %run shows an error and goes on
        return Verdict(code, "error" if code else "ok", _lost_output(ending))
    if ending.interrupted and reply.get("ename", "") in ("", "KeyboardInterrupt", "CancelledError"):
        return Verdict(INTERRUPTED, "interrupted", f"[Interrupted. {_KEPT}]")
    if reply.get("ename") == "SystemExit":
        return _left(str(reply.get("evalue", "")))
    if memory_limit is not None and str(reply.get("ename", "")).endswith("MemoryError"):
        return Verdict(1, "error", f"[The kernel may hold {memory_limit / 1e9:.3g} GB of data, and this needs more. {_KEPT}]")
    return Verdict(1, "error", _lost_output(ending))


def _left(value: str) -> Verdict:
    """Judge ``sys.exit(value)``, which ends a script and not the kernel."""
    if value in ("", "0", "None"):
        return Verdict()
    code = int(value) & 255 if re.fullmatch(r"-?\d+", value) else 1
    return Verdict(code or 1, "error")


def _number(result: Mapping[str, Any]) -> int:
    with contextlib.suppress(KeyError, ValueError, TypeError):
        return int(result["data"]["text/plain"])
    return 0


def _lost_output(ending: Ending) -> str:
    if ending.lost_output and not ending.reply:
        return f"[The connection to the kernel broke, and how this block ended was lost with it. {_KEPT}]"
    return "[Some output was lost on the way, because there was too much of it or the connection broke.]" if ending.lost_output else ""
