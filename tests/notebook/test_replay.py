"""A chat's code, run again without any model."""

from __future__ import annotations

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.notebook.replay import run_again
from autogen_jupyter.redaction import MARK, learn


async def test_why_a_block_failed_is_told_without_secrets() -> None:
    learn("okapi-in-the-rain-7", "api_key")
    replayed = await run_again([CodeBlock("python", "raise ValueError('no okapi-' + 'in-the-rain-7')")], None)
    assert replayed.failures == {1: f"ValueError: no {MARK}"}
    assert f"Block 1 failed: ValueError: no {MARK}" in replayed.told
