"""What a request will take, before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .base import ModelClient, ModelRequest
from .prices import usd_for
from .tokens import tokens

__all__ = ["CallEstimate", "answer_tokens", "asked_client", "estimate_call", "usd_at"]


@dataclass(frozen=True)
class CallEstimate:
    """What a request will probably take; the server's own count comes with the answer."""

    model: str
    prompt_tokens: int
    completion_tokens: int
    usd: float | None = None
    """US dollars; None where the price is not known."""
    has_address: bool = False
    """Whether we know which server is asked; then a price that is not known now will not be known afterwards."""

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


def estimate_call(client: ModelClient, request: ModelRequest, *, priced: bool = True) -> CallEstimate:
    """Return what a request will probably take.

    Args:
        client: who would be asked; of several, the first.
        request: the request.
        priced: also look up what it costs; the price list takes a moment to load.
    """
    prompt, completion = tokens.of_request(request, client.model), answer_tokens(client, request)
    usd = usd_at(client, prompt, completion) if priced else None
    return CallEstimate(client.model, prompt, completion, usd, getattr(asked_client(client), "endpoint", None) is not None)


def answer_tokens(client: ModelClient, request: ModelRequest) -> int:
    """Return the tokens that the answer will probably have."""
    return tokens.of_answer({**getattr(asked_client(client), "options", {}), **request.options}, client.model)


def usd_at(client: ModelClient, prompt: int, completion: int) -> float | None:
    """Return what so many tokens cost, or None where the price is not known."""
    asked = asked_client(client)
    endpoint, price, model = getattr(asked, "endpoint", None), getattr(asked, "price", getattr(asked, "_price", None)), asked.model
    if isinstance(price, (tuple, list)):
        return float(prompt * price[0] + completion * price[1]) / 1000
    if endpoint is None:
        return None
    return 0.0 if endpoint.is_local else usd_for(prompt, completion, model=model, base_url=endpoint.base_url)


def asked_client(client: Any) -> Any:
    """Return the client that is asked in the end; of several, the first."""
    while True:
        if (inner := getattr(client, "inner", None)) is not None:
            client = inner
        elif members := getattr(client, "clients", None):
            client = members[0]
        else:
            return client
