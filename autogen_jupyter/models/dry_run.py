"""What a request would be, to the letter, without making it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import AgentChatError
from ..redaction import without_secrets
from .base import ModelClient, ModelDelta, ModelRequest
from .estimate import CallEstimate, asked_client, estimate_call

__all__ = ["DryRun", "DryRunClient", "NothingSent", "dry_run"]


@dataclass(frozen=True)
class DryRun:
    """A request that was not made.

    Example:
        >>> DryRun("https://host/v1/chat/completions", {"model": "m"}, CallEstimate("m", 12, 300, 0.0004))
        DryRun('m', 12 tokens, nothing was sent)
    """

    url: str
    payload: Mapping[str, Any] = field(repr=False)
    """The body, as JSON-able data."""
    estimate: CallEstimate

    @property
    def tokens(self) -> int:
        """Tokens that the model would read; the server's own count comes with an answer."""
        return self.estimate.prompt_tokens

    @property
    def usd(self) -> float | None:
        """US dollars for the request and an answer as long as this model's usually are; None where the price is not known."""
        return self.estimate.usd

    def __repr__(self) -> str:
        return f"DryRun({self.estimate.model!r}, {self.tokens} tokens, nothing was sent)"

    def __str__(self) -> str:
        if self.usd is None:
            price = "price unknown"
        else:
            price = f"about ${self.usd:.4f} with an answer of {self.estimate.completion_tokens:,} tokens"
        body = json.dumps(self.payload, indent=2, ensure_ascii=False, default=str)
        return f"Nothing was sent. About {self.tokens:,} tokens to read, {price}.\nPOST {self.url}\n{body}"


class NothingSent(AgentChatError):  # noqa: N818 - not an error: it ends a dry run
    """A model was about to be asked, in a dry run."""


class DryRunClient:
    """Stands in front of a model and asks it nothing; it keeps what it would have been asked."""

    def __init__(self, inner: ModelClient) -> None:
        self.inner = inner
        self.request: ModelRequest | None = None

    @property
    def model(self) -> str:
        return self.inner.model

    @property
    def is_language_model(self) -> bool:
        return self.inner.is_language_model

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelDelta, None]:
        """Keep the request.

        Raises:
            NothingSent: always.
        """
        self.request = request
        if self.request is not None:
            raise NothingSent("This is a dry run; nothing was sent.")
        yield ModelDelta()  # pragma: no cover - makes this a stream


def dry_run(client: ModelClient, request: ModelRequest) -> DryRun:
    """Return what a client would send, and what that would take. Loads the client library, so call it in a thread."""
    asked = asked_client(client)
    make = getattr(asked, "payload", None)
    if make is not None:
        url, body = make(request)
    else:
        made = {"messages": [message.to_dict() for message in request.messages], "tools": list(request.tools)}
        url, body = f"(a {type(asked).__name__})", {"model": client.model, **made, **request.options}
    return DryRun(url, without_secrets(body), estimate_call(client, request))
