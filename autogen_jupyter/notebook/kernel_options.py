"""The part of a chat's options that its agent kernel is made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

from ..kernels import Boundary, is_server
from ..sizes import as_bytes
from .open_session import here
from .options import ChatOptions

__all__ = ["KernelOptions"]


@dataclass(frozen=True)
class KernelOptions:
    """What kind of agent kernel a chat wants. Another kind takes another kernel.

    Example:
        >>> KernelOptions.of(ChatOptions(memory="4GB")).arguments()["memory_limit"]
        4000000000
    """

    isolate: str = "auto"
    network: bool = False
    mounts: tuple[str, ...] = ()
    memory: int | None = None
    share: str | None = None
    kernel: str | None = None
    """A kernel of this machine, or a server."""

    @classmethod
    def of(cls, options: ChatOptions) -> KernelOptions:
        """Return what a chat's options say about its kernel."""
        memory = None if options.memory is None else as_bytes(options.memory)
        return cls(options.isolate or "auto", options.network, options.mounts, memory, options.share, options.kernel)

    def differences(self, other: KernelOptions) -> str:
        """Return the names of what differs, for people."""
        return ", ".join(one.name for one in fields(self) if getattr(self, one.name) != getattr(other, one.name))

    def check(self) -> None:
        """See that there is such a kernel, before anything is given up for it. Whether a server can be reached shows when it is used.

        Raises:
            KernelStartError: there is no kernel of that name on this machine, or its program is missing.
            UsageError: the address of a server cannot be used.
        """
        from ..kernels.process import find_spec
        from ..kernels.server import find_server

        if "server" in self._place:
            find_server(self._place["server"])
        elif self.kernel is not None:
            find_spec(self.kernel)

    def arguments(self) -> Mapping[str, Any]:
        """Return the executor's arguments. A spare kernel is kept where a person waits, so that the next chat begins at once."""
        return {
            "isolate": self.isolate,
            "network": self.network,
            "mounts": self.mounts,
            "memory_limit": self.memory,
            "share": self.share,
            "warm_spare": here().has_person,
            **self._place,
        }

    def boundary(self, folder: str = "") -> Boundary:
        """Return what would hold the code of such a kernel back.

        Args:
            folder: the notebook's folder; by default the one of this process.
        """
        from ..kernels.boundary import on_server
        from ..kernels.server import find_server
        from ..kernels.workplace import Isolate, Isolation, Workplace

        if "server" in self._place:
            return on_server(find_server(self._place["server"]).url)
        return Workplace(None, Isolation(cast(Isolate, self.isolate), self.mounts, self.network, self.memory), folder=folder).boundary

    @property
    def _place(self) -> dict[str, str]:
        if self.kernel is None:
            return {}
        return {"server": self.kernel} if is_server(self.kernel) else {"kernel_name": self.kernel}
