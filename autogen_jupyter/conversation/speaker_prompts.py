"""What the model is told that chooses the next speaker. The placeholders are ``{roles}`` and ``{agentlist}``."""

from __future__ import annotations

from collections.abc import Sequence

from ..agent import Agent
from .introductions import roles

__all__ = ["MESSAGE", "MULTIPLE", "NONE", "PROMPT", "filled"]

MESSAGE = """You lead a conversation of several roles. These roles are available:
{roles}
Read the conversation that follows. Then choose the role from {agentlist} that has to speak next. Answer with the role alone."""

PROMPT = "Read the conversation above. Then choose the role from {agentlist} that has to speak next. Answer with the role alone."

_RULES = """To find the next speaker, take the first of these rules that applies:
1. If the text speaks of itself as a speaker ("As the …"), choose that name.
2. If it says who is "next", choose that name.
3. Otherwise choose the name that comes first in it.
The names are {agentlist}. Write the name exactly as it stands there, in the same case and not shortened.
Answer with ONLY the name of the speaker, and give NO reason."""

MULTIPLE = "Your answer holds more than one name; answer with just the name of the next speaker. " + _RULES

NONE = "Your answer names no speaker. " + _RULES


def filled(template: str, agents: Sequence[Agent]) -> str:
    """Return a template with the agents in it."""
    return template.replace("{roles}", roles(agents)).replace("{agentlist}", str([agent.name for agent in agents]))
