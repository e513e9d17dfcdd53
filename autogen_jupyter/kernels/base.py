"""The one contract between a conversation and the place where its code runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..code_blocks import CodeBlock
from ..events import KernelState, OutputChange

__all__ = ["CodeExecutor", "ExecutionResult", "ExecutionStatus", "OnOutput", "OnState"]

ExecutionStatus = Literal["ok", "error", "timeout", "interrupted", "died"]
OnOutput = Callable[[int, OutputChange], None]
"""Called with the number of the running block (from 0) and what changed in the run's outputs."""
OnState = Callable[[KernelState, str], None]
"""Called with the kernel's new state and a detail for people (may be empty)."""


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """What running some code blocks gave."""

    exit_code: int
    """0 when every block succeeded, else the failing block's: 1 for an error, 124 for a timeout, 128 + n for signal n."""
    outputs: tuple[Mapping[str, Any], ...]
    """nbformat outputs of all blocks, whole, for people."""
    output: str
    """Text for the model, derived once from the outputs: without ANSI codes, bounded, head on success, tail on failure."""
    status: ExecutionStatus = "ok"
    seconds: float = 0.0
    """Wall-clock time."""
    state_kept: bool = True
    """False when the kernel was restarted, so that variables are gone."""


class CodeExecutor(Protocol):
    """Runs code blocks, keeps their state, and can be stopped."""

    @property
    def languages(self) -> frozenset[str]:
        """Names of the languages (as fences write them) that it runs."""
        ...

    async def execute_code_blocks(self, blocks: Sequence[CodeBlock], on_output: OnOutput | None = None) -> ExecutionResult:
        """Run the blocks in order; stop at the first that fails; keep the outputs of all.

        Cancelling this call interrupts the code and keeps the state.

        Raises:
            KernelError: the kernel cannot be used; an error *in* the code is a result, not an exception.
        """
        ...

    async def interrupt(self) -> None:
        """Interrupt what is running; the state is kept."""
        ...

    async def restart(self) -> None:
        """Forget the state and be ready again."""
        ...

    async def close(self) -> None:
        """Leave nothing behind. Closing twice does nothing."""
        ...
