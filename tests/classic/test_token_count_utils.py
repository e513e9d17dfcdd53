"""The classic's token counting, for models of any age, without a vocabulary."""

from __future__ import annotations

import pytest

from autogen_jupyter.classic.token_count_utils import (
    count_token,
    get_max_token_limit,
    num_tokens_from_functions,
    percentile_used,
    token_left,
)
from autogen_jupyter.errors import UsageError
from autogen_jupyter.messages import Message
from autogen_jupyter.models import ModelRequest, Usage
from autogen_jupyter.models.tokens import tokens

TEXT = "word " * 720


def test_texts_and_messages_are_counted_also_for_models_that_the_classic_does_not_know():
    assert count_token(TEXT, "gpt-4.1") == 1000
    assert count_token({"role": "user", "content": TEXT}, "gpt-4.1") == 1004
    assert count_token([{"role": "user", "content": TEXT}] * 2, "o3") == 2008


def test_the_count_learns_from_what_the_server_counted():
    tokens.learn("counted", ModelRequest((Message("user", TEXT),)), Usage(1804, 1))
    assert count_token(TEXT, "counted") > 1200


def test_what_is_left_is_what_the_model_can_read_less_what_is_used():
    assert get_max_token_limit("gpt-4") == 8192
    assert token_left(TEXT, "gpt-4") == 7192
    assert percentile_used(TEXT, "gpt-4") == pytest.approx(1000 / 8192)


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("gpt-3.5-turbo-0301", 4096),
        ("gpt-3.5-turbo-0613", 4096),
        ("gpt-3.5-turbo-1106", 16385),
        ("gpt-35-turbo-16k", 16385),
        ("gpt35-turbo-instruct", 4096),
        ("gpt4", 8192),
        ("gpt4-32k", 32768),
        ("gpt-4-32k-0613", 32768),
        ("gpt4o-mini", 128000),
    ],
)
def test_the_sizes_of_old_models_are_the_classics_also_under_their_names_on_azure(model: str, size: int) -> None:
    assert get_max_token_limit(model) == size


def test_functions_count_too():
    functions = [{"name": "look", "description": "d" * 360, "parameters": {"type": "object", "properties": {}}}]
    assert 100 < num_tokens_from_functions(functions, "gpt-4") < 150


def test_what_cannot_be_counted_or_is_not_known_is_an_error_that_names_it():
    with pytest.raises(UsageError, match="not 12"):
        count_token(12)
    with pytest.raises(UsageError, match="no-such-model"):
        get_max_token_limit("no-such-model")
