"""Fixtures that more than one folder of tests uses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .servers.llama_server import LlamaServer, running_llama_server


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    """A real llama.cpp server with a scripted model: ``llama_server.base_url``."""
    with running_llama_server(tmp_path_factory.mktemp("llama")) as server:
        yield server
