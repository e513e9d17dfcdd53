"""Commands that move things: chats to files and back, variables between the kernels, names to models."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...code_blocks import CodeBlock
from ...conversation.state import load_chat, save_chat
from ...errors import UsageError
from ...kernels import KernelCodeExecutor, describe, push
from ..as_notebook import as_notebook
from ..bring_back import bring_back
from ..chats import Conversation
from ..options import ChatOptions
from ..team import Team
from .registry import Place, command

__all__: list[str] = []

KIND = "autogen_jupyter.conversation"


@command("save", "write the chat to a file, to be loaded in another kernel", takes=("file",), least=1)
async def save(place: Place, words: Sequence[str]) -> str:
    conversation = place.chats.get()
    if conversation.team is None:
        raise UsageError(f"{conversation.name} has nothing to save yet.")
    code = [[block.language, block.code] for chat in conversation.turns for block in chat.code]
    state = {
        "kind": KIND,
        "name": conversation.name,
        "options": conversation.options.said(),
        "code": code,
        "chat": save_chat(*conversation.team.agents),
    }
    _write(words[0], json.dumps(state, ensure_ascii=False, indent=1))
    return f"{conversation.name} was saved to {words[0]}: its messages and its code, not the agent kernel's variables."


@command("load", "go on with a chat from a file", takes=("file",), least=1)
async def load(place: Place, words: Sequence[str]) -> str:
    state = _read(words[0])
    options = ChatOptions(**{name: value for name, value in state["options"].items() if name in ("model", "team")})
    team = Team(options)
    load_chat(state["chat"], *team.agents)
    conversation = Conversation(place.chats.free_name(str(state["name"])), options, team)
    place.chats.add(conversation)
    return f"{conversation.name} goes on with {len(conversation.messages)} messages. Its agent kernel is new: the variables are not there."


@command("export", "write the chat as a notebook (.ipynb) or as a page (.html, .md)", takes=("file",), least=1)
async def export(place: Place, words: Sequence[str]) -> str:
    import nbformat

    conversation = place.chats.get()
    suffix = Path(words[0]).suffix
    notebook = as_notebook([(chat.request, chat.entries) for chat in conversation.turns], title=conversation.name)
    if suffix == ".ipynb":
        _write(words[0], nbformat.writes(notebook))
    elif suffix in (".html", ".md"):
        from ...session.static_html import html_of
        from ...session.static_markdown import markdown_of

        render = html_of if suffix == ".html" else markdown_of
        _write(words[0], "\n\n".join(render(chat.entries, chat.session.transcript.status) for chat in conversation.turns))
    else:
        raise UsageError(f"A chat cannot be exported as {suffix or words[0]!r}; give a name that ends in .ipynb, .html or .md.")
    return f"{conversation.name} was written to {words[0]}."


@command("replay", "run a chat's code again in a fresh kernel, without any model, and compare", takes=("file",))
async def replay(place: Place, words: Sequence[str]) -> str:
    if words:
        blocks, before = [CodeBlock(str(language), str(code)) for language, code in _read(words[0])["code"]], None
    else:
        turns = place.chats.get().turns
        blocks = [block for chat in turns for block in chat.code]
        before = [_text(output) for chat in turns for output in chat.outputs]
    after: list[str] = []
    failed = 0
    async with KernelCodeExecutor() as executor:
        for block in blocks:
            result = await executor.execute_code_blocks([block])
            failed += bool(result.exit_code)
            after += [_text(dict(output)) for output in result.outputs]
    said = f"{len(blocks)} blocks of code ran in a fresh kernel, {failed} failed; no model was asked."
    if before is None:
        return said
    same = "".join(before) == "".join(after)
    return f"{said} The text of the outputs is {'the same' if same else 'different'}."


@command("push", "copy variables of the notebook into the agent kernel", takes=("names",), least=1)
async def push_variables(place: Place, words: Sequence[str]) -> str:
    names = words[0].split(",")
    if missing := [name for name in names if name not in place.shell.user_ns]:
        raise UsageError(f"The notebook has no variable {missing[0]!r}. Run the cell that makes it first.")
    values = {name: place.shell.user_ns[name] for name in names}
    await push(_team(place).executor, values)
    return "\n".join(describe(name, value) for name, value in values.items())


@command("pull", "bring variables of the agent kernel back, as -o does", takes=("names",), least=1)
async def pull_variables(place: Place, words: Sequence[str]) -> str:
    values = await bring_back(_team(place).executor, words[0].split(","))
    place.shell.user_ns.update(values)
    return "\n".join(describe(name, value) for name, value in values.items())


@command("bring", "copy files that the chat's code made to your folder; --yes replaces files of yours", takes=("paths",), least=1)
async def bring_files(place: Place, words: Sequence[str]) -> str:
    team = place.chats.get().team
    if team is None:
        raise UsageError("No code has run in this chat yet, so there are no files of it.")
    paths = [word for word in words if word not in ("--yes", "-y")]
    if not paths:
        raise UsageError("Say which files: %agentchat bring PATH. `%agentchat files` lists them.")
    try:
        brought = await asyncio.to_thread(team.executor.bring_back, paths, overwrite=len(paths) < len(words))
    except UsageError as error:
        raise UsageError(str(error).replace("with overwrite=True", "with --yes")) from error
    return "\n".join(f"{path}: {path.stat().st_size:,} bytes" for path in brought)


@command("alias", "give a model a short name: alias fast ollama/qwen3:8b", takes=("name", "name"), least=2, also="register")
async def alias(place: Place, words: Sequence[str]) -> str:
    place.magics.aliases = {**place.magics.aliases, words[0]: words[1]}
    return f"%%agentchat {words[0]} now means -m {words[1]}, in this kernel."


@command("dealias", "take a model's short name away", takes=("name",), least=1, also="delete")
async def dealias(place: Place, words: Sequence[str]) -> str:
    if words[0] not in place.magics.aliases:
        raise UsageError(f"There is no alias {words[0]!r}; there is {', '.join(place.magics.aliases) or 'none'}.")
    place.magics.aliases = {name: model for name, model in place.magics.aliases.items() if name != words[0]}
    return f"{words[0]} is no alias any more."


def _team(place: Place) -> Team:
    conversation = place.chats.open(ChatOptions())
    has_begun = conversation.team is not None
    return conversation.prepare(conversation.options if has_begun else conversation.options.over(place.magics.configured))


def _write(name: str, text: str) -> None:
    try:
        descriptor = os.open(Path(name).expanduser(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{name} cannot be written: {error}.") from error


def _read(name: str) -> dict[str, Any]:
    try:
        state = json.loads(Path(name).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{name} cannot be read: {error}.") from error
    if not isinstance(state, dict) or state.get("kind") != KIND:
        raise UsageError(f"{name} is no saved chat; %agentchat save writes one.")
    return state


def _text(output: dict[str, object]) -> str:
    data = output.get("data")
    text = output.get("text") or (data.get("text/plain") if isinstance(data, dict) else "")
    return text if isinstance(text, str) else ""
