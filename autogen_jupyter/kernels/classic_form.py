"""Code executors in the classic's form, whose ``execute_code_blocks`` blocks, made usable by agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from ..code_blocks import PYTHON, SHELL, CodeBlock
from ..events import OutputChange
from ..messages import Content
from ..portal import call
from .base import CodeExecutor, ExecutionResult, OnOutput
from .layer import FileMade
from .model_text import clip

__all__ = ["AdaptedExecutor", "ClassicExecutor", "ClassicResult", "CodeExtractor", "as_executor"]


class ClassicResult(Protocol):
    """What a classic executor returns."""

    @property
    def exit_code(self) -> int: ...

    @property
    def output(self) -> str: ...


@runtime_checkable
class ClassicExecutor(Protocol):
    """The classic's code executor, as its users wrote their own. It may have ``restart()``, ``stop()`` and ``languages`` besides."""

    def execute_code_blocks(self, code_blocks: list[CodeBlock]) -> ClassicResult: ...


@runtime_checkable
class CodeExtractor(Protocol):
    """What finds the code in the content of a message: ``MarkdownCodeExtractor``, or one of your own."""

    def extract_code_blocks(self, message: Content | list[Mapping[str, Any]]) -> list[CodeBlock]: ...


def as_executor(given: CodeExecutor | ClassicExecutor) -> CodeExecutor:
    """Return the executor itself if it has our form, otherwise one that has."""
    has_our_form = hasattr(given, "interrupt") and hasattr(given, "languages")
    return given if has_our_form else AdaptedExecutor(given)  # type: ignore[return-value]


class AdaptedExecutor:
    """A classic executor in our form: its blocking call runs in a worker thread, or is not needed where it has an async one.

    Example:
        >>> class Dry:
        ...     def execute_code_blocks(self, code_blocks):
        ...         return CodeResult(exit_code=0, output=f"{len(code_blocks)} blocks, not run")
        >>> executor = AdaptedExecutor(Dry())
    """

    def __init__(self, given: Any) -> None:
        self.given = given
        """What the user made."""

    @property
    def languages(self) -> frozenset[str]:
        """Names of the languages that it runs: what it says, else Python and shell, which every classic executor runs."""
        return frozenset(getattr(self.given, "languages", PYTHON | SHELL))

    @property
    def saves(self) -> frozenset[str]:
        """Names of the languages whose blocks it saves where they name their file."""
        return frozenset(getattr(self.given, "saves", ()))

    def files_made(self) -> list[FileMade]:
        """Return the files that isolated code made, where it keeps them apart."""
        look = getattr(self.given, "files_made", None)
        return look() if look is not None else []

    async def execute_code_blocks(self, blocks: Sequence[CodeBlock], on_output: OnOutput | None = None) -> ExecutionResult:
        """Run the blocks (see ``CodeExecutor``)."""
        if hasattr(self.given, "a_run_blocks"):
            return await self.given.a_run_blocks(blocks, on_output)  # type: ignore[no-any-return]
        result = await call(self.given.execute_code_blocks, list(blocks))
        output = {"output_type": "stream", "name": "stdout", "text": str(result.output)}
        if on_output is not None and result.output:
            on_output(max(0, len(blocks) - 1), OutputChange("add", 0, output))
        failed = bool(result.exit_code)
        return ExecutionResult(
            int(result.exit_code), (output,) if result.output else (), clip(str(result.output), failed=failed), "error" if failed else "ok"
        )

    async def interrupt(self) -> None:
        """The classic's executors cannot be interrupted; the worker thread is left to end by itself."""

    async def restart(self) -> None:
        """Forget the state, where it has one."""
        await self._call_if_there("restart")

    async def close(self) -> None:
        """Leave nothing behind, where it knows how."""
        await self._call_if_there("stop")

    async def _call_if_there(self, name: str) -> None:
        if hasattr(self.given, name):
            await call(getattr(self.given, name))
