"""Commands that move things: chats to files and back, variables between the kernels, names to models."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ...errors import UsageError
from ...kernels import describe, push
from ..bring_back import bring_back
from ..export import export_chat, write_private
from ..files import bring_all
from ..kept import KIND, read_kept
from ..options import ChatOptions
from ..replay import replayed, run_again, text_of
from ..team import Team
from .registry import Place, command

__all__: list[str] = []


@command("save", "write the chat to a file, to be loaded in another kernel", takes=("file",), least=1)
async def save(place: Place, words: Sequence[str]) -> str:
    conversation = place.chats.get()
    if conversation.team is None:
        raise UsageError(f"{conversation.name} has nothing to save yet.")
    state = {
        "kind": KIND,
        "name": conversation.name,
        "id": conversation.id,
        "options": conversation.options.said(),
        "code": [[block.language, block.code] for chat in conversation.turns for block in chat.code],
        "requests": [[chat.request, [asdict(entry) for entry in chat.entries]] for chat in conversation.turns],
        "chat": conversation.team.save(),
    }
    write_private(words[0], json.dumps(state, ensure_ascii=False, indent=1, default=str))
    return f"{conversation.name} was saved to {words[0]}: its messages and its code, not the agent kernel's variables."


@command("export", "write the chat as a notebook (.ipynb) or as a page (.html, .md)", takes=("file",), least=1)
async def export(place: Place, words: Sequence[str]) -> str:
    conversation = place.chats.get()
    parts = [(chat.request, chat.entries, chat.session.transcript.status) for chat in conversation.turns]
    export_chat(parts, title=conversation.name, path=words[0])
    return f"{conversation.name} was written to {words[0]}."


@command("replay", "run a chat's code again in a fresh kernel, without any model, and compare", takes=("file",))
async def replay(place: Place, words: Sequence[str]) -> str:
    if words:
        return (await replayed(read_kept(Path(words[0])))).told
    turns = place.chats.get().turns
    before = [text_of(output) for chat in turns for output in chat.outputs]
    return (await run_again([block for chat in turns for block in chat.code], before)).told


@command("push", "copy variables of the notebook into the agent kernel", takes=("names", "pickle"), least=1)
async def push_variables(place: Place, words: Sequence[str]) -> str:
    names = words[0].split(",")
    if missing := [name for name in names if name not in place.shell.user_ns]:
        raise UsageError(f"The notebook has no variable {missing[0]!r}. Run the cell that makes it first.")
    values = {name: place.shell.user_ns[name] for name in names}
    await push(_team(place).executor, values, pickle=len(words) > 1)
    return "\n".join(describe(name, value) for name, value in values.items())


@command("pull", "bring variables of the agent kernel back, as -o does", takes=("names",), least=1)
async def pull_variables(place: Place, words: Sequence[str]) -> str:
    values = await bring_back(_team(place).executor, words[0].split(","))
    place.shell.user_ns.update(values)
    return "\n".join(describe(name, value) for name, value in values.items())


@command("bring", "copy files that the chat's code made to your folder, or --all; --yes replaces files of yours", takes=("paths",), least=1)
async def bring_files(place: Place, words: Sequence[str]) -> str:
    team = place.chats.get().team
    if team is None:
        raise UsageError("No code has run in this chat yet, so there are no files of it.")
    paths = [word for word in words if not word.startswith("-")]
    overwrite = not {"--yes", "-y"}.isdisjoint(words)
    if not paths and "--all" not in words:
        raise UsageError("Say which files: %agentchat bring PATH, or --all. `%agentchat files` lists them.")
    try:
        if "--all" in words:
            brought, refused = await asyncio.to_thread(bring_all, team.executor, overwrite=overwrite)
        else:
            brought, refused = await asyncio.to_thread(team.executor.bring_back, paths, overwrite=overwrite), []
    except UsageError as error:
        raise UsageError(_by_word(error)) from error
    told = [f"{path}: {path.stat().st_size:,} bytes" for path in brought] + [_by_word(one) for one in refused]
    return "\n".join(told) or "No files were made."


def _by_word(said: object) -> str:
    return str(said).replace("with overwrite=True", "with --yes")


@command("alias", "give a model a short name: alias fast ollama/qwen3:8b", takes=("name", "name"), least=2, also="register")
async def alias(place: Place, words: Sequence[str]) -> str:
    place.magics.aliases = {**place.magics.aliases, words[0]: words[1]}
    return f"%%agentchat {words[0]} now means -m {words[1]}, in this kernel."


@command("dealias", "take a model's short name away", takes=("name",), least=1, also="delete")
async def dealias(place: Place, words: Sequence[str]) -> str:
    if words[0] not in place.magics.aliases:
        known = ", ".join(place.magics.aliases)
        raise UsageError(f"There is no alias {words[0]!r}" + (f"; there is {known}." if known else ", and no other."))
    place.magics.aliases = {name: model for name, model in place.magics.aliases.items() if name != words[0]}
    return f"{words[0]} is no alias any more."


def _team(place: Place) -> Team:
    conversation = place.chats.open(ChatOptions())
    has_begun = conversation.team is not None
    return conversation.prepare(conversation.options if has_begun else conversation.options.over(place.magics.configured))
