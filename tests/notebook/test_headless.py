"""``%%agentchat`` in a run without a person: real kernels, the built-in demo model, no mock."""

from __future__ import annotations

import csv
import statistics
from pathlib import Path

import nbconvert
import pytest
from markdown_it import MarkdownIt

from ..headless import error_of, run_cells, text_of

DATA = Path(__file__).parents[2] / "notebooks" / "data"
ASK = "How do body mass and flipper length differ between species in data/penguins.csv? Plot it."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").symlink_to(DATA)
    return tmp_path


def body_mass(species: str) -> float:
    with (DATA / "penguins.csv").open() as table:
        values = [row["body_mass_g"] for row in csv.DictReader(table) if row["species"] == species]
    return statistics.fmean(float(value) for value in values if value not in ("", "NA"))


def test_the_analysis_runs_and_its_numbers_are_right(folder):
    notebook = run_cells(
        f"%%agentchat --approve never\n{ASK}",
        "print(type(_).__name__, _.stop_reason)",
        "print(Out[2].summary)",
        folder=folder,
    )
    chat, result, summary = notebook.cells[1:]
    assert "Chat assistant has answered" in text_of(result)
    for species in ("Adelie", "Chinstrap", "Gentoo"):
        assert f"{body_mass(species):,.1f}".removesuffix(".0") in text_of(summary)
    (output,) = chat.outputs
    assert "data:image/png;base64," in output.data["text/html"]
    assert "not a language model" in output.data["text/html"]
    assert set(output.data) == {"application/vnd.autogen-jupyter.chat.v1+json", "text/html", "text/markdown", "text/plain"}


ANSWERS = """
from autogen_jupyter import ScriptedModel
from autogen_jupyter.notebook.teams import Member, team
answer = "first\\n\\n# second *a*\\n\\n![x](http://evil.example/x.png)"
team("one", [Member("assistant", model=ScriptedModel([f"```python\\nprint({answer!r})\\n```", answer]))])
"""


def test_an_export_as_markdown_shows_the_chat_and_its_answer_as_html_alone(folder):
    notebook = run_cells(ANSWERS, "%%agentchat one --approve never\nGo.", "_", folder=folder)
    del notebook.cells[:2]
    assert [len(cell.outputs) for cell in notebook.cells] == [1, 1]
    exported, _ = nbconvert.MarkdownExporter().from_notebook_node(notebook)
    tokens = MarkdownIt("commonmark").parse(exported)
    assert [token.type for token in tokens] == ["fence", "html_block", "fence", "html_block"]


def test_the_next_cell_goes_on_with_the_chat_and_the_kernels_variables(folder):
    notebook = run_cells(
        f"%%agentchat --approve never\n{ASK}",
        "%%agentchat --approve never\nNow plot body mass by island.",
        "print(len(_.code), 'read_csv' in _.code[0].code, len(_.chat_history))",
        folder=folder,
    )
    blocks, reads_again, messages = text_of(notebook.cells[3]).split()
    assert (blocks, reads_again) == ("1", "False")
    assert int(messages) > 4


def test_a_variable_is_copied_in_and_the_users_own_stays_as_it_is(folder):
    notebook = run_cells(
        "import pandas as pd\ngentoo = pd.read_csv('data/penguins.csv').query(\"species == 'Gentoo'\")\nbefore = gentoo.copy()",
        "%%agentchat -i gentoo --approve never\nDescribe gentoo.",
        "print(_.stop_reason, before.equals(gentoo))\nprint(_.summary)",
        folder=folder,
    )
    assert "assistant has answered True" in text_of(notebook.cells[3])
    assert "124 rows" in text_of(notebook.cells[3])


def test_generated_code_does_not_touch_the_notebook_kernel(folder):
    notebook = run_cells(
        "penguins = 'mine'",
        f"%%agentchat --approve never\n{ASK}",
        "import sys\nprint(penguins, 'matplotlib.pyplot' in sys.modules)",
        folder=folder,
    )
    assert text_of(notebook.cells[3]) == "mine False\n"


def test_code_that_nobody_can_approve_is_refused_before_anything_is_sent(folder):
    notebook = run_cells("x = 1", f"%%agentchat --isolate none\n{ASK}", "print(x)", folder=folder)
    error = error_of(notebook.cells[2])
    assert error.startswith("NoHumanError: ")
    assert "--approve never" in error
    assert "Nothing was sent to a model" in error
    assert text_of(notebook.cells[3]) == "1\n"


def test_a_policy_of_the_environment_allows_it(folder):
    notebook = run_cells(f"%%agentchat\n{ASK}", "print(_.stop_reason)", folder=folder, AUTOGEN_JUPYTER_APPROVE="never")
    assert "answered" in text_of(notebook.cells[2])


@pytest.mark.parametrize("human", ["always", "terminate"])
def test_questions_that_nobody_can_answer_are_refused_before_anything_is_sent(folder, human):
    notebook = run_cells(f"%%agentchat --approve never --human {human}\n{ASK}", "%agentchat cost", folder=folder)
    error = error_of(notebook.cells[1])
    assert error.startswith(f"NoHumanError: The agents would ask you (--human {human})")
    assert "Nothing was sent to a model. Use --human never" in error
    assert "0 tokens in 0 answers" in text_of(notebook.cells[2])


