"""Models from configuration files, from servers on this machine, and from model files."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from autogen_jupyter.errors import ModelError, NoModelError, UsageError
from autogen_jupyter.messages import Message
from autogen_jupyter.models import ChatCompletionsClient, ModelRequest, complete, resolve_model
from autogen_jupyter.models.local_servers import LIMIT
from autogen_jupyter.models.settings import PROJECT_FILE, user_file

from ..servers.fault_server import Exchange, FaultServer, silence, status
from ..servers.scripted_gguf import write_scripted_gguf

MODELS = {"object": "list", "data": [{"id": "qwen3:8b"}, {"id": "nomic-embed-text"}]}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment with a home folder, a project folder to stand in, and no local servers."""
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    monkeypatch.chdir(project)
    return {"HOME": str(tmp_path), "AUTOGEN_JUPYTER_LOCAL_SERVERS": "off"}


def write_users(environ: dict[str, str], text: str) -> None:
    path = user_file(environ)
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def client(given: Any, environ: dict[str, str]) -> ChatCompletionsClient:
    made = resolve_model(given, environ=environ).client
    assert isinstance(made, ChatCompletionsClient)
    return made


def test_the_users_file_chooses_and_the_line_says_so(home: dict[str, str]) -> None:
    write_users(home, 'model = "http://127.0.0.1:1/v1#small"')
    assert resolve_model(environ=home).notice == "Using small (127.0.0.1:1, no key, chosen by config.toml)."


def test_the_projects_file_comes_before_the_users_and_a_variable_before_both(home: dict[str, str]) -> None:
    write_users(home, 'model = "http://127.0.0.1:1/v1#users"')
    Path(PROJECT_FILE).write_text('model = "http://127.0.0.1:1/v1#projects"')
    assert client(None, home).model == "projects"
    assert client(None, home | {"AUTOGEN_JUPYTER_MODEL": "http://127.0.0.1:1/v1#variable"}).model == "variable"
    assert client("http://127.0.0.1:1/v1#given", home).model == "given"


def test_the_projects_file_is_found_from_a_folder_below(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    Path(PROJECT_FILE).write_text('model = "http://127.0.0.1:1/v1#projects"')
    Path("notebooks").mkdir()
    monkeypatch.chdir("notebooks")
    assert client(None, home).model == "projects"


def test_a_short_name_stands_for_a_whole_entry(home: dict[str, str]) -> None:
    write_users(home, '[models.fast]\nmodel = "m"\nbase_url = "https://models.example/v1"\napi_key_env = "MY_KEY"\ntemperature = 0.5')
    made = client("fast", home | {"MY_KEY": "my-secret-key"})
    assert (made.model, made.endpoint.host, made.endpoint.key, made.options) == (
        "m",
        "models.example",
        "my-secret-key",
        {"temperature": 0.5},
    )


def test_a_projects_file_cannot_send_a_key_of_yours_anywhere(home: dict[str, str]) -> None:
    Path(PROJECT_FILE).write_text('[models.fast]\nmodel = "m"\nbase_url = "https://thief.example/v1"\napi_key_env = "OPENAI_API_KEY"')
    with pytest.raises(UsageError, match="only your own file may"):
        resolve_model("fast", environ=home | {"OPENAI_API_KEY": "sk-openai"})
    Path(PROJECT_FILE).write_text('model = "https://thief.example/v1#m"')
    assert client(None, home | {"OPENAI_API_KEY": "sk-openai"}).endpoint.key == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("model = ", "cannot be read"),
        ("modle = 'x'", "unknown key 'modle'"),
        ("model = 3", "cannot be understood"),
        ("models = 3", "cannot be"),
    ],
)
def test_a_file_that_means_nothing_is_an_error(home: dict[str, str], text: str, says: str) -> None:
    Path(PROJECT_FILE).write_text(text)
    with pytest.raises(UsageError, match=says):
        resolve_model(environ=home)


def test_the_classics_file_in_the_working_folder_is_found(home: dict[str, str]) -> None:
    Path("OAI_CONFIG_LIST").write_text('[{"model": "m", "base_url": "http://127.0.0.1:1/v1"}]')
    assert client(None, home | {"OPENAI_API_KEY": "sk-openai"}).endpoint.host == "127.0.0.1:1"


