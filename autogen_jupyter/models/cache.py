"""The cache of answers: the classic's ``Cache``, off unless asked for. A cache that fails is a warning, never an error."""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar, Token
from pathlib import Path
from types import TracebackType
from typing import Any

from ..context import current
from ..errors import UsageError
from ..events import Noticed
from .cache_store import DiskStore, MemoryStore, Store

__all__ = ["Cache", "active_cache", "use_cache"]

MAX_BYTES = 256 * 1024 * 1024
_FILE = "answers.sqlite"
_ROOT = ".cache"
_SEED_OF_NONE = 42
_KEYS = ("cache_seed", "cache_path_root", "redis_url")
_NO_COSMOS_DB = "There is no cache on Cosmos DB here; use Cache.redis() to share one between machines, or Cache.disk()."
_SEED = re.compile(r"[\w.-]{1,100}")

_active: ContextVar[Cache | None] = ContextVar("autogen_jupyter_cache", default=None)
_disks: dict[Path, DiskStore] = {}
_lock = threading.Lock()


def active_cache() -> Cache | None:
    """Return the cache that was given to the running chat, or that the running code is inside of."""
    return _active.get()


@asynccontextmanager
async def use_cache(cache: object) -> AsyncIterator[None]:
    """Let what runs in this block use a cache; None changes nothing.

    Raises:
        UsageError: it is not a ``Cache``.
    """
    if cache is not None and not isinstance(cache, Cache):
        raise UsageError(f"cache is {cache!r:.80}; give Cache.disk(), Cache.in_memory() or Cache.redis(), or None for no cache.")
    token = _active.set(cache or _active.get())
    try:
        yield
    finally:
        _active.reset(token)


class Cache:
    """Keeps models' answers, so that the same request is paid once. Give it to a chat as ``cache=``, or begin chats inside ``with``.

    Args:
        config: where the answers lie: the classic's dictionary with ``cache_seed`` and perhaps ``cache_path_root`` or ``redis_url``, or
            a store. ``Cache.disk``, ``Cache.in_memory`` and ``Cache.redis`` make the usual ones.

    Raises:
        UsageError: a key of the dictionary is not known, or it is neither a dictionary nor a store.

    Example:
        >>> from autogen_jupyter import Cache, ConversableAgent, ScriptedModel
        >>> with Cache.in_memory() as cache:
        ...     cache.set("answer", 42)
        ...     cache.get("answer")
        42
    """

    def __init__(self, config: Mapping[str, Any] | Store) -> None:
        self.store = _store_of(config) if isinstance(config, Mapping) else config
        if not isinstance(self.store, Store):
            raise UsageError(f'Cache takes a dictionary such as {{"cache_seed": 42}}, not {config!r:.80}.')
        self.trouble = ""
        """Why the store is not used (any more); empty while all is well."""
        self._beside = MemoryStore(max_bytes=MAX_BYTES)
        """What could not be stored is remembered here, for this object's life."""
        self._reads = self._writes = True
        self._tokens: list[Token[Cache | None]] = []

    def __repr__(self) -> str:
        where = getattr(self.store, "path", None)
        return f"Cache({str(where) if where else type(self.store).__name__})"

    @classmethod
    def disk(
        cls,
        cache_seed: int | str = _SEED_OF_NONE,
        cache_path_root: str | os.PathLike[str] = _ROOT,
        *,
        max_bytes: int = MAX_BYTES,
        expire: float | None = None,
    ) -> Cache:
        """Return a cache in the folder ``cache_path_root/cache_seed``.

        Args:
            cache_seed: names the cache; another seed is another cache, and so gives new answers.
            cache_path_root: the folder of all caches, relative to the working directory.
            max_bytes: how large it may become; then what was not used for longest goes.
            expire: seconds after which an answer is asked for again. Default: never.
        """
        _check(max_bytes, expire)
        return cls(_disk_store(cache_seed, cache_path_root, max_bytes=max_bytes, expire=expire))

    @classmethod
    def in_memory(cls, cache_seed: int | str = "memory", *, max_bytes: int = MAX_BYTES, expire: float | None = None) -> Cache:
        """Return a cache that is gone with the object; the seed only means something to the classic."""
        _name(cache_seed)
        _check(max_bytes, expire)
        return cls(MemoryStore(max_bytes=max_bytes, expire=expire))

    @classmethod
    def redis(
        cls, cache_seed: int | str = _SEED_OF_NONE, redis_url: str = "redis://localhost:6379/0", *, expire: float | None = None
    ) -> Cache:
        """Return a cache on a Redis server (extra ``redis``).

        Raises:
            UsageError: the redis library is not installed.
        """
        _check(MAX_BYTES, expire)
        return cls(_redis_store(cache_seed, redis_url, expire=expire))

    @classmethod
    def cosmos_db(cls, *_arguments: object, **_options: object) -> Cache:
        """Not offered.

        Raises:
            UsageError: always.
        """
        raise UsageError(_NO_COSMOS_DB)

    # --- as a place for values, like the classic's

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value that was stored, or ``default``."""
        text = self._beside.get(key)
        if text is None and self._reads:
            try:
                text = self.store.get(key)
            except Exception as error:  # any fault of a store, whatever it is made of, only means no answer is known
                self._reads = self._failed(error)
        try:
            return default if text is None else json.loads(text)
        except ValueError:
            return default

    def set(self, key: str, value: Any) -> None:
        """Store a value that JSON can hold."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if self._writes:
            try:
                self.store.put(key, text)
            except Exception as error:
                self._writes = self._failed(error)
            else:
                return
        self._beside.put(key, text)

    def clear(self) -> None:
        """Forget every answer of this cache."""
        self._beside.clear()
        try:
            self.store.clear()
        except Exception as error:
            self._failed(error)

    def close(self) -> None:
        """Let go of the file or the connection; the cache may be used again."""
        self.store.close()

    async def fetch(self, key: str) -> Any:
        """Return the value that was stored, or None, without holding up the event loop."""
        return self.get(key) if isinstance(self.store, MemoryStore) else await asyncio.to_thread(self.get, key)

    async def keep(self, key: str, value: Any) -> None:
        """Store a value without holding up the event loop."""
        if isinstance(self.store, MemoryStore):
            self.set(key, value)
        else:
            await asyncio.to_thread(self.set, key, value)

    # --- as the surroundings of chats

    def __enter__(self) -> Cache:
        self._tokens.append(_active.set(self))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        _active.reset(self._tokens.pop())
        self.close()

    def _failed(self, error: Exception) -> bool:
        """Note why the store cannot be used and say so once; return whether to try again."""
        if "locked" in str(error) or "busy" in str(error):
            return True  # another process is in the way; it will not always be
        if not self.trouble:
            self.trouble = f"{type(error).__name__}: {error}"
            where = getattr(self.store, "path", None)
            remedy = (
                f"Delete {where}, or give a folder on a local disk: Cache.disk(cache_path_root=…)." if where else "Is the server there?"
            )
            text = f"The cache of answers cannot be used, so answers are kept in memory alone: {self.trouble}. {remedy}"
            current().emit(Noticed(text, "warning"))
        return False


