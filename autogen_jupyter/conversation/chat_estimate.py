"""What a chat will take, before it begins: a range, since nobody knows how long agents will talk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..agent import Agent
from ..errors import UsageError
from ..messages import Message
from ..models.base import ModelClient, ModelRequest
from ..models.estimate import answer_tokens, usd_at
from ..models.tokens import tokens

__all__ = ["ChatEstimate", "estimate_chat"]


@dataclass(frozen=True)
class ChatEstimate:
    """The least and the most that a chat will probably take.

    Example:
        >>> print(ChatEstimate((1_200, 30_000), (0.001, 0.04)))
        1,200 to 30,000 tokens, $0.0010 to $0.0400
    """

    tokens: tuple[int, int]
    usd: tuple[float, float] | None
    """US dollars; None where the price of a model is not known."""

    def __str__(self) -> str:
        usd = "price unknown" if self.usd is None else f"${self.usd[0]:.4f} to ${self.usd[1]:.4f}"
        return f"{self.tokens[0]:,} to {self.tokens[1]:,} tokens, {usd}"


def estimate_chat(sender: Agent, recipient: Agent, message: str, *, max_turns: int = 10) -> ChatEstimate:
    """Return what a chat would take: at the least, if it ended after one turn; at the most, with so many turns.

    Nothing is sent. Answers are taken to be as long as the model's newest ones were; what code prints, and tools return, is not known.

    Args:
        sender: who would begin it.
        recipient: who would answer.
        message: the opening.
        max_turns: turns at the most, a message and the reply to it.

    Raises:
        UsageError: ``max_turns`` is not a whole number above 0.

    Example:
        >>> estimate_chat(user, assistant, "Describe penguins.csv", max_turns=5)  # doctest: +SKIP
        ChatEstimate(tokens=(1210, 9800), usd=(0.0003, 0.0022))
    """
    if isinstance(max_turns, bool) or not isinstance(max_turns, int) or max_turns < 1:
        raise UsageError(f"max_turns is {max_turns!r}; it must be a whole number above 0.")
    speakers = [(agent, client) for agent in (recipient, sender) if (client := getattr(agent, "model_client", None)) is not None]
    least = _taken(speakers[:1], message, 1)
    return _range(least, _taken(speakers, message, max_turns))


def _taken(speakers: Iterable[tuple[Agent, ModelClient]], message: str, turns: int) -> tuple[int, float | None]:
    """Each answer makes what everybody reads in the next turn longer."""
    used, usd = 0, 0.0 if (pairs := list(speakers)) else None
    if not pairs:
        return 0, 0.0
    said = 0
    for _ in range(turns):
        for agent, client in pairs:
            schemas = tuple(getattr(agent, "_tool_schemas", tuple)())
            first = Message("system", str(getattr(agent, "system_message", "")))
            request = ModelRequest((first, Message("user", message)), tools=schemas)
            prompt, answer = tokens.of_request(request, client.model) + said, answer_tokens(client, request)
            price = usd_at(client, prompt, answer)
            usd = None if usd is None or price is None else usd + price
            used, said = used + prompt + answer, said + answer
    return used, usd


def _range(least: tuple[int, float | None], most: tuple[int, float | None]) -> ChatEstimate:
    usd = None if least[1] is None or most[1] is None else (least[1], most[1])
    return ChatEstimate((least[0], most[0]), usd)
