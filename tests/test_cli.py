"""The command line, on small notebooks and real kernels."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autogen_jupyter.cli import main
from autogen_jupyter.cli.ledger_tail import LedgerTail
from autogen_jupyter.cli.quickstart import CLONE, place_quickstart
from autogen_jupyter.cli.screen import Screen
from autogen_jupyter.kernels.provisioners.probe import probe

LEDGER_OF_A_CHAT = """
import json, os
events = [
    dict(kind="chat_started", chat_id="c1", sender="user", recipient="assistant"),
    dict(kind="reply_started", message_id="m1", sender="assistant", recipient="user", model="test", is_language_model=False),
    dict(kind="message_delta", message_id="m1", text="There are "),
    dict(kind="message_delta", message_id="m1", text="344 penguins."),
    dict(kind="message_added", message=dict(id="m1", name="assistant", content="There are 344 penguins."), recipient="user"),
    dict(kind="chat_ended", chat_id="c1", reason="max_turns"),
]
with open(os.environ["AUTOGEN_JUPYTER_LEDGER"], "a") as ledger:
    for event in events:
        print(json.dumps(event), file=ledger, flush=True)
print("what the cell itself shows")
"""


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own configuration reaches these tests: the built-in demo model steps in."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "AZURE_OPENAI_", "OAI_", "AUTOGEN_JUPYTER_")):
            monkeypatch.delenv(name)


@pytest.fixture
def nothing_isolates(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without bubblewrap."""
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))


