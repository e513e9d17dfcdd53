"""The classic's three executors by name and signature. All run code in an agent kernel: its state stays, its pictures are shown."""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, TypeVar

from ..code_blocks import PYTHON, SHELL, CodeBlock, extract_code_blocks
from ..errors import UsageError
from ..messages import Content, content_str
from ..portal import on_portal, run_sync
from .base import ExecutionResult, OnOutput
from .executor import KernelCodeExecutor
from .languages import SAVED, file_name, saved_name, saving
from .layer import FileMade

__all__ = [
    "CodeResult",
    "CommandLineCodeResult",
    "EmbeddedIPythonCodeExecutor",
    "IPythonCodeResult",
    "JupyterCodeExecutor",
    "LocalCommandLineCodeExecutor",
    "LocalJupyterServer",
    "MarkdownCodeExtractor",
    "made_folder",
]

PathLike = str | os.PathLike[str]
_Self = TypeVar("_Self", bound="_OnKernel")
_NAMES = {"js": "javascript"}
_PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}
_BINARY = _PICTURES.keys() - {"image/svg+xml"}


@dataclass
class CodeResult:
    """What running code gave: 0 or the failing block's exit code, and the text for the model."""

    exit_code: int
    output: str


@dataclass
class CommandLineCodeResult(CodeResult):
    """The result of ``LocalCommandLineCodeExecutor``."""

    code_file: str | None = None
    """Where the first block was saved that asked for it (``# filename: …``)."""


@dataclass
class IPythonCodeResult(CodeResult):
    """The result of the Jupyter executors."""

    output_files: list[str] = field(default_factory=list)
    """Where pictures and HTML were saved, if an ``output_dir`` was given."""


class MarkdownCodeExtractor:
    """Finds the fenced code blocks of a message.

    Example:
        >>> MarkdownCodeExtractor().extract_code_blocks("```python\\nprint(1)\\n```")
        [CodeBlock(language='python', code='print(1)')]
    """

    def extract_code_blocks(self, message: Content | list[Mapping[str, Any]]) -> list[CodeBlock]:
        """Return the blocks of a message's content (text or parts), in order."""
        return extract_code_blocks(content_str(message))


