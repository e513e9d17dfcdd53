"""Files that isolated code made: listed, and brought back by the person alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autogen_jupyter.kernels.provisioners.probe import probe

from ..headless import ROOT, error_of, run_cells, text_of

MAKE = (
    "from autogen_jupyter import CodeBlock\nfrom autogen_jupyter.notebook.chats import chats\n"
    "code = [CodeBlock('python', \"open('made.txt', 'w').write('made'); import pandas; t = pandas.DataFrame({'a': [1, 2]})\")]\n"
    "print((await chats.get().team.executor.execute_code_blocks(code)).exit_code)"
)


WRITES = (
    "from autogen_jupyter import ScriptedModel\nfrom autogen_jupyter.notebook.teams import Member, team\n"
    'code = \'```python\\nimport os; os.makedirs("plots", exist_ok=True); open("plots/{0}.txt", "w").write("{0}")\\n```\'\n'
    "script = [code.format('first'), 'Done.', code.format('second'), 'Done.']\n"
    "team('writes', [Member('assistant', model=ScriptedModel(script))])"
)
LISTED = "print([str(path) for path in _.files], [str(path) for path in _.files_in_kernel])"


@pytest.mark.skipif(bool(probe().problem), reason="bubblewrap does not work here")
def test_a_chat_lists_the_files_that_isolated_code_made_for_its_request(tmp_path: Path) -> None:
    notebook = run_cells(
        WRITES,
        "%%agentchat writes --approve never\nWrite.",
        LISTED,
        "%agentchat bring --all",
        "%%agentchat --approve never\nWrite more.",
        LISTED,
        folder=tmp_path,
    )
    assert text_of(notebook.cells[3]) == "['plots/first.txt'] ['plots/first.txt']\n"
    assert text_of(notebook.cells[6]) == "['plots/second.txt'] ['plots/second.txt']\n"


def test_a_chat_lists_the_files_of_its_folder_without_the_packages_own(tmp_path: Path) -> None:
    variables = {
        "AUTOGEN_JUPYTER_STATE": "state",
        "AUTOGEN_JUPYTER_RECORD": "on",
        "AUTOGEN_JUPYTER_LEDGER": "ledger.jsonl",
    }
    notebook = run_cells(
        WRITES,
        "%%agentchat writes --isolate none --budget '100k tokens per day' --approve never\nWrite.",
        LISTED,
        "import os; print(len(os.listdir('state/chats')), os.path.exists('ledger.jsonl'), os.listdir('state'))",
        folder=tmp_path,
        **variables,
    )
    assert text_of(notebook.cells[3]) == "['plots/first.txt'] []\n"
    assert text_of(notebook.cells[4]).startswith("1 True ")
    assert "spending.sqlite" in text_of(notebook.cells[4])


@pytest.mark.skipif(bool(probe().problem), reason="bubblewrap does not work here")
def test_files_reach_the_folder_when_they_are_brought_and_replace_nothing_unasked(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(ROOT / "notebooks" / "data")
    notebook = run_cells(
        "%%agentchat --approve never -q\nDescribe data/penguins.csv",
        MAKE,
        "%agentchat files\n%agentchat variables",
        "import os\nprint(os.path.exists('made.txt'))\n%agentchat bring made.txt\nprint(open('made.txt').read())",
        "open('made.txt', 'w').write('mine')\n%agentchat bring made.txt",
        "print(open('made.txt').read())\n%agentchat bring made.txt --yes\nprint(open('made.txt').read())",
        "%agentchat bring ../made.txt",
        MAKE.replace("made.txt", "more.txt") + "\n%agentchat bring --all\nprint(open('more.txt').read())",
        "%agentchat console",
        folder=tmp_path,
    )
    shown = [text_of(cell) for cell in notebook.cells]
    assert shown[2] == "0\n"
    assert "made.txt: 4 bytes, new" in shown[3]
    assert "t: pandas.DataFrame 2 x 1" in shown[3]
    assert shown[4].startswith("False\n")
    assert shown[4].endswith("made\n")
    assert "--yes" in error_of(notebook.cells[5])
    assert shown[6].startswith("mine\n")
    assert shown[6].endswith("made\n")
    assert "leads outside" in error_of(notebook.cells[7])
    assert "more.txt: 4 bytes" in shown[8]
    assert "'made.txt' exists" in shown[8]
    assert shown[8].endswith("made\n")
    assert re.search(r"\n    \S+ -m jupyter_console --existing /\S+/connection/kernel\.json\n", shown[9]), shown[9]
    assert re.search(r"external_connection_dir=/\S+/connection\n", shown[9])
