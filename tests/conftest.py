"""Fixtures that more than one folder of tests uses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .servers.llama_server import running_llama_server


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a real llama.cpp server, whose one model, "scripted", gives the answers of ``servers/scripted_gguf.py``."""
    with running_llama_server(tmp_path_factory.mktemp("llama")) as base_url:
        yield base_url
