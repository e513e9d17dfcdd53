"""The sub-commands of ``%agentchat``: which line is one, and what each does."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autogen_jupyter import UsageError
from autogen_jupyter.notebook.chats import Chats
from autogen_jupyter.notebook.commands import COMMANDS, Place, find
from autogen_jupyter.notebook.options import ChatOptions
from autogen_jupyter.notebook.reference import reference_page

from ..headless import ROOT, error_of, run_cells, text_of


@pytest.fixture
def place() -> Place:
    chats = Chats()
    chats.open(ChatOptions(name="sales"))
    return Place(chats, None, None)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("list", "list"),
        ("status sales", "status"),
        ("undo 2", "undo"),
        ("history", "history"),
        ("save chat.json", "save"),
        ("push df,other", "push"),
        ("answer run it please", "answer"),
        ("help undo", "help"),
        ("register fast ollama/qwen3", "register"),
    ],
)
def test_a_line_whose_arguments_fit_is_a_command(place, line, name):
    assert find(line.split(), place).name == name


@pytest.mark.parametrize(
    "line",
    [
        "list the columns of df",
        "status of the project?",
        "save it",
        "undo the last change",
        "what is it",
        "stopping",
        "hello",
        "cost analysis",
    ],
)
def test_any_other_line_is_a_request(place, line):
    assert find(line.split(), place) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("statsu", "Did you mean %agentchat status.*-- statsu"),
        ("lst", "Did you mean %agentchat list"),
        ("exprot chat.ipynb", "Did you mean %agentchat export"),
        ("save", "needs more: %agentchat save FILE"),
        ("status slaes", "Did you mean 'sales'"),
    ],
)
def test_a_typo_is_answered_with_the_nearest_match_and_costs_nothing(place, line, said):
    with pytest.raises(UsageError, match=said):
        find(line.split(), place)


def test_the_reference_page_is_what_the_parser_says():
    assert (ROOT / "docs" / "magics.md").read_text(encoding="utf-8") == reference_page(), "Run python -m tools.generate_magics_page."


def test_every_command_is_documented():
    assert all(one.help and one.help[0].islower() for one in COMMANDS.values())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").symlink_to(ROOT / "notebooks" / "data")
    return tmp_path


def test_commands_look_and_steer(folder):
    notebook = run_cells(
        "%agentchat list",
        "%%agentchat --approve never -q\nDescribe data/penguins.csv",
        "%agentchat status\n%agentchat variables\n%agentchat cost\n%agentchat agents\n%agentchat models",
        "%agentchat fork 1\n%agentchat list\n%agentchat history",
        "%agentchat undo",
        "%agentchat reset\n%agentchat list\n%agentchat undo\n%agentchat history",
        "mine = [1, 2]\n%agentchat push mine\ndel mine\n%agentchat pull mine\nprint(mine)",
        "%agentchat version\n%agentchat config\n%agentchat stop",
        "%agentchat answer yes",
        "from fractions import Fraction\nhalf = Fraction(1, 2)\n%agentchat push half",
        "%agentchat push half --pickle\n%agentchat variables",
        "%%agentchat --new --approve never -q -i half\nDescribe data/penguins.csv",
        "%%agentchat --new --approve never -q -i half --pickle\nDescribe data/penguins.csv",
        "%agentchat variables",
        folder=folder,
    )
    shown = [text_of(cell) for cell in notebook.cells]
    for number in (10, 12):
        assert "'half' is or holds a fractions.Fraction" in error_of(notebook.cells[number])
        assert "To copy it by pickle: --pickle" in error_of(notebook.cells[number])
    assert "half: fractions.Fraction" in shown[11]
    assert "half: fractions.Fraction" in shown[14]
    assert "no chat yet" in shown[1]
    for said in (
        "chat-1: ",
        "assistant has answered",
        "agent kernel: idle",
        "DataFrame",
        "tokens in",
        "@assistant in chat-1",
        "builtin/demo",
    ):
        assert said in shown[3]
    assert "chat-1-fork goes on from message 1 of chat-1" in shown[4]
    assert "* chat-1-fork: 1 messages" in shown[4]
    assert "no request to undo" in error_of(notebook.cells[5])
    assert "chat-1-fork is forgotten" in shown[6]
    assert "chat-1 forgot 'Describe data/penguins.csv'" in shown[6]
    assert "[1, 2]" in shown[7]
    assert "autogen_jupyter 0" in shown[8]
    assert "Nothing runs in chat-1" in shown[8]
    assert "No question waits" in error_of(notebook.cells[9])


def test_chats_are_saved_loaded_exported_and_replayed(folder):
    notebook = run_cells(
        "%%agentchat --approve never -q\nDescribe data/penguins.csv",
        "%agentchat save chat.json\n%agentchat export chat.ipynb\n%agentchat export chat.html\n"
        "%agentchat export chat.md\n%agentchat replay",
        "%agentchat reset\n%agentchat load chat.json\n%agentchat replay chat.json\n%agentchat history",
        "%agentchat alias fast builtin/demo\n%agentchat models",
        "%%agentchat fast --approve never -q\nDescribe data/penguins.csv",
        "print(_.options.model)",
        "%agentchat load nosuch.json",
        "%agentchat statsu",
        folder=folder,
    )
    shown = [text_of(cell) for cell in notebook.cells]
    assert "0 failed; no model was asked. The text of the outputs is the same" in shown[2]
    nbformat.validate(nbformat.read(folder / "chat.ipynb", as_version=4))
    assert "<script" not in (folder / "chat.html").read_text()
    assert (folder / "chat.json").stat().st_mode & 0o077 == 0
    assert "chat-1 goes on with" in shown[3]
    assert "0 failed" in shown[3]
    assert "alias fast = builtin/demo" in shown[4]
    assert shown[6] == "builtin/demo\n"
    assert "nosuch.json cannot be read" in error_of(notebook.cells[7])
    assert "Did you mean %agentchat status" in error_of(notebook.cells[8])
