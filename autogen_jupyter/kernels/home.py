"""What a running kernel needs to know of the place where it runs: a process of this machine, or a server far away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from .channels import Channel, OnMessage

__all__ = ["Channels", "Home"]


class Channels(Protocol):
    """The wire to a kernel."""

    @property
    def session_id(self) -> str:
        """The identifier that replies to our requests carry."""
        ...

    def send(
        self,
        channel: Channel,
        msg_type: str,
        content: Mapping[str, Any],
        *,
        parent: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        buffers: Sequence[bytes | memoryview] = (),
    ) -> str:
        """Send a message and return its identifier."""
        ...

    async def close(self) -> None:
        """Stop reading and close the wire."""
        ...


class Home(Protocol):
    """Where one kernel runs. It knows when the kernel ends; it does not know what is run in it."""

    @property
    def died(self) -> asyncio.Future[int | None]:
        """Done with the exit code as soon as the kernel has ended; with None where nobody tells how."""
        ...

    @property
    def folder(self) -> Path | None:
        """A private folder of the kernel's on this machine, if it is here."""
        ...

    @property
    def connection_file(self) -> Path | None:
        """The file with which any Jupyter client of this machine reaches it, if it is here."""
        ...

    @property
    def is_remote(self) -> bool:
        """Whether kernel and notebook share neither a file system nor an environment."""
        ...

    @property
    def why_killed(self) -> str:
        """Why whoever watches it killed it, as a sentence; empty when nobody did."""
        ...

    def connect(self, on_message: OnMessage) -> Channels:
        """Open the channels; messages may arrive at once."""
        ...

    def cause(self) -> str:
        """Say in words how it ended."""
        ...

    def last_words(self) -> str:
        """Return the end of what it wrote outside of any cell, as far as that is known."""
        ...

    def forget_words(self) -> None:
        """Forget what it wrote."""
        ...

    async def interrupt(self) -> None:
        """Interrupt what it runs."""
        ...

    async def kill(self) -> None:
        """Kill it, and wait until it is gone."""
        ...

    async def end(self) -> None:
        """Kill it if it runs, and leave nothing behind."""
        ...
