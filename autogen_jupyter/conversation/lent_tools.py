"""Tools that agents have for one chat only, so that other chats of theirs, at the same time too, go on without them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, cast

from ..agent import Agent
from ..errors import UsageError
from ..tools import Tool, Toolkit

__all__ = ["Lent", "ToolsOfRun", "lending", "lent_to", "loan"]

ToolsOfRun = Tool | Toolkit | Callable[..., Any] | Iterable[Tool | Callable[..., Any]] | None


@dataclass(frozen=True)
class Lent:
    """What one agent is lent, by name."""

    told: Mapping[str, Tool] = field(default_factory=dict)
    """Its model is told of these."""
    runs: Mapping[str, Tool] = field(default_factory=dict)
    """It runs these when a message asks for them."""


_NOTHING = Lent()
_lent: ContextVar[Mapping[Agent, Lent]] = ContextVar("autogen_jupyter_lent_tools", default={})  # noqa: B039 - never changed


def lent_to(agent: object) -> Lent:
    """Return what an agent is lent in the running chat."""
    return _lent.get().get(cast(Agent, agent), _NOTHING)


def loan(tools: ToolsOfRun, one: Agent, other: Agent) -> Mapping[Agent, Lent]:
    """Return what two agents are lent of tools: the model of each is told of them, and the other agent runs them.

    Raises:
        UsageError: one is no tool, neither agent has a model, or one of them leads a group.
    """
    by_name = _by_name(tools)
    if not by_name:
        return {}
    for agent in (one, other):
        if getattr(agent, "relays_others", False):
            raise UsageError(
                f"{agent.name} leads a group and calls no tools; give the tools ({_listed(by_name)}) to the agents of the group."
            )
    one_asks, other_asks = (getattr(agent, "model_client", None) is not None for agent in (one, other))
    if not (one_asks or other_asks):
        raise UsageError(
            f"Neither {one.name} nor {other.name} has a model to tell of the tools ({_listed(by_name)}); give one an llm_config."
        )
    asks, runs = Lent(told=by_name), Lent(runs=by_name)
    if one_asks and other_asks:
        asks = runs = Lent(by_name, by_name)
    return {one: asks, other: runs} if one_asks else {one: runs, other: asks}


@contextmanager
def lending(lent: Mapping[Agent, Lent]) -> Iterator[None]:
    """Let agents have tools in whatever runs inside."""
    token = _lent.set({**_lent.get(), **lent})
    try:
        yield
    finally:
        _lent.reset(token)


def _by_name(given: ToolsOfRun) -> dict[str, Tool]:
    if given is None:
        return {}
    several = given if isinstance(given, Iterable) else (given,)
    made = [Tool.from_function(one) for one in several]
    by_name = {one.name: one for one in made}
    if len(by_name) < len(made):
        raise UsageError(f"Two of the tools ({', '.join(one.name for one in made)}) have one name. Give each its own.")
    return by_name


def _listed(tools: Mapping[str, Tool]) -> str:
    return ", ".join(tools)
