"""Look at the model: is it there, does it take the key, and what can it do? Four tiny questions are asked, some 300 tokens in all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..errors import AgentChatError, ModelError
from ..messages import Message
from ..models.base import ModelClient, ModelReply, ModelRequest
from ..models.chat_completions import ChatCompletionsClient
from ..models.config import ModelChoice, resolve_model
from ..models.estimate import asked_client
from ..models.prices import context_window
from .finding import Finding

__all__ = ["examine_model"]

AREA = "model"
PATIENCE = 60.0
"""Seconds that one question may take."""
_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
_TOOL = {
    "type": "function",
    "function": {
        "name": "report",
        "description": "Report a number.",
        "parameters": {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]},
    },
}
_SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}
_JSON = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": _SCHEMA}}
_SMALL = 4_096
"""Tokens of context with which a chat soon cannot go on."""


@dataclass
class _Timed:
    """One answer, and when it came."""

    reply: ModelReply
    pieces: int
    first: float
    """Seconds until the first piece."""
    seconds: float


async def examine_model(given: str | Mapping[str, Any] | ModelClient | None = None) -> AsyncIterator[Finding]:
    """Yield what is found, as it is found; where nothing answers, no more is asked."""
    try:
        choice = await asyncio.to_thread(resolve_model, given)
    except AgentChatError as error:
        yield Finding(
            AREA, "configured", "failed", str(error).split("\n")[0], "\n".join(str(error).split("\n")[1:]) or "Choose with -m MODEL."
        )
        return
    asked = asked_client(choice.client)
    try:
        async for finding in _examined(choice, asked):
            yield finding
    finally:
        if isinstance(asked, ChatCompletionsClient) and choice.client is not given:
            await asked.close()


async def _examined(choice: ModelChoice, asked: ModelClient) -> AsyncIterator[Finding]:
    client = choice.client
    is_model = client.is_language_model
    notice = choice.notice.split("\n")[0] or f"Using {client.model}."
    yield Finding(AREA, "configured", "ok" if is_model else "warning", notice, "" if is_model else "Set a key, or choose with -m MODEL.")
    if isinstance(asked, ChatCompletionsClient) and is_model:
        listed, findings = await _listed(asked)
        for finding in findings:
            yield finding
        if not listed:
            return
    answered = await _spoken(client)
    for finding in answered:
        yield finding
    if answered[0].status == "ok" and is_model:
        for look in (_tools, _json, _images):
            yield await look(client)
    if isinstance(asked, ChatCompletionsClient) and is_model:
        yield await _context(asked)


async def _listed(client: ChatCompletionsClient) -> tuple[bool, list[Finding]]:
    """Ask for the list of models: it costs nothing, and needs the server, the network and mostly the key. False: nobody is there."""
    host, key = client.endpoint.host, client.endpoint
    began = time.perf_counter()
    try:
        names = [str(entry.get("id", "")) for entry in await client.offers()]
    except ModelError as error:
        status = getattr(error.__cause__, "status_code", None) or _status_in(str(error))
        if status in (401, 403):
            remedy = "Check it there." if key.key else "Give one: the provider's variable, or api_key in llm_config."
            source = f"the key from {key.key_source}" if key.key else "a request without a key"
            return False, [_is_there(host, began), Finding(AREA, "key", "failed", f"{host} refused {source} ({status})", remedy)]
        if status is not None:
            return True, [_is_there(host, began), Finding(AREA, "models listed", "warning", str(error), "Not all servers list them.")]
        return False, [Finding(AREA, "reachable", "failed", str(error), "Start the server, or check base_url and the network.")]
    wanted = client.model
    findings = [_is_there(host, began)]
    if key.key:
        findings.append(Finding(AREA, "key", "ok", f"the key from {key.key_source} is accepted"))
    has_it = wanted in names or wanted.startswith("the model at") or any(name.endswith(f"/{wanted}") for name in names)
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    text = f"{len(names)}: {shown}" if has_it else f"{wanted} is not among the {len(names)}: {shown}"
    findings.append(Finding(AREA, "models listed", "ok" if has_it else "warning", text, "" if has_it else "Choose one with -m MODEL."))
    return True, findings


def _is_there(host: str, began: float) -> Finding:
    return Finding(AREA, "reachable", "ok", f"{host} answered in {1000 * (time.perf_counter() - began):.0f} ms")


def _status_in(text: str) -> int | None:
    return next((code for code in (401, 403, 404, 405, 500, 501) if f"({code})" in text), None)


async def _spoken(client: ModelClient) -> list[Finding]:
    try:
        timed = await _ask(client, "Count from 1 to 20, separated by spaces.")
    except (ModelError, asyncio.TimeoutError) as error:
        return [Finding(AREA, "answers", "failed", _said(error), "See the message; %agentchat raw shows the exchange.")]
    usage = timed.reply.usage
    findings = [Finding(AREA, "answers", "ok", f"{timed.reply.model}, first words after {timed.first:.2f} s")]
    if timed.pieces > 1:
        findings.append(Finding(AREA, "streaming", "ok", f"{timed.pieces} pieces"))
    else:
        findings.append(Finding(AREA, "streaming", "warning", "the answer came in one piece", "A proxy in between may hold it back."))
    if usage is None:
        findings.append(Finding(AREA, "speed", "unknown", "the server does not count tokens", "Budgets and costs are estimates here."))
    else:
        rate = usage.completion_tokens / max(timed.seconds - timed.first, 1e-3) if timed.pieces > 1 else 0.0
        price = "price unknown" if usage.usd is None else f"${usage.usd:.5f}"
        speed = f"{rate:.0f} tokens a second, " if rate else ""
        findings.append(Finding(AREA, "speed", "ok", f"{speed}{usage.prompt_tokens} + {usage.completion_tokens} tokens, {price}"))
    return findings


async def _tools(client: ModelClient) -> Finding:
    async def look() -> Finding:
        timed = await _ask(client, "Call the tool report with the number 7.", tools=(_TOOL,))
        if timed.reply.tool_calls:
            return Finding(AREA, "tools", "ok", f"it called {timed.reply.tool_calls[0].name}")
        return Finding(AREA, "tools", "warning", "it did not call the tool it was asked to", "Agents with tools need another model.")

    return await _tried("tools", look, "Agents that write code need none; for tools choose another model.")


async def _json(client: ModelClient) -> Finding:
    async def look() -> Finding:
        import json

        timed = await _ask(client, 'Answer with {"ok": true}.', options={"response_format": _JSON})
        try:
            found = json.loads(timed.reply.text)
        except ValueError:
            found = None
        if isinstance(found, dict) and isinstance(found.get("ok"), bool):
            return Finding(AREA, "JSON", "ok", "it keeps to a schema")
        return Finding(
            AREA, "JSON", "warning", "it does not keep to a schema", "response_format is checked here, and asked for again once."
        )

    return await _tried("JSON", look, "Leave response_format away with this model.")


async def _images(client: ModelClient) -> Finding:
    async def look() -> Finding:
        image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_PIXEL}"}}
        await _ask(client, ({"type": "text", "text": "Which colour is this?"}, image))
        return Finding(AREA, "images", "ok", "it takes them")

    return await _tried("images", look, "Only needed to show it plots and pictures.", status="warning")


async def _tried(check: str, look: Callable[[], Awaitable[Finding]], remedy: str, *, status: Any = "failed") -> Finding:
    try:
        return await look()
    except (ModelError, asyncio.TimeoutError) as error:
        return Finding(AREA, check, status, _said(error), remedy)


async def _context(client: ChatCompletionsClient) -> Finding:
    """Servers of one's own say in their list how much a model can read; for the others there is the price list."""
    size = await _context_of(client)
    if size is None:
        return Finding(AREA, "context", "unknown", "the server does not say how much it can read")
    if size <= _SMALL:
        remedy = "Start the server with more: llama-server -c 16384, OLLAMA_CONTEXT_LENGTH=64000, vllm --max-model-len."
        return Finding(AREA, "context", "warning", f"{size:,} tokens, soon used up by a chat with code", remedy)
    return Finding(AREA, "context", "ok", f"{size:,} tokens")


