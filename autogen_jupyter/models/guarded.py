"""What stands in front of every model that a conversation asks: the cache of the running chat, its budgets, and what keeps secrets."""

from __future__ import annotations

from .base import ModelClient
from .budget_client import MeteredClient
from .cache import active_cache
from .cache_client import CachedClient
from .redacted_client import RedactedClient

__all__ = ["guarded"]


def guarded(client: ModelClient) -> ModelClient:
    """Return a model as the running chat may ask it.

    The cache comes first, since what it answers costs nothing; the chat's own goes before the one that ``cache_seed`` names.
    """
    cache = active_cache()
    if isinstance(client, CachedClient):
        cache, client = cache or client.cache, client.inner
    metered = MeteredClient(RedactedClient(client))
    return CachedClient(metered, cache) if cache is not None else metered