class _OnKernel:
    """What the three have in common."""

    def __init__(self, *, timeout: float, kernel_name: str, cwd: PathLike | None) -> None:
        self._kernel = KernelCodeExecutor(timeout=timeout, kernel_name=kernel_name, cwd=cwd)

    @property
    def timeout(self) -> float | None:
        """Seconds that one block may take."""
        return self._kernel.timeout

    @property
    def languages(self) -> frozenset[str]:
        """Names of the languages that it runs."""
        return self._kernel.languages

    @property
    def saves(self) -> frozenset[str]:
        """Names of the languages whose blocks it saves where they name their file (``<!-- filename: page.html -->``)."""
        return self._kernel.saves

    def files_made(self) -> list[FileMade]:
        """Return the files that isolated code wrote over the working directory (see ``KernelCodeExecutor``)."""
        return self._kernel.files_made()

    def bring_back(self, paths: Sequence[str], *, overwrite: bool = False, to: PathLike | None = None) -> list[Path]:
        """Copy files that isolated code made into your folder, or into another; return where they are now.

        Raises:
            UsageError: a path is none of the files made, leads outside, or exists and ``overwrite`` is not set.
        """
        return self._kernel.bring_back(paths, overwrite=overwrite, to=to)

    @property
    def code_extractor(self) -> MarkdownCodeExtractor:
        """What finds code in messages."""
        return MarkdownCodeExtractor()

    @on_portal
    async def a_run_blocks(self, blocks: Sequence[CodeBlock], on_output: OnOutput | None = None) -> ExecutionResult:
        """Run the blocks and return everything they gave; agents call this."""
        return await self._kernel.execute_code_blocks(_in_lower_case(blocks), on_output)

    def restart(self) -> None:
        """Forget the state and be ready again."""
        run_sync(self._kernel.restart)()

    def stop(self) -> None:
        """End the kernel. Stopping twice does nothing."""
        run_sync(self._kernel.close)()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class LocalCommandLineCodeExecutor(_OnKernel):
    """Runs Python and shell blocks. Unlike the classic's, it keeps variables from block to block.

    Args:
        timeout: seconds that one block may take; its output until then is kept.
        virtual_env_context: None. Code runs in a Jupyter kernel; for another environment, name its kernel to the Jupyter executors.
        work_dir: where the code runs and ``# filename: …`` blocks are saved; made if it is not there.
        functions: none. Give the agent tools instead.
        functions_module: accepted; it only names where ``functions`` would go.
        execution_policies: for languages, whether their blocks are run, or only saved in ``work_dir``. By default HTML, CSS and JavaScript
            are saved; JavaScript is run where a Jupyter kernel for it is installed.

    Raises:
        UsageError: an argument asks for what is not here.

    Example:
        >>> executor = LocalCommandLineCodeExecutor(timeout=10)
        >>> executor.execute_code_blocks([CodeBlock(language="python", code="print(6 * 7)")])
        CommandLineCodeResult(exit_code=0, output='42', code_file=None)
        >>> executor.stop()
    """

    SUPPORTED_LANGUAGES: ClassVar[list[str]] = ["bash", "shell", "sh", "python", "javascript", "html", "css"]
    """The classic's, without PowerShell; see ``languages`` for all."""

    def __init__(
        self,
        timeout: float = 60,
        virtual_env_context: object = None,
        work_dir: PathLike = ".",
        functions: Sequence[Callable[..., Any]] = (),
        functions_module: str = "functions",
        execution_policies: Mapping[str, bool] | None = None,
    ) -> None:
        if virtual_env_context is not None:
            raise UsageError(
                "LocalCommandLineCodeExecutor runs code in a Jupyter kernel and cannot enter a virtual_env_context. Install ipykernel "
                'there (python -m ipykernel install --name my-env) and use EmbeddedIPythonCodeExecutor(kernel_name="my-env").'
            )
        if functions:
            names = ", ".join(getattr(function, "__name__", str(function)) for function in functions)
            raise UsageError(f"LocalCommandLineCodeExecutor got functions ({names}). Give them to the agents as tools: register_function.")
        self.execution_policies = dict(execution_policies or {})
        """What you have said of languages."""
        self._work_dir = made_folder(work_dir)
        super().__init__(timeout=timeout, kernel_name="python3", cwd=self._work_dir)

    @property
    def work_dir(self) -> Path:
        """Where the code runs."""
        return self._work_dir

    @property
    def languages(self) -> frozenset[str]:
        """Names of the languages that it runs or saves."""
        return super().languages | SAVED

    @on_portal
    async def a_run_blocks(self, blocks: Sequence[CodeBlock], on_output: OnOutput | None = None) -> ExecutionResult:
        """Run the blocks, or save those that are not to be run, and return everything they gave; agents call this."""
        given = [block if self._runs(block.language) else saving(block) for block in _in_lower_case(blocks)]
        return await super().a_run_blocks(given, on_output)

    def _runs(self, language: str) -> bool:
        name = "python" if language in PYTHON else _NAMES.get(language, language)
        if language in SHELL and name not in self.SUPPORTED_LANGUAGES:  # a shell that the classic does not know
            return all(self.execution_policies.get(one, True) for one in SHELL)
        return self.execution_policies.get(name, language not in SAVED or language in super().languages)

    @on_portal
    async def a_execute_code_blocks(self, code_blocks: Sequence[CodeBlock]) -> CommandLineCodeResult:
        """Run the blocks in order; stop at the first that fails."""
        result = await self.a_run_blocks(code_blocks)
        saved = [self._work_dir / name for block in _in_lower_case(code_blocks) if (name := self._file_of(block))]
        return CommandLineCodeResult(result.exit_code, result.output, next((str(path) for path in saved if path.is_file()), None))

    execute_code_blocks = run_sync(a_execute_code_blocks)

    def _file_of(self, block: CodeBlock) -> str | None:
        return file_name(block.code) if self._runs(block.language) else saved_name(block)


