"""What is said about the agent kernel reaches it, and code runs unasked only inside a boundary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autogen_jupyter import ConversableAgent, KernelStartError, ScriptedModel, UsageError
from autogen_jupyter.kernels import configure_servers
from autogen_jupyter.kernels.provisioners.probe import probe
from autogen_jupyter.models.dry_run import DryRun
from autogen_jupyter.notebook.agentchat import Request, begin
from autogen_jupyter.notebook.chat import Chat
from autogen_jupyter.notebook.chats import Chats
from autogen_jupyter.notebook.consent import approval
from autogen_jupyter.notebook.kernel_options import KernelOptions
from autogen_jupyter.notebook.options import ChatOptions
from autogen_jupyter.notebook.parser import parse_line
from autogen_jupyter.notebook.team import Team
from autogen_jupyter.notebook.teams import PLANS, Member, team
from autogen_jupyter.sizes import as_bytes

from ..headless import ROOT, error_of, run_cells, text_of

needs_bubblewrap = pytest.mark.skipif(bool(probe().problem), reason="bubblewrap does not work here")
ASK = "Describe data/penguins.csv"
UNASKED = "Code runs without asking you, because it is isolated."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").symlink_to(ROOT / "notebooks" / "data")
    return tmp_path


@pytest.fixture
def configured_server() -> Iterator[None]:
    configure_servers({"big": "https://big.example.org:8888"})
    yield
    configure_servers({})


def test_the_line_says_what_the_kernel_is_made_with() -> None:
    line = "--isolate bubblewrap --network --mount /data --mount /models:rw --memory 4GB --share one -y"
    options = parse_line(line).options
    assert options == ChatOptions(isolate="bubblewrap", network=True, mounts=("/data", "/models:rw"), memory="4GB", share="one", yes=True)
    assert KernelOptions.of(options) == KernelOptions("bubblewrap", True, ("/data", "/models:rw"), 4_000_000_000, "one")


@pytest.mark.parametrize(("text", "size"), [("4GB", 4 * 10**9), ("512 MiB", 512 << 20), ("1.5g", 15 * 10**8), (7, 7), ("2k", 2000)])
def test_a_size_is_read(text: str | int, size: int) -> None:
    assert as_bytes(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1GB", "0", "4 gigs", "ib"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not an amount of memory"):
        ChatOptions(memory=text).check()


@pytest.mark.parametrize("said", ["always", "risky", "never"])
@pytest.mark.parametrize("isolate", ["auto", "none"])
def test_what_was_said_about_approval_holds(said: str, isolate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGEN_JUPYTER_APPROVE", raising=False)
    assert approval(ChatOptions(approve=said, isolate=isolate), None) == said
    monkeypatch.setenv("AUTOGEN_JUPYTER_APPROVE", said)
    assert approval(ChatOptions(isolate=isolate), None) == said


def test_without_a_boundary_all_code_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGEN_JUPYTER_APPROVE", raising=False)
    assert approval(ChatOptions(isolate="none"), None) == "always"


@needs_bubblewrap
def test_inside_a_boundary_code_runs_and_one_line_says_so(folder: Path) -> None:
    notebook = run_cells(f"%%agentchat\n{ASK}", "print(_.stop_reason)", "%agentchat Now plot body mass by island.", folder=folder)
    first, second = (" ".join(text_of(notebook.cells[number]).split()) for number in (1, 3))
    assert first.count(UNASKED) == 1
    assert "--approve always" in first
    assert "answered" in text_of(notebook.cells[2])
    assert UNASKED not in second


@needs_bubblewrap
def test_another_kind_of_kernel_costs_the_variables_and_has_to_be_accepted(folder: Path) -> None:
    notebook = run_cells(
        f"%%agentchat --approve never\n{ASK}",
        f"%%agentchat --approve never --network\n{ASK}",
        f"%%agentchat --approve never --network --yes\n{ASK}",
        "print('all earlier variables are gone' in str(_.messages))",
        f"%%agentchat --approve never\n{ASK}",
        folder=folder,
    )
    refused = error_of(notebook.cells[2])
    assert "another network" in refused
    assert "--yes" in refused
    assert "--new" in refused
    assert "A new agent kernel, with another network" in text_of(notebook.cells[3])
    assert text_of(notebook.cells[4]) == "True\n"
    assert "A new agent kernel" not in text_of(notebook.cells[5])


@pytest.mark.parametrize("more", [{"yes": True}, {}, {"new": True, "name": "kept"}])
async def test_a_kernel_that_does_not_exist_is_refused_before_anything_is_given_up(more: dict[str, Any]) -> None:
    model = ScriptedModel(["```python\nx = 41\n```", "Done.", "```python\nprint(x + 1)\n```", "Done."])
    PLANS["kept"] = team("kept", [Member("assistant", model=model)])
    among = Chats()

    async def ask(options: ChatOptions) -> Chat | DryRun:
        return await begin(Request("Go.", replace(options, approve="never", quiet=True)), among)

    try:
        await ask(ChatOptions(name="kept", team="kept"))
        with pytest.raises(KernelStartError, match="no Jupyter kernel named 'nosuch'"):
            await ask(ChatOptions(kernel="nosuch", **more))
        assert len(model.requests) == 2
        assert len(among) == 1
        chat = await ask(ChatOptions())
        assert isinstance(chat, Chat)
        assert "42" in str(chat.outputs)
    finally:
        del PLANS["kept"]
        await among.close()


@pytest.mark.parametrize("kernel", [None, "python3", "python", "https://big.example.org:8888", "big"])
def test_a_kernel_of_this_machine_and_a_server_that_may_be_reached_are_kernels(kernel: str | None, configured_server: None) -> None:
    KernelOptions.of(ChatOptions(kernel=kernel)).check()


async def test_a_kernel_that_never_ran_is_exchanged_in_silence() -> None:
    team = Team(ChatOptions(model="builtin/demo"))
    first = team.executor
    team.prepare(ChatOptions(model="builtin/demo", isolate="none", memory="2GB"))
    assert team.executor is not first
    assert team.executor.boundary.name == "none"
    await team.close()


def test_a_server_is_no_boundary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGEN_JUPYTER_APPROVE", raising=False)
    options = ChatOptions(kernel="https://big.example.org:8888")
    assert KernelOptions.of(options).boundary().name == "server"
    assert approval(options, None) == "always"


def test_an_agent_with_an_executor_of_its_own_that_is_not_isolated_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGEN_JUPYTER_APPROVE", raising=False)
    runs_alone = ConversableAgent("runner", code_execution_config={"kernel": {"isolate": "none"}})
    monkeypatch.setitem(PLANS, "with_runner", team("with_runner", [runs_alone, "analyst"]))
    assert approval(ChatOptions(team="with_runner"), None) == "always"
