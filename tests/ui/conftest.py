"""Fixtures for tests in a browser: one server for each front end, one page. ``AGENTCHAT_SCREENSHOTS=folder`` keeps pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from . import jupyter

expect.set_options(timeout=20_000)  # on a busy machine five seconds are soon over; what is there is seen at once all the same


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.ui)


@pytest.fixture(scope="session")
def browser_page() -> Iterator[Page]:
    with jupyter.page() as page:
        yield page


@pytest.fixture(scope="session")
def lab_server() -> Iterator[jupyter.Server]:
    with jupyter.server("lab") as server:
        yield server


@pytest.fixture(scope="session")
def notebook_server() -> Iterator[jupyter.Server]:
    with jupyter.server("notebook") as server:
        yield server


@pytest.fixture
def lab(lab_server: jupyter.Server, browser_page: Page) -> jupyter.Notebook:
    """A notebook in JupyterLab."""
    return _notebook(lab_server, browser_page)


@pytest.fixture
def notebook7(notebook_server: jupyter.Server, browser_page: Page) -> jupyter.Notebook:
    """A notebook in Notebook 7."""
    return _notebook(notebook_server, browser_page)


@pytest.fixture(params=["lab", "notebook7"])
def app(request: pytest.FixtureRequest) -> jupyter.Notebook:
    """A notebook in each of the two front ends."""
    notebook: jupyter.Notebook = request.getfixturevalue(request.param)
    return notebook


def _notebook(server: jupyter.Server, page: Page) -> jupyter.Notebook:
    folder = os.environ.get("AGENTCHAT_SCREENSHOTS")
    return jupyter.Notebook(page, server, Path(folder) if folder else None)
