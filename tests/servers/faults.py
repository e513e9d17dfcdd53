"""Everything that a model server does wrong, as a table: the tests run it, and docs/reliability.md is written from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autogen_jupyter import AssistantAgent, UserProxyAgent
from autogen_jupyter.errors import ModelError
from autogen_jupyter.events import ChatEvent, Noticed, ReplyBroken
from autogen_jupyter.models import ChatCompletionsClient
from autogen_jupyter.session.entries import MessageEntry
from autogen_jupyter.session.transcript import Transcript

from ..conversation.doubles import Room
from ..models.endpoints import chunk
from .fault_server import Act, FaultServer, events, reset, silence, status

KEY = "sk-proj-0123456789abcdef"
HTML = "<!doctype html><html><head><title>Sign in to Corp Proxy</title></head></html>"
PART = chunk(content="The mean is ")
GOOD = events(chunk(content="The mean is 4."), chunk(finish="stop"))


def said(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


@dataclass(frozen=True)
class Fault:
    """One way to fail, and how often the model is asked with one retry allowed."""

    what: str
    acts: tuple[Act, ...]
    requests: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    kept: str = ""
    """The text of the answer that came before it failed."""
    is_refused: bool = False
    """Whether nobody listens at the address at all."""


BUSY = said("Rate limit reached for my-model")
FAULTS = (
    Fault("400, a parameter is wrong", (status(400, said("Unsupported value: 'temperature' does not support 3")),)),
    Fault("400, the conversation is too long", (status(400, said("maximum context length is 8192 tokens")),)),
    Fault("401, the key is wrong", (status(401, said(f"Incorrect API key provided: {KEY}")),)),
    Fault("403, not allowed", (status(403, said("Country not supported")),)),
    Fault("404, no such model", (status(404, said("The model 'my-model' does not exist")),), requests=2),
    Fault("408, the server gave up waiting", (status(408, said("Request timed out")),), requests=2),
    Fault("409, a conflict", (status(409, said("The resource is locked")),), requests=2),
    Fault("429, too many requests", (status(429, BUSY),), requests=2),
    Fault("429, with Retry-After in seconds", (status(429, BUSY, retry_after="0.2"),), requests=2),
    Fault("429, with a Retry-After of ten minutes", (status(429, BUSY, retry_after="600"),)),
    Fault("429, the account is empty", (status(429, said("You exceeded your current quota", code="insufficient_quota")),)),
    Fault("500, the server failed", (status(500, said("the model crashed")),), requests=2),
    Fault("503, a proxy's page", (status(503, HTML),), requests=2),
    Fault("nobody listens at the address", (), requests=0, is_refused=True),
    Fault("the connection is reset before the answer", (reset,), requests=2),
    Fault("silence before the answer", (silence,), requests=2, options={"timeout": 1}),
    Fault("the connection breaks in the answer", (events(PART, then="cut"),), requests=2, kept="The mean is "),
    Fault("silence in the middle of the answer", (events(PART, then="silence"),), requests=2, options={"timeout": 1}, kept="The mean is "),
    Fault("an error in the middle of the answer", (events(PART, said("boom")),), requests=2, kept="The mean is "),
    Fault("garbage in the middle of the answer", (events(PART, b"data: {\x00 what\n\n"),), requests=2, kept="The mean is "),
    Fault("a stream with nothing in it", (events(),), requests=2),
    Fault("a web page instead of an answer", (status(200, HTML),)),
    Fault("an error with status 200", (status(200, said("no capacity")),), requests=2),
    Fault("`choices` is null", (status(200, {"id": "x", "choices": None}),), requests=2),
    Fault("the content filter lets nothing through", (events(chunk(content=""), chunk(finish="content_filter")),)),
    Fault("an answer without an end", (events(PART, then="endless"),), options={"total_timeout": 0.5}, kept="The mean is "),
)


@dataclass(frozen=True)
class Experience:
    """What a person saw of a fault."""

    error: ModelError | None
    message: str
    """The text of the error, with HOST for the address."""
    notices: tuple[str, ...]
    requests: int
    kept: str
    """Unfinished text in the transcript."""
    went_on: bool
    """Whether the chat went on from where it stood when the server was well again."""
    everything: str
    """All of it, to look for keys in."""


async def live_through(fault: Fault) -> Experience:
    """Chat with a server that has the fault; then mend it, and go on with the same chat."""
    async with FaultServer(*(fault.acts or (GOOD,)), is_listening=not fault.is_refused) as server:
        client = ChatCompletionsClient("my-model", base_url=server.url, api_key=KEY, key_source="MY_KEY", max_retries=1, **fault.options)
        bot = AssistantAgent("bot", llm_config=client)
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        room, error = Room(), None
        try:
            await room.chat(user, bot, message="What is the mean?", max_turns=1)
        except ModelError as raised:
            error = raised
        requests = len(server.seen)
        await server.listen()
        server.acts = [GOOD]
        transcript = Transcript()
        for event in room.events:
            transcript.apply(event)
        notices = [_notice_in(event) for event in room.events]
        unfinished = [entry.text for entry in transcript.entries if isinstance(entry, MessageEntry) and entry.state == "stopped"]
        return Experience(
            error=error,
            message=_without_chance(str(error), server.host),
            notices=tuple(_without_chance(notice, server.host) for notice in notices if notice),
            requests=requests,
            kept=unfinished[-1] if unfinished else "",
            went_on=await _goes_on(room, user, bot, server),
            everything=repr([error, error and error.__cause__, room.events, transcript.entries, client, client.endpoint, bot]),
        )


def _notice_in(event: ChatEvent) -> str:
    if isinstance(event, Noticed):
        return event.text
    return event.reason if isinstance(event, ReplyBroken) else ""


async def _goes_on(room: Room, user: UserProxyAgent, bot: AssistantAgent, server: FaultServer) -> bool:
    result = await room.chat(user, bot, message="Go on.", max_turns=1, clear_history=False)
    sent = [message["content"] for message in server.seen[-1].json["messages"] if message["role"] == "user"]
    return result.chat_history[-1]["content"] == "The mean is 4." and sent == ["What is the mean?", "Go on."]


def _without_chance(text: str, host: str) -> str:
    """Replace what differs from run to run and from system to system."""
    text = re.sub(r"\[Errno -?\d+\]", "[Errno …]", text.replace(host, "HOST"))
    text = re.sub(r"\('127\.0\.0\.1', \d+\)", "HOST", text)
    text = re.sub(r"(and|after) \d{3,} characters", r"\1 many characters", text)
    return re.sub(r"again in [\d.]+ s", "again in a moment", text)