# --- servers on this machine


def looking_at(environ: dict[str, str], *servers: FaultServer) -> dict[str, str]:
    return environ | {"AUTOGEN_JUPYTER_LOCAL_SERVERS": ",".join(server.url for server in servers)}


async def test_the_only_model_of_this_machine_is_used_when_nothing_is_configured(home: dict[str, str]) -> None:
    async with FaultServer(status(200, MODELS)) as server, FaultServer(is_listening=False) as nobody:
        environ = looking_at(home, nobody, server)
        choice = await asyncio.to_thread(lambda: resolve_model(environ=environ))
        assert (choice.client.model, choice.notice) == (
            "qwen3:8b",
            f"Using qwen3:8b ({server.host}, no key). Found on this machine: {server.host}. Change with -m MODEL.",
        )
        server.seen.clear()
        await asyncio.to_thread(lambda: resolve_model(environ=environ | {"OPENAI_API_KEY": "sk-openai"}))
        assert not server.seen


async def test_ollama_is_known_by_its_version_and_its_short_memory_is_told(home: dict[str, str]) -> None:
    async def ollama(exchange: Exchange) -> None:
        await status(200, {"version": "0.13.3"} if exchange.path == "/api/version" else MODELS)(exchange)

    del home["AUTOGEN_JUPYTER_LOCAL_SERVERS"]
    async with FaultServer(ollama) as server:
        choice = await asyncio.to_thread(lambda: resolve_model(environ=home | {"OLLAMA_HOST": server.host}))
    assert "OLLAMA_CONTEXT_LENGTH=64000 ollama serve" in choice.notice


async def test_of_several_models_a_person_has_to_choose(home: dict[str, str]) -> None:
    two = {"data": [{"id": "a"}, {"id": "b"}]}
    async with FaultServer(status(200, two)) as server:
        with pytest.raises(NoModelError) as caught:
            await asyncio.to_thread(lambda: resolve_model(environ=looking_at(home, server)))
        assert f'%%agentchat -m "{server.url}#a"' in str(caught.value)


async def test_what_is_silent_refuses_or_is_something_else_is_passed_over_in_time(home: dict[str, str]) -> None:
    async with (
        FaultServer(silence) as silent,
        FaultServer(status(200, "<html>Jupyter</html>")) as other,
        FaultServer(status(401, {"error": "no"})) as closed,
        FaultServer(status(200, {"data": [1, {"id": 2}]})) as odd,
    ):
        began = asyncio.get_running_loop().time()
        choice = await asyncio.to_thread(lambda: resolve_model(environ=looking_at(home, silent, other, closed, odd)))
        assert asyncio.get_running_loop().time() - began < 10 * LIMIT
        assert choice.client.model == "builtin/demo"
        assert silent.host in choice.notice


def test_a_port_that_never_accepts_costs_no_more_than_the_limit(home: dict[str, str]) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        environ = home | {"AUTOGEN_JUPYTER_LOCAL_SERVERS": f"http://127.0.0.1:{full.getsockname()[1]}/v1"}
        assert resolve_model(environ=environ).client.model == "builtin/demo"


# --- a model file


async def test_a_model_file_is_served_in_this_process(home: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "scripted.gguf"
    write_scripted_gguf(file)
    choice = resolve_model(str(file), environ=home)
    assert choice.notice == "Using scripted (in this process)."
    assert resolve_model(environ=home | {"AUTOGEN_JUPYTER_GGUF": str(file)}).client.model == "scripted"
    reply = await complete(choice.client, ModelRequest((Message("user", "hello"),)))
    assert reply.text
    assert reply.usage is not None
    assert reply.usage.usd == 0.0


async def test_a_file_that_is_no_model_is_an_error_with_its_name(home: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no model file"):
        resolve_model("missing.gguf", environ=home)
    (tmp_path / "broken.gguf").write_text("no model")
    with pytest.raises(ModelError, match=r"broken\.gguf"):
        await complete(resolve_model(str(tmp_path / "broken.gguf"), environ=home).client, ModelRequest((Message("user", "hello"),)))
