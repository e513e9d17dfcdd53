"""Several tools under one name, to be registered together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import UsageError
from .tool import Tool, ToolUser

__all__ = ["Toolkit"]


class Toolkit:
    """A set of tools, by name.

    Raises:
        UsageError: two of them have one name, or one is no tool.

    Example:
        >>> from autogen_jupyter import tool
        >>> @tool(description="Add two numbers.")
        ... def add(a: int, b: int) -> int:
        ...     return a + b
        >>> toolkit = Toolkit([add])
        >>> [tool.name for tool in toolkit]
        ['add']
    """

    def __init__(self, tools: Iterable[Tool] = ()) -> None:
        self._tools: dict[str, Tool] = {}
        for one in tools:
            if isinstance(one, Tool) and one.name in self._tools:
                raise UsageError(f"The toolkit has two tools named {one.name!r}. Give each tool its own name.")
            self.set_tool(one)

    @property
    def tools(self) -> list[Tool]:
        """The tools, in order."""
        return list(self._tools.values())

    def get_tool(self, tool_name: str) -> Tool:
        """Return the tool of this name.

        Raises:
            UsageError: there is none.
        """
        self._check(tool_name)
        return self._tools[tool_name]

    def set_tool(self, tool: Tool) -> None:
        """Add a tool, in the place of one with its name.

        Raises:
            UsageError: it is no ``Tool``.
        """
        if not isinstance(tool, Tool):
            raise UsageError(f"A toolkit holds tools, and got {tool!r:.80}. Make a tool of a function with @tool() or Tool.from_function.")
        self._tools[tool.name] = tool

    def remove_tool(self, tool_name: str) -> None:
        """Take a tool out.

        Raises:
            UsageError: there is none of this name.
        """
        self._check(tool_name)
        del self._tools[tool_name]

    def register_for_llm(self, agent: ToolUser) -> None:
        """Tell the agent's model of all tools."""
        for one in self:
            one.register_for_llm(agent)

    def register_for_execution(self, agent: ToolUser) -> None:
        """Let the agent run all tools."""
        for one in self:
            one.register_for_execution(agent)

    def _check(self, name: str) -> None:
        if name not in self._tools:
            raise UsageError(f"The toolkit has no tool {name!r}; it has {', '.join(self._tools) or 'none'}.")

    def __iter__(self) -> Iterator[Tool]:
        return iter(self.tools)

    def __len__(self) -> int:
        return len(self._tools)

    def __repr__(self) -> str:
        return f"Toolkit([{', '.join(self._tools)}])"
