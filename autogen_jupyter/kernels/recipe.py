"""What kind of kernel to start."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from .environment import kernel_environment
from .kernel import Kernel
from .process import NATIVE, find_spec
from .remote_place import RemotePlace, languages_of, learn_languages
from .server import Server
from .threads import in_thread
from .workplace import Isolation, Workplace

__all__ = ["Recipe"]


@dataclass(frozen=True)
class Recipe:
    """What kind of kernel to start. Two recipes that are equal once ``resolved`` make kernels that can stand for each other."""

    kernel_name: str = NATIVE
    cwd: str | os.PathLike[str] | None = None
    """By default that of the notebook when the kernel starts."""
    env: Mapping[str, str] = field(default_factory=dict)
    """What the user adds to the environment; all of it, once resolved."""
    warm_up: tuple[str, ...] = ()
    memory_limit: int | None = None
    """Bytes of data that the kernel may hold."""
    isolation: Isolation = field(default_factory=Isolation)
    """What the user wants of the boundary around it."""
    folder: str = ""
    """Where it works, once resolved."""
    server: Server | None = None
    """Where it runs, if not on this machine; the other fields are then about that machine."""

    @property
    def language(self) -> str:
        """The language that it runs, in lower case; of a kernel on a server this is known for sure once the server was asked."""
        if self.server is not None:
            return languages_of(self.server).get(self.kernel_name, "python")
        return "python" if self.kernel_name == NATIVE else find_spec(self.kernel_name).language.lower()

    def differs_in(self, other: Recipe) -> str | None:
        """Return the name of the first thing in which two recipes differ."""
        return next((one.name for one in fields(self) if getattr(self, one.name) != getattr(other, one.name)), None)

    def resolved(self, folder: str | None = None) -> Recipe:
        """Return the recipe with the folder and the environment that a kernel started now would get.

        Args:
            folder: the notebook's folder, as it was when it was first asked for; by default as it is now.
        """
        if self.server is not None:
            return replace(self, env={**self.server.env, **self.env})
        return replace(self, folder=str(os.path.abspath(self.cwd or folder or os.getcwd())), env=kernel_environment(self.env))

    def workplace(self) -> Workplace:
        """Return a new place for such kernels to work in."""
        if self.server is not None:
            return RemotePlace(self.server, self.cwd)
        return Workplace(self.cwd, self.isolation, folder=self.folder)

    async def start(self, workplace: Workplace) -> Kernel:
        """Start a kernel by a recipe that is ``resolved``.

        Raises:
            KernelStartError: it does not come up.
        """
        if self.server is not None:
            await learn_languages(self.server)
            return await self._start(None if self.cwd is None else str(self.cwd), None)
        launch = await in_thread(workplace.launch)
        return await self._start(launch.cwd, launch.provisioner, launch.temporary)

    async def _start(self, cwd: str | None, provisioner: Mapping[str, Any] | None, temporary: Sequence[Path] = ()) -> Kernel:
        return await Kernel.start(
            self.kernel_name,
            cwd=cwd,
            env=self.env,
            language=self.language,
            warm_up=self.warm_up,
            memory_limit=self.memory_limit,
            provisioner=provisioner,
            server=self.server,
            temporary=temporary,
        )