def write_notebook(path: Path, *cells: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Title"), *map(new_code_cell, cells)]), path)
    return path


def run_demo(*arguments: str | Path) -> int:
    return main(["demo", *map(str, arguments)])


# ---------------------------------------------------------------- a run


def test_a_notebook_is_run_and_its_results_are_written_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = write_notebook(tmp_path / "small.ipynb", "x = 6 * 7", "print(x)")

    assert run_demo("--notebook", notebook) == 0

    executed = nbformat.read(tmp_path / "small.executed.ipynb", as_version=4)
    assert executed.cells[2].outputs[0].text == "42\n"
    assert "42" in (tmp_path / "small.executed.html").read_text(encoding="utf-8")
    assert nbformat.read(notebook, as_version=4).cells[2].outputs == []
    shown = capsys.readouterr().out
    assert "[2/2]\n    print(x)\n42\n" in shown
    assert "small.executed.ipynb" in shown
    assert "jupyterlab" in shown


def test_the_kernel_is_this_python_in_the_folder_of_the_notebook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = "import os, sys; print(sys.executable); print(os.getcwd())"
    run_demo("--notebook", write_notebook(tmp_path / "where.ipynb", code))
    assert f"\n{sys.executable}\n{tmp_path}\n" in capsys.readouterr().out


def test_results_go_to_another_folder_when_asked(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "a" / "small.ipynb", "1 + 1")
    assert run_demo("--notebook", notebook, "--out", tmp_path / "b") == 0
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == ["small.executed.html", "small.executed.ipynb"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["small.ipynb"]


def test_a_chat_in_a_cell_is_shown_instead_of_the_cells_own_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_demo("--notebook", write_notebook(tmp_path / "chat.ipynb", LEDGER_OF_A_CHAT)) == 0
    _, _, shown = capsys.readouterr().out.partition('print("what the cell itself shows")')
    assert shown.count("There are 344 penguins.") == 1
    assert "what the cell itself shows" not in shown
    assert "max_turns" in shown


def test_nothing_garbles_a_pipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = r'print("\x1b[31mred\x1b[0m \x1b]0;title\x07done"); display({"image/png": "iVBORw0KGgo=", "text/plain": "plot"}, raw=True)'
    run_demo("--notebook", write_notebook(tmp_path / "colours.ipynb", code))
    shown = capsys.readouterr().out
    assert "\nred done\n" in shown
    assert "\x1b" not in shown


# ---------------------------------------------------------------- approval


def test_code_of_the_builtin_model_runs_without_a_question(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = "import os; print('policy:', os.environ['AUTOGEN_JUPYTER_APPROVE'])"
    run_demo("--notebook", write_notebook(tmp_path / "policy.ipynb", code))
    assert "\npolicy: never\n" in capsys.readouterr().out


def test_the_policy_and_the_model_of_the_command_line_reach_the_kernel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = "import os; print(os.environ['AUTOGEN_JUPYTER_APPROVE'], os.environ['AUTOGEN_JUPYTER_MODEL'])"
    notebook = write_notebook(tmp_path / "policy.ipynb", code)
    assert run_demo("--notebook", notebook, "--approve", "always", "-m", "builtin/demo") == 0
    assert "\nalways builtin/demo\n" in capsys.readouterr().out


@pytest.mark.usefixtures("nothing_isolates")
def test_code_of_a_real_model_does_not_run_unasked_where_nobody_is_there_to_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    notebook = write_notebook(tmp_path / "asked.ipynb", "open('ran', 'w').close()")
    assert run_demo("--notebook", notebook, "-m", "some-model") == 2
    assert "--approve never" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(bool(probe().problem), reason=f"bubblewrap: {probe().problem}")
def test_code_of_a_real_model_is_not_asked_about_where_it_is_isolated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = write_notebook(tmp_path / "isolated.ipynb", "import os; print('policy:', os.environ.get('AUTOGEN_JUPYTER_APPROVE'))")
    assert run_demo("--notebook", notebook, "-m", "http://127.0.0.1:9/v1#some-model") == 0
    assert "\npolicy: None\n" in capsys.readouterr().out


@pytest.mark.usefixtures("nothing_isolates")
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(("answer", "code", "ran"), [("y", 0, True), ("", 2, False)])
def test_on_a_terminal_one_question_decides_about_the_code_of_a_real_model(tmp_path: Path, answer: str, code: int, ran: bool) -> None:
    import pexpect

    notebook = write_notebook(tmp_path / "asked.ipynb", "import os; open('ran', 'w').write(os.environ['AUTOGEN_JUPYTER_APPROVE'])")
    arguments = ["-m", "autogen_jupyter.cli", "demo", "--notebook", str(notebook), "-m", "http://127.0.0.1:9/v1#some-model"]
    terminal = pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=60, dimensions=(40, 200))
    terminal.expect_exact("Go on? [y/N] ")
    terminal.sendline(answer)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == code
    assert (tmp_path / "ran").exists() is ran
    assert not ran or (tmp_path / "ran").read_text() == "never"


# ---------------------------------------------------------------- what goes wrong


def test_a_failing_cell_is_named_with_its_error_and_what_ran_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = write_notebook(tmp_path / "broken.ipynb", "print('fine')", "1 / 0", "open('ran', 'w').close()")

    assert run_demo("--notebook", notebook) == 1

    error = capsys.readouterr().err
    assert "Cell 2 of 3 failed:\n    1 / 0\nZeroDivisionError: division by zero\n" in error
    assert "broken.executed.ipynb" in error
    assert len(error.splitlines()) < 20
    assert nbformat.read(tmp_path / "broken.executed.ipynb", as_version=4).cells[1].outputs[0].text == "fine\n"
    assert not (tmp_path / "ran").exists()


def test_a_dying_kernel_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_demo("--notebook", write_notebook(tmp_path / "dead.ipynb", "import os; os._exit(1)")) == 1
    assert "the kernel died" in capsys.readouterr().err


def test_a_long_error_fits_one_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = "\n".join(["# comment"] * 50 + ["raise ValueError('\\n'.join(map(str, range(1000))))"])
    assert run_demo("--notebook", write_notebook(tmp_path / "long.ipynb", code)) == 1
    error = capsys.readouterr().err
    assert "ValueError: 0\n" in error
    assert error.count("\n") < 30


def test_a_missing_notebook_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_demo("--notebook", tmp_path / "none.ipynb") == 2
    assert "none.ipynb" in capsys.readouterr().err


def test_a_file_that_is_no_notebook_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "table.ipynb").write_text("species,mass\n")
    assert run_demo("--notebook", tmp_path / "table.ipynb") == 2
    assert "cannot be read as a notebook" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["demo", "--aprove", "never"], ["demo", "--approve", "maybe"], ["demos"], []])
