"""The interrupt button of a notebook, while a cell awaits a group's chat: the same as in a cell that waits for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..headless import error_of, run_cells, text_of

GROUP = """
import asyncio, os, signal, threading
from autogen_jupyter import ConversableAgent, GroupChat, GroupChatManager

class Person(ConversableAgent):
    def get_human_input(self, prompt):
        return answers.pop(0)

async def thinks(recipient, messages, sender, config):
    if len(seen) < times:
        seen.append(threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start())
        await asyncio.sleep(60)
    return True, "ben here"

def a_group(**options):
    seen.clear()
    answers[:] = ["steer", "exit"]
    ben = ConversableAgent("ben", human_input_mode="NEVER")
    ben.register_reply([ConversableAgent, None], thinks)
    members = [ben, Person("Admin", **options)]
    return GroupChat(members, max_round=9, speaker_selection_method="round_robin")

seen, answers, times = [], [], 1
opener = ConversableAgent("opener", human_input_mode="NEVER")
"""
CHAT = """
group = a_group(human_input_mode={mode!r})
{call}(GroupChatManager(group), message="go", silent=True)
"""
SAID = "print([message['content'] for message in group.messages])"


@pytest.mark.parametrize("call", ["opener.initiate_chat", "await opener.a_initiate_chat"])
def test_an_interrupt_gives_the_admin_the_floor_whether_the_cell_waits_or_awaits(tmp_path: Path, call: str) -> None:
    notebook = run_cells(GROUP, CHAT.format(mode="ALWAYS", call=call) + SAID, folder=tmp_path)
    assert "['go', 'steer', 'ben here']" in text_of(notebook.cells[2])


def test_a_second_interrupt_ends_the_cell_that_awaits(tmp_path: Path) -> None:
    again = "times = 2\n" + CHAT.format(mode="ALWAYS", call="await opener.a_initiate_chat")
    notebook = run_cells(GROUP, again, SAID, folder=tmp_path)
    assert "CancelledError" in error_of(notebook.cells[2])
    assert "['go', 'steer']" in text_of(notebook.cells[3])


def test_without_an_admin_an_interrupt_ends_the_cell_that_awaits_and_the_next_one_runs(tmp_path: Path) -> None:
    notebook = run_cells(GROUP, CHAT.format(mode="NEVER", call="await opener.a_initiate_chat"), SAID, folder=tmp_path)
    assert "CancelledError" in error_of(notebook.cells[2])
    assert "['go']" in text_of(notebook.cells[3])
