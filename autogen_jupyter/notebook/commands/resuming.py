"""Commands that let a chat go on: in this kernel after a stop, or in a new kernel from a file or the record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...portal import on_portal
from ..agentchat import Request, begin
from ..chats import Conversation
from ..kept import KeptChat, conversations_in
from ..open_session import here
from ..options import ChatOptions
from ..record import record_file, recorded_chats
from ..restore import rebuild, restored
from .registry import Place, command, without_name

__all__: list[str] = []

RESUME = "Go on."


@command("load", "go on with a chat from a file", takes=("file", "named"), least=1)
async def load(place: Place, words: Sequence[str]) -> str:
    words, name = without_name(words)
    kept, told = _of_file(Path(words[0]), name)
    conversation = await on_portal(restored)(kept, place.chats)
    return f"{_goes_on(conversation, kept, told)} Its agent kernel is new: the variables are not there."


@command("resume", "go on with a chat that was stopped or failed, or that a file or the record has", takes=("kept", "named", "rebuild"))
async def resume(place: Place, words: Sequence[str]) -> object:
    words, name = without_name(words)
    found = _kept(place, words, name)
    if found is not None:
        return await _resume_kept(place, *found, words[1] if len(words) > 1 else "")
    words = words or [word for word in [name] if word is not None]
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


def _kept(place: Place, words: Sequence[str], name: str | None) -> tuple[KeptChat, str] | None:
    """Return the chat that the words name outside of this kernel, and what to say of it; None when they mean one of this kernel."""
    if not words:
        if not len(place.chats):
            earlier = recorded_chats()
            hint = f"The last one of an earlier kernel: %agentchat resume {earlier[0].id}" if earlier else "Begin one with %%agentchat."
            raise UsageError(f"There is no chat yet in this kernel. {hint}")
        return None
    if any(conversation.name == words[0] for conversation in place.chats):
        if name is not None:
            raise UsageError(f"{words[0]} is a chat of this kernel; -n NAME is for a file that holds several.")
        return None
    recorded = record_file(words[0])
    file, mark, only = words[0].rpartition("#")
    if recorded is None and mark and not Path(words[0]).exists():
        return _of_file(Path(file), name, only)
    return _of_file(recorded or Path(words[0]), name)


def _of_file(path: Path, name: str | None, only: str = "") -> tuple[KeptChat, str]:
    """Return the chat of this name or with this id, or the one that was used last, and which others there are.

    Raises:
        UsageError: there is none of this name or id.
    """
    found = conversations_in(path)
    if only:
        for kept in found:
            if kept.id == only:
                return kept, ""
        raise UsageError(f"{path} holds no chat {only!r}. Save the notebook first if it was not saved since.")
    names = ", ".join(kept.name for kept in found)
    if name is not None:
        for kept in found:
            if kept.name == name:
                return kept, ""
        raise UsageError(f"{path} has no chat {name!r}; it has {names}.")
    return found[-1], f"It is the last of {len(found)} chats in {path.name}: {names}. -n NAME takes another." if len(found) > 1 else ""


async def _resume_kept(place: Place, kept: KeptChat, told: str, said: str) -> str:
    conversation = await on_portal(restored)(kept, place.chats)
    goes_on = _goes_on(conversation, kept, told)
    if not kept.code:
        return goes_on
    if said != "empty" and (said == "run" or _wants_code(place, kept)):
        return f"{goes_on} {await on_portal(rebuild)(conversation, kept)}"
    return f"{goes_on} Its agent kernel is empty; `%agentchat resume … run` runs {_blocks(kept)} again in a new one."


def _wants_code(_place: Place, kept: KeptChat) -> bool:
    """Ask whether the chat's code is to be run again. Where nobody can be asked, it is not."""
    if not here().has_person:
        return False
    shown = "\n\n".join(block.code.strip() for block in kept.code)
    asked: Any = input(f"{shown[:4_000]}\n\nRun {_blocks(kept)} again, so that the agent kernel has its variables? [y/N] ")
    return str(asked).strip().lower() in ("y", "yes")


def _blocks(kept: KeptChat) -> str:
    return "this block of code" if len(kept.code) == 1 else f"these {len(kept.code)} blocks of code"


def _goes_on(conversation: Conversation, kept: KeptChat, told: str) -> str:
    goes_on = f"{conversation.name} goes on with {len(conversation.messages)} messages."
    return " ".join(filter(None, [goes_on, told, kept.left_out]))
