"""What the engine itself costs: processor time a message, how that grows with the length of a chat, and how many chats run at once.

Everything is measured in one process and shown next to a floor measured there too, so that the ratios mean the same on any machine.
Run it from the root of the repository: ``python bench/engine.py`` (``--quick`` for the short form, ``--peer NAME=PYTHON`` to compare).

A plain reply function leaves the loop free: it is called between two turns of the loop, and loses the loop to another thread when it takes
too long. AutoGen 0.2 and AG2 0.9 call it in place, where it holds up every other chat and cannot be left; "plain functions off the loop"
is the same work there, by ``asyncio.to_thread`` in an awaited chat. The floors are what a thread of its own would cost.

A reply function is asked before all else, so that a turn is nothing but the function and two histories there; here a message is an event
too, secrets are taken out of it, and loops are noticed. "Behind the checks" is position 2, where the end of the conversation and the
limit on automatic replies are looked at first, as in every turn of a model.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

import peer_runs

from autogen_jupyter import ConversableAgent, ModelDelta, ModelReply, ModelRequest, ScriptedModel
from autogen_jupyter.context import ChatContext, enter
from autogen_jupyter.portal import submit

CHATS = 100
MODEL_SECONDS = 0.05
TURNS = 5


def agent(name: str, **options: object) -> ConversableAgent:
    return ConversableAgent(name, human_input_mode="NEVER", max_consecutive_auto_reply=1_000_000, **options)  # type: ignore[arg-type]


def default_replies() -> tuple[ConversableAgent, ConversableAgent]:
    return agent("a", default_auto_reply="hi"), agent("b", default_auto_reply="ho")


def sync_functions(position: int = 0) -> tuple[ConversableAgent, ConversableAgent]:
    def answers(recipient, messages, sender, config):  # type: ignore[no-untyped-def]
        return True, "ho"

    return _with_function(answers, position)


def async_functions(position: int = 0) -> tuple[ConversableAgent, ConversableAgent]:
    async def answers(recipient, messages, sender, config):  # type: ignore[no-untyped-def]
        return True, "ho"

    return _with_function(answers, position)


def _with_function(answers: Callable[..., object], position: int = 0) -> tuple[ConversableAgent, ConversableAgent]:
    pair = agent("a"), agent("b")
    for one in pair:
        one.register_reply(ConversableAgent, answers, position)
    return pair


def scripted_models(turns: int) -> tuple[ConversableAgent, ConversableAgent]:
    models = ScriptedModel(["ho"] * turns), ScriptedModel(["ho"] * turns)
    for model in models:
        model.requests = deque(maxlen=1)  # type: ignore[assignment]  # all of them would fill the memory: each holds the whole history
    return agent("a", llm_config=models[0]), agent("b", llm_config=models[1])


class WholeModel:
    """Answers at once and as a whole, as the peers' scripted model does; ``ScriptedModel`` streams."""

    model = "whole"
    is_language_model = False

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        yield ModelDelta(reply=ModelReply("ho", self.model))


def models() -> tuple[ConversableAgent, ConversableAgent]:
    return agent("a", llm_config=WholeModel()), agent("b", llm_config=WholeModel())


async def chat(pair: tuple[ConversableAgent, ConversableAgent], turns: int) -> None:
    async with enter(ChatContext()):
        await pair[0].a_initiate_chat(pair[1], message="go", max_turns=turns, silent=True)


async def printed_chat(pair: tuple[ConversableAgent, ConversableAgent], turns: int) -> None:
    await pair[0].a_initiate_chat(pair[1], message="go", max_turns=turns)


