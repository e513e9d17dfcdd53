"""Who of a team is next: one after the other, each until it has no more code to run; reviewers may send the work back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..agent import Agent
from ..code_blocks import PYTHON, SHELL, extract_code_blocks
from ..conversation.group_chat import GroupChat
from ..conversation.speaker_selection import Selected
from ..errors import NoEligibleSpeaker
from ..messages import content_str
from .teams import APPROVED, TeamPlan

__all__ = ["MOST_RUNS", "Turns", "has_code"]

MOST_RUNS = 25
"""Runs of code in a row before the proxy stops by itself."""


def has_code(message: Mapping[str, Any]) -> bool:
    """Say whether a message holds code that the proxy would run."""
    blocks = extract_code_blocks(content_str(message.get("content")))
    return any(block.language in PYTHON | SHELL for block in blocks)


class Turns:
    """Chooses each speaker of a team; a ``speaker_selection_method``."""

    def __init__(self, plan: TeamPlan, workers: Sequence[Agent], proxy: Agent) -> None:
        self._plan, self._workers, self._proxy = plan, list(workers), proxy
        self.begin()

    def begin(self, first: str | None = None) -> None:
        """A request begins; one that addresses an agent is answered by that agent alone."""
        self._is_alone = first is not None
        self._current = next((at for at, worker in enumerate(self._workers) if worker.name == first), 0)
        self._runs = self._sent_back = 0

    def __call__(self, last: Agent, group: GroupChat) -> Selected:
        """Return who is next.

        Raises:
            NoEligibleSpeaker: nobody: the work is done. Its text says why.
        """
        if last is self._proxy:
            return self._now("works on it")
        message = group.messages[-1]
        if has_code(message):
            self._runs += 1
            if self._runs > MOST_RUNS:
                raise NoEligibleSpeaker(f"code was run {MOST_RUNS} times in a row")
            return Selected(self._proxy, "runs the code")
        self._runs = 0
        if self._is_alone:
            raise NoEligibleSpeaker(f"{last.name} has answered")
        if self._plan.agents[self._current].reviews:
            self._review(last, content_str(message.get("content")))
        else:
            self._current += 1
        if self._current >= len(self._workers):
            raise NoEligibleSpeaker(f"{last.name} has {'approved' if self._plan.agents[-1].reviews else 'answered'}")
        return self._now(f"after {last.name}")

    def _now(self, why: str) -> Selected:
        return Selected(self._workers[self._current], why)

    def _review(self, last: Agent, text: str) -> None:
        """Go on after an approval, and back after an objection."""
        if is_approval(text):
            self._current += 1
            return
        if self._sent_back >= self._plan.rounds:
            raise NoEligibleSpeaker(f"{last.name} still objects after {self._sent_back + 1} reviews")
        self._sent_back += 1
        while self._plan.agents[self._current].reviews:
            self._current -= 1


def is_approval(text: str) -> bool:
    """Say whether a review approves: its last line is the word, alone."""
    lines = [line.strip(" \t*_`#.!") for line in text.replace("TERMINATE", "").splitlines()]
    return [line for line in lines if line][-1:] == [APPROVED]
