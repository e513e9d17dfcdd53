"""Blocks of code that are saved besides being run."""

from __future__ import annotations

from ..code_blocks import CodeBlock
from ..errors import KernelError
from .kernel import Kernel
from .languages import BOOTSTRAP_MODULE, file_name
from .outputs import OutputCollector

__all__ = ["save"]


async def save(block: CodeBlock, kernel: Kernel, collector: OutputCollector) -> None:
    """Save a block that asks for it, from inside the kernel: what holds the kernel back holds this back too."""
    name = file_name(block.code)
    if name is None:
        return
    saving = f"__import__({BOOTSTRAP_MODULE!r}).save_block({name!r}, {block.code!r})"
    try:
        refused = await kernel.command("", f"__import__('json').dumps({saving})")
    except KernelError as error:  # earlier code may have taken anything away
        refused = str(error)
    if refused:
        collector.add_text(f"not saved: {refused}\n")
