"""What a chat in the background shows stays in its own cell, whatever else runs meanwhile; and it can be answered from anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from .jupyter import Notebook
from .test_quickstart import bring_data

ENOUGH = "enough"
COUNT = (
    f"import asyncio, pathlib\nn = 0\nwhile not pathlib.Path({ENOUGH!r}).exists():\n    print(n)\n    n += 1\n    await asyncio.sleep(0.1)"
)
"""A cell of the person's that goes on until a test says that it is enough."""
DETACHED = "%%agentchat --approve always --detach\nDescribe data/penguins.csv"
FOLLOW = "print((await Out[2]).stop_reason)"


@pytest.fixture(autouse=True)
def not_enough(lab: Notebook) -> Iterator[None]:
    """Cells that count go on until the test has seen what it came for; no cell counts on after it."""
    (lab.server.folder / ENOUGH).unlink(missing_ok=True)
    yield
    (lab.server.folder / ENOUGH).touch()


def end_counting(lab: Notebook, index: int) -> None:
    assert not lab.has_ended(index)
    (lab.server.folder / ENOUGH).touch()
    lab.wait_for_cell(index)


def has_only_counted(lab: Notebook, index: int) -> bool:
    text = lab.cell_text(index)
    return text == "".join(f"{n}\n" for n in range(text.count("\n"))) != ""


def test_a_detached_chat_writes_into_no_other_cell_and_is_answered_by_click_and_by_line(lab: Notebook):
    bring_data(lab)
    lab.open(["%load_ext autogen_jupyter", DETACHED, COUNT, "%agentchat answer run", FOLLOW])
    lab.run_cell(0)
    lab.run_cell(1)
    lab.wait_for_cell(1)
    run = lab.chat.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_visible(timeout=30_000)
    lab.run_cell(2)
    lab.wait_for_text(2, "3\n")
    run.click()
    done = lab.chat.get_by_role("article", name="Code run by user: Done")
    expect(done.first).to_be_visible(timeout=30_000)
    end_counting(lab, 2)
    expect(run).to_be_enabled(timeout=30_000)
    lab.run_cell(3)
    expect(lab.chat.get_by_text("Answered with %agentchat")).to_be_visible(timeout=30_000)
    lab.run_cell(4)
    lab.wait_for_text(4, "assistant has answered")

    assert [output["output_type"] for output in lab.outputs(2)] == ["stream"]
    assert has_only_counted(lab, 2)
    assert len(lab.outputs(3)) == 1
    assert [output["output_type"] for output in lab.outputs(4)] == ["stream"]
    assert lab.cell_text(4) == "assistant has answered\n"
    (chat,) = [output for output in lab.outputs(1) if "text/html" in output.get("data", {})]
    assert "Code run" in chat["data"]["text/html"] or "penguins" in chat["data"]["text/html"]


def test_run_all_waits_where_a_cell_awaits_the_detached_chat(lab: Notebook):
    bring_data(lab)
    lab.open(["%load_ext autogen_jupyter", DETACHED + "\n", COUNT, FOLLOW, "print('after')"])
    lab.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    run = lab.chat.get_by_role("button", name="Run", exact=True)
    for _ in range(2):
        expect(run).to_be_enabled(timeout=30_000)
        run.click()
        expect(run).to_have_count(0)
    end_counting(lab, 2)
    lab.wait_for_text(4, "after")
    assert has_only_counted(lab, 2)
    assert lab.cell_text(3) == "assistant has answered\n"


def test_stop_ends_the_chat_and_leaves_the_cell_of_the_person_alone(lab: Notebook):
    bring_data(lab)
    lab.open(["%load_ext autogen_jupyter", DETACHED, COUNT, "print(Out[2].state, Out[2].stop_reason)"])
    lab.run_cell(0)
    lab.run_cell(1)
    expect(lab.chat.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=30_000)
    lab.run_cell(2)
    lab.wait_for_text(2, "3\n")
    lab.chat.get_by_role("button", name="Stop").click()
    expect(lab.chat.get_by_text("Ended: stopped by the human").first).to_be_visible(timeout=30_000)
    end_counting(lab, 2)
    assert has_only_counted(lab, 2)
    lab.run_cell(3)
    lab.wait_for_text(3, "ended stopped by the human")
