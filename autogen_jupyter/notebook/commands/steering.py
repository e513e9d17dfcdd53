"""Commands that change how a chat goes on: stop, answer, undo, fork, reset."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import UsageError
from ...human_input import InputAnswer, InputRequest
from ..agentchat import Request, begin
from ..chats import Conversation
from ..options import ChatOptions
from ..prompt import fix_request
from .registry import Place, command

__all__: list[str] = []


@command("stop", "stop what runs in a chat; both kernels keep their variables", takes=("chat",))
async def stop(place: Place, words: Sequence[str]) -> str:
    conversation = place.chats.get(words[0] if words else None)
    chat = conversation.running
    if chat is None:
        return f"Nothing runs in {conversation.name}."
    chat.stop()
    await conversation.settle()
    return f"{conversation.name} was stopped."


@command("answer", "answer the question that waits: run, continue, end, or what you want to say", takes=("text",), least=1)
async def answer(place: Place, words: Sequence[str]) -> str:
    for conversation in place.chats:
        chat = conversation.running
        asked = chat.session.pending if chat is not None else None
        if chat is not None and asked is not None:
            heard = chat.session.answer(asked.id, _answer(" ".join(words), asked))
            return f"{conversation.name} goes on." if heard else f"{conversation.name} was answered before."
    raise UsageError("No question waits for an answer. To ask the agents just this, begin the line with `%agentchat --`.")


def _answer(text: str, asked: InputRequest) -> InputAnswer:
    if asked.kind in ("approval", "reply") and text in ("run", "continue", "end"):
        return InputAnswer("end" if text == "end" else "run" if asked.kind == "approval" else "continue", via="magic")
    return InputAnswer.from_classic(text, asked, via="magic")


@command("fix", "explain the last cell that failed, and correct it", also="error")
async def fix(place: Place, _words: Sequence[str]) -> object:
    prompt = fix_request(place.magics.cells, UsageError)
    return await begin(Request(f"Fix: {prompt.added[0].note}", ChatOptions(), defaults=place.magics.configured, prompt=prompt), place.chats)


@command("undo", "forget the last request and its answer, or the last N", takes=("number",))
async def undo(place: Place, words: Sequence[str]) -> str:
    conversation = _settled(place)
    number = int(words[0]) if words else 1
    if not conversation.turns:
        raise UsageError(f"{conversation.name} has no request to undo.")
    if not 0 < number <= len(conversation.turns):
        raise UsageError(f"{conversation.name} has no {number} requests to undo, but {len(conversation.turns)}. Nothing was forgotten.")
    undone = conversation.turns[-number:]
    del conversation.turns[-number:]
    conversation.cut(undone[0].begins_at)
    asked = "; ".join(repr(chat.request[:60]) for chat in undone)
    return f"{conversation.name} forgot {asked}. Variables and files that the code made are still there."


@command("fork", "go on in a copy of the chat, from message N; variables are not copied", takes=("number",))
async def fork(place: Place, words: Sequence[str]) -> str:
    conversation = _settled(place)
    if conversation.team is None:
        raise UsageError(f"{conversation.name} has nothing to fork yet.")
    at = int(words[0]) if words else len(conversation.messages)
    if at > len(conversation.messages):
        raise UsageError(f"{conversation.name} has {len(conversation.messages)} messages; there is no message {at}.")
    copy = conversation.fork(place.chats.free_name(f"{conversation.name}-fork"), at)
    place.chats.add(copy)
    return f"{copy.name} goes on from message {at} of {conversation.name}, with an agent kernel of its own, which is empty."


@command("reset", "forget a chat and its agent kernel", takes=("chat",))
async def reset(place: Place, words: Sequence[str]) -> str:
    conversation = place.chats.get(words[0] if words else None)
    await place.chats.forget(conversation)
    return f"{conversation.name} is forgotten, and its agent kernel is stopped."


def _settled(place: Place) -> Conversation:
    conversation = place.chats.get()
    if conversation.running is not None:
        raise UsageError(f"{conversation.name} is running; %agentchat stop ends that.")
    return conversation
