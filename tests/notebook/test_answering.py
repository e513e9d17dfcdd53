"""A chat in the background, steered by a person through sub-commands: real kernel, the built-in demo model."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from autogen_jupyter import agentchat
from autogen_jupyter.notebook.agentchat import close_chats
from autogen_jupyter.notebook.chat import Chat
from autogen_jupyter.notebook.chats import chats
from autogen_jupyter.notebook.commands import Place, find

from ..headless import ROOT

ASK = "Describe data/penguins.csv"


@pytest.fixture
async def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "data").symlink_to(ROOT / "notebooks" / "data")
    monkeypatch.chdir(tmp_path)
    yield await agentchat(ASK, model="builtin/demo", approve="always", outputs=["penguins"], detach=True, new=True)
    await close_chats()


async def command(line: str) -> object:
    place = Place(chats, None, None)
    found = find(line.split(), place)
    assert found is not None
    return await found.run(place, line.split()[1:])


async def asked(chat: Chat) -> str:
    """Wait for the next question, and return its kind."""
    while chat.session.pending is None:
        assert chat.is_running, chat.stop_reason
        await asyncio.sleep(0.01)
    return chat.session.pending.kind


async def answered(chat: Chat, line: str) -> None:
    question = chat.session.pending
    assert await command(line) == f"{chat.name} goes on."
    while chat.session.pending is question and chat.is_running:  # noqa: ASYNC110 - a session tells nobody that it asks
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(("said", "names"), [("Bring back", ["penguins"]), ("Leave them", [])])
async def test_code_and_what_comes_back_are_asked_about(chat, said, names):
    kinds = []
    while (kind := await asked(chat)) == "approval":
        kinds.append(kind)
        assert "answer with %agentchat answer" in str(await command("status"))
        await answered(chat, "answer run")
    assert kinds
    assert kind == "choice"
    await answered(chat, f"answer {said}")
    await chat
    assert list(chat.variables) == names
    assert "344 rows" in chat.summary


async def test_stop_ends_a_chat_that_asks_and_what_was_said_stays(chat):
    await asked(chat)
    assert await command("stop") == f"{chat.name} was stopped."
    assert not chat.is_running
    assert chat.messages[0]["content"].startswith(ASK)
    assert await command("stop") == f"Nothing runs in {chat.name}."
