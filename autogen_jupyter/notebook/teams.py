"""Teams by name: who is in them and what each is told. The shipped ones, and those that people define or load."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .team_prompts import CHECKER, CODER, CRITIC, PLANNER

__all__ = ["APPROVED", "PLANS", "Member", "TeamPlan", "plan_from", "plan_of", "team"]

APPROVED = "APPROVED"
"""What a reviewer's message says when there is nothing left to object to."""
_NAME = re.compile(r"[^\W\d][\w\-]{0,39}")
_TAKEN = {"user", "chat_manager", "cell", "Out", "error", "variables"}


@dataclass(frozen=True)
class Member:
    """An agent of a team."""

    name: str
    system_message: str = ""
    """What it is told of its part; empty for the assistant's own."""
    description: str = ""
    """What it does, in one line."""
    model: Any = None
    """Its own model, as ``-m`` takes it. Default: that of the chat."""
    reviews: bool = False
    """Whether it judges what the others did: an ``APPROVED`` of its own ends the chat, an objection sends the work back."""


@dataclass(frozen=True)
class TeamPlan:
    """A team: a name, and its agents in the order in which they work, each until it has no more code to run.

    A proxy that runs their code belongs to every team.
    """

    name: str
    agents: tuple[Member, ...]
    description: str = ""
    rounds: int = 2
    """How often reviewers may send the work back."""
    max_messages: int = 40
    """Messages at the most, for each request."""
    made: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Agents that were given ready-made, by name."""

    def check(self) -> TeamPlan:
        """Return this plan.

        Raises:
            UsageError: it cannot work.
        """
        where = f"The team {self.name!r}"
        if not _NAME.fullmatch(self.name):
            raise UsageError(f"A team cannot be named {self.name[:60]!r}: a name is one word of letters, digits, _ and -, 40 at most.")
        if not self.agents:
            raise UsageError(f"{where} has no agents. Give it at least one with a name.")
        for member in self.agents:
            if not _NAME.fullmatch(member.name) or member.name in _TAKEN:
                why = "that name is taken" if member.name in _TAKEN else "a name is one word of letters, digits, _ and -"
                raise UsageError(f"{where} has an agent named {member.name[:60]!r}; {why}.")
        names = [member.name for member in self.agents]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise UsageError(f"{where} has two agents named {twice!r}. Give each agent its own name.")
        if all(member.reviews for member in self.agents):
            raise UsageError(f"{where} has only reviewers; put an agent before them whose work they review.")
        if self.agents[0].reviews:
            raise UsageError(f"{where} begins with the reviewer {names[0]!r}; put the agents whose work it reviews before it.")
        for key in ("rounds", "max_messages"):
            value = getattr(self, key)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise UsageError(f"{where} has {key}={value!r}; it must be a whole number, 1 or more.")
        return self

    def save(self, file: str) -> None:
        """Write it to a file (.toml, .yaml or .json), for others to load with ``team(file)``.

        Raises:
            UsageError: it holds objects that no file can hold, or the file cannot be written.
        """
        from .team_files import write_team  # it imports this module

        write_team(self, file)

    @property
    def is_pair(self) -> bool:
        """Whether it is one agent and the proxy, which then talk to each other alone."""
        return len(self.agents) == 1

    def asks_the_chats_model(self, member: Member) -> bool:
        """Say whether a member asks the model of the chat: it was not given ready-made, and has none of its own."""
        return member.model is None and member.name not in self.made


PLANS: dict[str, TeamPlan] = {
    plan.name: plan.check()
    for plan in (
        TeamPlan("analyst", (Member("assistant"),), "an assistant that writes code, and a proxy that runs it"),
        TeamPlan(
            "critic",
            (Member("assistant"), Member("critic", CRITIC, "looks for mistakes in the analysis", reviews=True)),
            "the analyst, and a critic who reviews the result before you see it",
        ),
        TeamPlan(
            "planners",
            (
                Member("planner", PLANNER, "says which steps the task needs"),
                Member("coder", CODER, "writes the code for them and reports the result"),
                Member("checker", CHECKER, "computes the result again in another way", reviews=True),
            ),
            "a planner, a coder, and a checker who computes the result again",
        ),
    )
}
"""The teams of this kernel, by name."""
SHIPPED = tuple(PLANS)
"""Those that come with the package."""


def plan_of(name: str) -> TeamPlan:
    """Return a team's plan.

    Raises:
        UsageError: there is no such team; the message names the nearest one.
    """
    found = PLANS.get(name)
    if found is None:
        near = difflib.get_close_matches(name, PLANS, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"There is no team {name!r}. {hint}There is {', '.join(PLANS)}.")
    return found


def team(name: str, agents: Sequence[Any] = (), *, description: str = "", **options: Any) -> TeamPlan:
    """Define a team, to be used by its name: ``%%agentchat NAME``. A team of that name is replaced for chats that begin from now on.

    Args:
        name: one word; or a file that defines a team (.toml, .yaml, .json), which needs no more arguments.
        agents: who is in it, in order: dictionaries with ``name`` and perhaps ``system_message``, ``description``, ``model``, ``reviews``;
            ``Member`` objects; or agents that you made.
        description: what the team is, in one line.
        **options: ``rounds`` and ``max_messages``; see ``TeamPlan``.

    Raises:
        UsageError: it cannot work: an unknown key, two agents of one name, no agents.

    Example:
        >>> plan = team("pair_review", [{"name": "coder"}, {"name": "reader", "reviews": True}])
        >>> [member.name for member in plan.agents]
        ['coder', 'reader']
    """
    if Path(name).suffix and not agents:
        from .team_files import read_team  # it imports this module

        plan = read_team(name)
        PLANS[plan.name] = plan
        return plan
    plan = plan_from({"name": name, "description": description, "agents": agents, **options})
    PLANS[plan.name] = plan
    return plan


def plan_from(given: Mapping[str, Any], source: str = "team()") -> TeamPlan:
    """Return a plan from a dictionary, such as a file holds.

    Raises:
        UsageError: a key is unknown or a value does not fit; ``source`` is named.
    """
    _check_keys(given, TeamPlan, source)
    listed = given.get("agents", ())
    if isinstance(listed, (str, Mapping)) or not isinstance(listed, Sequence):
        raise UsageError(f"{source}: agents must be a list of agents, not {type(listed).__name__}.")
    made: dict[str, Any] = {}
    members = tuple(_member(one, made, source) for one in listed)
    rest = {key: value for key, value in given.items() if key != "agents"}
    _check_types(rest, {"name": str, "description": str}, source)
    if not rest.get("name"):
        raise UsageError(f"{source}: the team has no name.")
    return TeamPlan(agents=members, made=made, **rest).check()


def _member(given: Any, made: dict[str, Any], source: str) -> Member:
    if isinstance(given, Member):
        return given
    if hasattr(given, "a_generate_reply") and hasattr(given, "name"):
        made[given.name] = given
        return Member(given.name, description=getattr(given, "description", ""))
    if isinstance(given, str):
        given = {"name": given}
    if not isinstance(given, Mapping):
        raise UsageError(f"{source}: an agent is {given!r:.80}; give a dictionary such as {{'name': 'coder'}}.")
    _check_keys(given, Member, source)
    _check_types(given, {"name": str, "system_message": str, "description": str, "reviews": bool}, source)
    if not given.get("name"):
        raise UsageError(f"{source}: an agent has no name: {dict(given)!r:.80}.")
    return Member(**given)


def _check_keys(given: Mapping[str, Any], kind: Callable[..., Any], source: str) -> None:
    known = [one.name for one in fields(kind) if one.name != "made"]  # type: ignore[arg-type]
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            what = "an agent" if kind is Member else "a team"
            raise UsageError(
                f"{source}: {what} has no {key!r}. {f'Did you mean {near[0]!r}? ' if near else ''}There is {', '.join(known)}."
            )


def _check_types(given: Mapping[str, Any], kinds: Mapping[str, type], source: str) -> None:
    for key, kind in kinds.items():
        if key in given and not isinstance(given[key], kind):
            word = {"str": "a text", "bool": "true or false"}[kind.__name__]
            raise UsageError(f"{source}: {key} is {given[key]!r:.60}; it must be {word}.")
