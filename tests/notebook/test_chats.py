"""Named chats, what they leave in ``_``, and variables that come back: real kernels, the built-in demo model."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pandas as pd
import pytest

from autogen_jupyter import CodeBlock, KernelCodeExecutor, UsageError
from autogen_jupyter.notebook.bring_back import bring_back
from autogen_jupyter.notebook.chats import Chats
from autogen_jupyter.notebook.first_word import addressed
from autogen_jupyter.notebook.options import OPTIONS, ChatOptions
from autogen_jupyter.notebook.told import told

from ..headless import ROOT, error_of, run_cells, text_of

ASK = "Describe data/penguins.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").symlink_to(ROOT / "notebooks" / "data")
    return tmp_path


def test_a_cell_without_a_name_goes_on_with_the_chat_used_last():
    chats = Chats()
    first = chats.open(ChatOptions())
    assert first.name == "chat-1"
    sales = chats.open(ChatOptions(name="sales"))
    assert chats.open(ChatOptions()) is sales
    assert chats.open(ChatOptions(name="chat-1")) is first


def test_new_begins_another_chat_or_takes_the_place_of_the_named_one():
    chats = Chats()
    first = chats.open(ChatOptions())
    second = chats.open(ChatOptions(new=True))
    assert [first.name, second.name] == ["chat-1", "chat-2"]
    assert chats.open(ChatOptions(new=True, name="chat-1")) is not first
    assert [conversation.name for conversation in chats] == ["chat-2", "chat-1"]


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 61])
def test_a_name_is_one_short_line(name):
    with pytest.raises(UsageError, match="cannot be named"):
        Chats().open(ChatOptions(name=name))


def test_a_chat_remembers_its_model_but_never_a_permission():
    assert ChatOptions(model="builtin/demo", approve="never", human="always", data="full").lasting() == ChatOptions(model="builtin/demo")


def test_every_option_is_a_keyword_of_the_python_function():
    import inspect

    from autogen_jupyter import agentchat

    keywords = set(inspect.signature(agentchat).parameters) - {"message", "team", "agent"}
    assert keywords == {option.field for option in OPTIONS}


@pytest.mark.parametrize(
    ("word", "options"),
    [
        ("analyst", ChatOptions(team="analyst")),
        ("@assistant", ChatOptions(agent="assistant")),
        ("builtin/demo", ChatOptions(model="builtin/demo")),
        ("ollama:qwen3:8b", ChatOptions(model="ollama:qwen3:8b")),
        ("gpt-6-luna", ChatOptions(model="gpt-6-luna")),
        ("http://localhost:8080/v1#m", ChatOptions(model="http://localhost:8080/v1#m")),
    ],
)
def test_the_first_word_is_a_team_an_agent_or_a_model(word, options):
    assert addressed([word], ChatOptions()) == options


def test_a_first_word_that_is_none_of_them_is_an_error_with_the_nearest_team():
    with pytest.raises(UsageError, match="Did you mean the team analyst"):
        addressed(["analist"], ChatOptions())
    with pytest.raises(UsageError, match="two models"):
        addressed(["builtin/demo"], ChatOptions(model="gpt-6-luna"))


def test_the_model_is_told_no_more_of_a_variable_than_was_allowed():
    frame = pd.DataFrame({"city": [f"secret-{number}" for number in range(9)]})
    assert told("df", frame, "none") == "- df"
    assert "city" in told("df", frame, "schema")
    assert "secret" not in told("df", frame, "schema")
    assert "secret-4" in told("df", frame, "sample")
    assert "secret-5" not in told("df", frame, "sample")
    assert "secret-8" in told("df", frame, "full")


async def test_data_comes_back_as_it_was_and_nothing_else_does():
    code = """
import pandas as pd, numpy as np
df = pd.DataFrame({"n": [1, 2], "x": [1.5, None], "t": ["a", None], "b": [True, False], "d": pd.to_datetime(["2026-01-02", None]),
                   "c": pd.Categorical(["u", "v"])}, index=pd.Index(["p", "q"], name="key"))
s = df["x"]; a = np.arange(4.0).reshape(2, 2); plain = {"a": [1, "two", None]}
class Odd: pass
odd = Odd()
"""
    async with KernelCodeExecutor() as executor:
        assert (await executor.execute_code_blocks([CodeBlock("python", code)])).exit_code == 0
        got = await bring_back(executor, ["df", "s", "a", "plain"])
        space: dict = {}
        exec(code, space)
        pd.testing.assert_frame_equal(got["df"], space["df"])
        pd.testing.assert_series_equal(got["s"], space["s"])
        assert (got["a"] == space["a"]).all()
        assert got["plain"] == space["plain"]
        with pytest.raises(UsageError, match="'odd' cannot be brought back"):
            await bring_back(executor, ["odd"])
        with pytest.raises(UsageError, match="'nosuch', and the agent kernel has no such variable"):
            await bring_back(executor, ["nosuch"])


def test_chats_go_on_by_name_and_leave_an_object(folder):
    notebook = run_cells(
        f"%%agentchat builtin/demo -n one \\\n  --approve never -o penguins\n{ASK}",
        "one = _\nprint(repr(one)); print(type(penguins).__name__, len(penguins), list(one.variables))",
        f"%%agentchat --new --approve never\n{ASK}",
        "print(_.name, len(_.messages) < len(one.messages) + 1, (await one) is one)",
        "%%agentchat -n one --approve never\nNow plot body mass by island.",
        "print(_.name, len(_.messages) > len(one.messages), len(_.code))\n"
        "one.to_notebook()\nprint(one.state, one.usage[0]['agent'], '<script' in one._repr_mimebundle_()['text/html'])",
        folder=folder,
    )
    assert text_of(notebook.cells[2]).startswith("<Chat 'one': assistant has answered (")
    assert "DataFrame 344 ['penguins']" in text_of(notebook.cells[2])
    assert text_of(notebook.cells[4]) == "chat-1 True True\n"
    assert text_of(notebook.cells[6]) == "one True 1\nended assistant False\n"


def test_a_detached_chat_is_followed_where_nobody_watches_and_a_failed_one_raises(folder):
    notebook = run_cells(
        f"%%agentchat --detach --approve never\n{ASK}",
        "print(_.state, (await _).stop_reason)",
        "from autogen_jupyter import agentchat\n"
        "asked = ['Describe data/penguins.csv'] * 2\n"
        "print([(await agentchat(q, approve='never', name=q, outputs='penguins')).variables['penguins'].shape for q in asked])",
        "%%agentchat -m http://127.0.0.1:9/v1#m --approve never\nhello",
        "await agentchat('x', name='one', max_turns=0)",
        folder=folder,
    )
    assert text_of(notebook.cells[2]) == "ended assistant has answered\n"
    assert text_of(notebook.cells[3]).endswith("[(344, 8), (344, 8)]\n")
    assert "No connection" in error_of(notebook.cells[4])
    assert "above 0" in error_of(notebook.cells[5])


def test_the_exported_notebook_runs(folder):
    notebook = run_cells(
        f"%%agentchat --approve never\n{ASK}",
        "import nbformat\nnbformat.write(_.to_notebook(), 'chat.ipynb')",
        folder=folder,
    )
    assert not [output for output in notebook.cells[2].outputs if output.output_type == "error"]
    exported = nbformat.read(folder / "chat.ipynb", as_version=4)
    nbformat.validate(exported)
    code = [cell.source for cell in exported.cells if cell.cell_type == "code"]
    again = run_cells(*code, folder=folder)
    assert not [output for cell in again.cells for output in cell.outputs if output.output_type == "error"]
