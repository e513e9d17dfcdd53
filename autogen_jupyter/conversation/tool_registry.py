"""The part of an agent that has tools: those its model is told of, and those it runs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from ..agent import Agent
from ..context import current, enter
from ..errors import UsageError
from ..events import Noticed
from ..messages import Message, ToolCall, new_id
from ..models.base import ModelClient
from ..portal import on_portal, run_sync
from ..replies.base import Turn
from ..replies.tools import ToolPolicy
from ..tools import Tool, check_name
from .context_variables import ContextVariables, active_variables, as_variables
from .handoffs import ReplyResult
from .history import History
from .kernel_tool import in_agent_kernel
from .lent_tools import lent_to

__all__ = ["ApiStyle", "ToolRegistry", "register_function"]

F = TypeVar("F", bound=Callable[..., Any])
ApiStyle = Literal["tool", "function"]
Where = Literal["notebook", "kernel"]


class ToolRegistry:
    """The tools of one agent. To *offer* one is to tell the own model of it; to *execute* one is to run it when a message asks for it."""

    MAX_TOOL_ROUNDS = 10
    """How many times in a row its model may ask for tools that it runs itself."""

    llm_config: Any
    _tool_policy: ToolPolicy

    def _take_tools(
        self,
        tools: Sequence[Callable[..., Any]],
        functions: Sequence[Callable[..., Any]],
        variables: Mapping[str, Any] | None,
    ) -> None:
        """Set up: what ``llm_config`` describes is offered, and so are the given ones."""
        self.context_variables = as_variables(variables)
        config = self.llm_config if isinstance(self.llm_config, Mapping) else {}
        self._offered: dict[str, dict[str, Any]] = {}
        for schema in config.get("tools") or ():
            self._offer("tools", dict(schema))
        for schema in config.get("functions") or ():
            self._offer("functions", dict(schema))
        for function in (*tools, *functions):
            self.register_for_llm()(Tool.from_function(function))
        self.register_function({Tool.from_function(function).name: function for function in tools})

    # --- what tools share

    @property
    def context_variables(self) -> ContextVariables:
        """What it and the agents of its group know together; a tool's parameter of this name is given it, and the model is not told."""
        active = active_variables()
        return self._context_variables if active is None else active

    @context_variables.setter
    def context_variables(self, variables: ContextVariables) -> None:
        self._context_variables = variables

    def _settle(self, result: Any) -> Any:
        """Take in what a tool changed; outside of a group that follows a pattern nobody is handed over to."""
        if not isinstance(result, ReplyResult):
            return result
        self.context_variables.update(result.context_variables or {})
        return result.message

    # --- running

    @property
    def function_map(self) -> dict[str, Callable[..., Any]]:
        """The functions it can call, by name."""
        return self._tool_policy.functions

    def register_function(self, function_map: Mapping[str, Callable[..., Any] | None]) -> None:
        """Add functions it can call; None removes one. Another function of a name that it has replaces that one, with a warning.

        Raises:
            UsageError: a name is not one that APIs take, or what is given cannot be called.
        """
        if not isinstance(function_map, Mapping):
            raise UsageError(f"The functions of {self.name} are {function_map!r:.80}; they must be a dictionary of functions by name.")
        for name, function in function_map.items():
            if function is None:
                if self._tool_policy.functions.pop(name, None) is None:
                    known = _listed(self.function_map)
                    warnings.warn(f"{self.name} has no function {name!r} to remove; it has {known}.", UserWarning, stacklevel=2)
                self._tool_policy.needs_approval.discard(name)
            elif callable(function):
                if self._tool_policy.functions.get(check_name(name), function) != function:
                    warnings.warn(_replacement_warning(name), UserWarning, stacklevel=2)
                self._tool_policy.functions[name] = function
            else:
                raise UsageError(f"The function {name!r} of {self.name} is {function!r:.80}, which cannot be called.")

    @property
    def known_functions(self) -> dict[str, Callable[..., Any]]:
        """The functions it can call, and those that its model was told of, by name."""
        offered = {name: one["tool"] for name, one in self._offered.items() if one["tool"] is not None}
        return offered | self._tool_policy.functions

    def can_execute_function(self, name: str | Sequence[str]) -> bool:
        """Say whether it can call this function, or all of these."""
        names = [name] if isinstance(name, str) else name
        return all(one in self._tool_policy.functions for one in names)

    def register_for_execution(
        self, name: str | None = None, *, needs_approval: bool = False, where: Where = "notebook"
    ) -> Callable[[F], F]:
        """Let this agent call the decorated function when a message asks for it.

        Args:
            name: under which it is asked for. Default: that of ``register_for_llm``, else the function's own.
            needs_approval: ask the person before each call, also in chats where code runs unasked; who is to be spared the
                question gives the session a person of their own, such as ``ScriptedInput``, that allows it.
            where: ``"notebook"`` calls it here; ``"kernel"`` sends its source to the agent kernel and calls it there, among the
                variables of the agents' code. It must then bring its own imports.

        Raises:
            UsageError: the name cannot be used, or the function cannot be sent to a kernel.
        """
        if where not in ("notebook", "kernel"):
            raise UsageError(f'where is {where!r}; it must be "notebook" or "kernel".')

        def register(function: F) -> F:
            known_as = name or _noted(function)[0] or _own_name(function)
            executor = policy.executor if (policy := getattr(self, "_code_policy", None)) else None
            made = in_agent_kernel(function, executor, self.name) if where == "kernel" else function
            self.register_function({known_as: made})
            self._tool_policy.needs_approval.discard(known_as)
            if needs_approval:
                self._tool_policy.needs_approval.add(known_as)
            _note(function, known_as, _noted(function)[1])
            return function

        return register

    @on_portal
    async def a_execute_function(self, func_call: Mapping[str, Any], verbose: bool = False) -> tuple[bool, dict[str, Any]]:
        """Call a function as a message would.

        Args:
            func_call: ``{"name": …, "arguments": "a JSON object"}``.
            verbose: show the call and what came of it.

        Returns:
            Whether it succeeded, and the classic's message with the result.
        """
        name, arguments = str(func_call.get("name", "")), func_call.get("arguments", "{}")
        tool_call = ToolCall(str(func_call.get("id") or new_id("call_")), name, str(arguments))
        if not verbose:
            content, is_error = await self._tool_policy.run(self.name, tool_call)
        else:
            async with enter():
                content, is_error = await self._tool_policy.run(self.name, tool_call)
                current().emit(Noticed(f"{name}\nInput arguments: {arguments}\nOutput:\n{content}"))
        return not is_error, {"name": name, "role": "function", "content": content}

    execute_function = run_sync(a_execute_function)

    # --- telling the model

    def register_for_llm(
        self, *, name: str | None = None, description: str | None = None, api_style: ApiStyle = "tool"
    ) -> Callable[[F], F]:
        """Tell this agent's model of the decorated function.

        Args:
            name: what the model calls it. Default: the function's name.
            description: what it is good for. Default: its docstring.
            api_style: ``"function"`` lists it under ``functions`` of ``llm_config``. Where all are of this older form, the history has a
                ``function_call`` and a message of the role ``function``, as in the classic; servers are told of tools, which all know.

        Raises:
            UsageError: the agent has no model; the function has no description, or a parameter without annotation.
        """
        if api_style not in ("tool", "function"):
            raise UsageError(f'api_style is {api_style!r}; it must be "tool" or "function".')

        def register(function: F) -> F:
            noted = _noted(function)
            made = Tool.from_function(function, name=name or noted[0] or None, description=description or noted[1] or None)
            self._need_model(made.name)
            schema = made.schema if api_style == "tool" else made.schema["function"]
            self._offer("tools" if api_style == "tool" else "functions", schema, made)
            _note(function, made.name, made.description)
            return function

        return register

    def update_tool_signature(self, tool_sig: str | Mapping[str, Any], is_remove: bool = False) -> None:
        """Tell the model of a tool by its schema, or no longer.

        Args:
            tool_sig: ``{"type": "function", "function": {"name": …, "description": …, "parameters": …}}``; a name is enough to remove.
            is_remove: take it away.

        Raises:
            UsageError: the agent has no model, the schema has no name, or there is no such tool to remove.
        """
        self._update("tools", tool_sig, is_remove)

    def update_function_signature(self, func_sig: str | Mapping[str, Any], is_remove: bool = False) -> None:
        """As ``update_tool_signature``, with the older form: ``{"name": …, "description": …, "parameters": …}``."""
        self._update("functions", func_sig, is_remove)

    def _update(self, key: str, signature: str | Mapping[str, Any], is_remove: bool) -> None:
        name = signature if isinstance(signature, str) else _name_in(signature)
        self._need_model(name)
        if is_remove:
            if self._offered.pop(name, None) is None:
                raise UsageError(f"{self.name} offers no tool {name!r} to its model; it offers {_listed(self._offered)}.")
            self._list_in_config()
        elif isinstance(signature, str):
            raise UsageError(f"The signature of a tool is a dictionary with its name, not the text {signature!r:.80}.")
        elif key == "tools" and not isinstance(signature.get("function"), Mapping):
            raise UsageError(
                f'The signature {dict(signature)!r:.120} has no "function"; a tool is {{"type": "function", "function": {{"name": …, '
                '"description": …, "parameters": …}}. What has its name at the top is for update_function_signature.'
            )
        else:
            self._offer(key, dict(signature))

    def _offer(self, key: str, schema: dict[str, Any], made: Tool | None = None) -> None:
        name = check_name(_name_in(schema))
        if name in self._offered:
            warnings.warn(_replacement_warning(name), UserWarning, stacklevel=4)
        self._offered[name] = {"key": key, "schema": schema, "tool": made}
        self._list_in_config()

    def _list_in_config(self) -> None:
        """Keep ``llm_config``, which is this agent's own copy, as the classic shows it."""
        if not isinstance(self.llm_config, dict):
            return
        for key in ("tools", "functions"):
            listed = [offered["schema"] for offered in self._offered.values() if offered["key"] == key]
            if listed:
                self.llm_config[key] = listed
            else:
                self.llm_config.pop(key, None)

    def _tool_schemas(self) -> Sequence[Mapping[str, Any]]:
        """Return what the model is told of, in the form of tools, however they were registered."""
        own = {
            name: one["schema"] if one["key"] == "tools" else {"type": "function", "function": one["schema"]}
            for name, one in self._offered.items()
        }
        return tuple({**own, **{name: tool.schema for name, tool in lent_to(self).told.items()}}.values())

    def _tells_functions(self) -> bool:
        """Say whether all that the model is told of is in the older form."""
        return all(one["key"] == "functions" for one in self._offered.values()) and len(self._offered) == len(self._tool_schemas())

    def _offers(self, name: str) -> bool:
        return name in self._offered or name in lent_to(self).told

    def _remember_tools(self, turn: Turn, message: Message) -> None:
        if turn.sender is not None:
            self.history_with(turn.sender).append(message, "assistant")

    def _need_model(self, name: str) -> None:
        if self.model_client is None:
            raise UsageError(f"{self.name} has no model to tell of the tool {name!r}; make it with an llm_config.")

    # what the tools need of the agent that this is a part of

    @property
    def name(self) -> str:
        raise NotImplementedError

    @property
    def model_client(self) -> ModelClient | None:
        raise NotImplementedError

    def history_with(self, other: Agent) -> History:
        raise NotImplementedError


