"""The same work in AutoGen 0.2 or AG2 0.9, run by an interpreter that has one of them: ``python classic.py engine 10 100``.

Prints processor microseconds as one line of JSON: ``engine TURNS…`` for a message of a chat of two, ``group AGENTSxROUNDS…`` for a round.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time

from autogen import ConversableAgent, GroupChat, GroupChatManager

REPEATS = 3


def agent(name: str, **options: object) -> ConversableAgent:
    return ConversableAgent(
        name,
        llm_config=False,
        code_execution_config=False,
        human_input_mode="NEVER",
        max_consecutive_auto_reply=1_000_000,
        **options,
    )


def pair(kind: str) -> tuple[ConversableAgent, ConversableAgent]:
    if kind == "default replies":
        return agent("a", default_auto_reply="hi"), agent("b", default_auto_reply="ho")
    both = agent("a"), agent("b")
    for one in both:
        one.register_reply(ConversableAgent, REPLIES[kind])
    return both


def plain(recipient, messages, sender, config):  # type: ignore[no-untyped-def]
    return True, "ho"


async def coroutine(recipient, messages, sender, config):  # type: ignore[no-untyped-def]
    return True, "ho"


async def off_the_loop(recipient, messages, sender, config):  # type: ignore[no-untyped-def]
    return await asyncio.to_thread(plain, recipient, messages, sender, config)


REPLIES = {"plain reply functions": plain, "coroutine reply functions": coroutine, "plain functions off the loop": off_the_loop}
"""A plain function holds up whatever else the loop does while it runs; the last keeps the loop free, as a notebook needs it."""


def chat(kind: str, turns: int) -> float:
    a, b = pair(kind)
    gc.collect()
    started = time.process_time()
    if kind in ("coroutine reply functions", "plain functions off the loop"):
        asyncio.run(a.a_initiate_chat(b, message="go", max_turns=turns, silent=True))
    else:
        a.initiate_chat(b, message="go", max_turns=turns, silent=True)
    spent = time.process_time() - started
    if len(a.chat_messages[b]) != 2 * turns:
        raise RuntimeError(f"{len(a.chat_messages[b])} messages instead of {2 * turns}")
    return 1e6 * spent / (2 * turns)


def group(agents: int, rounds: int) -> float:
    members = [agent(f"agent{number}", default_auto_reply="Go on.") for number in range(agents)]
    talk = GroupChat(members, messages=[], max_round=rounds, speaker_selection_method="round_robin")
    manager = GroupChatManager(talk, silent=True)
    gc.collect()
    started = time.process_time()
    members[0].initiate_chat(manager, message="Begin.", silent=True)
    spent = time.process_time() - started
    if len(talk.messages) != rounds:
        raise RuntimeError(f"{len(talk.messages)} messages instead of {rounds}")
    return 1e6 * spent / rounds


def best(measure, *args) -> float:  # type: ignore[no-untyped-def]
    return min(measure(*args) for _ in range(REPEATS))


def main() -> None:
    what, *sizes = sys.argv[1:]
    if what == "engine":
        kinds = ("default replies", *REPLIES)
        made: dict[str, object] = {kind: {size: best(chat, kind, int(size)) for size in sizes} for kind in kinds}
    else:
        made = {size: best(group, *map(int, size.split("x"))) for size in sizes}
    sys.stdout.write(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()
