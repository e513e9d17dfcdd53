"""Files that isolated code makes while ``jupyter agentchat run`` works: said at the end, and kept where that was asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from autogen_jupyter.kernels.provisioners.probe import probe

from ..servers.fault_server import FaultServer, events
from .test_run import agentchat

pytestmark = pytest.mark.skipif(bool(probe().problem), reason="bubblewrap does not work here")
CODE = """Here.
```python
import os
os.makedirs("plots")
os.makedirs(".git")
for path, text in {"years.csv": "year", "plots/a.svg": "<svg/>", ".git/config": "[x]", "data.csv": "2"}.items():
    with open(path, "w") as file:
        file.write(text)
```"""


def _said(text: str) -> Any:
    chunk = {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [{"index": 0, "delta": {"content": text}}]}
    return events(chunk, {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})


@pytest.fixture
async def server():
    async with FaultServer(_said(CODE), _said("It is done. TERMINATE")) as serving:
        yield serving


async def _run(server: FaultServer, folder: Path, *arguments: str) -> Any:
    (folder / "data.csv").write_text("1")
    variables = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "k", "OPENAI_MODEL": "m"}
    return await asyncio.to_thread(agentchat, folder, "run", "Make files", *arguments, **variables)


def _files_in(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


async def test_they_are_copied_to_the_folder_that_was_named(server: FaultServer, tmp_path: Path) -> None:
    done = await _run(server, tmp_path, "--files", "made")
    assert done.returncode == 0, done.stderr
    assert _files_in(tmp_path) == {"data.csv": "1", "made/data.csv": "2", "made/plots/a.svg": "<svg/>", "made/years.csv": "year"}
    assert [line for line in done.stderr.splitlines() if line.startswith("Written")] == [
        "Written: made/data.csv",
        "Written: made/plots/a.svg",
        "Written: made/years.csv",
    ]
    assert "'.git/config' is not brought back" in done.stderr


async def test_what_is_lost_is_said(server: FaultServer, tmp_path: Path) -> None:
    done = await _run(server, tmp_path)
    assert done.stdout == "It is done.\n"
    assert done.stderr.startswith("Files made: .git/config (3 bytes), data.csv (1 byte), plots/a.svg (6 bytes), years.csv (4 bytes).")
    assert done.stderr.endswith("--files DIR keeps them.\n")
    assert _files_in(tmp_path) == {"data.csv": "1"}


async def test_a_folder_with_files_of_the_users_is_refused_before_anything_is_sent(server: FaultServer, tmp_path: Path) -> None:
    done = await _run(server, tmp_path, "--files", ".")
    assert done.returncode == 2
    assert "it is not empty. Name a new or an empty folder" in done.stderr
    assert server.seen == []


async def test_code_that_is_not_isolated_leaves_them_where_it_runs(server: FaultServer, tmp_path: Path) -> None:
    done = await _run(server, tmp_path, "--files", "made", "--isolate", "none", "--approve", "never")
    assert done.returncode == 0, done.stderr
    assert "Nothing is in made: this code was not isolated, and wrote its files where it ran." in done.stderr
    assert (tmp_path / "years.csv").read_text() == "year"
