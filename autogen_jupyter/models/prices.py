"""What an answer cost: the server's token counts, and a price for them where one is known."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from .base import Usage
from .endpoint import OPENAI_URL, Endpoint

if TYPE_CHECKING:
    from openai.types import CompletionUsage

__all__ = ["Price", "context_window", "counted", "load_price_list", "usd_for"]

Price = tuple[float, float]
"""US dollars for 1,000 prompt tokens and for 1,000 completion tokens, as the classic's ``price`` writes them."""


async def counted(counts: CompletionUsage, *, model: str, endpoint: Endpoint, price: Price | None = None) -> Usage:
    """Return the usage with its price; servers on this machine cost nothing, an unknown price stays None."""
    prompt, completion = counts.prompt_tokens or 0, counts.completion_tokens or 0
    cached = getattr(getattr(counts, "prompt_tokens_details", None), "cached_tokens", None) or 0
    if price is not None:
        usd: float | None = (prompt * price[0] + completion * price[1]) / 1000
    elif endpoint.is_local:
        usd = 0.0
    else:
        await load_price_list()
        usd = usd_for(prompt, completion, cached=cached, model=model, base_url=endpoint.base_url)
    thought = getattr(getattr(counts, "completion_tokens_details", None), "reasoning_tokens", None) or 0
    return Usage(prompt, completion, usd, cached_tokens=cached, reasoning_tokens=thought)


def usd_for(prompt: int, completion: int, *, model: str, base_url: str, cached: int = 0) -> float | None:
    """Return the price in US dollars, or None where the provider at ``base_url`` or its model is not in the price list."""
    import genai_prices

    counts = genai_prices.Usage(input_tokens=prompt, cache_read_tokens=cached, output_tokens=completion)
    try:
        return float(genai_prices.calc_price(counts, model, provider_api_url=base_url).total_price)
    except (LookupError, ValueError):
        return None


def context_window(model: str, base_url: str | None = None) -> int | None:
    """Return how many tokens a model can read, or None where the price list does not say."""
    from genai_prices.data_snapshot import get_snapshot

    try:
        _, found = get_snapshot().find_provider_model(model, None, None, base_url)
    except (LookupError, TypeError, ValueError):
        return None
    return getattr(found, "context_window", None)


async def load_price_list() -> None:
    """Load the price list before it is asked, in a thread: it takes a moment, which the event loop must not wait for."""
    if _LIST not in sys.modules:
        await asyncio.to_thread(usd_for, 1, 1, model="gpt-4", base_url=OPENAI_URL)


_LIST = "genai_prices.data"