def register_function(
    f: Callable[..., Any],
    *,
    caller: ToolRegistry,
    executor: ToolRegistry,
    name: str | None = None,
    description: str | None = None,
) -> None:
    """Let the model of one agent ask for a function, and another agent (or the same) run it.

    Args:
        f: the function, or a ``Tool``; its parameters need annotations.
        caller: whose model is told of it.
        executor: who runs it. When it is the caller itself, its model gets the results at once, and the other agent only the answer.
        name: what the model calls it. Default: the function's name.
        description: what it is good for. Default: its docstring.

    Raises:
        UsageError: the caller has no model; the function has no description, or a parameter without annotation.

    Example:
        >>> from typing import Annotated
        >>> from autogen_jupyter import AssistantAgent, ScriptedModel, UserProxyAgent, register_function
        >>> def days_between(start: Annotated[str, "ISO date"], end: Annotated[str, "ISO date"]) -> int: ...
        >>> assistant = AssistantAgent("assistant", llm_config=ScriptedModel([]))
        >>> user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        >>> register_function(days_between, caller=assistant, executor=user, description="Count the days between two dates.")
    """
    made = Tool.from_function(f, name=name, description=description)
    caller.register_for_llm()(made)
    executor.register_function({made.name: f})


_NOTE = "__autogen_jupyter_tool__"


def _note(function: Callable[..., Any], name: str, description: str) -> None:
    """Let the next decorator on the same function know its name and description. What takes no attributes has to be told again."""
    if not isinstance(function, Tool):
        try:
            setattr(function, _NOTE, (name, description))
        except AttributeError:
            return


def _noted(function: Callable[..., Any]) -> tuple[str, str]:
    if isinstance(function, Tool):
        return function.name, function.description
    name, description = getattr(function, _NOTE, ("", ""))
    return name, description


def _own_name(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _name_in(schema: Mapping[str, Any]) -> str:
    described = schema.get("function", schema)
    name = described.get("name") if isinstance(described, Mapping) else None
    if not name:
        raise UsageError(f'The signature {dict(schema)!r:.120} has no "name".')
    return str(name)


def _replacement_warning(name: str) -> str:
    return f"Function '{name}' is being overridden."


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(names) or "none"
