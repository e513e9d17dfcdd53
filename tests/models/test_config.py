"""Which model is used, for which reason, and who gets which key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autogen_jupyter.errors import NoModelError, UsageError
from autogen_jupyter.models import ChatCompletionsClient, ScriptedModel, resolve_model

OPENAI = "https://api.openai.com/v1"
ALL_KEYS = {
    "OPENAI_API_KEY": "sk-openai",
    "AZURE_OPENAI_ENDPOINT": "https://corp.openai.azure.com",
    "AZURE_OPENAI_API_KEY": "sk-azure",
    "AZURE_OPENAI_DEPLOYMENT": "corp-gpt",
    "OPENROUTER_API_KEY": "sk-router",
    "ANTHROPIC_API_KEY": "sk-anthropic",
    "GEMINI_API_KEY": "sk-gemini",
}


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in ALL_KEYS.items() if name not in names}


def resolved(given: Any, environ: dict[str, str]) -> ChatCompletionsClient:
    client = resolve_model(given, environ=environ).client
    assert isinstance(client, ChatCompletionsClient)
    return client


@pytest.mark.parametrize(
    ("given", "environ", "model", "base_url", "key"),
    [
        # what was asked for comes before what the environment says
        ("gpt-6-sol", {"AUTOGEN_JUPYTER_MODEL": "openai/other", **ALL_KEYS}, "gpt-6-sol", OPENAI, "sk-openai"),
        (None, {"AUTOGEN_JUPYTER_MODEL": "anthropic/claude-x", **ALL_KEYS}, "claude-x", "https://api.anthropic.com/v1/", "sk-anthropic"),
        ("  ", {"OPENAI_API_KEY": "sk-openai"}, "gpt-6-luna", OPENAI, "sk-openai"),
        # the ways to write a name
        ("openai:gpt-6-sol", ALL_KEYS, "gpt-6-sol", OPENAI, "sk-openai"),
        ("openrouter/openai/gpt-oss", ALL_KEYS, "openai/gpt-oss", "https://openrouter.ai/api/v1", "sk-router"),
        ("ollama/qwen3:8b", ALL_KEYS, "qwen3:8b", "http://127.0.0.1:11434/v1", ""),
        ("ollama:qwen3:8b", {"OLLAMA_HOST": "0.0.0.0"}, "qwen3:8b", "http://127.0.0.1:11434/v1", ""),
        ("ollama/qwen3", {"OLLAMA_HOST": "gpu-box:9999"}, "qwen3", "http://gpu-box:9999/v1", ""),
        ("ollama/qwen3", {"OLLAMA_HOST": "https://gpu-box"}, "qwen3", "https://gpu-box:11434/v1", ""),
        ("azure/dep", ALL_KEYS, "dep", "https://corp.openai.azure.com/openai/v1/", "sk-azure"),
        ("azure/dep", {**ALL_KEYS, "OPENAI_API_VERSION": "2024-10-21"}, "dep", "https://corp.openai.azure.com", "sk-azure"),
        ("gemini/gemini-x", ALL_KEYS, "gemini-x", "https://generativelanguage.googleapis.com/v1beta/openai/", "sk-gemini"),
        ("http://127.0.0.1:8080/v1", ALL_KEYS, "", "http://127.0.0.1:8080/v1", ""),
        ("http://127.0.0.1:8080/v1#my-model", {}, "my-model", "http://127.0.0.1:8080/v1", ""),
        ("http://127.0.0.1:8080/v1 org/model:8b", {}, "org/model:8b", "http://127.0.0.1:8080/v1", ""),
        ("http://127.0.0.1:8080", {}, "", "http://127.0.0.1:8080/v1", ""),
        # a bare name goes to its maker, or to the server that is configured
        ("claude-x", ALL_KEYS, "claude-x", "https://api.anthropic.com/v1/", "sk-anthropic"),
        ("gemini-x", {"GOOGLE_API_KEY": "sk-google"}, "gemini-x", "https://generativelanguage.googleapis.com/v1beta/openai/", "sk-google"),
        ("gpt-4o", without("OPENAI_API_KEY"), "gpt-4o", "https://corp.openai.azure.com/openai/v1/", "sk-azure"),
        ("llama4", {"OPENROUTER_API_KEY": "sk-router"}, "llama4", "https://openrouter.ai/api/v1", "sk-router"),
        ("gpt-6", {"OPENAI_BASE_URL": "http://proxy/v1", "OPENAI_API_KEY": "sk-proxy"}, "gpt-6", "http://proxy/v1", "sk-proxy"),
        # the environment, in order
        (None, {**ALL_KEYS, "OPENAI_MODEL": "gpt-6-sol"}, "gpt-6-sol", OPENAI, "sk-openai"),
        (None, {**ALL_KEYS, "OPENAI_BASE_URL": "http://proxy/v1"}, "", "http://proxy/v1", "sk-openai"),
        (None, {**without("OPENAI_API_KEY"), "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, "", "http://127.0.0.1:1/v1", ""),
        (None, without("OPENAI_API_KEY"), "corp-gpt", "https://corp.openai.azure.com/openai/v1/", "sk-azure"),
        (None, without("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"), "openai/gpt-6-luna", "https://openrouter.ai/api/v1", "sk-router"),
        (None, {"ANTHROPIC_API_KEY": "sk-a", "ANTHROPIC_MODEL": "claude-x"}, "claude-x", "https://api.anthropic.com/v1/", "sk-a"),
        # a key goes to its own host and to no other
        ("https://elsewhere.example/v1#m", {"OPENAI_API_KEY": "sk-openai"}, "m", "https://elsewhere.example/v1", ""),
        ("https://api.openai.com.evil.example/v1#m", ALL_KEYS, "m", "https://api.openai.com.evil.example/v1", ""),
        ("http://api.openai.com/v1#m", ALL_KEYS, "m", "http://api.openai.com/v1", ""),
        ("https://api.openai.com/v1#m", ALL_KEYS, "m", OPENAI, "sk-openai"),
        ("http://proxy:81/v1#m", {"OPENAI_BASE_URL": "http://proxy/v1", "OPENAI_API_KEY": "sk-proxy"}, "m", "http://proxy:81/v1", ""),
        ({"model": "m", "base_url": "https://elsewhere.example/v1"}, ALL_KEYS, "m", "https://elsewhere.example/v1", ""),
        ({"model": "m", "base_url": "https://corp.openai.azure.com/v1"}, ALL_KEYS, "m", "https://corp.openai.azure.com/v1", "sk-azure"),
        ({"model": "m"}, {"OPENAI_API_KEY": " sk-openai\n"}, "m", OPENAI, "sk-openai"),
    ],
)  # fmt: skip
def test_the_model_the_place_and_the_key(given: Any, environ: dict[str, str], model: str, base_url: str, key: str) -> None:
    client = resolved(given, environ)
    named = client.model if not client.model.startswith("the model at") else ""
    assert (named, client.endpoint.base_url, client.endpoint.key) == (model, base_url, key)


@pytest.mark.parametrize(
    ("given", "environ", "notice"),
    [
        (None, {"OPENAI_API_KEY": "sk-o"}, "Using gpt-6-luna (OpenAI, key from OPENAI_API_KEY). Change with -m MODEL."),
        (
            None,
            ALL_KEYS,
            "Using gpt-6-luna (OpenAI, key from OPENAI_API_KEY). "
            "Also set: AZURE_OPENAI_API_KEY, OPENROUTER_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY. Change with -m MODEL.",
        ),
        (
            None,
            {"AUTOGEN_JUPYTER_MODEL": "ollama/qwen3:8b", **ALL_KEYS},
            "Using qwen3:8b (Ollama, no key, chosen by AUTOGEN_JUPYTER_MODEL).",
        ),
        ("http://127.0.0.1:8080/v1", {}, "Using the model at 127.0.0.1:8080 (no key)."),
        ("azure/dep", ALL_KEYS, "Using dep (Azure, corp.openai.azure.com, key from AZURE_OPENAI_API_KEY)."),
        ("builtin/demo", ALL_KEYS, "Using builtin/demo, the built-in demo script (not a language model)."),
        (
            {"config_list": [{"model": "a", "base_url": "http://127.0.0.1:1/v1"}, {"model": "b", "base_url": "http://127.0.0.1:2/v1"}]},
            {},
            "Using a, then b (from config_list).",
        ),
    ],
)
def test_one_line_says_what_was_chosen_and_why(given: Any, environ: dict[str, str], notice: str) -> None:
    assert resolve_model(given, environ=environ).notice == notice


def test_anthropics_own_reservation_is_passed_on() -> None:
    assert "not production-ready" in resolve_model(environ={"ANTHROPIC_API_KEY": "sk-a"}).notice


def test_with_nothing_configured_the_demo_model_steps_in_and_says_so() -> None:
    choice = resolve_model(environ={})
    assert (choice.client.model, choice.client.is_language_model) == ("builtin/demo", False)
    assert choice.notice.startswith("No language model found: using the built-in demo script (not an AI")
    for place in ["-m,", "AUTOGEN_JUPYTER_MODEL", *(name for name in ALL_KEYS if name != "AZURE_OPENAI_DEPLOYMENT"), "OAI_CONFIG_LIST"]:
        assert place in choice.notice


def test_the_demo_model_can_be_forbidden() -> None:
    with pytest.raises(NoModelError) as caught:
        resolve_model(environ={"AUTOGEN_JUPYTER_REQUIRE_LLM": "1"})
    assert "AUTOGEN_JUPYTER_REQUIRE_LLM forbids" in str(caught.value)
    assert '%%agentchat -m "http://host:port/v1#my-model"' in str(caught.value)
    assert resolve_model(environ={"AUTOGEN_JUPYTER_REQUIRE_LLM": "0"}).client.model == "builtin/demo"
    assert resolve_model("builtin/demo", environ={"AUTOGEN_JUPYTER_REQUIRE_LLM": "1"}).client.model == "builtin/demo"


@pytest.mark.parametrize(
    ("given", "environ", "error", "says"),
    [
        ("gpt-6-luna", {}, NoModelError, "gpt-6-luna of OpenAI needs a key, and OPENAI_API_KEY is not set"),
        ("gpt-6-luna", {"ANTHROPIC_API_KEY": "sk-a"}, NoModelError, "OPENAI_API_KEY is not set"),
        ("claude-x", {"OPENAI_API_KEY": "sk-o"}, NoModelError, "ANTHROPIC_API_KEY is not set"),
        (None, {"AUTOGEN_JUPYTER_MODEL": "openai/m", "GEMINI_API_KEY": "sk-g"}, NoModelError, "OPENAI_API_KEY is not set"),
        (None, {"OPENAI_BASE_URL": OPENAI, "GEMINI_API_KEY": "sk-g"}, NoModelError, "OPENAI_API_KEY is not set"),
        ("llama4", {}, NoModelError, "ollama/llama4"),
        ("azure/dep", {}, NoModelError, "AZURE_OPENAI_ENDPOINT and AZURE_OPENAI_API_KEY"),
        (None, without("OPENAI_API_KEY", "AZURE_OPENAI_DEPLOYMENT"), UsageError, "AZURE_OPENAI_DEPLOYMENT"),
        ("builtin/other", {}, UsageError, "the only one is 'builtin/demo'"),
        ("ollama/", {}, UsageError, "ollama/MODEL"),
        ("my model", {}, UsageError, "space"),
        (42, {}, UsageError, "int"),
        (None, {"OAI_CONFIG_LIST": "[]"}, UsageError, "config_list of llm_config is empty"),
        (None, {"OAI_CONFIG_LIST": "[{"}, UsageError, "OAI_CONFIG_LIST holds neither JSON"),
    ],
)
def test_what_cannot_work_says_what_would(given: Any, environ: dict[str, str], error: type[Exception], says: str) -> None:
    with pytest.raises(error) as caught:
        resolve_model(given, environ=environ)
    assert says in str(caught.value)


def test_a_configured_provider_that_lacks_something_never_ends_in_the_demo() -> None:
    with pytest.raises(NoModelError):
        resolve_model(environ={"AUTOGEN_JUPYTER_MODEL": "gpt-6-luna"})


def test_a_ready_client_is_used_as_it_is() -> None:
    model = ScriptedModel([])
    choice = resolve_model(model, environ=ALL_KEYS)
    assert (choice.client, choice.notice) == (model, "")


def test_a_config_list_of_the_classic_is_found_in_the_environment(tmp_path: Path) -> None:
    listed = json.dumps([{"model": "my-model", "base_url": "http://127.0.0.1:8080/v1"}])
    file = tmp_path / "list.json"
    file.write_text(listed)
    for value in (listed, str(file)):
        choice = resolve_model(environ={"OAI_CONFIG_LIST": value, **ALL_KEYS})
        assert choice.notice == "Using my-model (127.0.0.1:8080, no key, chosen by OAI_CONFIG_LIST)."
