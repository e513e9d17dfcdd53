"""No key leaves by any way: a whole chat with keys in the environment, in ``llm_config``, in files, tools, errors and requests."""

from __future__ import annotations

import asyncio
import json
import traceback
from pathlib import Path
from typing import Any

import pytest

from autogen_jupyter import AssistantAgent, ModelError, UserProxyAgent
from autogen_jupyter.redaction import MARK

from .headless import run_cells
from .servers.fault_server import Exchange, FaultServer, events, status

IN_ENVIRONMENT = "corp-4f9a7c21e8b04d63-environment"
IN_CONFIG = "corp-77d0ab5539ce4f18-llm-config"
LOOKS_LIKE_ONE = "sk-proj-9aB8cD7eF6gH5iJ4kL3mN2"
SECRETS = (IN_ENVIRONMENT, IN_CONFIG, LOOKS_LIKE_ONE)
CODE = f"""Your key is {IN_ENVIRONMENT}, as I see.
```python
import os, pathlib
print(dict(os.environ))
print("the kernel has it:", any({IN_ENVIRONMENT[:9]!r} in value for value in os.environ.values()))
for name in ("environ",):
    try:
        print(pathlib.Path(f"/proc/{{os.getppid()}}/environ").read_text())
    except OSError:
        print("hidden")
text = pathlib.Path("keys.txt").read_text()
for character in text:
    print(character, end="", flush=True)
from IPython.display import HTML, display
display(HTML(f"<b>{{text}}</b>"), {{"value": text}})
raise ValueError(text)
```"""


