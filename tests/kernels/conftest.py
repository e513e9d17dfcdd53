"""One real kernel per module, in a folder of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.kernels import ExecutionResult, KernelCodeExecutor

Run = Callable[..., Awaitable[ExecutionResult]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernel's working directory."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def executor(folder: Path) -> Iterator[KernelCodeExecutor]:
    """A kernel that all tests of the module share; a block may take ten seconds."""
    made = KernelCodeExecutor(cwd=folder, timeout=10)
    made.start()
    yield made
    asyncio.run(made.close())


@pytest.fixture
def run(executor: KernelCodeExecutor) -> Run:
    """Run one block in the shared kernel."""
    return lambda code, language="python", **options: executor.execute_code_blocks([CodeBlock(language, code)], **options)
