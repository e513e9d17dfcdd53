"""What is known on this machine of the place where kernels on a server work, and of the languages that they speak."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..errors import UsageError
from .boundary import Boundary, on_server
from .other_languages import also_named
from .server import Server
from .server_api import ServerApi
from .workplace import Isolate, Isolation, Launch, Workplace

__all__ = ["RemotePlace", "languages_of", "learn_languages", "refuse_local", "spoken_on"]

_learned: dict[Server, Mapping[str, str]] = {}


class RemotePlace(Workplace):
    """A folder on a server. There is no layer over it, and no folder that both machines see."""

    def __init__(self, server: Server, cwd: str | os.PathLike[str] | None) -> None:
        super().__init__(None, Isolation("none"))
        self._server = server
        self._there = "" if cwd is None else str(cwd)

    @property
    def folder(self) -> str:
        """The working directory on the server; empty for the server's own."""
        return self._there

    @property
    def boundary(self) -> Boundary:
        """What holds for the code."""
        return on_server(self._server.url)

    def launch(self) -> Launch:
        """Not for kernels of this machine."""
        raise RuntimeError("a kernel on a server is not launched here")


async def learn_languages(server: Server) -> Mapping[str, str]:
    """Ask a server, once, which kernels it has; return the language of each.

    Raises:
        KernelStartError: it cannot be asked.
    """
    if server not in _learned:
        api = ServerApi(server)
        try:
            _learned[server] = await api.languages()
        finally:
            api.close()
    return _learned[server]


def languages_of(server: Server) -> Mapping[str, str]:
    """Return the language of each kernel of a server, as far as it was asked."""
    return _learned.get(server, {})


def spoken_on(server: Server) -> dict[str, str]:
    """Return which kernel of the server runs which language, as fences write it, besides Python and shells."""
    return also_named(dict(sorted(languages_of(server).items())))


def refuse_local(isolate: Isolate, mounts: object, processes: int | None, disk: int | None) -> None:
    """Refuse what only a kernel of this machine can have, rather than promise it."""
    if isolate == "bubblewrap" or mounts or processes is not None or disk is not None:
        raise UsageError(
            "isolate='bubblewrap', mounts, processes and disk are about kernels on this machine; with server=… the server decides what its "
            "kernels may do. Leave them out. (memory_limit works on both.)"
        )