async def _context_of(client: ChatCompletionsClient) -> int | None:
    try:
        listed = await client.offers()
    except ModelError:
        listed = []
    entry: Mapping[str, Any] = next((one for one in listed if one.get("id") == client.model), listed[0] if len(listed) == 1 else {})
    meta = entry.get("meta")
    sizes = [entry.get("max_model_len"), entry.get("context_length"), meta.get("n_ctx") if isinstance(meta, Mapping) else None]
    said = next((size for size in sizes if isinstance(size, int) and size > 0), None)
    return said or await asyncio.to_thread(context_window, client.model, client.endpoint.base_url)


async def _ask(client: ModelClient, content: Any, *, tools: Any = (), options: Mapping[str, Any] | None = None) -> _Timed:
    request = ModelRequest((Message("user", content, "doctor"),), tools=tools, options=options or {})
    return await asyncio.wait_for(_answer(client, request), PATIENCE)


async def _answer(client: ModelClient, request: ModelRequest) -> _Timed:
    began, timed = time.perf_counter(), _Timed(ModelReply("", client.model), 0, 0.0, 0.0)
    async for delta in client.stream(request):
        if delta.text or delta.reasoning:
            timed = replace(timed, pieces=timed.pieces + 1, first=timed.first or time.perf_counter() - began)
        if delta.reply is not None:
            timed = replace(timed, reply=delta.reply)
    seconds = time.perf_counter() - began
    return replace(timed, seconds=seconds, first=timed.first or seconds)


def _said(error: BaseException) -> str:
    return str(error) or f"no answer within {PATIENCE:.0f} s"
