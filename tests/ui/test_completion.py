"""Tab completion in JupyterLab, as a person sees it."""

from __future__ import annotations

import pytest

from .jupyter import Notebook

LOAD = "%load_ext autogen_jupyter\ndf_sales = 1"


@pytest.mark.parametrize(
    ("written", "offered", "name"),
    [
        ("%%agentchat --m", ["--max-turns", "--model"], "completion-options"),
        ("%%agentchat --approve ", ["always", "risky", "never"], "completion-values"),
        ("%%agentchat\nask @", ["@assistant", "@cell"], "completion-agents"),
        ("%%agentchat\nHow large is {df", ["df_sales}"], "completion-variables"),
    ],
)
def test_the_menu_begins_with_ours(lab: Notebook, written: str, offered: list[str], name: str) -> None:
    lab.open([LOAD, ""])
    lab.run_cell(0)
    lab.wait_for_cell(0)
    cell = lab.page.locator(".jp-CodeCell .cm-content").nth(1)
    cell.click()
    lab.page.keyboard.insert_text(written)
    lab.page.keyboard.press("Tab")
    lab.page.locator(".jp-Completer-item").first.wait_for()
    lab.screenshot(name)
    shown = [text.strip() for text in lab.page.locator(".jp-Completer-item .jp-Completer-match").all_inner_texts()]
    assert [text for text in shown if text in offered] == offered
    assert shown[0] == offered[0]
