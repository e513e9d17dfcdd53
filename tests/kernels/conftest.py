"""One real kernel per module, in a folder of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.kernels import ExecutionResult, KernelCodeExecutor, Server

from .jupyter_servers import KINDS, jupyter_server

Run = Callable[..., Awaitable[ExecutionResult]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernel's working directory."""
    return tmp_path_factory.mktemp("work")


ALSO_ON_SERVERS = {"test_executor"}
"""Modules whose tests hold for a kernel wherever it is."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "place" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ALSO_ON_SERVERS:
        metafunc.parametrize("place", ["here", *KINDS], indirect=True, scope="module")


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server | None]:
    """Where the kernel runs: None for this machine, else a server."""
    kind = getattr(request, "param", "here")
    if kind == "here":
        yield None
        return
    with jupyter_server(kind, tmp_path_factory.mktemp(kind)) as server:
        yield server


@pytest.fixture(scope="module")
def executor(folder: Path, place: Server | None) -> Iterator[KernelCodeExecutor]:
    """A kernel that all tests of the module share; a block may take ten seconds."""
    made = KernelCodeExecutor(cwd=folder, timeout=10, server=place)
    made.start()
    yield made
    asyncio.run(made.close())


@pytest.fixture
def run(executor: KernelCodeExecutor) -> Run:
    """Run one block in the shared kernel."""
    return lambda code, language="python", **options: executor.execute_code_blocks([CodeBlock(language, code)], **options)
