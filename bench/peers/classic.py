"""The same work in AutoGen 0.2 or AG2 0.9, run by an interpreter that has one of them: ``python classic.py engine 10 100``.

Prints processor microseconds as one line of JSON: ``engine TURNS…`` for a message of a chat of two, ``group AGENTSxROUNDS…`` for a round.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import sys
import time
from types import SimpleNamespace

from autogen import ConversableAgent, GroupChat, GroupChatManager

REPEATS = 3


class Scripted:
    """A model that answers the same at once, in the form in which these packages take a model of the user's own."""

    def __init__(self, config, **options):  # type: ignore[no-untyped-def]
        self._model = config["model"]

    def create(self, params):  # type: ignore[no-untyped-def]
        message = SimpleNamespace(content="ho", function_call=None, tool_calls=None)
        return SimpleNamespace(choices=[SimpleNamespace(message=message)], model=self._model, cost=0.0)

    def message_retrieval(self, response):  # type: ignore[no-untyped-def]
        return [choice.message.content for choice in response.choices]

    def cost(self, response) -> float:  # type: ignore[no-untyped-def]
        return 0.0

    @staticmethod
    def get_usage(response):  # type: ignore[no-untyped-def]
        return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "cost": 0.0, "model": response.model}


MODEL = {"config_list": [{"model": "scripted", "model_client_cls": "Scripted"}], "cache_seed": None}


def agent(name: str, llm_config: object = False, **options: object) -> ConversableAgent:
    made = ConversableAgent(
        name,
        llm_config=llm_config,
        code_execution_config=False,
        human_input_mode="NEVER",
        max_consecutive_auto_reply=1_000_000,
        **options,
    )
    if llm_config:
        made.register_model_client(Scripted)
    return made


def pair(kind: str) -> tuple[ConversableAgent, ConversableAgent]:
    if kind == "default replies":
        return agent("a", default_auto_reply="hi"), agent("b", default_auto_reply="ho")
    if kind == "models":
        return agent("a", MODEL), agent("b", MODEL)
    both = agent("a"), agent("b")
    for one in both:
        one.register_reply(ConversableAgent, REPLIES[kind], position=2 if kind in CHECKED else 0)
    return both


def plain(recipient, messages, sender, config):  # type: ignore[no-untyped-def]
    return True, "ho"


async def coroutine(recipient, messages, sender, config):  # type: ignore[no-untyped-def]
    return True, "ho"


async def off_the_loop(recipient, messages, sender, config):  # type: ignore[no-untyped-def]
    return await asyncio.to_thread(plain, recipient, messages, sender, config)


CHECKED = ("coroutines behind the checks", "plain functions behind the checks")
REPLIES = {
    "plain reply functions": plain,
    "coroutine reply functions": coroutine,
    "coroutines behind the checks": coroutine,
    "plain functions behind the checks": plain,
    "plain functions off the loop": off_the_loop,
}
"""A plain function holds up whatever else the loop does while it runs; the last keeps the loop free, as a notebook needs it."""


def chat(kind: str, turns: int) -> float:
    kind, *printed = kind.split(", ")
    a, b = pair(kind)
    gc.collect()
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        started = time.process_time()
        if asyncio.iscoroutinefunction(REPLIES.get(kind)):
            asyncio.run(a.a_initiate_chat(b, message="go", max_turns=turns, silent=not printed))
        else:
            a.initiate_chat(b, message="go", max_turns=turns, silent=not printed)
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


def best(measure, *args, repeats: int = REPEATS) -> float:  # type: ignore[no-untyped-def]
    return min(measure(*args) for _ in range(repeats))


def main() -> None:
    what, *sizes = sys.argv[1:]
    if what == "engine":
        kinds = ("default replies", "default replies, printed", *REPLIES, "models", "models, printed")
        made: dict[str, object] = {
            kind: {size: best(chat, kind, int(size), repeats=max(500 // int(size), REPEATS)) for size in sizes} for kind in kinds
        }
    else:
        made = {size: best(group, *map(int, size.split("x"))) for size in sizes}
    sys.stdout.write(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()
