"""Let a chat that a file holds go on in this kernel: its messages come back, its variables only by running its code again."""

from __future__ import annotations

from ..conversation.group_resume import recall
from ..messages import Message
from .chats import LONGEST_NAME, Chats, Conversation
from .kept import KeptChat
from .options import ChatOptions
from .team import Team
from .teams import PLANS

__all__ = ["rebuild", "restored"]


async def restored(kept: KeptChat, among: Chats) -> Conversation:
    """Return a conversation with a kept chat's messages, which is then the current one.

    Raises:
        UsageError: there is no such team in this kernel, or it has not the agents that spoke.
    """
    options = ChatOptions(model=kept.options.get("model"), team=kept.options.get("team") or _team_of(kept))
    team = Team(options)
    if kept.state is not None:
        team.restore(kept.state)
    elif team.manager is not None:
        await recall(team.manager, kept.messages)
    else:
        _remember(team, kept)
    conversation = Conversation(among.free_name(_printable(kept.name)), options, team)
    conversation.id = kept.id or conversation.id
    among.add(conversation)
    return conversation


def _printable(name: str) -> str:
    """Return a name that a conversation can have; a file may hold any."""
    return "".join(char for char in name if char.isprintable()).strip()[:LONGEST_NAME] or "chat"


async def rebuild(conversation: Conversation, kept: KeptChat) -> str:
    """Run a chat's code again in its agent kernel; stop at the first block that fails, and say how far it came."""
    team = conversation.prepare(conversation.options)
    code = kept.code
    for number, block in enumerate(code, start=1):
        result = await team.executor.execute_code_blocks([block])
        if result.exit_code:
            last = (result.output.strip().splitlines() or ["no output"])[-1]
            return f"Block {number} of {len(code)} failed ({last[:200]}); the blocks after it were not run."
    return f"{len(code)} {'block' if len(code) == 1 else 'blocks'} of code ran again; its variables are there."


def _team_of(kept: KeptChat) -> str | None:
    """Return the smallest team, the newest of equals, whose agents are those that spoke: a notebook's output does not name it."""
    spoke = {str(message.get("name")) for message in kept.messages} - {"user"}
    fitting = [plan for plan in reversed(PLANS.values()) if spoke <= {member.name for member in plan.agents}]
    return min(fitting, key=lambda plan: len(plan.agents)).name if fitting else None


def _remember(team: Team, kept: KeptChat) -> None:
    """Put messages into the memories of a pair; each remembers its own as ``assistant``, the other's as ``user``."""
    for given in kept.messages:
        sender = str(given.get("name") or "")
        message = Message.from_dict(given, sender=sender)
        is_ours = sender == team.proxy.name
        team.proxy.history_with(team.assistant).append(message, "assistant" if is_ours else "user")
        team.assistant.history_with(team.proxy).append(message, "user" if is_ours else "assistant")