def microseconds_a_message(make: Callable[[int], tuple[ConversableAgent, ConversableAgent]], turns: int, *, printed: bool = False) -> float:
    """The best of a few runs, in microseconds of processor time for one message."""
    best = float("inf")
    for _ in range(max(500 // turns, 5 if turns <= 1_000 else 1)):
        pair = make(turns)
        gc.collect()
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            started = time.process_time()
            submit(printed_chat(pair, turns) if printed else chat(pair, turns)).result()
            best = min(best, time.process_time() - started)
    return best / (2 * turns) * 1e6


async def _hops(count: int) -> float:
    started = time.process_time()
    for _ in range(count):
        await asyncio.to_thread(int)
    return (time.process_time() - started) / count * 1e6


def there_and_back(count: int) -> float:
    """What two threads need to hand each other the turn, in microseconds."""
    go, done = threading.Lock(), threading.Lock()
    go.acquire()
    done.acquire()

    def answer() -> None:
        for _ in range(count):
            go.acquire()
            done.release()

    threading.Thread(target=answer, daemon=True).start()
    started = time.process_time()
    for _ in range(count):
        go.release()
        done.acquire()
    return (time.process_time() - started) / count * 1e6


class SlowModel:
    """Answers after a fixed time, as a server far away does."""

    model = "slow"
    is_language_model = False

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        await asyncio.sleep(MODEL_SECONDS)
        yield ModelDelta(reply=ModelReply("ho", self.model))


def slow_function(recipient, messages, sender, config):  # type: ignore[no-untyped-def]
    time.sleep(MODEL_SECONDS)
    return True, "ho"


async def _at_once(pairs: list[tuple[ConversableAgent, ConversableAgent]]) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(chat(pair, TURNS) for pair in pairs))
    return time.perf_counter() - started


def wall_over_ideal(blocking: bool) -> float:
    """The time for many chats at once over the time that the waiting alone takes one of them."""
    gc.collect()  # otherwise what ran before is collected meanwhile, which takes 30 ms
    pairs = []
    for _ in range(CHATS):
        a = agent("a", default_auto_reply="hi")
        b = agent("b") if blocking else agent("b", llm_config=SlowModel())
        if blocking:
            b.register_reply(ConversableAgent, slow_function)
        pairs.append((a, b))
    return submit(_at_once(pairs)).result() / (TURNS * MODEL_SECONDS)


def compare(peers: list[str], ours: dict[str, list[float]], lengths: tuple[int, ...]) -> None:
    """Show what the same work costs elsewhere, and our share of it."""
    for peer, kinds in peer_runs.measured(peers, "engine", [str(turns) for turns in lengths]).items():
        for kind, costs in kinds.items():
            theirs = [costs[str(turns)] for turns in lengths]
            own_costs = ours["plain reply functions" if kind == "plain functions off the loop" else kind]
            shares = "".join(f"{own / their:10.2f}" for own, their in zip(own_costs, theirs, strict=True))
            print(f"{f'{peer}: {kind}':38}" + "".join(f"{their:10.1f}" for their in theirs))
            print(f"{'  ours / theirs':38}{shares}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the longest chats")
    peer_runs.add_option(parser)
    options = parser.parse_args()
    lengths = (10, 100, 1_000) if options.quick else (10, 100, 1_000, 10_000)
    kinds: dict[str, Callable[[int], tuple[ConversableAgent, ConversableAgent]]] = {
        "default replies": lambda turns: default_replies(),
        "coroutine reply functions": lambda turns: async_functions(),
        "coroutines behind the checks": lambda turns: async_functions(position=2),
        "plain reply functions": lambda turns: sync_functions(),
        "plain functions behind the checks": lambda turns: sync_functions(position=2),
        "models": lambda turns: models(),
        "models that stream": scripted_models,
    }
    printed = {f"{name}, printed": kinds[name] for name in ("default replies", "models", "models that stream")}
    print(f"{'µs a message, at turns':38}" + "".join(f"{turns:>10,}" for turns in lengths) + "   longest / shortest")
    ours: dict[str, list[float]] = {}
    for name, make in (kinds | printed).items():
        microseconds_a_message(make, 10, printed=name in printed)
        costs = ours[name] = [microseconds_a_message(make, turns, printed=name in printed) for turns in lengths]
        print(f"{name:38}" + "".join(f"{cost:10.1f}" for cost in costs) + f"   {costs[-1] / costs[0]:.2f}")
    print(f"{'floor: asyncio.to_thread':38}{submit(_hops(2_000)).result():10.1f}")
    print(f"{'floor: to a thread and back':38}{there_and_back(20_000):10.1f}")
    compare(options.peer, ours, lengths)
    print(f"\n{CHATS} chats at once, {TURNS} answers of {MODEL_SECONDS * 1000:.0f} ms each: wall / ideal, five times")
    for name, blocking in (("models", False), ("blocking reply functions", True)):
        print(f"{name:38}" + "".join(f"{wall_over_ideal(blocking):10.2f}" for _ in range(5)))


if __name__ == "__main__":
    main()
