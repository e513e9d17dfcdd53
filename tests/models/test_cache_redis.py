"""A cache that machines share: through the real client library, to a server that speaks its protocol."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autogen_jupyter import Cache, UsageError
from autogen_jupyter.context import ChatContext, enter
from autogen_jupyter.events import Noticed
from autogen_jupyter.models import complete
from autogen_jupyter.models.cache_client import CachedClient
from tests.servers.redis_server import redis_server

from .endpoints import HI, KEY, Endpoint, chunk, streaming


def endpoint() -> Endpoint:
    return Endpoint(streaming(chunk(content="Hello"), chunk(finish="stop")))


async def test_an_answer_is_found_by_another_and_no_key_is_there() -> None:
    pytest.importorskip("redis")
    with redis_server() as (url, kept):
        asked = [endpoint(), endpoint()]
        for one in asked:
            with Cache.redis(42, url, expire=60) as cache:
                assert (await complete(CachedClient(one.client(), cache), HI)).text == "Hello"
        assert [len(one.requests) for one in asked] == [1, 0]
        [(name, [value, *options])] = kept.items()
        assert name.startswith("autogen_jupyter:42:")
        assert options == ["EX", "60"]
        assert KEY not in name + value


def test_clear_forgets_this_seed_alone() -> None:
    pytest.importorskip("redis")
    with redis_server() as (url, kept):
        first, second = Cache.redis(1, url), Cache.redis(2, url)
        first.set("k", "a")
        second.set("k", "b")
        first.clear()
        assert (first.get("k"), second.get("k")) == (None, "b")
        assert len(kept) == 1
        first.close()
        second.close()


async def test_a_server_that_is_not_there_is_one_warning() -> None:
    pytest.importorskip("redis")
    events: list[object] = []
    with redis_server() as (url, _):
        pass
    server = endpoint()
    client = CachedClient(server.client(), Cache.redis(42, url))
    async with enter(ChatContext(emit=events.append)):
        for _ in range(2):
            assert (await complete(client, HI)).text == "Hello"
    assert len(server.requests) == 1
    [warning] = [event for event in events if isinstance(event, Noticed)]
    assert "Is the server there?" in warning.text


def test_an_address_that_is_none_is_refused() -> None:
    pytest.importorskip("redis")
    with pytest.raises(UsageError, match="address of the Redis server"):
        Cache.redis(42, "nowhere")


def test_without_the_library_the_error_says_what_to_install() -> None:
    code = "import sys; sys.modules['redis'] = None; from autogen_jupyter import Cache; Cache.redis()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert 'pip install "autogen_jupyter[redis]"' in done.stderr
