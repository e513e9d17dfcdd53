"""Commands that let a chat go on: in this kernel after a stop, or in a new kernel from a file or the record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...portal import on_portal
from ..agentchat import Request, begin
from ..chats import Conversation
from ..kept import KeptChat, read_kept
from ..open_session import here
from ..options import ChatOptions
from ..record import record_file, recorded_chats
from ..restore import rebuild, restored
from .registry import Place, command

__all__: list[str] = []

RESUME = "Go on."


@command("load", "go on with a chat from a file", takes=("file",), least=1)
async def load(place: Place, words: Sequence[str]) -> str:
    conversation = await on_portal(restored)(read_kept(Path(words[0])), place.chats)
    return f"{_goes_on(conversation)} Its agent kernel is new: the variables are not there."


@command("resume", "go on with a chat that was stopped or failed, or that a file or the record has", takes=("kept", "rebuild"))
async def resume(place: Place, words: Sequence[str]) -> object:
    kept = _kept(place, words)
    if kept is not None:
        return await _resume_kept(place, kept, words[1] if len(words) > 1 else "")
    conversation = place.chats.get(words[0] if words else None)
    if conversation.running is not None:
        return f"{conversation.name} is running."
    if not conversation.turns:
        raise UsageError(f"{conversation.name} has nothing to go on with yet; ask it something.")
    last = conversation.turns[-1]
    is_again = last.state == "failed" and not conversation.messages[last.begins_at :]
    message, prompt = (last.request, last.prompt) if is_again else (RESUME, None)
    approve = last.options.approve  # it is the same request that goes on, so the permission given for it holds
    return await begin(
        Request(message, ChatOptions(name=conversation.name, approve=approve), defaults=place.magics.configured, prompt=prompt), place.chats
    )


def _kept(place: Place, words: Sequence[str]) -> KeptChat | None:
    """Return the chat that the words name outside of this kernel; None when they mean one of this kernel."""
    if not words:
        if not len(place.chats):
            earlier = recorded_chats()
            hint = f"The last one of an earlier kernel: %agentchat resume {earlier[0].id}" if earlier else "Begin one with %%agentchat."
            raise UsageError(f"There is no chat yet in this kernel. {hint}")
        return None
    if any(conversation.name == words[0] for conversation in place.chats):
        return None
    recorded, path = record_file(words[0]), Path(words[0])
    name, mark, only = words[0].rpartition("#")
    if recorded is None and mark and not path.exists():
        return read_kept(Path(name), only)
    return read_kept(recorded or path)


async def _resume_kept(place: Place, kept: KeptChat, said: str) -> str:
    conversation = await on_portal(restored)(kept, place.chats)
    goes_on = _goes_on(conversation)
    if not kept.code:
        return goes_on
    if said != "empty" and (said == "run" or _wants_code(place, kept)):
        return f"{goes_on} {await on_portal(rebuild)(conversation, kept)}"
    return f"{goes_on} Its agent kernel is empty; `%agentchat resume … run` runs its {_blocks(kept)} again in a new one."


def _wants_code(_place: Place, kept: KeptChat) -> bool:
    """Ask whether the chat's code is to be run again. Where nobody can be asked, it is not."""
    if not here().has_person:
        return False
    shown = "\n\n".join(block.code.strip() for block in kept.code)
    asked: Any = input(f"{shown[:4_000]}\n\nRun {_blocks(kept)} again, so that the agent kernel has its variables? [y/N] ")
    return str(asked).strip().lower() in ("y", "yes")


def _blocks(kept: KeptChat) -> str:
    return "this block of code" if len(kept.code) == 1 else f"these {len(kept.code)} blocks of code"


def _goes_on(conversation: Conversation) -> str:
    return f"{conversation.name} goes on with {len(conversation.messages)} messages."
