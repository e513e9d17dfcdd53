"""Turn what the client library raises into an error that a person at a notebook can act on."""

from __future__ import annotations

import asyncio
import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import AnswerBrokenError, ContextLengthError, ModelError
from ..redaction import redacted
from .endpoint import Endpoint
from .library_errors import clean_chain, of_both
from .patience import TooSlow
from .retries import asked_to_wait

__all__ = ["Failure", "UnusableAnswerError", "text_in"]

_LONGEST = 600
_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context length|available context size|context (length|window|size)"
    r"|longer than the maximum model length|prompt is too long|input is too long|prompt contains \d+ tokens|reduce the length of"
    r"|(input|prompt) token(s| count).{0,40}(exceed|maximum)|too many tokens",
    re.IGNORECASE,
)
"""How servers say it: OpenAI, llama.cpp, vLLM, Anthropic, Bedrock, Mistral, Groq, Gemini."""
_LESS = "The conversation is longer than the model can read. Start a new chat, send less data, or choose a larger model."
_NO_CREDIT = r"quota|billing|credit"
_REFUSALS = (400, 413, 422, 500)
_BY_TEXT = (
    (
        r"/v1/responses",
        'This model takes tools over the Responses protocol only. Set "api": "responses" in llm_config, or "reasoning_effort": "none", '
        "or choose another model.",
    ),
    (_NO_CREDIT, "The account has no credit left. Check its billing page, or choose another model with -m MODEL."),
)
_SERVERS_FAULT = "The fault is the server's; try again in a while, or choose another model with -m MODEL."
_BY_STATUS = {
    403: "The key may not use this model, or this place is not allowed. Choose another model with -m MODEL, or ask the key's owner.",
    408: _SERVERS_FAULT,
    409: _SERVERS_FAULT,
    413: "The conversation is too large for this server. Start a new chat, or send less data.",
    429: "Wait a little and run the cell again, or choose another model with -m MODEL.",
}
_OVERLOADED = (408, 409, 429)
_GO_ON = "What came is kept above. Run the cell again to go on from here"
_OUR_FAULT = "Check the options of this model in llm_config, or choose another model with -m MODEL."
_CERTIFICATE = r"certificate|ssl"
_BY_CAUSE = (
    (_CERTIFICATE, "The server's certificate is not trusted here; in a minimal container, set SSL_CERT_FILE."),
    (r"not known|name resolution|getaddrinfo|nodename", "Check the host name in base_url, and the network."),
)
_IS_IT_RUNNING = "Is the server running there? (From inside a container, this machine is host.docker.internal.)"


class UnusableAnswerError(Exception):
    """What the server sent is no answer."""

    def __init__(self, text: str, advice: str = "", *, may_retry: bool = False) -> None:
        super().__init__(text)
        self.text = text
        """What the server did, as the words after its name."""
        self.advice = advice
        self.may_retry = may_retry


