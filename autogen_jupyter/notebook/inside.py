"""What the JupyterLab plugin shows of an agent kernel: its variables, what holds it back, and how to open a console on it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from ..errors import AgentChatError
from ..kernels import KernelCodeExecutor, Variable
from ..redaction import without_secrets
from .panel_protocol import KernelShown, KernelVariable

__all__ = ["console_command", "inside"]

NO_KERNEL = "No agent kernel is running: it starts with a chat that may run code."
LEAVE = "Leave the console with Ctrl+D: exit would end the kernel."
INSTALL = "The command needs the package jupyter-console: pip install jupyter-console"
"""What to say with the command where it does not work yet."""


async def inside(chat_id: str, executors: Sequence[object]) -> KernelShown:
    """Return what is in the kernel that ran code for a chat last. It never raises.

    Args:
        chat_id: the chat's, as the plugin knows it.
        executors: what ran code for it, the last one used last.
    """
    running = [one for one in executors if isinstance(one, KernelCodeExecutor) and one.state != "closed"]
    if not running:
        return KernelShown(chat_id, [], problem=NO_KERNEL)
    executor = running[-1]
    boundary, (console, advice) = executor.boundary.description, _console(executor)
    try:
        variables = [_as_wire(one) for one in await executor.variables()]
    except AgentChatError as error:
        return KernelShown(chat_id, [], without_secrets(str(error)), boundary, console, advice)
    return KernelShown(chat_id, variables, "", boundary, console, advice)


def _console(executor: KernelCodeExecutor) -> tuple[str, str]:
    """Return the command for a terminal, and what else there is to know about it."""
    if executor.boundary.name == "server":
        return "", "The kernel runs on another Jupyter server. Open that server, and there a console on the running kernel."
    command, missing = console_command(executor)
    return command, command and (missing or LEAVE)


def console_command(executor: KernelCodeExecutor) -> tuple[str, str]:
    """Return the command that opens a console on a kernel of this machine, empty where none runs; and what is missing for it."""
    file = executor.connection_file
    if file is None:
        return "", ""
    command = shlex.join([sys.executable, "-m", "jupyter_console", "--existing", str(file)])
    return command, "" if find_spec("jupyter_console") is not None else INSTALL


def _as_wire(one: Variable) -> KernelVariable:
    shape = list(one.shape) if one.shape is not None else None
    return KernelVariable(one.name, one.type, shape, one.size, without_secrets(one.text))
