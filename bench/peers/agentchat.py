"""The same work in AutoGen 0.4 and later, whose agents only talk in teams: two agents that take turns stand for the chat of two.

Arguments and output as in ``classic.py``.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time

from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import TextMessage
from autogen_agentchat.teams import RoundRobinGroupChat


class Talker(BaseChatAgent):
    """Says the same each time."""

    produced_message_types = (TextMessage,)

    def __init__(self, name: str) -> None:
        super().__init__(name, "talks")

    async def on_messages(self, messages, cancellation_token):  # type: ignore[no-untyped-def]
        return Response(chat_message=TextMessage(content="Go on.", source=self.name))

    async def on_reset(self, cancellation_token) -> None:  # type: ignore[no-untyped-def]
        return None


async def team(agents: int, messages: int) -> float:
    members = [Talker(f"agent{number}") for number in range(agents)]
    talk = RoundRobinGroupChat(members, max_turns=messages - 1)
    gc.collect()
    started = time.process_time()
    result = await talk.run(task="Begin.")
    spent = time.process_time() - started
    if len(result.messages) != messages:
        raise RuntimeError(f"{len(result.messages)} messages instead of {messages}")
    return 1e6 * spent / messages


def measure(agents: int, messages: int) -> float:
    return min(asyncio.run(team(agents, messages)) for _ in range(2))


def main() -> None:
    what, *sizes = sys.argv[1:]
    if what == "engine":
        made: dict[str, object] = {"plain reply functions": {size: measure(2, 2 * int(size)) for size in sizes}}
    else:
        made = {size: measure(*map(int, size.split("x"))) for size in sizes}
    sys.stdout.write(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()
