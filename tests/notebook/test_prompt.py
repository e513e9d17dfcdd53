"""Parts of the notebook that a request names: what is added for them, that it is shown, and that nothing else leaves."""

from __future__ import annotations

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from autogen_jupyter.notebook.cells import Cells
from autogen_jupyter.notebook.prompt import compose

from ..headless import error_of, run_cells, text_of

HEARD = """
from autogen_jupyter import ScriptedModel
from autogen_jupyter.notebook.chats import chats
from autogen_jupyter.notebook.options import ChatOptions
from autogen_jupyter.notebook.team import Team
chat = chats.open(ChatOptions())
chat.team = Team(ChatOptions(model="builtin/demo"))
chat.options = ChatOptions(model="builtin/demo")
chat.team.assistant.use_model(ScriptedModel(["ok"] * 100))
"""


@pytest.fixture
def shell() -> InteractiveShell:
    shell = InteractiveShell()
    shell.cells = Cells(shell)
    shell.events.register("post_run_cell", shell.cells.post_run_cell)
    for cell in ("prices = [1, 2]", "'a value'", "%%agentchat\nhello", "now = 1"):
        shell.run_cell(cell, store_history=True, silent=False)
    return shell


def sent(shell: InteractiveShell, text: str, **options: str):
    return compose(text, shell.user_ns, shell.cells, **options)


def test_a_request_that_names_nothing_is_sent_as_it_was_written(shell):
    text = "Mail @bob at x@cell.org, or ask @critic about `@cell`."
    got = sent(shell, text)
    assert (got.text, got.added, got.left) == (text, (), ())


def test_a_cell_is_added_by_its_number_or_the_last_of_ones_own(shell):
    assert sent(shell, "Explain @cell[1].").text == "Explain @cell[1].\n\nCell 1 of the notebook:\n    prices = [1, 2]"
    shell.history_manager.store_inputs(shell.execution_count, "%%agentchat\nExplain @cell")
    assert "Cell 4 of the notebook:\n    now = 1" in sent(shell, "Explain @cell").text
    assert sent(shell, "@cell[77] and @cell[x]").left == ("@cell[77]", "@cell[x]")


def test_a_value_is_added_and_a_table_as_data_allows(shell):
    shell.user_ns["Out"].update({2: "a value", 9: pd.DataFrame({"city": ["secret"]})})
    assert "Out[2] of the notebook:\n    a value" in sent(shell, "Why @Out[2]?").text
    assert "secret" not in sent(shell, "@Out[9]").text
    assert "secret" in sent(shell, "@Out[9]", data="sample").text
    assert sent(shell, "@Out[8]").left == ("@Out[8]",)


def test_variables_are_names_types_and_shapes_without_values(shell):
    shell.user_ns.update(df=pd.DataFrame({"city": ["secret"]}), sales_a=1, sales_b="hidden", f=len)
    got = sent(shell, "What have I got? @variables")
    assert "- df: DataFrame 1 x 1" in got.text
    assert "- prices: list 2" in got.text
    assert not any(word in got.text for word in ("secret", "hidden", "city", "- f:", "- In", "_ih"))
    assert got.to_approve == got.added
    assert got.without(got.to_approve).text == "What have I got? @variables"
    some = sent(shell, "@variables[sales_*, prices]")
    assert [line for line in some.text.splitlines() if line.startswith("- ")] == ["- prices: list 2", "- sales_a: int", "- sales_b: str 6"]


def test_the_last_failure_is_kept_as_text_with_its_cell(shell):
    assert sent(shell, "@error").left == ("@error",)
    shell.run_cell("def half(x):\n    return x / 0\nhalf(1)", store_history=True)
    shell.run_cell("fine = 1", store_history=True)
    text = sent(shell, "@error").text
    assert "    half(1)" in text
    assert "ZeroDivisionError" in text
    assert "IPython/core" not in text
    shell.run_cell("this was wrong", store_history=True)
    assert "SyntaxError" in sent(shell, "@error").text


def test_what_a_request_names_goes_with_it_and_is_shown(tmp_path):
    notebook = run_cells(
        HEARD,
        "x = 41\nsecret = 'never named'",
        "%%agentchat --approve never\nIs {x} the number of @cell? {nosuch}",
        "print(_.request, '|', _.messages[0]['content'], '|', [e.text for e in _.entries if hasattr(e, 'level')])",
        "%config AgentChat.approve = 'always'\n1/0",
        "%agentchat fix",
        "%%agentchat --approve never -q\nhello",
        "%config AgentChat.approve = 'never'\n%agentchat fix",
        "print(_.messages[-2]['content'])",
        folder=tmp_path,
    )
    shown = text_of(notebook.cells[4])
    assert shown.startswith(
        "Is {x} the number of @cell? {nosuch} | Is 41 the number of @cell? {nosuch}\n\nCell 3 of the notebook:\n    x = 41"
    )
    assert "From the notebook, {x}: int, 2 characters." in shown
    assert "From the notebook, @cell: cell 3" in shown
    assert "Left as written: {nosuch}." in shown
    assert "approve" in error_of(notebook.cells[6])
    asked = text_of(notebook.cells[9])
    assert "    1/0" in asked
    assert "ZeroDivisionError" in asked
    assert "never named" not in asked
