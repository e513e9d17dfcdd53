"""Tokens are estimated, and the estimate follows what servers count."""

from __future__ import annotations

from autogen_jupyter import Message, ModelRequest, ToolCall, Usage
from autogen_jupyter.messages import ToolResult
from autogen_jupyter.models.tokens import CHARACTERS, IMAGE_TOKENS, TokenCounter

LONG = ModelRequest((Message("user", "x" * 4000),))


def test_the_estimate_of_a_model_is_calibrated_by_its_own_usage_alone():
    counter = TokenCounter()
    assert counter.of_request(LONG, "m") == round(4000 / CHARACTERS) + 4
    counter.learn("m", LONG, Usage(2004, 5))
    assert counter.of_request(LONG, "m") == 2004
    assert counter.of_request(LONG, "other") == round(4000 / CHARACTERS) + 4
    assert counter.characters_per_token() == 2.0, "without a name, the model that answered last is meant"


def test_the_estimate_moves_toward_new_observations():
    counter = TokenCounter()
    counter.learn("m", LONG, Usage(1004, 5))
    counter.learn("m", LONG, Usage(2004, 5))
    assert 2.0 < counter.characters_per_token("m") < 4.0


def test_short_requests_and_missing_usage_teach_nothing():
    counter = TokenCounter()
    counter.learn("m", ModelRequest((Message("user", "hi"),)), Usage(900, 5))
    counter.learn("m", LONG, None)
    counter.learn("m", LONG, Usage(0, 0))
    assert counter.characters_per_token("m") == CHARACTERS


def test_images_are_flat_and_results_count_once():
    counter = TokenCounter()
    image = Message("user", ({"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 99999}},))
    assert counter.count([image]) == IMAGE_TOKENS + 4
    result = Message("tool", "x" * 36, tool_results=(ToolResult("c", "x" * 36),))
    assert counter.count([result]) == 14
    assert counter.count([Message("assistant", None, tool_calls=(ToolCall("c", "f", "x" * 35),))]) == 14
