"""``agentchat`` from Python: the same chat in a script as in a cell, with functions that decide in the person's place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from autogen_jupyter import UsageError, agentchat
from autogen_jupyter.human_input import InputAnswer, InputRequest
from autogen_jupyter.notebook.agentchat import close_chats
from autogen_jupyter.notebook.bring_back import NotBroughtBack
from autogen_jupyter.session.policy import as_answer

from ..headless import ROOT, environment, error_of, run_cells, text_of

ASK = "Describe data/penguins.csv"
APPROVAL = InputRequest("approval", "May it run?")
CHOICE = InputRequest("choice", "Which?", choices=("a", "b"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").symlink_to(ROOT / "notebooks" / "data")
    return tmp_path


@pytest.fixture
async def chat_options(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)
    yield {"model": "builtin/demo", "quiet": True, "new": True}
    await close_chats()


def run_script(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(code)
    return subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )


async def test_a_policy_sees_the_code_and_lets_it_run(chat_options):
    seen: list[InputRequest] = []

    def policy(request: InputRequest) -> bool:
        seen.append(request)
        return True

    chat = await agentchat(ASK, approve=policy, outputs=["penguins"], **chat_options)
    assert [request.kind for request in seen] == ["approval"] * len(chat.code)
    assert seen[0].blocks[0].code == chat.code[0].code
    assert chat.variables["penguins"].shape == (344, 8)


async def test_a_policy_that_says_no_ends_the_chat_before_the_code_runs(chat_options):
    async def policy(request: InputRequest) -> bool:
        return False

    chat = await agentchat(ASK, approve=policy, **chat_options)
    assert chat.code == []
    assert "ended the conversation" in chat.stop_reason


async def test_a_function_can_speak_for_the_person(chat_options):
    said = iter(["And by island?", "exit"])
    chat = await agentchat(ASK, approve="never", human=lambda request: True if request.blocks else next(said), **chat_options)
    assert "ended the conversation" in chat.stop_reason
    assert any(message["content"] == "And by island?" for message in chat.messages)


async def test_a_function_that_talks_cannot_allow_code(chat_options, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda prompt: "exit")
    chat = await agentchat(ASK, approve="always", human=lambda request: True, **chat_options)
    assert chat.code == []


async def test_chats_can_be_looped(chat_options):
    sizes = []
    for columns in (1, 2):
        frame = pd.DataFrame({f"c{number}": [1, 2, 3] for number in range(columns)})
        chat = await agentchat("Describe frame", inputs={"frame": frame}, approve="never", name=f"loop-{columns}", **chat_options)
        sizes.append(len(chat.code) > 0 and "3 rows" in chat.summary)
    assert sizes == [True, True]


async def test_a_missing_variable_does_not_take_the_answer_with_it(chat_options):
    with pytest.raises(
        NotBroughtBack, match=r"'clean', and the agent kernel has no such variable\. It has .*penguins \(DataFrame\)"
    ) as caught:
        await agentchat(ASK, approve="never", outputs=["penguins", "clean"], **chat_options)
    chat = caught.value.chat
    assert chat is not None
    assert "344 rows" in chat.summary
    assert list(chat.variables) == ["penguins"]
    assert chat.state == "failed"


@pytest.mark.parametrize(
    ("decision", "request_", "answer"),
    [
        (True, APPROVAL, InputAnswer("run", via="policy")),
        (False, APPROVAL, InputAnswer("end", via="policy")),
        ("use numpy", APPROVAL, InputAnswer("reply", "use numpy", via="policy")),
        (True, InputRequest("reply", "?"), InputAnswer("continue", via="policy")),
        (False, CHOICE, InputAnswer("choose", "b", via="policy")),
        ("42", InputRequest("text", "?"), InputAnswer("text", "42", via="policy")),
        (None, APPROVAL, None),
    ],
)
def test_what_a_policy_returns_is_what_a_person_would_have_answered(decision, request_, answer):
    assert as_answer(decision, request_) == answer


@pytest.mark.parametrize("decision", [42, object, [True]])
def test_an_answer_that_means_nothing_is_an_error_and_not_a_yes(decision):
    with pytest.raises(UsageError, match="it must return True, False"):
        as_answer(decision, APPROVAL)


def test_a_script_has_a_sync_door_and_needs_no_ipython(folder):
    done = run_script(
        "from autogen_jupyter import agentchat_sync\n"
        f"chat = agentchat_sync({ASK!r}, model='builtin/demo', approve=lambda request: True, outputs=['penguins'])\n"
        "print('SHAPE', chat.variables['penguins'].shape, len(chat.code) > 0)\n",
        folder,
    )
    assert done.returncode == 0, done.stderr
    assert "SHAPE (344, 8) True" in done.stdout
    assert "assistant (to user)" in done.stdout


def test_a_script_can_await_it_too_and_nothing_is_left_running(folder):
    done = run_script(
        "import asyncio, psutil\nfrom autogen_jupyter import agentchat\n"
        "async def main():\n"
        f"    chat = await agentchat({ASK!r}, model='builtin/demo', approve='never', quiet=True)\n"
        "    print('REASON', chat.stop_reason)\n"
        "    print('PIDS', *[child.pid for child in psutil.Process().children(recursive=True)])\n"
        "asyncio.run(main())\n",
        folder,
    )
    assert "REASON assistant has answered" in done.stdout, done.stderr
    import psutil

    pids = [int(word) for word in done.stdout.partition("PIDS")[2].split()]
    assert pids
    gone = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    assert not psutil.wait_procs(gone, timeout=10)[1]


def test_in_a_cell_the_sync_door_works_too_and_a_policy_takes_the_place_of_the_person(folder):
    notebook = run_cells(
        "from autogen_jupyter import agentchat, agentchat_sync\n"
        f"chat = await agentchat({ASK!r}, approve=lambda request: True)\nprint('AWAITED', len(chat.code) > 0)",
        "print('SYNC', len(agentchat_sync('by island?', approve=lambda request: True).code) > 0)",
        f"%%agentchat --new --approve never -o penguins,clean\n{ASK}",
        "print(type(_).__name__, len(penguins), '344' in _.summary)",
        folder=folder,
    )
    assert "AWAITED True" in text_of(notebook.cells[1])
    assert "SYNC True" in text_of(notebook.cells[2])
    assert "The answer is in `_` all the same" in error_of(notebook.cells[3])
    assert text_of(notebook.cells[4]) == "Chat 344 True\n"
