"""Tab completion: what is offered where, by the plain function, a real kernel and a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import start_new_kernel

from autogen_jupyter.models.model_names import BUILTIN
from autogen_jupyter.models.providers import PROVIDERS
from autogen_jupyter.notebook import extension
from autogen_jupyter.notebook.commands import COMMANDS
from autogen_jupyter.notebook.completion import Known, candidates
from autogen_jupyter.notebook.completion_words import COMMAND_ARGUMENTS, MODELS

from ..headless import environment


class Frame:
    shape = (1, 2)
    columns = ("a",)


KNOWN = Known(
    {"df": Frame(), "df_sales": 1, "cfg": {}, "function": len, "_hidden": 1, "In": ["", "a", "b"], "Out": {2: "x"}},
    ("analyst", "critic"),
    ("assistant", "critic"),
    ("chat-1", "sales"),
    ("fast",),
)


def offered(text: str, after: str = "") -> list[str]:
    return [one.text for one in candidates(text + after, len(text), KNOWN)[1]]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("%%agentchat --appr", ["--approve"]),
        ("%%agentchat -q --approve ", ["always", "risky", "never"]),
        ("%%agentchat --approve=ri", ["risky"]),
        ("%%agentchat --data s", ["schema", "sample"]),
        ("%%agentchat -m fa", ["fast"]),
        ("%%agentchat -m builtin", ["builtin/demo"]),
        ("%%agentchat -n s", ["sales"]),
        ("%%agentchat -i d", ["df_sales", "df"]),
        ("%%agentchat -i df,c", ["cfg"]),
        ("%%agentchat -o cfg,df_", ["df_sales"]),
        ("%%agentchat cr", ["critic"]),
        ("%%agentchat @", ["@assistant", "@critic"]),
        ("%%agentchat -q \\\n  --appr", ["--approve"]),
        ("# a note\n%%agentchat --appr", ["--approve"]),
        ("%agentchat sta", ["status"]),
        ("%agentchat status s", ["sales"]),
        ("%agentchat push df_", ["df_sales"]),
        ("%agentchat help un", ["undo"]),
        ("%agentchat share cr", ["critic"]),
        ("x = 1\nchat = %agentchat sta", ["status"]),
        ("%agentchat --max", ["--max-turns"]),
        ("%agentchat what is {df_", ["df_sales}"]),
        ("%%agentchat\nask @cr", ["@critic"]),
        ("%%agentchat\nexplain @ce", ["@cell"]),
        ("%%agentchat\nshow {df_", ["df_sales}"]),
        ("%%agentchat\nshow {df.sh", ["shape}"]),
        ("%%agentchat\nshow {In[", ["2]}", "1]}"]),
        ("%%agentchat\nwhy @Out[", ["2]"]),
        ("%%agentchat -- -x\n{cf", ["cfg}"]),
    ],
)
def test_what_could_stand_here_is_offered(text, first):
    assert offered(text) == first


def test_all_that_can_come_first_is_offered_before_anything_is_typed():
    assert offered("%%agentchat ")[:4] == ["analyst", "critic", "@assistant", "@critic"]
    assert {"--approve", "-i", "builtin/demo"} < set(offered("%%agentchat "))
    assert offered("%agentchat ")[0] == "list"


def test_an_option_is_offered_once_and_names_again():
    assert "--approve" not in offered("%%agentchat --approve never --")
    assert "--input" in offered("%%agentchat -i df --")


def test_a_brace_that_is_closed_already_is_not_closed_again():
    assert offered("%%agentchat\nshow {df_", "} now") == ["df_sales"]


@pytest.mark.parametrize(
    "text", ["", "df.sh", "print('{df", "%%timeit\n{df", "%%agentcha", "%%agentchat", "%%agentchat\nplease im", "%matplotlib "]
)
def test_elsewhere_nothing_is_offered(text):
    assert offered(text) == []


def test_the_words_are_those_of_the_tables():
    assert {one.name: (one.takes or ("",))[0] for one in COMMANDS.values() if not one.is_hidden} == COMMAND_ARGUMENTS
    named = {provider.name: provider for provider in PROVIDERS.values()}
    assert set(MODELS) == {BUILTIN, *(f"{name}/{provider.default_model}" for name, provider in named.items())}


@settings(max_examples=2_000, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["%%agentchat", "%agentchat", " ", "\n", "-i", "--approve", "=", "df", ",", "{", "}", "@", "[", "\\", "-", "é", "--"]
        )
    )
)
def test_it_never_raises_and_offers_what_begins_as_typed(parts):
    text = "".join(parts)
    for at in range(len(text) + 1):
        word, found = candidates(text, at, KNOWN)
        assert text[:at].endswith(word)
        assert all(one.text.startswith(word) for one in found)


def test_it_is_ours_first_and_gone_after_unloading():
    shell = InteractiveShell()
    before = list(shell.Completer.custom_matchers)
    shell.user_ns["df_sales"] = 1
    extension.load(shell)
    extension.load(shell)

    def texts(code: str) -> list[str]:
        with provisionalcompleter():
            return [one.text for one in shell.Completer.completions(code, len(code))]

    assert texts("%%agentchat --appr") == ["--approve"]
    assert texts("%%agentchat\nuse {df_sal") == ["df_sales}"]
    assert "df_sales" in texts("df_sal")
    extension.unload(shell)
    assert list(shell.Completer.custom_matchers) == before
    assert "--approve" not in texts("%%agentchat --appr")


def test_a_kernel_answers_complete_requests():
    manager, client = start_new_kernel(env=environment())
    try:
        client.execute_interactive("%load_ext autogen_jupyter\ndf_sales = 1", timeout=60)
        for code, expected in (
            ("%%agentchat --appr", "--approve"),
            ("%%agentchat -i df_", "df_sales"),
            ("%agentchat sta", "status"),
            ("%%agentchat plan", "planners"),
            ("%%agentchat\nask @ass", "@assistant"),
            ("%%agentchat\nshow {df_", "df_sales}"),
        ):
            reply = client.complete(code, reply=True, timeout=30)["content"]
            assert reply["matches"][0] == expected
            assert expected.startswith(code[reply["cursor_start"] : reply["cursor_end"]])
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[pexpect.spawn]:
    variables = environment(TERM="xterm-256color", IPYTHONDIR=str(tmp_path / "ipython"), PROMPT_TOOLKIT_NO_CPR="1")
    command = ["-m", "IPython", "--no-banner", "--TerminalInteractiveShell.autosuggestions_provider=None"]
    child = pexpect.spawn(sys.executable, command, env=variables, cwd=str(tmp_path), encoding="utf-8", timeout=60, dimensions=(40, 120))
    child.expect("In ")
    yield child
    child.close(force=True)


def test_in_a_terminal_a_menu_opens_with_ours(terminal):
    terminal.send("%load_ext autogen_jupyter\r")
    terminal.expect(r"2.*?\]")
    terminal.send("%agentchat --\t")
    shown = ""
    while not all(flag in shown for flag in ("--model", "--name", "--input", "--data", "--help")):
        shown += terminal.read_nonblocking(10_000, timeout=30)
