"""Every kind of question is answered by a click while its cell runs: front ends times versions of ipykernel."""

from __future__ import annotations

import pytest

from .front_ends import EXPECTED, answer_by_clicks
from .jupyter import Notebook

IPYKERNELS = ("6.30.1", "7.3.0", "7.4.0")


@pytest.fixture(params=["lab", "notebook7"])
def notebook(request: pytest.FixtureRequest) -> Notebook:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("ipykernel", IPYKERNELS)
def test_every_question_is_answered_by_a_click(notebook: Notebook, ipykernel: str):
    said = answer_by_clicks(notebook, notebook.server.add_kernel(ipykernel))
    assert said == f"{ipykernel} | {EXPECTED.format(door='widget')}"
