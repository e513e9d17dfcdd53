"""The classic's ``token_count_utils``, without a vocabulary to download: estimates that learn from what the servers count."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import UsageError
from ..models.prices import context_window
from ..models.tokens import tokens

__all__ = ["count_token", "get_max_token_limit", "num_tokens_from_functions", "percentile_used", "token_left"]

Input = str | Mapping[str, Any] | Sequence[Mapping[str, Any]]
DEFAULT = "gpt-3.5-turbo-0613"
_AZURES_NAMES = ((re.compile(r"^gpt-?35"), "gpt-3.5"), (re.compile(r"^gpt4"), "gpt-4"))
"""How deployments on Azure, whose names have no dots, call OpenAI's models."""
_SIZES = dict.fromkeys(("gpt-3.5-turbo-0301", "gpt-3.5-turbo-0613", "gpt-3.5-turbo-instruct"), 4096) | dict.fromkeys(
    ("gpt-4-32k", "gpt-4-32k-0314", "gpt-4-32k-0613"), 32768
)
"""Old models of which the price list does not know the size, or knows that of their successors."""


def count_token(input: Input, model: str = DEFAULT) -> int:  # noqa: A002 - the classic's name
    """Return about how many tokens a text or messages have. The classic fails for models that its tokenizer does not know.

    Args:
        input: a text, a message or messages, as dictionaries.
        model: whose tokens; what its server has counted so far makes the estimate better.

    Raises:
        UsageError: it is neither.

    Example:
        >>> count_token("x" * 36, "a-model")
        10
    """
    if isinstance(input, str):
        return tokens.text(input, model)
    messages = [input] if isinstance(input, Mapping) else input
    if not isinstance(messages, Sequence) or not all(isinstance(message, Mapping) for message in messages):
        raise UsageError(f"count_token takes a text, a message or a list of messages, not {input!r:.80}.")
    return tokens.count(messages, model)


def get_max_token_limit(model: str = DEFAULT) -> int:
    """Return how many tokens a model can read.

    Raises:
        UsageError: it is not known.
    """
    name = model
    for written, meant in _AZURES_NAMES:
        name = written.sub(meant, name)
    size = _SIZES.get(name) or context_window(name)
    if size is None:
        raise UsageError(f"How many tokens {model!r} can read is not known here; its provider's pages say so.")
    return size


def percentile_used(input: Input, model: str = DEFAULT) -> float:  # noqa: A002
    """Return which part of what the model can read is used, as a number from 0 (nothing) to 1 (all) and above."""
    return count_token(input, model) / get_max_token_limit(model)


def token_left(input: Input, model: str = DEFAULT) -> int:  # noqa: A002
    """Return how many tokens the model can read besides these."""
    return get_max_token_limit(model) - count_token(input, model)


def num_tokens_from_functions(functions: Sequence[Mapping[str, Any]], model: str = DEFAULT) -> int:
    """Return about how many tokens the descriptions of functions have."""
    return tokens.text(json.dumps(list(functions), ensure_ascii=False), model)
