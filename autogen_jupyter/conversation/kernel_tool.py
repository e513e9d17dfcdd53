"""A tool that runs in the agent kernel: its source is sent there, its arguments as JSON, and the output comes back as text."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from ..code_blocks import CodeBlock
from ..errors import UsageError
from ..kernels.base import CodeExecutor
from ..tools import Signature, Tool, ToolError, injections

__all__ = ["in_agent_kernel"]


def in_agent_kernel(function: Callable[..., Any], executor: CodeExecutor | None, agent: str) -> Tool:
    """Return a tool that runs the function in the agent kernel.

    Args:
        function: defined with ``def``; it uses nothing but its arguments, what it imports, and the kernel's variables.
        executor: runs the code.
        agent: whose tool it is, for errors.

    Raises:
        UsageError: the agent runs no Python code, or the function's source is not to be had.
    """
    name = getattr(function, "__name__", "the function")
    if executor is None or "python" not in executor.languages:
        raise UsageError(f"{agent} runs no Python code, so {name} cannot run in its kernel; give it a code_execution_config.")
    if injected := ", ".join(injections(function)):
        raise UsageError(f"{name} is given {injected} by the notebook, which the agent kernel does not have; register it without where=.")
    definition = _definition(function, name)
    signature = Signature(function)
    is_async = inspect.iscoroutinefunction(function)

    async def run(**arguments: Any) -> str:
        values = json.dumps(arguments)
        result = await executor.execute_code_blocks([CodeBlock("python", _code(definition, name, values, is_async=is_async))])
        if result.exit_code:
            raise ToolError(result.output)
        return result.output or "The function returned nothing."

    def check(arguments: Mapping[str, Any]) -> dict[str, Any]:
        signature.check(arguments)
        return dict(arguments)  # as JSON wrote them: models and enums of the notebook do not exist in the other kernel

    return Tool(name, "", signature.schema, run, check)


def _code(definition: str, name: str, values: str, *, is_async: bool) -> str:
    """Text that the function returns is printed; of anything else the kernel shows what a cell shows of its last expression."""
    call = f"{'await ' if is_async else ''}{name}(**__import__('json').loads({values!r}))"
    return f"{definition}\n(lambda value: print(value) if isinstance(value, str) else value)({call})"


def _definition(function: Callable[..., Any], name: str) -> str:
    """Return the source of the function without decorators and annotations, which name things of the notebook."""
    try:
        found = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError) as error:
        advice = "define it with def, in a cell or a module"
        raise UsageError(f"The source of {name} cannot be read, so it cannot run in the agent kernel; {advice}.") from error
    if not isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)):
        raise UsageError(f"{name} is not defined with def, so it cannot run in the agent kernel.")
    if function.__code__.co_freevars:
        names = ", ".join(function.__code__.co_freevars)
        raise UsageError(f"{name} uses {names} of the function around it, which the agent kernel does not have; pass it as an argument.")
    found.decorator_list, found.returns = [], None
    spec = found.args
    for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *filter(None, (spec.vararg, spec.kwarg))):
        argument.annotation = None
    return ast.unparse(ast.fix_missing_locations(found))
