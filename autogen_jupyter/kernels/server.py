"""A Jupyter server on which an agent kernel can run, and where its token comes from."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import UsageError

__all__ = ["Server", "configure_servers", "find_server", "is_server"]

GATEWAY = "gateway"
"""The name of the server that the environment describes."""

_configured: dict[str, Server] = {}


@dataclass(frozen=True)
class Server:
    """A Jupyter Server, Kernel Gateway or Enterprise Gateway. Its certificate is always checked.

    Example:
        >>> Server("https://hub.example.org/user/ada", token_file="~/.hub-token")
        Server(url='https://hub.example.org/user/ada')
    """

    url: str
    """The address to which ``/api/kernels`` is added; it holds no token."""
    token: str = field(default="", repr=False)
    token_file: str | os.PathLike[str] | None = field(default=None, repr=False)
    """A file with the token, read anew for each connection: tokens of some servers change."""
    ca_file: str | os.PathLike[str] | None = field(default=None, repr=False)
    """Certificates to trust, where the server's own was signed by somebody that this machine does not know."""
    allow_http: bool = field(default=False, repr=False)
    """Whether code, data and token may travel unencrypted to another machine."""
    env: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    """Environment variables of each kernel there. Of these, a gateway's launcher sees those that begin with ``KERNEL_``: it can want to
    know for whom a kernel is (``KERNEL_USERNAME``) and how big it may be."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        shown = f"{parts.scheme}://{parts.hostname or ''}"
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{shown!r} is not the address of a Jupyter server. Give one such as 'https://host:8888/base'.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise UsageError(
                f"The address of {shown} holds a token, a password or other parts after '?' or '#'. An address is shown and saved, so keep "
                "secrets out of it: put the token in a file (token_file) or in %config AgentChat.kernel_servers, or set "
                "JUPYTER_GATEWAY_URL and JUPYTER_GATEWAY_AUTH_TOKEN."
            )
        if parts.scheme == "http" and not self.allow_http and not _is_this_machine(parts.hostname):
            raise UsageError(
                f"{shown} is another machine, and http:// would send code, data and the token unencrypted. Use https://, or say "
                "allow_http=True where the network itself is trusted."
            )
        object.__setattr__(self, "url", self.url.rstrip("/"))

    def headers(self) -> dict[str, str]:
        """Return the headers that let us in.

        Raises:
            UsageError: the file of the token cannot be read.
        """
        token = self.token
        if not token and self.token_file is not None:
            path = Path(self.token_file).expanduser()
            try:
                token = path.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise UsageError(f"The token file {str(path)!r} of {self.url} cannot be read: {error.strerror}.") from error
        return {"Authorization": f"token {token}"} if token else {}


def configure_servers(servers: Mapping[str, Mapping[str, Any] | Server | str]) -> None:
    """Say which servers there are, by name: an address, or a dictionary with the fields of ``Server``.

    Raises:
        UsageError: a server cannot be understood.
    """
    made = {name: _as_server(name, given) for name, given in servers.items()}
    _configured.clear()
    _configured.update(made)


def _as_server(name: str, given: Mapping[str, Any] | Server | str) -> Server:
    if isinstance(given, Server):
        return given
    try:
        return Server(given) if isinstance(given, str) else Server(**given)
    except TypeError as error:
        known = "url, token, token_file, ca_file, allow_http, env"
        raise UsageError(f"The kernel server {name!r} has fields that are not known, or no url. Known: {known}.") from error


def find_server(given: str | Server, *, environ: Mapping[str, str] | None = None) -> Server:
    """Return the server of a name or an address. A token goes only to the address that it was configured with.

    Raises:
        UsageError: there is none of that name, or the address cannot be used.
    """
    if isinstance(given, Server):
        return given
    known = _known(os.environ if environ is None else environ)
    if "://" not in given:
        if given in known:
            return known[given]
        names = ", ".join(sorted(known)) or "none"
        raise UsageError(
            f"No kernel server is named {given!r}; configured: {names}. Give its address, or add it to AgentChat.kernel_servers."
        )
    bare = Server(given, allow_http=any(_same(given, server) for server in known.values()))
    return next((server for server in known.values() if _same(bare.url, server)), bare)


def is_server(given: str, *, environ: Mapping[str, str] | None = None) -> bool:
    """Say whether this is the address or the name of a server, and not the name of a kernel of this machine."""
    return "://" in given or given in _known(os.environ if environ is None else environ)


def _same(url: str, server: Server) -> bool:
    return url.rstrip("/") == server.url


def _known(environ: Mapping[str, str]) -> dict[str, Server]:
    """Return the configured servers, and the one that Jupyter's own variables describe."""
    known = dict(_configured)
    url = environ.get("JUPYTER_GATEWAY_URL")
    if url and GATEWAY not in known:
        token, ca = environ.get("JUPYTER_GATEWAY_AUTH_TOKEN", ""), environ.get("JUPYTER_GATEWAY_CA_CERTS")
        env = {name: value for name, value in environ.items() if name.startswith("KERNEL_")}
        known[GATEWAY] = Server(url, token=token, ca_file=ca or None, allow_http=True, env=env)
    return known


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
