"""What is asked of a Jupyter server over HTTP, and what its refusals mean."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tornado.httpclient import HTTPError, HTTPRequest, HTTPResponse
from tornado.netutil import Resolver
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError, SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

from ..errors import KernelStartError, UsageError
from .channels import MAX_MESSAGE
from .frames import V1
from .server import Server

__all__ = ["UNREACHED", "KernelGone", "ServerApi"]

PATIENCE = 20.0
"""Seconds for an answer; starting a kernel on a cluster may take longer, and has its own limit."""
CONNECT = 8.0
"""Seconds for a connection, with its encryption, to come about."""
CREATE = 120.0
PING = 15.0
"""Seconds between signs of life, so that a connection that is dead without saying so is noticed."""
UNREACHED = (HTTPError, OSError, UsageError)
"""What a request can fail with that may work later; the last one, where the file of a token is just being replaced."""


class KernelGone(Exception):  # noqa: N818  # a fact, not a failure
    """The kernel will not be reached any more; the text says why."""


class _Resolver(Resolver):
    """Looks names up also while Python exits: kernels are to be ended then, and there is no thread any more to look up in."""

    async def resolve(self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[tuple[int, Any]]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        except RuntimeError:
            found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        return [(kind, address) for kind, _, _, _, address in found]


class ServerApi:
    """One server's kernels."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._client = SimpleAsyncHTTPClient(force_instance=True, max_body_size=MAX_MESSAGE, resolver=_Resolver())

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    async def languages(self) -> dict[str, str]:
        """Return the language, in lower case, of each kernel that the server has, by name."""
        specs = (await self._ask("GET", "/api/kernelspecs"))["kernelspecs"]
        return {name: str(entry["spec"].get("language", "")).lower() for name, entry in specs.items()}

    async def create(self, kernel_name: str, env: Mapping[str, str]) -> str:
        """Start a kernel and return its identifier.

        Raises:
            KernelStartError: the server did not.
        """
        made = await self._ask("POST", "/api/kernels", {"name": kernel_name, "env": dict(env)}, patience=CREATE)
        return str(made["id"])

    async def exists(self, kernel_id: str) -> bool:
        """Say whether the server still has the kernel."""
        try:
            await self._fetch("GET", f"/api/kernels/{kernel_id}")
        except HTTPError as error:
            if error.code == 404:
                return False
            raise
        return True

    async def interrupt(self, kernel_id: str, *, patience: float) -> None:
        """Interrupt what the kernel runs."""
        await self._fetch("POST", f"/api/kernels/{kernel_id}/interrupt", {}, patience=patience)

    async def delete(self, kernel_id: str) -> None:
        """End the kernel; one that is not there any more is fine."""
        await self._fetch("DELETE", f"/api/kernels/{kernel_id}")

    async def open(self, kernel_id: str, session_id: str) -> WebSocketClientConnection:
        """Open the kernel's channels.

        Raises:
            KernelGone: there is no such kernel, or we are not let in.
            HTTPError, OSError, UsageError: it may work later.
        """
        url = f"ws{self.server.url[4:]}/api/kernels/{kernel_id}/channels?session_id={session_id}"
        request = HTTPRequest(
            url, headers=self.server.headers(), connect_timeout=CONNECT, request_timeout=PATIENCE, follow_redirects=False, **self._trust
        )
        options: dict[str, Any] = {"subprotocols": [V1], "max_message_size": MAX_MESSAGE, "ping_interval": PING, "ping_timeout": PING}
        try:
            return await websocket_connect(request, **options)
        except HTTPError as error:
            if error.code == 404:
                raise KernelGone("the server does not have it any more") from error
            if error.code in (401, 403):
                raise KernelGone("the server no longer lets us in") from error
            raise
        except (WebSocketError, asyncio.TimeoutError) as error:
            raise OSError(str(error)) from error

    @cached_property
    def _trust(self) -> dict[str, Any]:
        ca_file = self.server.ca_file
        return {"validate_cert": True, "ca_certs": os.path.expanduser(ca_file) if ca_file is not None else None}

    async def _fetch(self, method: str, path: str, body: object = None, *, patience: float = PATIENCE) -> HTTPResponse:
        request = HTTPRequest(
            self.server.url + path,
            method,
            {**self.server.headers(), "Content-Type": "application/json"},
            body=json.dumps(body) if body is not None else None,
            connect_timeout=min(patience, CONNECT),
            request_timeout=patience,
            follow_redirects=False,  # a token goes where it belongs and nowhere else
            **self._trust,
        )
        return await self._client.fetch(request)

    async def _ask(self, method: str, path: str, body: object = None, *, patience: float = PATIENCE) -> Any:
        try:
            return json.loads((await self._fetch(method, path, body, patience=patience)).body)
        except (HTTPError, OSError) as error:
            raise KernelStartError(f"No agent kernel on {self.server.url}: {_why(error, self.server.url)}") from error
        except ValueError as error:
            raise KernelStartError(f"What answers at {self.server.url} is not a Jupyter server: it does not speak JSON.") from error


def _why(error: HTTPError | OSError, url: str) -> str:
    """Say what happened, and what to do."""
    is_connecting = isinstance(error, HTTPTimeoutError) and any(word in str(error.message) for word in ("TLS", "connecting"))
    if is_connecting and url.startswith("https:"):  # a server without encryption waits for the end of a request
        return f"no encrypted connection came about within {CONNECT:g} s. Is it http:// instead of https://? Or is a firewall between?"
    for kind, words in _REASONS:
        if isinstance(error, kind):
            return words.format(error=error)
    return _why_refused(error) if isinstance(error, HTTPError) else f"it cannot be reached ({error}). Look at the address and the network."


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (HTTPTimeoutError, "it did not answer in time ({error.message}). Look whether it is overloaded, or behind a firewall."),
    (HTTPStreamClosedError, "it closed the connection without an answer. Is it https:// instead of http://, or the other way round?"),
    (ssl.SSLCertVerificationError, "its certificate is not trusted ({error.verify_message}). Give the authority's certificate as ca_file."),
    (ssl.SSLError, "no encrypted connection came about ({error.reason}). Is it http:// instead of https://?"),
    (socket.gaierror, "the host's name is not known here. Look for a typing error in the address."),
    (ConnectionRefusedError, "nothing listens there (connection refused). Start the server, or look at host and port of the address."),
)


def _why_refused(error: HTTPError) -> str:
    said = _message(error)
    if error.code == 403 and said not in ("", "Forbidden"):
        return (
            f"it starts no kernel for us, and says why (HTTP 403): {said.rstrip('.')}. Where it wants to know for whom, tell it: "
            "Server(url, env={'KERNEL_USERNAME': …})."
        )
    if error.code in (301, 302, 303, 307, 308, 401, 403):
        return (
            f"it does not let us in (HTTP {error.code}). Give its token: in a file (Server(url, token_file=…)), in "
            "%config AgentChat.kernel_servers, or in JUPYTER_GATEWAY_AUTH_TOKEN beside JUPYTER_GATEWAY_URL. "
            "One that is given is wrong or expired."
        )
    if error.code == 404:
        return "there is no Jupyter kernel API at this address (HTTP 404). Is a part of the path missing, such as /user/NAME?"
    return f"it answered HTTP {error.code} ({said or error.message}). The server's log says more."


def _message(error: HTTPError) -> str:
    try:
        body = json.loads(error.response.body) if error.response is not None else {}
        return str(body.get("message") or body.get("reason") or "")[:300]
    except (ValueError, AttributeError):
        return ""
