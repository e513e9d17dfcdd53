"""How long a question waits for a view that can be heard, before it is asked elsewhere."""

from __future__ import annotations

import pytest

from autogen_jupyter.notebook.doors import patience


@pytest.mark.parametrize(("load", "seconds"), [(0.0, 3.0), (1.0, 3.0), (2.5, 7.5), (30.0, 12.0)])
def test_a_busy_machine_gets_more_time_to_draw_the_question(load: float, seconds: float) -> None:
    assert patience(load) == seconds
