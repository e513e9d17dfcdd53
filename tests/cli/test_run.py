"""``jupyter agentchat run``: real processes, real kernels, the built-in demo model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autogen_jupyter import UsageError
from autogen_jupyter.cli.exit_codes import ANSWERED, LIMITED, STOPPED, code_of_reason
from autogen_jupyter.cli.run_notebook import parameter_value, with_parameters

from ..headless import ROOT, environment

ASK = "Describe data/penguins.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").symlink_to(ROOT / "notebooks" / "data")
    return tmp_path


def agentchat(folder: Path, *arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autogen_jupyter.cli", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(**variables), capture_output=True, text=True, timeout=120, input=stdin, check=False
    )


def notebook_of(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return new_notebook(cells=list(cells))


def parameters_cell(source: str) -> nbformat.NotebookNode:
    return new_code_cell(source, metadata={"tags": ["parameters"]})


# ---------------------------------------------------------------- a request


def test_in_a_pipe_there_is_the_answer_alone_and_the_reports_are_written(folder):
    done = agentchat(folder, "run", ASK, "--out", "report.ipynb", "--out", "report.html", "--out", "report.md")
    assert done.returncode == 0, done.stderr
    assert "has 344 rows and 8 columns" in done.stdout
    assert "read_csv" not in done.stdout
    assert done.stderr == "Written: report.ipynb\nWritten: report.html\nWritten: report.md\n"
    report = nbformat.read(folder / "report.ipynb", as_version=4)
    nbformat.validate(report)
    assert any("read_csv" in cell.source for cell in report.cells if cell.cell_type == "code")
    assert "<script" not in (folder / "report.html").read_text()
    assert "344 rows" in (folder / "report.md").read_text()
    assert {path.stat().st_mode & 0o077 for path in folder.glob("report.*")} == {0}


def test_a_table_is_a_variable_and_what_is_told_of_it_can_be_said(folder):
    done = agentchat(folder, "run", "Describe penguins", "--data", "data/penguins.csv", "--data", "none", "--json")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    asked = next(event["message"]["content"] for event in events if event["kind"] == "message_added")
    assert "`penguins` was read from data/penguins.csv" in asked
    assert asked.endswith("- penguins")
    assert events[-1]["kind"] in ("chat_ended", "kernel_changed")
    assert {"chat_started", "code_started", "code_finished", "chat_ended"} <= {event["kind"] for event in events}


def test_a_kept_chat_is_exported_and_replayed_without_a_model(folder):
    done = agentchat(folder, "run", ASK, "--json")
    (folder / "chat.jsonl").write_text(done.stdout)
    exported = agentchat(folder, "export", "chat.jsonl", "--out", "again.html", "--out", "again.ipynb", AUTOGEN_JUPYTER_REQUIRE_LLM="1")
    assert exported.returncode == 0, exported.stderr
    assert "344 rows" in (folder / "again.html").read_text()
    replayed = agentchat(folder, "replay", "chat.jsonl", AUTOGEN_JUPYTER_REQUIRE_LLM="1")
    assert "0 failed; no model was asked. The text of the outputs is the same" in replayed.stdout, replayed.stderr
    assert replayed.returncode == 0


def test_a_replay_that_gives_something_else_is_an_error(folder):
    done = agentchat(folder, "run", ASK, "--json")
    (folder / "chat.jsonl").write_text(done.stdout.replace("rows: 344", "rows: 345"))
    replayed = agentchat(folder, "replay", "chat.jsonl")
    assert replayed.returncode == 1
    assert "different" in replayed.stdout


def test_a_replay_says_why_blocks_failed(folder):
    (folder / "chat.jsonl").write_text(agentchat(folder, "run", ASK, "--json").stdout)
    (folder / "data").unlink()
    replayed = agentchat(folder, "replay", "chat.jsonl")
    assert replayed.returncode == 1
    assert "1 failed" in replayed.stdout
    assert "Block 1 failed: FileNotFoundError: [Errno 2] No such file or directory: 'data/penguins.csv'" in replayed.stdout


def test_the_request_can_come_through_a_pipe(folder):
    assert "344 rows" in agentchat(folder, "run", "-", stdin=ASK).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_on_a_terminal_the_conversation_streams_and_the_person_is_asked(folder):
    import pexpect

    arguments = ["-m", "autogen_jupyter.cli", "run", ASK, "--approve", "always"]
    terminal = pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=60, env=environment(), cwd=str(folder))
    terminal.expect_exact("assistant (to user)")
    terminal.expect_exact("to end: ")
    terminal.sendline("exit")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == STOPPED


# ---------------------------------------------------------------- exit codes and what goes wrong


def test_a_limit_has_an_exit_code_of_its_own_and_what_there_is_is_written(folder):
    done = agentchat(folder, "run", ASK, "--max-turns", "1", "--out", "report.md")
    assert done.returncode == LIMITED, done.stderr
    assert "max_turns" in done.stderr
    assert (folder / "report.md").is_file()


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("assistant has answered", ANSWERED),
        ("assistant said TERMINATE", ANSWERED),
        ("max_turns=1 was reached", LIMITED),
        ("the budget of 0.50 USD is reached: 0.51 spent", LIMITED),
        ("user gave 25 automatic replies in a row, its limit", LIMITED),
        ("the human ended the conversation (as user)", STOPPED),
    ],
)
def test_why_a_chat_ended_is_its_exit_code(reason, code):
    assert code_of_reason(reason) == code


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["rum", "x"], 2, "Did you mean run?"),
        (["run", "x", "--modle", "y"], 2, "Did you mean --model?"),
        (["run", "x", "--approve", "sometimes"], 2, "sometimes"),
        (["run", "how", "many"], 2, "put what you ask in quotes"),
        ([], 2, "Say what to do"),
        (["run", ""], 2, "request is empty"),
        (["run", "x", "--data", "nosuch.csv"], 2, "no file 'nosuch.csv'"),
        (["run", "x", "--data", "sampel"], 2, "Did you mean --data sample?"),
        (["run", "x", "--data", "data/pengiuns.csv"], 2, "Did you mean --data data/penguins.csv?"),
        (["run", "x", "--out", "report.docx"], 2, ".ipynb, .html or .md"),
        (["run", "x", "--out", "nosuch/report.md"], 2, "no folder nosuch"),
        (["run", "x", "-m", "nosuchprovider/m"], 1, "nosuchprovider"),
        (["run", "x", "-m", "http://127.0.0.1:9/v1#m", "--approve", "never"], 1, "No connection to 127.0.0.1:9"),
        (["run", "x", "-m", "http://127.0.0.1:9/v1#m", "--isolate", "none"], 4, "--approve never"),
        (["run", "nosuch.ipynb"], 2, "no notebook"),
        (["run", "x", "-p", "a", "1"], 2, "parameter of a notebook"),
        (["export", "nosuch.jsonl", "--out", "x.md"], 2, "no such file"),
        (["replay", "data/penguins.csv"], 2, "holds no chat"),
    ],
)
def test_what_goes_wrong_is_one_message_and_an_exit_code(folder, arguments, code, said):
    done = agentchat(folder, *arguments)
    assert said in done.stderr
    assert done.returncode == code
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_ends_the_chat(folder):
    command = f"{sys.executable} -m autogen_jupyter.cli run '{ASK}' --json | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment(), capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.splitlines()[-1] == "1"
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------- a notebook


def test_a_notebook_with_a_chat_runs_with_parameters(folder):
    cells = [
        parameters_cell("file = 'nothing.csv'\nlimit = 1"),
        new_code_cell("%load_ext autogen_jupyter"),
        new_code_cell("%%agentchat --approve never\nDescribe data/penguins.csv"),
        new_code_cell("print(file, limit, '344' in _.summary)"),
    ]
    nbformat.write(notebook_of(*cells), folder / "analysis.ipynb")
    done = agentchat(
        folder, "run", "analysis.ipynb", "-p", "file", "other.csv", "-p", "limit", "7", "--out", "out.ipynb", "--out", "out.html"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    executed = nbformat.read(folder / "out.ipynb", as_version=4)
    assert executed.cells[1].metadata.tags == ["injected-parameters"]
    assert executed.cells[-1].outputs[0].text == "other.csv 7 True\n"
    assert "344 rows" in (folder / "out.html").read_text()
    assert len(nbformat.read(folder / "analysis.ipynb", as_version=4).cells) == 4


def test_a_cell_that_fails_has_an_exit_code_and_the_notebook_is_written(folder):
    nbformat.write(notebook_of(new_code_cell("print(1)"), new_code_cell("1 / 0")), folder / "bad.ipynb")
    done = agentchat(folder, "run", "bad.ipynb")
    assert done.returncode == 1
    assert "Cell 2 of 2 failed" in done.stderr
    assert nbformat.read(folder / "bad.executed.ipynb", as_version=4).cells[0].outputs[0].text == "1\n"


def test_a_chat_that_needs_a_person_has_an_exit_code_of_its_own(folder):
    cells = [new_code_cell("%load_ext autogen_jupyter"), new_code_cell("%%agentchat --isolate none\nhello")]
    nbformat.write(notebook_of(*cells), folder / "asks.ipynb")
    done = agentchat(folder, "run", "asks.ipynb")
    assert done.returncode == 4
    assert "--approve never" in done.stderr


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("0.5", 0.5), ("true", True), ("None", None), ("north", "north"), ("[1, 'a']", [1, "a"]), ("1.2.3", "1.2.3"), ("", "")],
)
def test_a_parameter_is_what_it_looks_like(text, value):
    assert parameter_value(text) == value


def test_a_parameter_that_the_notebook_does_not_have_is_a_typo():
    with pytest.raises(UsageError, match=r"Did you mean region\?"):
        with_parameters(notebook_of(parameters_cell("region = 'north'")), {"regoin": "south"})


def test_without_a_parameters_cell_they_come_first_and_a_second_run_replaces_them():
    once = with_parameters(notebook_of(new_code_cell("print(x)")), {"x": "1"})
    twice = with_parameters(once, {"x": "2"})
    assert [cell.source for cell in twice.cells] == ["# Parameters\nx = 2", "print(x)"]


def test_a_dry_run_shows_the_request_and_sends_nothing(folder):
    shown = agentchat(folder, "run", ASK, "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert "penguins.csv" in shown.stdout
    assert "tokens" in shown.stdout