@dataclass(frozen=True)
class Failure:
    """One failed request: the library's error, and what was being asked of whom."""

    error: Exception
    endpoint: Endpoint
    model: str
    timeout: float | None = None
    streamed: int = 0
    """Characters that had arrived before it failed."""
    request_id: str = ""
    """Of an answer that had begun; an error that came instead of one carries its own."""

    @property
    def status(self) -> int | None:
        """The HTTP status; None where the request failed without one."""
        return getattr(self.error, "status_code", None)

    def explained(self, models: Sequence[str] = ()) -> ModelError:
        """Return the error to raise, which is of the openai library's class too. ``models`` are those the server offers, if known."""
        request_id = getattr(self.error, "request_id", None) or self.request_id
        parts = [self.what_happened(), self._what_to_do(models), f"(request {request_id})" if request_id else ""]
        kind = ContextLengthError if self.is_too_long else AnswerBrokenError if self.streamed else ModelError
        made = of_both(kind, self.endpoint.hide_key(" ".join(filter(None, parts))), self._as_the_librarys, self._clean)
        # A cause is printed with the traceback, so it may be chained only where it quotes no key.
        if all(self._clean(text) == text for text in _texts(self.error)):
            clean_chain(self.error, self._clean)
            made.__cause__ = self.error
        return made

    def _clean(self, text: str) -> str:
        return redacted(self.endpoint.hide_key(text))

    @property
    def _as_the_librarys(self) -> Exception:
        """What the library raises where it does not stream, and waits for the whole answer at once: what scripts know to catch."""
        if _is_named(self.error, "OpenAIError") or not (self._timed_out or self._cut_off):
            return self.error
        import openai

        request: Any = None  # it is not known any more
        return openai.APITimeoutError(request) if self._timed_out else openai.APIConnectionError(request=request)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the answer that was an error."""
        response = getattr(self.error, "response", None)
        return getattr(response, "headers", None) or {}

    @property
    def may_retry(self) -> bool:
        """Whether the same request may do better in a moment."""
        if self._unusable is not None:
            return self._unusable.may_retry
        if isinstance(self.error, TooSlow) and self.error.limit == "total":
            return False
        if self.status is None:
            return not re.search(_CERTIFICATE, _root(self.error).lower())
        said = self.headers.get("x-should-retry", "")
        if said in ("true", "false"):
            return said == "true"
        if self.is_too_long or (self.status == 429 and re.search(_NO_CREDIT, json.dumps(getattr(self.error, "body", None), default=str))):
            return False
        return self.status in _OVERLOADED or self.status >= 500

    @property
    def _unusable(self) -> UnusableAnswerError | None:
        return next((link for link in _chain(self.error) if isinstance(link, UnusableAnswerError)), None)

    @property
    def is_too_long(self) -> bool:
        """Whether the server said, before it began to answer, that the conversation is longer than the model can read."""
        if self.streamed or self._timed_out or self._cut_off or self.status not in (None, *_REFUSALS):
            return False
        body = getattr(self.error, "body", None)
        return _TOO_LONG.search(json.dumps(body, default=str) if body else str(self.error)) is not None

    def what_happened(self) -> str:
        """Return one sentence: who, what, and in whose words. It may quote the key."""
        host = self.endpoint.host
        if self._unusable is not None:
            return _sentence(f"{host} {self._unusable.text}")
        if self._timed_out:
            return self._too_slow()
        if self.status is None and self._cut_off:
            broke = f"The connection to {host} broke after {self.streamed} characters of the answer"
            return _sentence(f"{broke if self.streamed else f'No connection to {host}'}: {_root(self.error)}")
        return _sentence(f"{host} {self._in_its_words()}")

    def _in_its_words(self) -> str:
        said = _shortened(text_in(getattr(self.error, "body", None)) or str(self.error))
        if self.status is not None:
            return f"refused the request for {f'model {self.model!r}' if self.model else 'its models'} ({self.status}): {said}"
        if isinstance(self.error, ValueError):
            return f"sent something that cannot be read as an answer: {said}"
        return f"reported an error while answering: {said}"

    def _too_slow(self) -> str:
        host, seconds = self.endpoint.host, getattr(self.error, "seconds", self.timeout)
        if isinstance(self.error, TooSlow) and self.error.limit == "total":
            return f"{host} was still answering after {seconds:g} seconds, and {self.streamed} characters had come."
        if self.streamed:
            limit = f"for {seconds:g} seconds " if seconds else ""
            return f"{host} was silent {limit}in the middle of its answer, after {self.streamed} characters."
        return f"{host} did not answer within {seconds:g} seconds." if seconds else f"{host} did not answer in time."

    def _what_to_do(self, models: Sequence[str]) -> str:
        if self.is_too_long:
            return _LESS
        if self.status is None:
            return self._after_no_status()
        if self.status == 401:
            return self._about_the_key()
        if self.status == 404:
            return self._about_the_model(models)
        said = text_in(getattr(self.error, "body", None)).lower()
        for pattern, advice in _BY_TEXT:
            if re.search(pattern, said):
                return advice
        advice = _SERVERS_FAULT if self.status >= 500 else _BY_STATUS.get(self.status, _OUR_FAULT)
        wait = asked_to_wait(self.headers)
        return f"It asks to wait {wait:.0f} seconds. {advice}" if wait and wait >= 1 else advice

    def _after_no_status(self) -> str:
        if self._unusable is not None and self._unusable.advice:
            return self._unusable.advice
        if self._timed_out:
            name = "total_timeout" if getattr(self.error, "limit", "") == "total" else "timeout"
            kept = "What came is kept above. " if self.streamed else ""
            return f'{kept}Try again, or give it longer with "{name}" (seconds) in llm_config.'
        if self.streamed:
            return f"{_GO_ON}; if it stays so, choose another model with -m MODEL."
        if not self._cut_off:
            return "Run the cell again; if it stays so, choose another model with -m MODEL."
        cause = _root(self.error).lower()
        for pattern, advice in _BY_CAUSE:
            if re.search(pattern, cause):
                return advice
        return _IS_IT_RUNNING if self.endpoint.is_local else "Check base_url and the network."

    def _about_the_key(self) -> str:
        if not self.endpoint.key:
            return "No key was sent. Give one as api_key, or set the provider's variable, such as OPENAI_API_KEY."
        return f"The key came from {self.endpoint.key_source}; check it there, then run the cell again."

    def _about_the_model(self, models: Sequence[str]) -> str:
        if models and self.model not in models:
            nearest = sorted(models, key=lambda name: difflib.SequenceMatcher(None, self.model, name).ratio(), reverse=True)[:3]
            more = f" and {len(models) - 3} more" if len(models) > 3 else ""
            return f"The server has {', '.join(map(repr, nearest))}{more}. Choose one with -m MODEL."
        return f"Check the model's name, and the address {self.endpoint.address} (it usually ends in /v1)."

    @property
    def _timed_out(self) -> bool:
        return isinstance(self.error, asyncio.TimeoutError) or _is_named(self.error, "APITimeoutError", "TimeoutException")

    @property
    def _cut_off(self) -> bool:
        return _is_named(self.error, "APIConnectionError", "TransportError")


def text_in(body: Any) -> str:
    """Return what an error body says: OpenAI's ``message``, FastAPI's ``detail``, Gemini's list of errors, plain text, a web page."""
    if isinstance(body, str):
        return _shortened(_title(body) if "<" in body[:200] else " ".join(body.split()))
    if isinstance(body, Mapping):
        named = (text_in(body.get(key)) for key in ("message", "detail", "error", "msg"))
        return next(filter(None, named), "") or (_shortened(json.dumps(body, default=str)) if body else "")
    if isinstance(body, Sequence):
        return _shortened("; ".join(filter(None, map(text_in, body))))
    return ""


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


def _title(page: str) -> str:
    found = re.search(r"<title[^>]*>(.*?)</title>", page, re.IGNORECASE | re.DOTALL)
    title = " ".join(found[1].split()) if found else ""
    return f"a web page titled {title!r}" if title else "a web page"


def _is_named(error: Exception, *names: str) -> bool:
    """Match by class name: this module does not import the library, whose import is slow."""
    return any(base.__name__ in names for base in type(error).__mro__)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _root(error: Exception) -> str:
    """The library says "Connection error."; the reason is at the end of its chain of causes."""
    *_, last = _chain(error)
    return str(last) or type(last).__name__


def _texts(error: Exception) -> Iterator[str]:
    for link in _chain(error):
        yield str(link)
        yield repr(link)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else text + "."