def test_a_function_answers_where_nobody_is(folder):
    ask = "from autogen_jupyter import agentchat\nchat = await agentchat('hello', approve='never', human=lambda request: False)"
    notebook = run_cells(ask, "print(chat.stop_reason)", folder=folder)
    assert "ended the conversation" in text_of(notebook.cells[2])


def test_a_group_that_is_to_ask_at_its_end_runs_without_a_person(folder):
    notebook = run_cells("%%agentchat critic --approve never --human terminate\nhello", "print(_.state)", folder=folder)
    assert text_of(notebook.cells[2]) == "ended\n"


def test_a_question_that_nobody_can_answer_is_an_error_with_a_way_out(folder):
    agents = (
        "from autogen_jupyter import AssistantAgent, ScriptedModel, UserProxyAgent\n"
        "user = UserProxyAgent('user', human_input_mode='ALWAYS')\n"
        "helper = AssistantAgent('helper', llm_config=ScriptedModel(['```python\\n1 + 1\\n```']))"
    )
    chat = "user.initiate_chat(helper, message='hello')"
    notebook = run_cells(f"{agents}\n{chat}", folder=folder)
    error = error_of(notebook.cells[1])
    assert "NoHumanError: helper wants to run code" in error
    assert "--human never" in error


@pytest.mark.parametrize(
    ("cell", "said", "variables"),
    [
        ("%%agentchat --humann never\nhello", "Did you mean --human?", {}),
        ("%%agentchat --approve never some words\nhello", "does not know what 'some'", {}),
        ("%%agentchat --approve sometimes\nhello", "'sometimes'", {}),
        ("%%agentchat -i nosuch --approve never\nhello", "no such variable", {}),
        ("%%agentchat --approve never\nhello", "NoModelError", {"AUTOGEN_JUPYTER_REQUIRE_LLM": "1"}),
        ("%%agentchat --approve never -m http://127.0.0.1:9/v1#m\nhello", "No connection to 127.0.0.1:9", {}),
        ("%%agentchat --approve never -m nosuchprovider/m\nhello", "nosuchprovider", {}),
        (
            "from autogen_jupyter import CodeBlock, KernelCodeExecutor\n"
            "await KernelCodeExecutor(kernel_name='nosuch').execute_code_blocks([CodeBlock('python', '1')])",
            "KernelStartError",
            {},
        ),
    ],
)
def test_bad_input_is_one_screen_that_says_what_to_do_and_harms_nothing(folder, cell, said, variables):
    notebook = run_cells("mine = 41", cell, "print(mine + 1)", folder=folder, **variables)
    error = error_of(notebook.cells[2])
    assert said in error
    assert error.count("\n") < 25
    assert text_of(notebook.cells[3]) == "42\n"


def test_a_file_that_is_not_there_is_said_by_the_agents_and_ends_the_chat(folder):
    notebook = run_cells("%%agentchat --approve never\nDescribe data/no_such_thing.csv", "print(_.stop_reason, _.summary)", folder=folder)
    assert "no_such_thing.csv" in text_of(notebook.cells[2])
    assert "answered" in text_of(notebook.cells[2])


def test_help_is_shown_for_an_empty_cell_and_for_the_option(folder):
    notebook = run_cells("%%agentchat\n\n", "%agentchat --help", folder=folder)
    for cell in notebook.cells[1:]:
        assert "--max-turns" in text_of(cell)


def test_quiet_leaves_only_the_answer(folder):
    notebook = run_cells(f"%%agentchat -q --approve never\n{ASK}", folder=folder)
    shown = notebook.cells[1].outputs[0].data["text/plain"]
    assert "Gentoo" in shown
    assert "read_csv" not in shown


def test_unloading_leaves_nothing_behind(folder):
    notebook = run_cells(
        f"%%agentchat --approve never\n{ASK}",
        "import psutil\nprint(len(psutil.Process().children()))",
        "%reload_ext autogen_jupyter\n%unload_ext autogen_jupyter",
        "ip = get_ipython()\nprint(len(psutil.Process().children()), 'agentchat' in ip.magics_manager.magics['cell'], "
        "[t.__name__ for t in ip.input_transformers_cleanup if 'agentchat' in getattr(t, '__name__', '')], "
        "[c for c in ip.configurables if type(c).__name__ == 'AgentChat'], "
        "[name for name in vars(ip.kernel) if 'autogen' in name], ip._showtraceback.__module__.startswith('autogen_jupyter'))",
        folder=folder,
    )
    assert int(text_of(notebook.cells[2])) >= 1
    assert text_of(notebook.cells[4]) == "0 False [] [] [] False\n"


def test_a_classic_chat_in_a_cell_is_shown_too(folder):
    notebook = run_cells(
        "from autogen_jupyter import ConversableAgent, ScriptedModel\n"
        "a = ConversableAgent('a', human_input_mode='NEVER')\n"
        "b = ConversableAgent('b', human_input_mode='NEVER', llm_config=ScriptedModel(['It is **42**.']))\n"
        "result = a.initiate_chat(b, message='What is it?', max_turns=1)",
        "result.summary",
        folder=folder,
    )
    assert "It is **42**." in notebook.cells[1].outputs[0].data["text/markdown"]
    assert text_of(notebook.cells[2]) == "'It is **42**.'"
