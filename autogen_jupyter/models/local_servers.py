"""Find model servers on this machine: all at once, for a third of a second at the most, and only when a model is needed."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from .model_names import NOT_CHAT
from .providers import PROVIDERS

__all__ = ["VARIABLE", "LocalServer", "find_local_servers", "places"]

LIMIT = 0.3
"""Seconds for all of them together."""
VARIABLE = "AUTOGEN_JUPYTER_LOCAL_SERVERS"
"""Environment variable with other addresses to look at, separated by commas; ``off`` looks at none."""
_LARGEST = 1_000_000


@dataclass(frozen=True)
class LocalServer:
    """A server that answers, and its models that can chat."""

    name: str
    base_url: str
    models: tuple[str, ...]

    def spelled(self, model: str) -> str:
        """Return what to write after ``-m`` for a model."""
        return f"ollama/{model}" if self.name == "Ollama" else f'"{self.base_url}#{model}"'


def places(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses to look at, by the servers' names."""
    given = environ.get(VARIABLE, "").strip()
    if given.lower() in ("off", "none", "0", "no"):
        return {}
    if given:
        return {(urlsplit(url).netloc or url): url for url in (part.strip().rstrip("/") for part in given.split(",")) if url}
    return {
        "Ollama": PROVIDERS["ollama"].url(environ),
        "LM Studio": PROVIDERS["lmstudio"].base_url,
        "llama.cpp": "http://127.0.0.1:8080/v1",
        "vLLM": "http://127.0.0.1:8000/v1",
    }


def find_local_servers(environ: Mapping[str, str]) -> list[LocalServer]:
    """Return the servers that answer as a model server does, in the order they are looked for."""
    deadline, wanted = monotonic() + LIMIT, places(environ)
    answers: SimpleQueue[LocalServer | None] = SimpleQueue()
    for name, url in wanted.items():
        Thread(target=lambda name=name, url=url: answers.put(_looked_at(name, url)), daemon=True).start()
    found: list[LocalServer] = []
    for _ in wanted:
        try:
            answer = answers.get(timeout=max(0.0, deadline - monotonic()))
        except Empty:
            break
        if answer is not None:
            found.append(answer)
    return sorted(found, key=lambda server: list(wanted).index(server.name))


def _looked_at(name: str, base_url: str) -> LocalServer | None:
    """Ask for the list of models. Other programs use these ports too, so it must look right; Ollama must also say that it is one."""
    try:
        if name == "Ollama" and not isinstance(_get(base_url.removesuffix("/v1") + "/api/version").get("version"), str):
            return None
        listed = _get(f"{base_url}/models").get("data")
    except (OSError, ValueError, http.client.HTTPException, AttributeError):
        return None
    if not isinstance(listed, list):
        return None
    names = [entry["id"] for entry in listed if isinstance(entry, dict) and isinstance(entry.get("id"), str)]
    return LocalServer(name, base_url, tuple(one for one in names if one and not any(word in one.lower() for word in NOT_CHAT)))


def _get(url: str) -> Any:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=LIMIT)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        return json.loads(answer.read(_LARGEST))
    finally:
        connection.close()
