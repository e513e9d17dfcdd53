"""Cached answers on a Redis server, shared between machines."""

from __future__ import annotations

import math
from typing import Any

from ..errors import UsageError

__all__ = ["RedisStore"]


class RedisStore:
    """Keeps texts under keys that begin with the seed; how much the server keeps is the server's to say.

    Args:
        seed: names the cache; caches of other seeds on the same server are other caches.
        url: the server, such as ``"redis://localhost:6379/0"``.
        expire: seconds after which an entry is forgotten, or None.

    Raises:
        UsageError: the redis library is not installed, or the url is none.
        redis.RedisError: from every method, where the server fails.
    """

    def __init__(self, seed: str, url: str, *, expire: float | None = None) -> None:
        try:
            import redis
        except ImportError:
            raise UsageError('Cache.redis needs the redis library: pip install "autogen_jupyter[redis]".') from None
        try:
            self._client: Any = redis.Redis.from_url(url, decode_responses=True, socket_timeout=2.0, socket_connect_timeout=2.0)
        except ValueError as error:
            raise UsageError(f"The address of the Redis server cannot be used: {error}") from None
        self._prefix = f"autogen_jupyter:{seed}:"
        self._seconds = None if expire is None else max(1, math.ceil(expire))

    def get(self, key: str) -> str | None:
        value = self._client.get(self._prefix + key)
        return None if value is None else str(value)

    def put(self, key: str, value: str) -> None:
        self._client.set(self._prefix + key, value, ex=self._seconds)

    def clear(self) -> None:
        for key in list(self._client.scan_iter(match=f"{self._prefix}*")):
            self._client.delete(key)

    def close(self) -> None:
        self._client.close()
