"""Commands about teams: what there is, from a file, into a file."""

from __future__ import annotations

from collections.abc import Sequence

from ..teams import PLANS, SHIPPED, TeamPlan, plan_of, team
from .registry import Place, command

__all__: list[str] = []


@command("teams", "the teams there are; with a file (.toml, .yaml, .json), take the team in it", takes=("file",))
async def teams(_place: Place, words: Sequence[str]) -> str:
    if words:
        plan = team(words[0])
        return f"%%agentchat {plan.name} is for this team now:\n{_described(plan)}"
    return "\n".join(_described(plan) for plan in PLANS.values())


@command("share", "write a team to a file: share critic critic.toml", takes=("team", "file"), least=2)
async def share(_place: Place, words: Sequence[str]) -> str:
    plan_of(words[0]).save(words[1])
    return f"The team {words[0]} was written to {words[1]}; `%agentchat teams {words[1]}` takes it in another notebook."


def _described(plan: TeamPlan) -> str:
    own = "" if plan.name in SHIPPED else " (yours)"
    lines = [f"{plan.name}{own}: {plan.description}".rstrip(": ")]
    lines += [f"  @{member.name}{' (reviews)' if member.reviews else ''} {member.description}".rstrip() for member in plan.agents]
    return "\n".join(lines)
