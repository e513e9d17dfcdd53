"""Answers that were paid are not paid again: on disk, in memory, for one chat or a block, and never at the price of an error."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sqlite3
from pathlib import Path
from typing import Any

import httpx2
import pytest

from autogen_jupyter import Cache, ConversableAgent, OpenAIWrapper, UsageError
from autogen_jupyter.context import ChatContext, enter
from autogen_jupyter.events import Noticed, UsageRecorded
from autogen_jupyter.messages import Message, ToolCall, ToolResult
from autogen_jupyter.models import ModelRequest, client_from_llm_config, complete
from autogen_jupyter.models.cache_client import CachedClient
from autogen_jupyter.models.cache_key import request_key
from autogen_jupyter.models.cache_store import DiskStore, MemoryStore
from tests.conversation.doubles import Room

from .endpoints import HI, KEY, URL, Endpoint, chunk, streaming

USAGE = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}


def saying(text: str, finish: str = "stop") -> httpx2.Response:
    return streaming(chunk(content=text), chunk(finish=finish, usage=USAGE))


def cached(endpoint: Endpoint, cache: Cache, **options: Any) -> CachedClient:
    return CachedClient(endpoint.client(price=(0.001, 0.002), **options), cache)


def asking(text: str) -> ModelRequest:
    return ModelRequest((Message("user", text, sender="user"),))


# --- hits


async def test_the_same_request_is_asked_once_and_replayed_as_a_stream(tmp_path: Path) -> None:
    endpoint = Endpoint(saying("x" * 200))
    client = cached(endpoint, Cache.disk(1, tmp_path))
    first = await complete(client, HI)
    deltas = [delta async for delta in client.stream(HI)]
    assert len(endpoint.requests) == 1
    assert len([delta for delta in deltas if delta.text]) > 1
    assert "".join(delta.text for delta in deltas) == first.text
    replayed = deltas[-1].reply
    assert replayed is not None
    assert replayed.cached
    assert not first.cached


async def test_a_replayed_answer_costs_nothing_and_keeps_what_it_cost() -> None:
    client = cached(Endpoint(saying("Hello")), Cache.in_memory())
    paid = (await complete(client, HI)).usage
    again = (await complete(client, HI)).usage
    assert paid is not None
    assert again is not None
    assert (paid.usd, paid.saved_usd) == (pytest.approx(0.002), None)
    assert (again.prompt_tokens, again.completion_tokens, again.usd, again.saved_usd) == (1000, 500, 0.0, pytest.approx(0.002))


async def test_tool_calls_come_back_too() -> None:
    call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    client = cached(Endpoint(streaming(chunk(tool_calls=[call]), chunk(finish="tool_calls"))), Cache.in_memory())
    await complete(client, HI)
    again = await complete(client, HI)
    assert again.cached
    assert again.tool_calls == (ToolCall("c1", "add", '{"a": 1}'),)


async def test_another_cache_object_and_another_process_find_the_answer(tmp_path: Path) -> None:
    await complete(cached(Endpoint(saying("Hello")), Cache.disk(1, tmp_path)), HI)
    other = Endpoint(saying("Other"))
    assert (await complete(cached(other, Cache.disk(1, tmp_path)), HI)).text == "Hello"
    assert not other.requests
    assert (await complete(cached(other, Cache.disk(2, tmp_path)), HI)).text == "Other"


async def test_equal_requests_at_once_are_asked_once(tmp_path: Path) -> None:
    endpoint = Endpoint(saying("Hello"))
    client = cached(endpoint, Cache.disk(1, tmp_path))
    replies = await asyncio.gather(*(complete(client, HI) for _ in range(20)))
    assert len(endpoint.requests) == 1
    assert {reply.text for reply in replies} == {"Hello"}
    assert sum(not reply.cached for reply in replies) == 1


async def test_who_waits_for_a_request_that_fails_asks_for_itself() -> None:
    endpoint = Endpoint(httpx2.Response(400, json={"error": {"message": "no"}}), saying("Hello"))
    client = cached(endpoint, Cache.in_memory())
    first, second = await asyncio.gather(complete(client, HI), complete(client, HI), return_exceptions=True)
    assert isinstance(first, Exception)
    assert getattr(second, "text", "") == "Hello"


async def test_a_request_that_is_given_up_lets_the_next_one_ask() -> None:
    client = cached(Endpoint(saying("x" * 100)), Cache.in_memory())
    deltas = client.stream(HI)
    await anext(deltas)
    waiting = asyncio.ensure_future(complete(client, HI))
    await deltas.aclose()
    assert (await asyncio.wait_for(waiting, 10)).text == "x" * 100


@pytest.mark.parametrize(
    "answer", [saying("Hel", finish="length"), saying(""), streaming(chunk(content="Hel"))], ids=["cut", "empty", "torn"]
)
async def test_answers_that_are_not_whole_are_not_kept(answer: httpx2.Response) -> None:
    endpoint = Endpoint(answer)
    client = cached(endpoint, Cache.in_memory())
    for _ in range(2):
        try:
            await complete(client, HI)
        except Exception as error:  # noqa: PERF203 - an empty answer is an error of its own
            assert "answer" in str(error) or "reply" in str(error)  # noqa: PT017
    assert len(endpoint.requests) == 2


# --- the key


def test_the_key_depends_on_who_is_asked_and_what_is_asked_and_on_no_secret() -> None:
    endpoint = Endpoint(saying("Hello"))
    base = request_key(endpoint.client(), HI)
    assert base == request_key(endpoint.client(api_key="sk-another", headers={"X-Key": "s"}, timeout=3), HI)
    assert base == request_key(endpoint.client(options={"extra_headers": {"Authorization": "Bearer x"}, "user": "ann"}), HI)
    others = [
        request_key(endpoint.client("other-model"), HI),
        request_key(endpoint.client(base_url="https://elsewhere.example/v1"), HI),
        request_key(endpoint.client(options={"temperature": 1}), HI),
        request_key(endpoint.client(), asking("Hi!")),
        request_key(endpoint.client(), ModelRequest(HI.messages, options={"seed": 3})),
        request_key(endpoint.client(), ModelRequest(HI.messages, tools=({"type": "function", "function": {"name": "f"}},))),
        request_key(endpoint.client(), ModelRequest(HI.messages, name_speakers=True)),
    ]
    assert len({base, *others}) == len(others) + 1


def test_the_random_ids_of_tool_calls_do_not_matter() -> None:
    def history(call_id: str) -> ModelRequest:
        call, result = ToolCall(call_id, "add", "{}"), ToolResult(call_id, "3")
        return ModelRequest((Message("assistant", None, tool_calls=(call,)), Message("tool", "3", tool_results=(result,))))

    client = Endpoint(saying("Hello")).client()
    assert request_key(client, history("call_a81f")) == request_key(client, history("call_77c0"))


def test_a_client_of_ones_own_is_cached_only_if_it_says_who_it_is() -> None:
    class Own:
        model = "own"
        is_language_model = True

        def stream(self, request: ModelRequest) -> Any: ...

    assert request_key(Own(), HI) is None
    named = Own()
    named.cache_identity = "my server"  # type: ignore[attr-defined]
    assert request_key(named, HI)


# --- where it is switched on


def config(endpoint: Endpoint, **more: Any) -> dict[str, Any]:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(endpoint))
    return {"model": "m", "base_url": URL, "api_key": KEY, "price": [0.001, 0.002], "http_client": client, **more}


async def twice(endpoint: Endpoint, room: Room, *, cache: Cache | None = None, **more: Any) -> list[Any]:
    bot = ConversableAgent("bot", human_input_mode="NEVER", llm_config=config(endpoint, **more))
    user = ConversableAgent("user", human_input_mode="NEVER", default_auto_reply=None)
    return [await room.chat(user, bot, message="Hi", max_turns=1, cache=cache) for _ in range(2)]


async def test_it_is_off_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    endpoint = Endpoint(saying("Hello"))
    await twice(endpoint, Room())
    await twice(endpoint, Room(), cache_seed=None)
    assert len(endpoint.requests) == 4
    assert not os.listdir(tmp_path)


async def test_cache_seed_turns_it_on_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    endpoint, room = Endpoint(saying("Hello")), Room()
    results = await twice(endpoint, room, cache_seed=42)
    assert len(endpoint.requests) == 1
    assert (tmp_path / ".cache" / "42" / "answers.sqlite").is_file()
    recorded = [event for event in room.events if isinstance(event, UsageRecorded)]
    assert [event.cached for event in recorded] == [False, True]
    assert [event.usd for event in recorded] == [pytest.approx(0.002), 0.0]
    assert results[1].cost["usage_excluding_cached_inference"] == {"total_cost": 0.0}
    assert results[1].cost["usage_including_cached_inference"]["total_cost"] == pytest.approx(0.002)


async def test_the_cache_of_a_chat_goes_before_cache_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    endpoint = Endpoint(saying("Hello"))
    await twice(endpoint, Room(), cache=Cache.disk(7, tmp_path / "mine"), cache_seed=42)
    assert len(endpoint.requests) == 1
    assert (tmp_path / "mine" / "7").is_dir()
    assert not (tmp_path / ".cache").exists()


def test_a_with_block_is_enough_and_ends(tmp_path: Path) -> None:
    endpoint = Endpoint(saying("Hello"))
    bot = ConversableAgent("bot", human_input_mode="NEVER", llm_config=config(endpoint))
    user = ConversableAgent("user", human_input_mode="NEVER", default_auto_reply=None)
    with Cache.disk(cache_seed=5, cache_path_root=tmp_path):
        user.initiate_chat(bot, message="Hi", max_turns=1, silent=True)
        user.initiate_chat(bot, message="Hi", max_turns=1, silent=True)
    assert len(endpoint.requests) == 1
    user.initiate_chat(bot, message="Hi", max_turns=1, silent=True)
    assert len(endpoint.requests) == 2


def test_the_wrapper_takes_a_cache_and_counts_both_ways() -> None:
    endpoint = Endpoint(saying("Hello"))
    wrapper = OpenAIWrapper(config_list=[config(endpoint)])
    with Cache.in_memory() as cache:
        for _ in range(2):
            response = wrapper.create(messages=[{"role": "user", "content": "Hi"}], cache=cache)
    assert len(endpoint.requests) == 1
    assert response.cost == 0.0
    assert wrapper.actual_usage_summary["total_cost"] == pytest.approx(0.002)
    assert wrapper.total_usage_summary["total_cost"] == pytest.approx(0.004)


def test_the_classics_dictionary_says_where_the_answers_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"cache_seed": 7}
    with Cache(given) as cache:
        cache.set("answer", 42)
    cache.close()
    assert Cache.disk(7).get("answer") == 42
    assert Cache({"cache_seed": "7", "cache_path_root": "elsewhere"}).get("answer") is None
    assert repr(Cache({})) == repr(Cache.disk(42))
    assert given == {"cache_seed": 7}


def test_what_cannot_be_a_cache_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown key 'seed'; known are cache_seed"):
        Cache({"seed": 7})
    with pytest.raises(UsageError, match=r"Cache\.redis"):
        Cache({"cosmos_db_config": {}})
    with pytest.raises(UsageError, match=r'such as \{"cache_seed": 42\}, not 42'):
        Cache(42)
    with pytest.raises(UsageError, match=r"cache_seed is '\.\./x'"):
        Cache.disk("../x")
    with pytest.raises(UsageError, match="cache_seed is True"):
        client_from_llm_config({"model": "m", "base_url": "http://127.0.0.1:1/v1", "cache_seed": True})
    user = ConversableAgent("user", human_input_mode="NEVER")
    with pytest.raises(UsageError, match=r"cache is 42; give Cache\.disk"):
        user.initiate_chat(ConversableAgent("bot", human_input_mode="NEVER"), message="Hi", cache=42)
    with pytest.raises(UsageError, match=r"Cache\.redis"):
        Cache.cosmos_db("connection")


# --- trouble


async def _through_trouble(cache: Cache) -> list[str]:
    """Ask twice with a cache that cannot work; return the warnings."""
    events: list[Any] = []
    endpoint = Endpoint(saying("Hello"))
    client = cached(endpoint, cache)
    async with enter(ChatContext(emit=events.append)):
        replies = [await complete(client, HI) for _ in range(3)]
    assert [reply.text for reply in replies] == ["Hello"] * 3
    assert len(endpoint.requests) == 1  # kept in memory instead
    return [event.text for event in events if isinstance(event, Noticed)]


async def test_a_damaged_file_is_one_warning(tmp_path: Path) -> None:
    file = tmp_path / "1" / "answers.sqlite"
    file.parent.mkdir()
    file.write_bytes(b"this is no database" * 100)
    [warning] = await _through_trouble(Cache.disk(1, tmp_path))
    assert "file is not a database" in warning
    assert str(file) in warning
    assert file.read_bytes().startswith(b"this is no database")  # it may be somebody's


async def test_a_folder_that_cannot_be_made_is_one_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    [warning] = await _through_trouble(Cache.disk(1, tmp_path / "file"))
    assert "kept in memory" in warning


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that nobody can write to")
async def test_a_read_only_file_system_is_one_warning() -> None:
    [warning] = await _through_trouble(Cache.disk(1, "/proc/self"))
    assert "cannot be used" in warning


async def test_a_file_that_another_process_holds_is_no_error(tmp_path: Path) -> None:
    cache = Cache.disk(1, tmp_path)
    cache.set("made", 1)
    with sqlite3.connect(tmp_path / "1" / "answers.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await _through_trouble(cache) == []
        other.execute("ROLLBACK")
    other.close()


async def test_a_stored_value_that_is_none_of_ours_is_no_answer(tmp_path: Path) -> None:
    cache, endpoint = Cache.disk(1, tmp_path), Endpoint(saying("Hello"))
    client = cached(endpoint, cache)
    for value in (
        {"text": "x"},
        [1],
        "x",
        {"text": "t", "model": "m", "calls": [1], "reasoning": "", "refusal": "", "finish": "", "usage": 0},
    ):
        cache.set(request_key(client, HI) or "", value)
        assert (await complete(client, HI)).text == "Hello"
    assert len(endpoint.requests) == 4


# --- size, age, clearing


def test_it_stays_within_its_size_and_forgets_what_was_not_used(tmp_path: Path) -> None:
    for store in (MemoryStore(max_bytes=10_000), DiskStore(tmp_path / "a.sqlite", max_bytes=10_000)):
        for number in range(50):
            store.put(f"k{number}", "x" * 1_000)
        kept = [number for number in range(50) if store.get(f"k{number}") is not None]
        assert 5 <= len(kept) <= 11
        assert kept[-1] == 49
        store.close()


def test_what_is_too_old_is_asked_again(tmp_path: Path) -> None:
    for store in (MemoryStore(max_bytes=1_000, expire=1e-9), DiskStore(tmp_path / "a.sqlite", max_bytes=1_000, expire=1e-9)):
        store.put("k", "v")
        assert store.get("k") is None
        store.close()


def test_clear_forgets_everything_on_disk_too(tmp_path: Path) -> None:
    cache = Cache.disk(1, tmp_path)
    cache.set("k", "v")
    cache.clear()
    assert Cache.disk(1, tmp_path).get("k", "gone") == "gone"


def _write_many(folder: str, worker: int) -> None:
    cache = Cache.disk(1, folder)
    for number in range(50):
        cache.set(f"{worker}-{number}", number)
    os._exit(1 if cache.trouble else 0)


def test_processes_share_a_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_many, args=(str(tmp_path), worker)) for worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    cache = Cache.disk(1, tmp_path)
    assert [cache.get(f"{worker}-{number}") for worker in range(3) for number in range(50)] == list(range(50)) * 3


# --- secrets


def _everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_no_key_is_in_any_cache_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment-0123456789")
    options = {"extra_headers": {"X-Token": "token-in-options"}}
    endpoint = Endpoint(saying("Hello"))
    client = cached(
        endpoint, Cache.disk(1, tmp_path), options=options, headers={"X-Other": "token-in-headers"}, query={"code": "token-in-query"}
    )
    await complete(client, HI)
    written = _everything_in(tmp_path)
    assert b"Hello" in written
    for secret in (KEY, "sk-environment-0123456789", "token-in-options", "token-in-headers", "token-in-query"):
        assert secret.encode() not in written


@pytest.mark.skipif(os.name != "posix", reason="files have other rights there")
async def test_others_cannot_read_the_file(tmp_path: Path) -> None:
    await complete(cached(Endpoint(saying("Hello")), Cache.disk(1, tmp_path)), HI)
    assert (tmp_path / "1" / "answers.sqlite").stat().st_mode & 0o077 == 0
