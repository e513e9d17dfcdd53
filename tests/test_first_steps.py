"""docs/first-steps.md is what a new user reads today."""

from __future__ import annotations

import pytest

from tools.generate_first_steps import PAGE, page


@pytest.mark.timeout(900)
def test_the_first_steps_are_answered_as_the_page_says() -> None:
    assert page() == PAGE.read_text(encoding="utf-8"), "Run python -m tools.generate_first_steps, and read what changed."
