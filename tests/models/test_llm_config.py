"""The classic's llm_config, and its helpers for lists of them."""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai.resources.chat.completions import AsyncCompletions

from autogen_jupyter.errors import NoModelError, UsageError
from autogen_jupyter.models import (
    ChatCompletionsClient,
    FailoverClient,
    client_from_llm_config,
    complete,
    config_list_from_json,
    filter_config,
    get_config_list,
)
from autogen_jupyter.models.cache_client import CachedClient
from autogen_jupyter.models.options import REQUEST_OPTIONS

from .endpoints import HI, Endpoint, chunk, streaming

LOCAL = "http://127.0.0.1:8080/v1"


def built(llm_config: dict[str, Any], environ: dict[str, str] | None = None) -> ChatCompletionsClient:
    client = client_from_llm_config(llm_config, environ=environ or {})
    client = client.inner if isinstance(client, CachedClient) else client
    assert isinstance(client, ChatCompletionsClient)
    return client


async def test_options_reach_the_server_and_an_entry_overrides_the_rest() -> None:
    endpoint = Endpoint(streaming(chunk(content="Hello", usage={"prompt_tokens": 1000, "completion_tokens": 2000})))
    client = built(
        {
            "temperature": 0.1,
            "top_p": 0.5,
            "stop": ["END"],
            "cache_seed": 42,
            "stream": False,
            "config_list": [
                {
                    "model": "m",
                    "api_key": "sk-given",
                    "base_url": "https://models.example/v1",
                    "temperature": 0.9,
                    "tags": ["cheap"],
                    "price": [0.001, 0.002],
                    "organization": "org-1",
                    "default_headers": {"X-Team": "data"},
                    "extra_body": {"top_k": 3},
                    "timeout": 30,
                    "http_client": httpx2.AsyncClient(transport=httpx2.MockTransport(endpoint)),
                }
            ],
        }
    )
    reply = await complete(client, HI)
    body = endpoint.bodies[0]
    assert {key: body[key] for key in ("model", "temperature", "top_p", "stop", "top_k", "stream")} == {
        "model": "m",
        "temperature": 0.9,
        "top_p": 0.5,
        "stop": ["END"],
        "top_k": 3,
        "stream": True,
    }
    assert not {"cache_seed", "tags", "price", "timeout"} & set(body)
    headers = endpoint.requests[0].headers
    assert (headers["authorization"], headers["openai-organization"], headers["x-team"]) == ("Bearer sk-given", "org-1", "data")
    assert reply.usage is not None
    assert reply.usage.usd == pytest.approx(0.005)


@pytest.mark.parametrize("entry", [{"api_type": "azure"}, {"azure_endpoint": "https://corp.openai.azure.com"}])
@pytest.mark.parametrize(
    ("version", "base_url"), [(None, "https://corp.openai.azure.com/openai/v1/"), ("2024-10-21", "https://corp.openai.azure.com")]
)
def test_azure_entries(entry: dict[str, str], version: str | None, base_url: str) -> None:
    if "azure_endpoint" not in entry:
        entry = {**entry, "base_url": "https://corp.openai.azure.com/"}
    client = built({"model": "dep", "api_key": "sk-azure", "api_version": version, **entry})
    assert (client.model, client.endpoint.base_url, client.endpoint.api_version) == ("dep", base_url, version)


@pytest.mark.parametrize(
    ("api_type", "host"), [("openai", "api.openai.com"), ("google", "generativelanguage.googleapis.com"), ("groq", "api.groq.com")]
)
def test_the_type_of_an_entry_says_where_it_is(api_type: str, host: str) -> None:
    assert built({"model": "m", "api_type": api_type, "api_key": "sk-x"}).endpoint.host == host


NAMED_PLACES = [
    ("ollama/qwen3:8b", "qwen3:8b", "http://127.0.0.1:11434/v1", ""),
    ("anthropic/claude-haiku-5-5", "claude-haiku-5-5", "https://api.anthropic.com/v1/", "sk-a"),
    ("anthropic:claude-haiku-5-5", "claude-haiku-5-5", "https://api.anthropic.com/v1/", "sk-a"),
    ("openai/gpt-6-luna", "gpt-6-luna", "https://api.openai.com/v1", "sk-o"),
    ("azure/ours", "ours", "https://r.openai.azure.com/openai/v1/", "sk-z"),
    ("http://models.example:8080/v1#meta-llama/Llama-3", "meta-llama/Llama-3", "http://models.example:8080/v1", ""),
    ("http://models.example:8080", "the model at models.example:8080", "http://models.example:8080/v1", ""),
    ("builtin/demo", "builtin/demo", "http://builtin.localhost/v1", ""),
]
KEYS = {
    "OPENAI_API_KEY": "sk-o",
    "ANTHROPIC_API_KEY": "sk-a",
    "AZURE_OPENAI_API_KEY": "sk-z",
    "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com",
}


