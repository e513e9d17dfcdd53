"""Run a chat's code again in a fresh kernel, without any model, and compare what it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..code_blocks import CodeBlock
from ..errors import UsageError
from ..kernels import KernelCodeExecutor
from ..redaction import redacted
from ..session.transcript import RunEntry
from ..terminal import one_line
from .kept import KeptChat

__all__ = ["Replayed", "replayed", "run_again"]


@dataclass(frozen=True)
class Replayed:
    """What came of a replay."""

    blocks: int
    failures: Mapping[int, str]
    """Why blocks failed, in a line, by their number from 1."""
    before: Sequence[str] | None
    """The text of the outputs as recorded; None where only the code was kept."""
    after: Sequence[str]

    @property
    def is_same(self) -> bool:
        return self.before is None or "".join(self.before) == "".join(self.after)

    @property
    def told(self) -> str:
        """The result in a line, and one for each block that failed."""
        count = f"{self.blocks} {'block' if self.blocks == 1 else 'blocks'} of code"
        said = f"{count} ran in a fresh kernel, {len(self.failures)} failed; no model was asked."
        if self.before is not None:
            said += f" The text of the outputs is {'the same' if self.is_same else 'different'}."
        return "\n".join([said, *(f"Block {number} failed: {why}" for number, why in self.failures.items())])


async def replayed(kept: KeptChat) -> Replayed:
    """Run a kept chat's code again.

    Raises:
        UsageError: it has none.
    """
    runs = [entry for _, entries, _ in kept.parts for entry in entries if isinstance(entry, RunEntry) and entry.state == "ok"]
    before = [text_of(output) for run in runs for output in run.outputs] if runs else None
    if not kept.code:
        raise UsageError(f"{kept.name} holds no code that ran.")
    return await run_again(kept.code, before)


async def run_again(blocks: Sequence[CodeBlock], before: Sequence[str] | None) -> Replayed:
    """Run blocks of code in a fresh kernel."""
    after: list[str] = []
    failures: dict[int, str] = {}
    async with KernelCodeExecutor() as executor:
        for number, block in enumerate(blocks, start=1):
            result = await executor.execute_code_blocks([block])
            if result.exit_code:
                failures[number] = _last_line(result.output) or f"exit code {result.exit_code}"
            after += [text_of(dict(output)) for output in result.outputs]
    return Replayed(len(blocks), failures, before, after)


def _last_line(output: str) -> str:
    return one_line(redacted(output).strip().rpartition("\n")[2], 200)


def text_of(output: Mapping[str, Any]) -> str:
    """Return the text of an output."""
    data = output.get("data")
    text = output.get("text") or (data.get("text/plain") if isinstance(data, Mapping) else "")
    return text if isinstance(text, str) else "".join(text or ())
