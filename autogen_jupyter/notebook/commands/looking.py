"""Commands that only look: what there is, how it stands, what was said, what it took."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from shlex import quote

from ..._version import __version__
from ...conversation.usage import usage_summary
from ...errors import UsageError
from ...kernels import Variable
from ...messages import content_str
from ...redaction import known_secrets, removed
from ..chats import Conversation
from ..inside import console_command
from ..options import OPTIONS
from ..parser import help_text
from ..record import DAYS, record_folder, recorded_chats
from ..teams import PLANS
from .registry import COMMANDS, Place, command, usage_of

__all__: list[str] = []


@command("list", "the chats of this kernel, or of earlier ones too", takes=("all",))
async def list_chats(place: Place, words: Sequence[str]) -> str:
    here = "\n".join(f"{'*' if one is place.chats.current else ' '} {one.name}: {_standing(one)}" for one in place.chats)
    here = here or "There is no chat yet. Begin one: %%agentchat, and below it what you want done."
    return f"{here}\n\n{_earlier(place)}" if words else here


def _earlier(place: Place) -> str:
    """Say which chats the record has that are not of this kernel."""
    ours = {one.record.path for one in place.chats if one.record is not None}
    earlier = [one for one in recorded_chats() if one.path not in ours]
    where = f"kept in {record_folder()} for {DAYS} days; AUTOGEN_JUPYTER_RECORD=off keeps none"
    if not earlier:
        return f"No chat of an earlier kernel ({where})."
    lines = [
        f"  {one.id}  {Path(one.folder).name}/  {json.dumps(one.asked.splitlines()[0][:60], ensure_ascii=False)}" for one in earlier[:20]
    ]
    more = [f"  … and {len(earlier) - 20} more"] if len(earlier) > 20 else []
    return "\n".join([f"Of other kernels ({where}):", *lines, *more, "Go on with one: %agentchat resume ID"])


@command("agents", "the agents of a chat, and the teams there are", takes=("chat",))
async def agents(place: Place, words: Sequence[str]) -> str:
    lines = [f"team {plan.name}: {plan.description or ', '.join(member.name for member in plan.agents)}" for plan in PLANS.values()]
    if len(place.chats):
        conversation = _chat(place, words)
        members = conversation.team.agents if conversation.team is not None else ()
        lines += [f"@{agent.name} in {conversation.name}: {agent.description or type(agent).__name__}" for agent in members]
    return "\n".join(lines)


@command("models", "the model a chat uses, and how to name another")
async def models(place: Place, _words: Sequence[str]) -> str:
    from ...models.config import resolve_model
    from ...models.providers import PROVIDERS

    conversation = place.chats.current
    named = (conversation.options.model if conversation is not None else None) or place.magics.configured.model
    aliases = [f"alias {alias} = {model}" for alias, model in sorted(place.magics.aliases.items())]
    providers = ", ".join(f"{name}/MODEL" for name in PROVIDERS)
    return "\n".join([resolve_model(named).notice.splitlines()[0], *aliases, f"Others: -m with builtin/demo, a server's URL, {providers}"])


@command("status", "how a chat stands: what it does, its model, its agent kernel", takes=("chat",))
async def status(place: Place, words: Sequence[str]) -> str:
    conversation = _chat(place, words)
    lines = [f"{conversation.name}: {_standing(conversation)}"]
    if conversation.team is not None:
        client = conversation.team.assistant.model_client
        lines += [f"model: {client.model if client is not None else 'none'}", f"agent kernel: {conversation.team.executor.state}"]
    asked = conversation.turns[-1].session.pending if conversation.turns else None
    if asked is not None:
        lines.append(f"it asks: {asked.prompt.strip()[:500]}\nanswer with %agentchat answer TEXT (run, end, or what you want to say)")
    return "\n".join(lines)


@command("variables", "the variables of a chat's agent kernel", takes=("chat",))
async def variables(place: Place, words: Sequence[str]) -> str:
    conversation = _chat(place, words)
    team = conversation.team
    if team is None or team.executor.state == "closed":
        return f"The agent kernel of {conversation.name} has not been started; nothing is in it."
    return "\n".join(_in_a_line(one) for one in await team.executor.variables()) or "No variables."


@command("console", "how to open a console or a notebook on a chat's agent kernel", takes=("chat",))
async def console(place: Place, words: Sequence[str]) -> str:
    conversation = _chat(place, words)
    executor = conversation.team.executor if conversation.team is not None else None
    if executor is None or executor.state == "closed":
        return f"The agent kernel of {conversation.name} has not been started; there is nothing to open."
    file = executor.connection_file
    if file is None:
        return f"{executor.boundary.description}\nA notebook of that server can use the kernel: choose it under Kernel, Change Kernel."
    command, missing = console_command(executor)
    missing = missing and f"{missing}\n"
    return (
        f"The agent kernel of {conversation.name} takes commands from whoever can read its connection file. In a terminal here:\n"
        f"    {command}\n{missing}"
        "Or with notebooks, in a JupyterLab that offers this kernel besides its own:\n"
        f"    jupyter lab --ServerApp.allow_external_kernels=True --ServerApp.external_connection_dir={quote(str(file.parent))}\n"
        "What you run there is not asked about, and the agents find what it leaves. Ctrl-D ends the console; the kernel ends with the chat."
    )


@command("files", "the files that a chat's code made, with their sizes", takes=("chat",))
async def files(place: Place, words: Sequence[str]) -> str:
    team = _chat(place, words).team
    if team is None:
        return "No code has run yet."
    if not team.executor.isolated:
        return "This chat's code is not isolated: the files that it makes are in its working folder."
    made = team.executor.files_made()
    if not made:
        return "No files were made."
    lines = [f"{one.path}: {one.size:,} bytes, {one.change}" for one in made]
    return "\n".join(
        [*lines, "They go with the agent kernel. %agentchat bring PATH copies one to your folder, --all every one; --yes replaces yours."]
    )


@command("cost", "what the chats have taken: tokens, US dollars", takes=("chat",))
async def cost(place: Place, words: Sequence[str]) -> str:
    chosen: Iterable[Conversation] = [_chat(place, words)] if words else place.chats
    lines = []
    for conversation in chosen:
        rows = [row for chat in conversation.turns for row in chat.usage]
        tokens = sum((row["prompt_tokens"] or 0) + (row["completion_tokens"] or 0) for row in rows)
        unknown = any(row["usd"] is None for row in rows)
        usd = usage_summary(rows).get("total_cost") or 0.0
        lines.append(f"{conversation.name}: {tokens} tokens in {len(rows)} answers, {'price unknown' if unknown else f'{usd:.4f} USD'}")
    return "\n".join(lines) or "Nothing was spent: there is no chat yet."


@command("history", "the last messages of the chat", takes=("number",))
async def history(place: Place, words: Sequence[str]) -> str:
    messages = place.chats.get().messages
    shown = list(enumerate(messages, start=1))[-(int(words[0]) if words else 10) :]
    return "\n".join(f"[{number}] {one.get('name') or one.get('role')}: {content_str(one.get('content'))}" for number, one in shown)


@command("config", "the configuration; change it with %config AgentChat.NAME = VALUE")
async def config(place: Place, _words: Sequence[str]) -> str:
    said = place.magics.configured.said()
    shown = [option for option in OPTIONS if option.is_configurable]
    return "\n".join(f"AgentChat.{option.field} = {said.get(option.field, option.default)!r}" for option in shown)


@command("raw", "the newest request to a model and its answer, as they went over the wire; or those of message N", takes=("number",))
async def raw(place: Place, words: Sequence[str]) -> str:
    from ...models.raw import raw_exchanges

    conversation = place.chats.get()
    if not words:
        found = raw_exchanges()[-1:]
    else:
        team, number = conversation.team, int(words[0])
        messages = team.proxy.history_with(team.partner).messages if team is not None else []
        if number > len(messages):
            raise UsageError(f"There is no message {number}; {conversation.name} has {len(messages)}. %agentchat history shows them.")
        found = raw_exchanges(messages[number - 1].id)
    if not found:
        return "No request is kept for this: no model was asked, it was answered from the cache, or it is too long ago."
    return "\n".join(json.dumps(one.to_dict(), indent=2, ensure_ascii=False, default=str) for one in found)


@command("secrets", "which secrets are known here, by name, and how often one was taken out of a text")
async def secrets(_place: Place, _words: Sequence[str]) -> str:
    known, taken = known_secrets(), removed()
    lines = [f"Known, and taken out wherever they stand: {', '.join(known) or 'none'}. So is what looks like a key."]
    return "\n".join([*lines, *(f"{times} x {source}" for source, times in sorted(taken.items()))])


@command("doctor", "see what works here (model, agent kernel, front end), and what to do about what does not")
async def doctor(place: Place, _words: Sequence[str]) -> str:
    from ...doctor import Finding, as_text, examine
    from ...portal import on_portal
    from ..open_session import here

    conversation = place.chats.current
    named = (conversation.options.model if conversation is not None else None) or place.magics.configured.model

    async def look() -> list[Finding]:
        return [finding async for finding in examine(named)]

    shown = Finding("front end", "this one", "ok", f"{here().kind}{'' if here().has_person else ', with nobody to answer questions'}")
    return as_text([*await on_portal(look)(), shown])


@command("version", "the version of this package")
async def version(_place: Place, _words: Sequence[str]) -> str:
    return f"autogen_jupyter {__version__}"


@command("help", "this, or the help of one command", takes=("command",))
async def show_help(_place: Place, words: Sequence[str]) -> str:
    if words:
        found = COMMANDS[words[0]]
        return f"%agentchat {usage_of(found)}\n  {found.help}"
    lines = [f"  {usage_of(one):<24} {one.help}" for one in COMMANDS.values() if not one.is_hidden]
    return "\n".join([help_text(), "commands of %agentchat (a line that is none of them is a request; `--` before it makes sure):", *lines])


def _in_a_line(variable: Variable) -> str:
    shape = f" {' x '.join(map(str, variable.shape))}" if variable.shape is not None else ""
    size = f", {variable.size:,} bytes" if variable.size is not None else ""
    return f"{variable.name}: {variable.type}{shape}{size}" + (f": {variable.text}" if variable.text else "")


def _chat(place: Place, words: Sequence[str]) -> Conversation:
    return place.chats.get(words[0] if words else None)


def _standing(conversation: Conversation) -> str:
    if not conversation.turns:
        return f"{len(conversation.messages)} messages"
    last = conversation.turns[-1]
    state = {"running": "running", "waiting": "waiting for you"}.get(last.state) or last.stop_reason or "ended"
    asked = json.dumps(last.request[:60] + ("…" if len(last.request) > 60 else ""), ensure_ascii=False)
    return f"{len(conversation.messages)} messages, last asked {asked}: {state}"
