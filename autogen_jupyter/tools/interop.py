"""Tools that were written for LangChain, CrewAI and PydanticAI, as tools of ours. None of these packages is imported for it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from ..portal import call
from .arguments import ArgumentError
from .tool import Tool, normalized_name

__all__ = ["Interoperability"]


class Interoperability:
    """Converts the tools of other frameworks. The model writes the arguments as the tool itself describes them.

    Example:
        >>> from langchain_community.tools import WikipediaQueryRun  # doctest: +SKIP
        >>> wikipedia = Interoperability.convert_tool(tool=WikipediaQueryRun(...), type="langchain")  # doctest: +SKIP
        >>> wikipedia.register_tool(assistant)  # doctest: +SKIP
    """

    @classmethod
    def convert_tool(cls, *, tool: Any, type: str, **kwargs: Any) -> Tool:  # noqa: A002 - AG2's name
        """Return a tool of ours that calls the given one.

        Args:
            tool: a tool of the other framework.
            type: ``"langchain"``, ``"crewai"`` or ``"pydanticai"``.
            **kwargs: ``deps`` for a PydanticAI tool that takes a ``RunContext``.

        Raises:
            UsageError: the type is not known, or the tool is not of that type.
        """
        if type not in _FRAMEWORKS:
            raise UsageError(f"type is {type!r}; it must be one of {', '.join(map(repr, _FRAMEWORKS))}.")
        framework = _FRAMEWORKS[type]
        if missing := [name for name in framework.needs if not any(hasattr(tool, one) for one in name.split("|"))]:
            raise UsageError(
                f"{tool!r:.80} is no tool of {framework.package}: it has no {missing[0].replace('|', ' or ')}. "
                f"Install {framework.package}, and give an instance of its {framework.class_name}."
            )
        if unknown := sorted(set(kwargs) - set(framework.options)):
            raise UsageError(f"convert_tool got {unknown[0]!r}, which tools of {framework.package} do not take.")
        return framework.convert(tool, **kwargs)

    @classmethod
    def get_supported_types(cls) -> list[str]:
        """Return the names of the frameworks."""
        return sorted(_FRAMEWORKS)


def _from_langchain(tool: Any) -> Tool:
    arguments = getattr(tool, "args_schema", None) or tool.get_input_schema()

    async def run(**given: Any) -> Any:
        return await tool.ainvoke(given) if hasattr(tool, "ainvoke") else await call(tool.invoke, given)

    return _made(tool, arguments, run)


def _from_crewai(tool: Any) -> Tool:
    about = str(tool.description).split("Tool Description: ")[-1]  # before that it repeats name and arguments, for a prompt
    return _made(tool, tool.args_schema, tool.run, about=about)


def _from_pydantic_ai(tool: Any, deps: Any = None) -> Tool:
    if tool.takes_ctx and deps is None:
        raise UsageError(f"The PydanticAI tool {tool.name!r} takes a RunContext; give what it needs: convert_tool(…, deps=…).")
    described = getattr(tool, "function_schema", None)
    schema = described.json_schema if described is not None else tool._parameters_json_schema
    validator = getattr(described, "validator", None)

    def check(arguments: Mapping[str, Any]) -> dict[str, Any]:
        return dict(arguments) if validator is None else dict(_validated(validator.validate_python, arguments, tool.name))

    async def run(**given: Any) -> Any:
        first = (_run_context(tool.name, deps),) if tool.takes_ctx else ()
        return await call(tool.function, *first, **given)

    return Tool(normalized_name(tool.name), tool.description or "", schema, run, check)


def _run_context(name: str, deps: Any) -> Any:
    """Return a context for one call; the tool takes one, so the package that it is made of is there."""
    package = importlib.import_module("pydantic_ai")
    usage = importlib.import_module("pydantic_ai.usage")
    made_usage = getattr(usage, "RunUsage", None) or usage.Usage
    return package.RunContext(deps=deps, model=None, usage=made_usage(), prompt="", tool_name=name)


def _made(tool: Any, arguments: Any, run: Callable[..., Any], *, about: str = "") -> Tool:
    """Return a tool whose arguments are a pydantic model's, or a JSON schema's, which the other side checks itself."""
    is_model = inspect.isclass(arguments)
    schema = arguments.model_json_schema() if is_model else dict(arguments)

    def check(given: Mapping[str, Any]) -> dict[str, Any]:
        if is_model:
            _validated(arguments.model_validate, given, tool.name)
        return dict(given)

    return Tool(normalized_name(str(tool.name)), about or str(tool.description), schema, run, check)


def _validated(validate: Callable[[Any], Any], arguments: Mapping[str, Any], name: str) -> Any:
    from pydantic import ValidationError

    try:
        return validate(dict(arguments))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}; got {one['input']!r:.80}" for one in error.errors()[:5]]
        raise ArgumentError("\n- ".join([f"the arguments of {name} do not fit.", *problems])) from None


@dataclass(frozen=True)
class _Framework:
    package: str
    class_name: str
    needs: tuple[str, ...]
    """Attributes by which its tools are known; of those with a bar one is enough."""
    convert: Callable[..., Tool]
    options: tuple[str, ...] = ()


_FRAMEWORKS: Mapping[str, _Framework] = {
    "crewai": _Framework("crewai", "BaseTool", ("name", "description", "args_schema", "run"), _from_crewai),
    "langchain": _Framework(
        "langchain-core", "BaseTool", ("name", "description", "args_schema|get_input_schema", "invoke|ainvoke"), _from_langchain
    ),
    "pydanticai": _Framework(
        "pydantic-ai", "Tool", ("name", "function", "takes_ctx", "function_schema|_parameters_json_schema"), _from_pydantic_ai, ("deps",)
    ),
}