def test_unknown_words_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "See jupyter agentchat" in capsys.readouterr().err


def test_ctrl_c_ends_the_run_and_its_kernel(tmp_path: Path) -> None:
    code = "import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid())); print('go', flush=True)"
    waiting = (
        "import json, os; open(os.environ['AUTOGEN_JUPYTER_LEDGER'], 'a').write(json.dumps(dict(kind='noticed', text='waiting'))+'\\n')"
    )
    notebook = write_notebook(tmp_path / "slow.ipynb", code, f"{waiting}\ntime.sleep(600)")
    command = [sys.executable, "-m", "autogen_jupyter.cli", "demo", "--notebook", str(notebook)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line == "waiting\n":
                break
        process.send_signal(2)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.endswith("Stopped.\n")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


# ---------------------------------------------------------------- the quickstart's place


def test_a_clones_quickstart_runs_where_it_is() -> None:
    assert place_quickstart() == CLONE / "quickstart.ipynb"


def test_a_copy_of_the_quickstart_brings_its_data_and_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "quickstart.ipynb").write_text("mine")
    copied = place_quickstart(tmp_path)
    assert copied.read_text() == "mine"
    data = {path.relative_to(CLONE) for path in (CLONE / "data").rglob("*") if path.is_file()}
    assert data
    assert {path.relative_to(tmp_path) for path in (tmp_path / "data").rglob("*") if path.is_file()} == data


# ---------------------------------------------------------------- following a ledger


async def test_events_are_shown_while_they_are_written(tmp_path: Path) -> None:
    arrived: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    ledger = tmp_path / "ledger.jsonl"
    follower = asyncio.ensure_future(LedgerTail(ledger, arrived.put_nowait).follow())
    with ledger.open("a") as file:
        for number in range(3):
            print(json.dumps({"kind": "noticed", "text": str(number)}), file=file, flush=True)
            assert (await asyncio.wait_for(arrived.get(), 10))["text"] == str(number)
    follower.cancel()


def test_a_half_written_line_waits_for_its_end(tmp_path: Path) -> None:
    shown: list[dict[str, object]] = []
    ledger = tmp_path / "ledger.jsonl"
    tail = LedgerTail(ledger, shown.append)
    line = json.dumps({"kind": "noticed", "text": "größer"}, ensure_ascii=False).encode() + b"\n"
    for end in range(1, len(line)):
        ledger.write_bytes(line[:end])
        tail.drain()
        assert shown == []
    ledger.write_bytes(line)
    tail.drain()
    assert [event["text"] for event in shown] == ["größer"]


def test_a_damaged_line_is_reported_and_the_rest_is_shown(tmp_path: Path) -> None:
    shown: list[dict[str, object]] = []
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_text('{"kind": "noti\n{"kind": "noticed", "text": "whole"}\n')
    LedgerTail(ledger, shown.append).drain()
    assert [event.get("level", "info") for event in shown] == ["warning", "info"]
    assert shown[1]["text"] == "whole"


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured, plain, pipe = Terminal(), Terminal(), io.StringIO()
    Screen.on(coloured).cell(1, 1, "x")
    Screen.on(pipe).cell(1, 1, "x")
    monkeypatch.setenv("NO_COLOR", "1")
    Screen.on(plain).cell(1, 1, "x")
    assert "\x1b[" in coloured.getvalue()
    assert plain.getvalue() == pipe.getvalue() == "\n[1/1]\n    x\n"