def said(text: str, size: int = 7) -> Any:
    """Stream an answer in pieces that cut through keys."""
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    chunks = [
        {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [{"index": 0, "delta": {"content": part}}]}
        for part in parts
    ]
    return events(*chunks, {**chunks[0], "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})


def called(name: str) -> Any:
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    chunk = {"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}
    return events(chunk, {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})


AGENTS = f"""
from autogen_jupyter import AssistantAgent, UserProxyAgent, register_function
assistant = AssistantAgent("assistant", llm_config={{"model": "m", "base_url": URL, "api_key": {IN_CONFIG!r}, "cache_seed": 42}})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, max_consecutive_auto_reply=2)

def credentials() -> str:
    "The credentials."
    return "token={IN_CONFIG} and {LOOKS_LIKE_ONE}"

register_function(credentials, caller=assistant, executor=user, description="The credentials.")
result = user.initiate_chat(assistant, message="Use {LOOKS_LIKE_ONE} please", max_turns=2)
print(result.chat_history, result.summary)
"""


PLAIN_CELLS = (
    f"""
from autogen_jupyter import AssistantAgent, ConversableAgent, UserProxyAgent
def ask(**options):
    assistant = AssistantAgent("assistant", llm_config={{"model": "m", "base_url": URL, "api_key": {IN_CONFIG!r}, **options}})
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="go", max_turns=1)
""",
    "ask()",
    "ask()",
    """
import os
def careless(recipient, messages, sender, config):
    raise ValueError(os.environ["OPENAI_API_KEY"])
def chat_with(function):
    bot = ConversableAgent("bot", human_input_mode="NEVER")
    bot.register_reply(ConversableAgent, function)
    ConversableAgent("me", human_input_mode="NEVER").initiate_chat(bot, message="go", max_turns=1)
chat_with(careless)
""",
    """
def nested(recipient, messages, sender, config):
    try:
        careless(recipient, messages, sender, config)
    except ValueError as error:
        raise RuntimeError("it did not work") from error
chat_with(nested)
""",
    """
class Careless:
    def __init__(self, config, **kwargs): self.config = config
    def create(self, params): raise KeyError(self.config["api_key"])
    def message_retrieval(self, response): return []
    def cost(self, response): return 0
    @staticmethod
    def get_usage(response): return {}
"""
    f"""
bot = AssistantAgent("bot", llm_config={{"config_list": [{{"model": "m", "api_key": {IN_CONFIG!r}, "model_client_cls": "Careless"}}]}})
bot.register_model_client(Careless)
UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False).initiate_chat(bot, message="go", max_turns=1)
""",
    f"%xmode Verbose\nkey = {LOOKS_LIKE_ONE!r}\ndef fails(key): return 1 / 0\nfails(key)",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "keys.txt").write_text(f"{IN_ENVIRONMENT}\n{LOOKS_LIKE_ONE}")
    return tmp_path


def written_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "keys.txt"}


async def test_no_key_leaves_by_any_way(folder: Path) -> None:
    refusal = status(401, {"error": {"message": f"Incorrect API key provided: {IN_ENVIRONMENT}"}})
    acts = [said(CODE), said(f"It failed with {LOOKS_LIKE_ONE}."), called("credentials"), said(f"They are {LOOKS_LIKE_ONE}."), refusal]
    async with FaultServer(*acts) as server:
        url = server.url
        cells = (
            "%%agentchat --approve never\nShow me what you can see.",
            f"URL = {url!r}\n{AGENTS}",
            f"%%agentchat --approve never\nMy key is {LOOKS_LIKE_ONE}, is it good?",
            "%%agentchat --dry-run\n" + IN_CONFIG,
            "%agentchat raw 2",
            "%agentchat raw",
            "%agentchat history",
            "%agentchat list",
            "%agentchat secrets",
            "%agentchat save chat.ipynb",
            "%agentchat export page.html",
        )
        notebook = await asyncio.to_thread(
            run_cells,
            *cells,
            folder=folder,
            OPENAI_BASE_URL=url,
            OPENAI_API_KEY=IN_ENVIRONMENT,
            OPENAI_MODEL="m",
            AUTOGEN_JUPYTER_LEDGER=str(folder / "ledger.jsonl"),
        )
        seen: list[Exchange] = server.seen
    outputs = [json.dumps(cell.outputs) for cell in notebook.cells]
    files = written_in(folder)
    for secret in SECRETS:
        assert [cell.source[:60] for cell, shown in zip(notebook.cells, outputs, strict=True) if secret in shown] == []
        assert [path.name for path, data in files.items() if secret.encode() in data] == []
        assert [one.path for one in seen if secret.encode() in one.body] == []
    # …and all of this did happen:
    authorized = {one.headers.get("authorization", "") for one in seen}
    assert authorized == {f"Bearer {IN_ENVIRONMENT}", f"Bearer {IN_CONFIG}"}
    assert len(seen) == 5
    assert "the kernel has it: False" in outputs[1]
    assert [number for number in (1, 2, 3, 4, 5, 7) if MARK not in outputs[number]] == []
    assert "OPENAI_API_KEY" in outputs[9]
    assert {"ledger.jsonl", "chat.ipynb", "page.html"} <= {path.name for path in files}
    assert any(".cache" in path.parts for path in files)


async def test_no_key_is_in_the_ledger_when_its_pieces_are_put_together(folder: Path) -> None:
    async with FaultServer(said(f"Your key is {IN_ENVIRONMENT}. Done.", size=1)) as server:
        await asyncio.to_thread(
            run_cells,
            "%%agentchat --approve never\nWhich key?",
            folder=folder,
            OPENAI_BASE_URL=server.url,
            OPENAI_API_KEY=IN_ENVIRONMENT,
            OPENAI_MODEL="m",
            AUTOGEN_JUPYTER_LEDGER=str(folder / "ledger.jsonl"),
        )
    lines = [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]
    assert "".join(line["text"] for line in lines if line["kind"] == "message_delta") == f"Your key is {MARK}. Done."
    assert [line["text"] for line in lines if line["kind"] == "noticed" and "A secret stood in this chat" in line["text"]]


async def test_no_key_is_in_the_traceback_of_a_plain_cell(folder: Path) -> None:
    refusals = [status(401, {"error": {"message": f"Incorrect API key provided: {key}"}}) for key in (IN_ENVIRONMENT, IN_CONFIG)]
    async with FaultServer(*refusals) as server:
        cells = (f"URL = {server.url!r}", *PLAIN_CELLS)
        notebook = await asyncio.to_thread(run_cells, *cells, folder=folder, OPENAI_API_KEY=IN_ENVIRONMENT)
    failed = notebook.cells[3:]
    assert [error["ename"] for cell in failed for error in cell.outputs if error["output_type"] == "error"] == [
        "ModelError",
        "ModelError",
        "ValueError",
        "RuntimeError",
        "ModelError",
        "ZeroDivisionError",
    ]
    for cell in failed:
        shown = json.dumps(cell.outputs)
        assert [secret for secret in SECRETS if secret in shown] == [], cell.source
        assert MARK in shown or "[key]" in shown, cell.source


@pytest.mark.parametrize("quoted", [IN_ENVIRONMENT, IN_CONFIG, LOOKS_LIKE_ONE])
async def test_an_error_of_a_model_never_holds_a_key(quoted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORP_API_KEY", IN_ENVIRONMENT)
    async with FaultServer(status(401, {"error": {"message": f"Incorrect API key provided: {quoted}"}})) as server:
        config = {"model": "m", "base_url": server.url, "api_key": IN_CONFIG}
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        with pytest.raises(ModelError) as caught:
            await user.a_initiate_chat(AssistantAgent("bot", llm_config=config), message="go", max_turns=1, silent=True)
    error = caught.value
    told = "".join(traceback.format_exception(error)) + repr(error.args) + repr(error.__cause__)
    assert "Incorrect API key provided" in str(error)
    assert quoted not in told