@pytest.mark.parametrize(("name", "model", "base_url", "key"), NAMED_PLACES)
@pytest.mark.parametrize("wrap", [lambda entry: entry, lambda entry: {"config_list": [entry]}], ids=["alone", "listed"])
@pytest.mark.parametrize("more", [{}, {"api_type": "openai"}], ids=["untyped", "typed"])
def test_a_name_that_says_where_its_model_is_goes_there(
    name: str, model: str, base_url: str, key: str, wrap: Callable[[dict[str, str]], dict[str, Any]], more: dict[str, str]
) -> None:
    client = built(wrap({"model": name, **more}), KEYS)
    assert (client.model, client.endpoint.base_url, client.endpoint.key) == (model, base_url, key)


def test_the_key_of_an_entry_goes_to_the_provider_in_its_name() -> None:
    client = built({"model": "groq/llama-3.3-70b", "api_key": "sk-given", "temperature": 0}, KEYS)
    assert (client.endpoint.host, client.endpoint.key, client.options) == ("api.groq.com", "sk-given", {"temperature": 0})


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ({"model": "meta-llama/Llama-3"}, "api.openai.com"),
        ({"model": "ft:gpt-4o:ours"}, "api.openai.com"),
        ({"model": "openai/gpt-oss-20b", "base_url": LOCAL}, "127.0.0.1:8080"),
        ({"model": "ollama/qwen3:8b", "base_url": LOCAL}, "127.0.0.1:8080"),
        ({"model": "builtin/demo", "base_url": LOCAL}, "127.0.0.1:8080"),
        ({"model": "anthropic/claude-haiku-5-5", "api_type": "openrouter", "api_key": "sk-r"}, "openrouter.ai"),
    ],
)
def test_any_other_name_with_a_slash_is_a_name(entry: dict[str, str], host: str) -> None:
    client = built(entry, KEYS)
    assert (client.model, client.endpoint.host) == (entry["model"], host)


@pytest.mark.parametrize("name", ["anthropic/claude-haiku-5-5", "openai/gpt-6-luna", "ollama/qwen3:8b"])
def test_where_the_environment_names_a_server_the_name_of_a_provider_is_a_name_there(name: str) -> None:
    client = built({"model": name}, {**KEYS, "OPENAI_BASE_URL": "https://openrouter.ai/api/v1"})
    assert (client.model, client.endpoint.host) == (name, "openrouter.ai")


async def test_the_built_in_script_is_no_language_model_here_either() -> None:
    client = built({"model": "builtin/demo", "temperature": 0})
    assert not client.is_language_model
    assert (await complete(client, HI)).text


