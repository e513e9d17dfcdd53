"""Where a model is reached: address, key, and whom the key may be shown to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from ..errors import UsageError
from ..redaction import learn

__all__ = ["OPENAI_URL", "Endpoint", "is_local", "origin"]

OPENAI_URL = "https://api.openai.com/v1"
_LOCAL_NAMES = frozenset({"localhost", "host.docker.internal", "host.containers.internal"})
_MASKED = re.compile(r"\b[\w-]*\*{3,}[\w-]*")
_AZURE = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com")
PLACEHOLDER = "no-key"
"""Sent where no key is given: the client library demands one, servers without keys ignore it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a model server and the key for it.

    Example:
        >>> Endpoint("http://127.0.0.1:8080/v1").host
        '127.0.0.1:8080'
    """

    base_url: str = OPENAI_URL
    key: str = field(default="", repr=False)
    key_source: str = ""
    """Where the key was found, for people: ``"OPENAI_API_KEY"``, ``'"api_key" of llm_config'``."""
    api_version: str | None = None
    """Only for Azure set-ups that still need one."""

    def __post_init__(self) -> None:
        learn(self.key, self.key_source or "api_key")
        try:
            parts = urlsplit(self.base_url)
            _ = parts.port
        except ValueError as error:
            raise UsageError(f"The base_url {self.base_url!r} is not an address: {error}.") from None
        if parts.username or parts.password:
            raise UsageError(f"The base_url for {parts.hostname} holds a user name or password; give the key as api_key instead.")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                f"The base_url {self.base_url!r} is not an address; write it like https://host/v1 or http://127.0.0.1:8080/v1."
            )
        if not (self.key.isascii() and self.key.isprintable()):
            raise UsageError(
                f"The key for {parts.hostname} (from {self.key_source or 'api_key'}) has characters that cannot be sent. Copy it again."
            )

    @property
    def host(self) -> str:
        """Host and port, as shown to people."""
        return urlsplit(self.base_url).netloc

    @property
    def address(self) -> str:
        """The address as shown to people: without a query, which may hold a key."""
        return urlsplit(self.base_url)._replace(query="", fragment="").geturl()

    @property
    def is_local(self) -> bool:
        """True for a server on this machine, which costs nothing."""
        return is_local(self.base_url)

    @property
    def is_openai(self) -> bool:
        return urlsplit(self.base_url).hostname == urlsplit(OPENAI_URL).hostname

    @property
    def has_responses(self) -> bool:
        """True where the Responses API is at home: at OpenAI, and at Azure's address without a version."""
        parts = urlsplit(self.base_url)
        is_azure = (parts.hostname or "").endswith(_AZURE) and parts.path.rstrip("/").endswith("/openai/v1") and not self.api_version
        return self.is_openai or is_azure

    def hide_key(self, text: str) -> str:
        """Return ``text`` without the key, and without the masked halves of keys that providers like to quote."""
        if self.key:
            # A short key ("none", "x") may be part of an ordinary word, which must stay.
            text = re.sub(rf"(?<!\w){re.escape(self.key)}(?!\w)", "[key]", text) if len(self.key) < 8 else text.replace(self.key, "[key]")
        return _MASKED.sub("[key]", text)


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port: a key that belongs to one origin goes to no other."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def is_local(url: str) -> bool:
    """Say whether ``url`` points to this machine."""
    host = urlsplit(url).hostname or ""
    if host in _LOCAL_NAMES or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
