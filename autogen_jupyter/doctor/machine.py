"""Look at this machine: the agent kernel, what it could be isolated with, and what the front end needs."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import sys
import time
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path

from ..code_blocks import CodeBlock
from ..errors import AgentChatError
from ..kernels import KernelCodeExecutor
from .finding import Finding

__all__ = ["examine_front_end", "examine_kernel"]

KERNEL, FRONT_END = "kernel", "front end"
_LOOK = "import os; print(sorted(name for name in os.environ if name.endswith('_KEY')))"


async def examine_kernel() -> AsyncIterator[Finding]:
    """Start an agent kernel, run a line in it, and see that it got no keys."""
    began = time.perf_counter()
    try:
        async with KernelCodeExecutor(timeout=30) as executor:
            result = await executor.execute_code_blocks([CodeBlock("python", _LOOK)])
            took = time.perf_counter() - began
            boundary = getattr(executor, "boundary", None)
    except AgentChatError as error:
        yield Finding(KERNEL, "starts", "failed", str(error), "pip install --upgrade ipykernel jupyter-client")
        return
    if result.exit_code:
        yield Finding(KERNEL, "runs code", "failed", result.output[-300:], "pip install --upgrade ipykernel jupyter-client")
    else:
        text = f"Python {sys.version.split()[0]}, ipykernel {_version('ipykernel')}, first result after {took:.1f} s"
        yield Finding(KERNEL, "runs code", "ok", text)
        found = result.output.strip()
        clean = found == "[]"
        yield Finding(KERNEL, "keys", "ok" if clean else "warning", "none in it" if clean else f"it got {found}", "" if clean else "env=…")
    if boundary is not None and getattr(boundary, "isolated", False):
        yield Finding(KERNEL, "isolation", "ok", str(getattr(boundary, "notice", "") or "generated code is kept in"))
    else:
        tool = "bubblewrap is installed" if shutil.which("bwrap") else "bubblewrap is not installed"
        remedy = "Keep --approve always (the default here), so that you see code before it runs."
        yield Finding(KERNEL, "isolation", "warning", f"generated code runs as you, with your files and network; {tool}", remedy)
    provisioners = sorted(point.name for point in entry_points(group="jupyter_client.kernel_provisioners"))
    yield Finding(KERNEL, "provisioners", "ok", ", ".join(provisioners))


async def examine_front_end() -> AsyncIterator[Finding]:
    """See whether the parts of the chat view are there."""
    bundle = Path(__file__).parents[1] / "notebook" / "static" / "widget.js"
    if await asyncio.to_thread(bundle.is_file):
        yield Finding(FRONT_END, "chat view", "ok", f"built ({bundle.stat().st_size // 1000} kB)")
    else:
        yield Finding(FRONT_END, "chat view", "failed", "its browser part is missing", "Install from a wheel, or in a clone: make build")
    for package, needed in (("anywidget", True), ("ipywidgets", True), ("jupyterlab", False), ("notebook", False)):
        found = _version(package)
        if found:
            yield Finding(FRONT_END, package, "ok", found)
        elif needed:
            yield Finding(FRONT_END, package, "failed", "not installed", f"pip install {package}")
    if not any(importlib.util.find_spec(name) for name in ("jupyterlab", "notebook")):
        yield Finding(FRONT_END, "JupyterLab", "unknown", "not in this environment; it may be in the server's")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
