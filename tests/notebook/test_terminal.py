"""``%%agentchat`` in terminal IPython, on a pseudo-terminal, answered by keyboard."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from ..headless import ROOT, environment

RUN = "Press enter to run it"


@pytest.fixture
def ipython(tmp_path: Path) -> Iterator[pexpect.spawn]:
    (tmp_path / "data").symlink_to(ROOT / "notebooks" / "data")
    command = ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"]
    variables = environment(TERM="dumb", IPYTHONDIR=str(tmp_path / "ipython"), NO_COLOR="1")
    child = pexpect.spawn(sys.executable, command, env=variables, cwd=str(tmp_path), encoding="utf-8", timeout=60, dimensions=(60, 160))
    child.expect(r"In \[1\]: ")
    child.sendline("%load_ext autogen_jupyter")
    child.expect(r"In \[2\]: ")
    yield child
    child.sendline("exit()")
    child.expect(pexpect.EOF)
    child.close()


def ask(child: pexpect.spawn, request: str, line: str = "%%agentchat --approve always") -> None:
    for text in (line, request, "", ""):
        child.sendline(text)


def interrupt(child: pexpect.spawn, expected: str) -> None:
    """Press Ctrl-C; again, as a person would, where Python's input() missed it because it was not waiting yet."""
    for _ in range(4):
        child.sendintr()
        if child.expect([expected, pexpect.TIMEOUT], timeout=5) == 0:
            return
    raise AssertionError(f"The terminal does not say {expected!r}, but: {child.before}")


def test_code_is_approved_by_enter_and_the_answer_is_printed(ipython):
    ask(ipython, "How many values are missing in data/penguins.csv?")
    for _ in range(2):
        ipython.expect(RUN)
        ipython.sendline("")
    ipython.expect("333 of 344 rows are complete")
    ipython.expect("CHAT ENDED: assistant has answered")
    ipython.expect(r"In \[3\]: ")
    ipython.sendline("_.stop_reason")
    ipython.expect("'assistant has answered'")
    ipython.expect(r"In \[4\]: ")


def test_an_interrupt_at_the_question_ends_the_chat_and_the_terminal_goes_on(ipython):
    ask(ipython, "Describe data/penguins.csv")
    ipython.expect(RUN)
    interrupt(ipython, "KeyboardInterrupt: the chat was stopped")
    ipython.expect(r"In \[3\]: ")
    ipython.sendline("40 + 2")
    ipython.expect("42")
    ipython.expect(r"In \[4\]: ")
    ipython.sendline("%agentchat status")
    ipython.expect('last asked "Describe data/penguins.csv": stopped by the human')
    ipython.expect(r"In \[5\]: ")
    ask(ipython, "Describe data/penguins.csv", "%%agentchat --approve never")
    ipython.expect("CHAT ENDED: assistant has answered")
    ipython.expect(r"In \[6\]: ")


def test_exit_ends_the_chat_and_text_is_sent_instead_of_running_the_code(ipython):
    ask(ipython, "Describe data/penguins.csv")
    ipython.expect(RUN)
    ipython.sendline("only the islands please")
    ipython.expect("I did not run your code. only the islands please")
    ipython.expect(r"In \[3\]: ")
    ask(ipython, "Describe data/penguins.csv")
    ipython.expect(RUN)
    ipython.sendline("exit")
    ipython.expect("CHAT ENDED: the human ended the conversation")
    ipython.expect(r"In \[4\]: ")