class EmbeddedIPythonCodeExecutor(_OnKernel):
    """Runs code in a Jupyter kernel of its own.

    Args:
        timeout: seconds that one block may take; code that takes longer is interrupted, and the state is kept.
        kernel_name: name of a Jupyter kernel.
        output_dir: where pictures and HTML, such as tables, are saved besides being shown. Default: nowhere.

    Example:
        >>> with EmbeddedIPythonCodeExecutor() as executor:
        ...     executor.execute_code_blocks([CodeBlock(language="python", code="6 * 7")])
        IPythonCodeResult(exit_code=0, output='42', output_files=[])
    """

    def __init__(self, timeout: float = 60, kernel_name: str = "python3", output_dir: PathLike | None = None) -> None:
        self.kernel_name = kernel_name
        """Name of the Jupyter kernel."""
        self.output_dir = made_folder(output_dir) if output_dir is not None else None
        """Where pictures and HTML are saved besides being shown, if anywhere."""
        super().__init__(timeout=timeout, kernel_name=kernel_name, cwd=None)

    @on_portal
    async def a_run_blocks(self, blocks: Sequence[CodeBlock], on_output: OnOutput | None = None) -> ExecutionResult:
        """Run the blocks and return everything they gave, and where pictures and HTML were saved; agents call this."""
        return (await self._run(blocks, on_output))[0]

    @on_portal
    async def a_execute_code_blocks(self, code_blocks: Sequence[CodeBlock]) -> IPythonCodeResult:
        """Run the blocks in order; stop at the first that fails."""
        result, saved = await self._run(code_blocks, None)
        return IPythonCodeResult(result.exit_code, result.output, saved)

    execute_code_blocks = run_sync(a_execute_code_blocks)

    async def _run(self, blocks: Sequence[CodeBlock], on_output: OnOutput | None) -> tuple[ExecutionResult, list[str]]:
        result = await super().a_run_blocks(blocks, on_output)
        saved = _save_displayed(result.outputs, self.output_dir) if self.output_dir else {}
        lines = [result.output.rstrip("\n"), *(f"{kind} data saved to {path}" for path, kind in saved.items())]
        return (replace(result, output="\n".join(filter(None, lines))) if saved else result), [*saved]


class LocalJupyterServer:
    """The classic's server, which is not needed: kernels are started directly. It takes any of its options, and starts nothing.

    Example:
        >>> with LocalJupyterServer() as server:
        ...     executor = JupyterCodeExecutor(server, output_dir=None)
    """

    is_this_machine = True

    def __init__(self, *args: object, **options: object) -> None:
        """Accept the options of a server that is not started."""

    def stop(self) -> None:
        """Do nothing: there is no server."""

    def __enter__(self) -> LocalJupyterServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class JupyterCodeExecutor(EmbeddedIPythonCodeExecutor):
    """The same, with the classic's first argument.

    Args:
        jupyter_server: a ``LocalJupyterServer``, or None; the kernel is started without a server in either case.
        kernel_name: name of a Jupyter kernel.
        timeout: seconds that one block may take.
        output_dir: where pictures and HTML, such as tables, are saved besides being shown. Default: nowhere.

    Raises:
        UsageError: the server is somewhere else.
    """

    def __init__(
        self, jupyter_server: object = None, kernel_name: str = "python3", timeout: float = 60, output_dir: PathLike | None = None
    ) -> None:
        if jupyter_server is not None and not getattr(jupyter_server, "is_this_machine", False):
            raise UsageError(
                f"JupyterCodeExecutor got the server {type(jupyter_server).__name__}; kernels are started on this machine only. "
                "Leave jupyter_server out; a kernel elsewhere can be had through a kernel spec of that name (kernel_name=…)."
            )
        super().__init__(timeout=timeout, kernel_name=kernel_name, output_dir=output_dir)


def _in_lower_case(blocks: Sequence[CodeBlock]) -> list[CodeBlock]:
    return [replace(block, language=block.language.lower()) for block in blocks]


def made_folder(path: PathLike) -> Path:
    """Return a folder of the classic's, such as a ``work_dir``, which is made if it is not there.

    Raises:
        UsageError: it cannot be made.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The folder {str(path)!r} cannot be made: {error.strerror}. Name another one.") from error
    return folder.resolve()


def _save_displayed(outputs: Sequence[Mapping[str, Any]], folder: Path) -> dict[str, str]:
    """Save pictures and HTML under names of our own; return for each path what is there."""
    saved = {}
    for output in outputs:
        data = output.get("data") or {}
        picture = next((kind for kind in _PICTURES if kind in data), None)
        for kind in filter(None, (picture, "text/html" if "text/html" in data else None)):
            content = _bytes_of(data[kind], is_binary=kind in _BINARY)
            if content is None:
                continue
            path = folder / f"{uuid.uuid4().hex}.{_PICTURES.get(kind, 'html')}"
            path.write_bytes(content)
            saved[str(path)] = "Image" if kind in _PICTURES else "HTML"
    return saved


def _bytes_of(value: object, *, is_binary: bool) -> bytes | None:
    """Return what a file has to hold, or None: code can display anything."""
    text = "".join(value) if isinstance(value, list) and all(isinstance(line, str) for line in value) else value
    if not isinstance(text, str):
        return None
    try:
        return base64.b64decode(text) if is_binary else text.encode(errors="replace")
    except ValueError:
        return None
