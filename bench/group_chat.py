"""What a round of a group chat costs: round robin, plain replies, every event delivered to a subscriber.

The cost must not depend on how long the chat has been, and hardly on how many agents listen: compare the ratios, which carry over to
other machines; the microseconds do not. Each figure is processor time, the best of several runs. ``--peer NAME=PYTHON`` compares.
"""

from __future__ import annotations

import argparse
import time

import peer_runs

from autogen_jupyter import ConversableAgent, GroupChat, GroupChatManager
from autogen_jupyter.context import enter
from autogen_jupyter.portal import run_sync
from autogen_jupyter.session.session import Session

LENGTHS = (10, 1_000, 10_000)
SIZES = (4, 64)
REPEATS = 5
TARGET = 120.0
"""Microseconds a round with 4 agents and 1,000 rounds, on the machine where the peers were measured."""


def talk(agents: int, rounds: int) -> float:
    """Return the microseconds of processor time a round of one chat took."""
    members = [
        ConversableAgent(f"agent{number}", human_input_mode="NEVER", default_auto_reply="Go on.", max_consecutive_auto_reply=rounds + 1)
        for number in range(agents)
    ]
    group = GroupChat(members, max_round=rounds, speaker_selection_method="round_robin")
    began = time.process_time()
    _chat(members[0], GroupChatManager(group))
    seconds = time.process_time() - began
    if len(group.messages) != rounds:
        raise RuntimeError(f"{len(group.messages)} messages instead of {rounds}")
    return 1e6 * seconds / rounds


async def _a_chat(first: ConversableAgent, manager: GroupChatManager) -> None:
    session = Session(approval="never")
    session.subscribe(lambda event: None)
    async with enter(session.context):
        await first.a_initiate_chat(manager, message="Begin.")


_chat = run_sync(_a_chat)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    peer_runs.add_option(parser)
    peers = parser.parse_args().peer
    talk(4, 100)
    cost = {
        (size, rounds): min(talk(size, rounds) for _ in range(REPEATS * (10 if rounds < 100 else 1)))
        for size in SIZES
        for rounds in LENGTHS
    }
    print("CPU µs a round" + "".join(f"{rounds:>12,}" for rounds in LENGTHS) + "   longest / 1,000")
    for size in SIZES:
        row = [cost[size, rounds] for rounds in LENGTHS]
        print(f"{size:>3} agents" + "".join(f"{value:>12.1f}" for value in row) + f"{row[-1] / row[1]:>18.2f}")
    print(f"64 agents / 4 agents, 1,000 rounds: {cost[64, 1_000] / cost[4, 1_000]:.2f}")
    print(f"4 agents, 1,000 rounds / target of {TARGET:.0f} µs: {cost[4, 1_000] / TARGET:.2f}")
    compared = [(size, 1_000) for size in SIZES]
    for peer, costs in peer_runs.measured(peers, "group", [f"{size}x{rounds}" for size, rounds in compared]).items():
        for size, rounds in compared:
            theirs = costs[f"{size}x{rounds}"]
            ratio = cost[size, rounds] / theirs
            print(f"{peer}, {size} agents, {rounds:,} rounds: {theirs:.1f} µs; ours / theirs {ratio:.2f}")


if __name__ == "__main__":
    main()
