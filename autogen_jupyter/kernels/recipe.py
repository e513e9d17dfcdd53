"""What kind of kernel to start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from ..errors import KernelStartError
from .environment import kernel_environment
from .kernel import Kernel
from .process import NATIVE, find_spec

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

    @cached_property
    def language(self) -> str:
        """The language that it runs, in lower case."""
        return "python" if self.kernel_name == NATIVE else find_spec(self.kernel_name).language.lower()

    def differs_in(self, other: Recipe) -> str | None:
        """Return the name of the first thing in which two recipes differ."""
        return next((one.name for one in fields(self) if getattr(self, one.name) != getattr(other, one.name)), None)

    def resolved(self) -> Recipe:
        """Return the recipe with the folder and the environment that a kernel started now would get.

        Raises:
            KernelStartError: the folder does not exist.
        """
        folder = os.path.abspath(self.cwd if self.cwd is not None else os.getcwd())
        if not os.path.isdir(folder):
            raise KernelStartError(f"The agent kernel's working directory {folder!r} does not exist. Create it, or give another cwd.")
        return replace(self, cwd=folder, env=kernel_environment(self.env))

    async def start(self) -> Kernel:
        """Start a kernel by a recipe that is ``resolved``.

        Raises:
            KernelStartError: it does not come up.
        """
        return await Kernel.start(
            self.kernel_name,
            cwd=str(self.cwd),
            env=self.env,
            language=self.language,
            warm_up=self.warm_up,
            memory_limit=self.memory_limit,
        )