def _store_of(config: Mapping[str, Any]) -> Store:
    """Return the store that the classic's dictionary describes."""
    for key in config:
        if key == "cosmos_db_config":
            raise UsageError(_NO_COSMOS_DB)
        if key not in _KEYS:
            raise UsageError(f"Cache was given the unknown key {key!r}; known are {', '.join(_KEYS)}.")
    seed, url = config.get("cache_seed", _SEED_OF_NONE), config.get("redis_url")
    return _redis_store(seed, url) if url else _disk_store(seed, config.get("cache_path_root") or _ROOT)


def _disk_store(seed: object, root: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES, expire: float | None = None) -> DiskStore:
    path = Path(os.path.abspath(root)) / _name(seed) / _FILE
    with _lock:
        store = _disks.setdefault(path, DiskStore(path, max_bytes=max_bytes, expire=expire))
        store.max_bytes, store.expire = max_bytes, expire
    return store


def _redis_store(seed: object, url: str, *, expire: float | None = None) -> Store:
    from .cache_redis import RedisStore

    return RedisStore(_name(seed), url, expire=expire)


def _check(max_bytes: int, expire: float | None) -> None:
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int) or max_bytes < 1:
        raise UsageError(f"max_bytes is {max_bytes!r}; it must be a number of bytes, such as 256 * 1024 * 1024.")
    if expire is not None and (isinstance(expire, bool) or not isinstance(expire, (int, float)) or expire <= 0):
        raise UsageError(f"expire is {expire!r}; it must be a number of seconds above 0, or None to keep answers.")


def _name(seed: object) -> str:
    if isinstance(seed, bool) or not isinstance(seed, (int, str)) or not _SEED.fullmatch(str(seed)) or set(str(seed)) == {"."}:
        raise UsageError(
            f"cache_seed is {seed!r}; it must be a whole number such as 42 (or a name of letters and digits); None turns it off."
        )
    return str(seed)