@pytest.mark.parametrize(
    ("name", "says"),
    [("ollama/", "ends after the provider"), ("builtin/other", "no built-in model 'builtin/other'"), ("http://a b c", "cannot be read")],
)
def test_a_name_that_says_no_place_in_full_is_an_error(name: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        built({"model": name}, KEYS)


def test_a_nameless_entry_asks_its_server() -> None:
    assert built({"config_list": [{"base_url": LOCAL}]}).model == "the model at 127.0.0.1:8080"


def test_several_entries_are_tried_in_order() -> None:
    client = client_from_llm_config({"config_list": [{"model": name, "base_url": LOCAL} for name in "ab"]}, environ={})
    assert isinstance(client, FailoverClient)
    assert [one.model for one in client.clients] == ["a", "b"]


@pytest.mark.parametrize(
    ("llm_config", "says"),
    [
        ({}, "without a model"),
        ({"config_list": []}, "config_list of llm_config is empty"),
        ({"config_list": [{"model": ""}]}, "empty model"),
        ({"config_list": [{"temperature": 0}]}, "without a model"),
        ({"config_list": {"model": "m"}}, "not a list of dictionaries"),
        ({"model": "m", "base_url": LOCAL, "temprature": 0}, "unknown key 'temprature'; did you mean 'temperature'?"),
        ({"model": "m", "api_base": LOCAL}, "unknown key 'api_base'; did you mean 'base_url'?"),
        ({"model": "m", "request_timeout": 3}, "did you mean 'timeout'?"),
        ({"model": "m", "top_k": 3, "base_url": LOCAL}, "unknown key 'top_k'"),
        ({"model": "m", "qqqq": 3}, "extra_body: {'qqqq': …}"),
        ({"model": "m", "filter_func": print}, "'filter_func', which is not supported"),
        ({"model": "m", "n": 3}, "n=3"),
        ({"model": "m", "timeout": "soon", "base_url": LOCAL}, "timeout='soon'"),
        ({"model": "m", "price": 3, "base_url": LOCAL}, "price=3"),
        ({"model": "m", "api_type": "telepathy"}, "api_type='telepathy'; known are anthropic, azure"),
        ({"model": "m", "api_type": "cohere"}, "base_url='https://api.cohere.ai/compatibility/v1'"),
        ({"model": "m", "api_type": "bedrock"}, "own interface is not spoken here"),
        ({"model": "m", "api_type": "azure", "api_key": "sk-x"}, "without base_url"),
        ({"model": "m", "api_key": 7}, "is a int, not a text"),
        ({"model": "m", "base_url": LOCAL, "metadata": (x for x in "ab")}, "cannot be copied"),
        ("gpt-6-luna", "is str, not a dictionary"),
    ],
)  # fmt: skip
def test_a_config_that_cannot_work_says_what_to_write(llm_config: Any, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        client_from_llm_config(llm_config, environ={"OPENAI_API_KEY": "sk-o"})
    assert says in str(caught.value)


def test_a_missing_key_is_told_at_once() -> None:
    with pytest.raises(NoModelError, match=r"'gpt-6-luna' at https://api\.openai\.com/v1 needs a key.*OPENAI_API_KEY"):
        client_from_llm_config({"config_list": [{"model": "gpt-6-luna", "api_key": None}]}, environ={})


async def test_the_users_dictionary_is_neither_changed_nor_shared() -> None:
    endpoint = Endpoint(streaming(chunk(content="Hello")))
    http_client = httpx2.AsyncClient(transport=httpx2.MockTransport(endpoint))
    stop = ["END"]
    given = {"cache_seed": None, "config_list": [{"model": "m", "base_url": LOCAL, "stop": stop, "http_client": http_client}]}
    before = copy.copy(given["config_list"][0])
    client = built(given)
    stop.append("LATER")
    await complete(client, HI)
    assert given["config_list"] == [before]
    assert endpoint.bodies[0]["stop"] == ["END"]


def test_every_option_is_one_the_library_knows() -> None:
    assert set(inspect.signature(AsyncCompletions.create).parameters) >= REQUEST_OPTIONS


LISTED = [
    {"model": "gpt-4", "tags": ["good", "slow"]},
    {"model": "gpt-4-mini", "tags": ["cheap"], "api_type": "azure"},
    {"model": "local"},
]


@pytest.mark.parametrize(
    ("criteria", "exclude", "kept"),
    [
        (None, False, [0, 1, 2]),
        ({"model": ["gpt-4", "local"]}, False, [0, 2]),
        ({"tags": ["cheap", "good"]}, False, [0, 1]),
        ({"model": ["gpt-4", "gpt-4-mini"], "tags": ["cheap"]}, False, [1]),
        ({"tags": [None]}, False, [2]),
        ({"api_type": ["azure", None]}, False, [0, 1, 2]),
        ({"api_type": [None]}, True, [1]),
        ({"model": "gpt-4-mini"}, False, [1]),
        ({"tags": ["cheap"]}, True, [0, 2]),
    ],
)
def test_filters(criteria: dict[str, Any] | None, exclude: bool, kept: list[int]) -> None:
    assert filter_config(LISTED, criteria, exclude) == [LISTED[n] for n in kept]


def test_a_list_is_loaded_from_a_variable_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "LIST").write_text(json.dumps(LISTED))
    assert config_list_from_json("LIST", environ={"LIST": json.dumps(LISTED)}) == LISTED
    assert config_list_from_json("LIST", environ={"LIST": str(tmp_path / "LIST")}) == LISTED
    assert config_list_from_json("LIST", str(tmp_path), {"model": ["local"]}, environ={}) == LISTED[2:]


def test_a_list_that_is_nowhere_is_a_file_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="variable LIST is not set") as caught:
        config_list_from_json("LIST", str(tmp_path), environ={})
    assert isinstance(caught.value, UsageError)


@pytest.mark.parametrize("text", ['[{"api_key": "sk-secret", }]', '{"api_key": "sk-secret"}', '["sk-secret"]'])
def test_a_list_that_is_broken_is_told_without_its_keys(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        config_list_from_json("LIST", environ={"LIST": text})
    assert "LIST holds" in str(caught.value)
    assert "sk-secret" not in str(caught.value)


def test_a_list_is_made_of_keys_that_are_not_blank() -> None:
    made = get_config_list(["sk-1", " ", "sk-2"], base_urls=["u1", "u2", "u3"], api_type="azure", api_version="v")
    assert made == [{"api_key": f"sk-{n}", "base_url": url, "api_type": "azure", "api_version": "v"} for n, url in ((1, "u1"), (2, "u3"))]
    assert get_config_list(["sk-1"]) == [{"api_key": "sk-1"}]
    with pytest.raises(UsageError, match="1 api_keys and 2 base_urls"):
        get_config_list(["sk-1"], base_urls=["u1", "u2"])


def test_the_protocol_and_the_time_limits_are_keys_of_an_entry() -> None:
    entry = {"model": "m", "base_url": "http://127.0.0.1:8080/v1", "api": "responses", "first_token_timeout": 5, "total_timeout": 60}
    client_from_llm_config(entry, environ={})
    with pytest.raises(UsageError, match='"auto", "chat" or "responses"'):
        client_from_llm_config({**entry, "api": "soap"}, environ={})
    with pytest.raises(UsageError, match="total_timeout='long'"):
        client_from_llm_config({**entry, "total_timeout": "long"}, environ={})
