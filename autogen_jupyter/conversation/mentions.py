"""Find the names of agents in a text that a model wrote."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ..agent import Agent

__all__ = ["mentioned_agents"]


def mentioned_agents(text: str, agents: Sequence[Agent]) -> dict[str, int]:
    """Return how often each agent is named.

    A name counts where it stands as a word of its own, also with spaces or ``\\_`` for its underscores. Of names that overlap the
    longest counts: "data analyst" names ``data_analyst`` and not ``analyst``. Case matters, unless the text is nothing but one name.

    Example:
        >>> from autogen_jupyter import ConversableAgent
        >>> agents = [ConversableAgent("data_analyst"), ConversableAgent("analyst")]
        >>> mentioned_agents("The **data analyst** should go on.", agents)
        {'data_analyst': 1}
    """
    spellings = {spelling: agent.name for agent in agents for spelling in _spellings(agent.name)}
    longest_first = sorted(spellings, key=len, reverse=True)
    pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)"
    found = Counter(spellings[match] for match in re.findall(pattern, text))
    if not found:
        bare = text.strip(" \t\r\n.*`'\"[]()").casefold()
        found = Counter(dict.fromkeys((name for spelling, name in spellings.items() if spelling.casefold() == bare), 1))
    return dict(found)


def _spellings(name: str) -> tuple[str, ...]:
    return name, name.replace("_", " "), name.replace("_", r"\_")
