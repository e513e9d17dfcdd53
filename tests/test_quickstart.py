"""The main job, as `make demo` runs it: the quickstart without a person, and its numbers against numbers computed here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbformat import NotebookNode

from .headless import ROOT, environment

DATA = ROOT / "notebooks" / "data"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[NotebookNode, str]:
    """The executed notebook, and what the terminal showed meanwhile."""
    folder = tmp_path_factory.mktemp("quickstart")
    command = [sys.executable, "-m", "autogen_jupyter.cli", "demo", "--out", str(folder)]
    done = subprocess.run(command, env=environment(), cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (executed,) = Path(folder).glob("**/*.executed.ipynb")
    assert executed.with_suffix(".html").stat().st_size > 100_000
    return nbformat.read(executed, 4), done.stdout


def chat_of(run: tuple[NotebookNode, str], word: str) -> dict[str, Any]:
    """Return the saved chat of the agent cell that asks for ``word``."""
    (cell,) = [cell for cell in run[0].cells if cell.source.startswith("%%agentchat") and word in cell.source]
    return dict(cell.outputs[0].data)


def answer_of(chat: dict[str, Any]) -> str:
    """Return the assistant's last message."""
    entries = chat["application/vnd.autogen-jupyter.chat.v1+json"]["entries"]
    return str([entry["text"] for entry in entries if entry["kind"] == "message"][-1])


def shown(value: float) -> str:
    """Return a number as the summaries write it: four significant digits or one decimal."""
    return f"{value:,.1f}".removesuffix(".0") if abs(value) >= 1000 else f"{value:.4g}"


def test_the_description_has_a_table_a_plot_and_the_right_means(run):
    chat = chat_of(run, "Describe data/penguins.csv")
    means = pd.read_csv(DATA / "penguins.csv").groupby("species")[["body_mass_g", "flipper_length_mm"]].mean()
    answer = answer_of(chat)
    for value in means.to_numpy().ravel():
        assert shown(value) in answer
    assert "data:image/png;base64," in chat["text/html"]
    assert "<table" in chat["text/html"]


def test_the_error_was_real_and_the_repaired_answer_is_right(run):
    chat = chat_of(run, "correlated")
    penguins = pd.read_csv(DATA / "penguins.csv")
    assert "could not convert string to float" in chat["text/html"]
    assert f"{penguins['flipper_length_mm'].corr(penguins['body_mass_g']):.2f}" in answer_of(chat)


def test_the_handed_over_frame_gives_the_right_line(run):
    gentoo = pd.read_csv(DATA / "penguins.csv").query("species == 'Gentoo'")
    x, y = gentoo["flipper_length_mm"], gentoo["body_mass_g"]
    answer = answer_of(chat_of(run, "gentoo"))
    assert shown(y.cov(x) / x.var()) in answer
    assert shown(x.corr(y) ** 2) in answer


def test_the_trend_names_the_right_months(run):
    weather = pd.read_csv(DATA / "seattle-weather.csv", parse_dates=["date"])
    monthly = weather.set_index("date")["temp_max"].resample("MS").mean()
    answer = answer_of(chat_of(run, "seattle"))
    assert monthly.idxmax().strftime("%Y-%m") in answer
    assert shown(monthly.max()) in answer


def test_the_terminal_shows_the_conversation_and_where_the_results_are(run):
    _, terminal = run
    assert "assistant (to user) · builtin/demo (not a language model):" in terminal
    assert "quickstart.executed.ipynb" in terminal
    assert "quickstart.executed.html" in terminal
    assert "\x1b" not in terminal
