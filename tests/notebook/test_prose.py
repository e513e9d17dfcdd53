"""Prose is not Python: whatever a person writes arrives as it was written, through IPython's own transformers and the magic itself."""

from __future__ import annotations

import ast
import random
from collections.abc import Coroutine
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from autogen_jupyter.notebook.magics import AgentChat
from autogen_jupyter.notebook.options import ChatOptions
from autogen_jupyter.notebook.transformer import AgentChatLine, transform_agentchat

from ..headless import run_cells, text_of

PROMPTS = 100_000
PIECES = [
    *"abz \t'\"`()[]{}<>?!%@#$\\;:,.=-+*/|~^&_0159éß漢🐧\u2028\x0c\x85",
    *(
        "\n",
        "\n\n",
        "it's",
        "why?",
        "??",
        ">>> ",
        "... ",
        "In [3]: ",
        "Out[3]: ",
        '"""',
        "'''",
        "%%agentchat ",
        "%agentchat x?",
        "!ls",
        "# note",
    ),
    *(
        "{df}",
        '{"a": {"b": 1}}',
        "\\frac{a}{b}",
        "$x$",
        "${HOME}",
        "C:\\data\\",
        "\\\n",
        "--help",
        "-q",
        "@agent",
        "def f(:",
        "    indented",
        "/tmp",
    ),
]


class Heard(AgentChat):
    """The magics, with a double for the agents: it keeps what they would have been asked."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell=shell)
        self.messages: list[str] = []

    async def _chat(self, message: str, given: ChatOptions) -> None:
        self.messages.append(message)


@pytest.fixture(scope="module")
def heard() -> Heard:
    shell = InteractiveShell()
    magics = Heard(shell)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.insert(0, transform_agentchat)
    shell.input_transformer_manager.token_transformers.insert(0, AgentChatLine)
    return magics


def run(heard: Heard, cell: str) -> None:
    """Do what IPython does with a cell that awaits, with its event loop left out: nothing in it waits."""
    code = compile(heard.shell.transform_cell(cell), "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    coroutine: Coroutine[Any, Any, Any] = eval(code, {"get_ipython": lambda: heard.shell})
    with pytest.raises(StopIteration):
        coroutine.send(None)


def prompts(number: int) -> list[str]:
    source = random.Random(20)
    return ["".join(source.choices(PIECES, k=source.randint(1, 12))) for _ in range(number)]


def test_a_hundred_thousand_random_prompts_arrive_unchanged(heard):
    expected = []
    heard.messages.clear()
    for prompt in prompts(PROMPTS):
        if prompt.strip():
            expected.append(prompt.strip())
            run(heard, f"%%agentchat -q\n{prompt}")
    assert len(expected) > 0.95 * PROMPTS
    assert heard.messages == expected


def test_random_lines_arrive_unchanged_too(heard):
    expected = []
    heard.messages.clear()
    for prompt in prompts(5_000):
        line = " ".join(prompt.split())
        if line and not line.endswith("\\"):
            expected.append(line)
            run(heard, f"%agentchat -- {line}")
    assert len(expected) > 4_000
    assert heard.messages == expected


def test_windows_line_ends_become_plain_ones(heard):
    heard.messages.clear()
    run(heard, "%%agentchat -q\r\nwhat is\r\n  it?\r\n")
    assert heard.messages == ["what is\n  it?"]


@pytest.mark.parametrize(
    "line", ["what is the mean?", "it's odd", "stop words in the text", "list the columns", "what about --this", "a  b   c"]
)
def test_a_line_of_prose_needs_no_mark(heard, line):
    heard.messages.clear()
    run(heard, f"%agentchat {line}")
    assert heard.messages == [line]


def test_prompts_arrive_in_a_real_kernel(tmp_path):
    asked = [prompt for prompt in prompts(60) if prompt.strip() and "\x0c" not in prompt]
    listen = (
        "import autogen_jupyter.notebook.agentchat as ours\nfrom autogen_jupyter import ScriptedModel\n"
        "from autogen_jupyter.notebook.chats import chats\nfrom autogen_jupyter.notebook.options import ChatOptions\n"
        "from autogen_jupyter.notebook.team import Team\n"
        "chat = chats.open(ChatOptions()); chat.team = Team(ChatOptions(model='builtin/demo'))\n"
        "chat.options = ChatOptions(model='builtin/demo')\n"
        "chat.team.assistant.use_model(ScriptedModel(['ok'] * 100))\nheard = []"
    )
    cells = [part for prompt in asked for part in (f"%%agentchat -q --approve never\n{prompt}", "heard.append(_.request)")]
    notebook = run_cells(listen, *cells, "import json\nprint(json.dumps(heard))", folder=tmp_path)
    import json

    assert json.loads(text_of(notebook.cells[-1])) == [prompt.strip() for prompt in asked]
