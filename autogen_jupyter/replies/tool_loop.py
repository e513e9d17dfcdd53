"""An agent that runs the tools its own model asks for, and asks the model again, until it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from ..context import current
from ..events import MessageAdded
from ..messages import Message
from .base import Reply, ReplyPolicy, Stop, Turn
from .pieces import NOT_RUN
from .tools import ToolPolicy, answer_to

__all__ = ["ToolLoop"]


class ToolLoop:
    """Stands around the model's policy. What the agent can run itself never leaves it; other calls go to the other agent, as ever.

    A sender with ``runs_tools`` gets all calls: in a group that follows a pattern, tools may say who goes on.

    Args:
        model: the policy that asks the model.
        tools: runs the calls.
        offers: says whether the model was told of a tool of this name.
        prepare: passes a history through the functions that look at all of it before a reply.
        remember: keeps a call and its results in the agent's memory of the conversation.
        limit: returns how many times in a row the model may ask for tools.
    """

    def __init__(
        self,
        model: ReplyPolicy,
        tools: ToolPolicy,
        *,
        offers: Callable[[str], bool],
        prepare: Callable[[Sequence[Message]], Awaitable[Sequence[Message]]],
        remember: Callable[[Turn, Message], None],
        limit: Callable[[], int],
    ) -> None:
        self._model = model
        self._tools = tools
        self._offers = offers
        self._prepare = prepare
        self._remember = remember
        self._limit = limit

    async def reply(self, turn: Turn) -> Reply | Stop | None:
        rounds = 0
        while True:
            outcome = await self._model.reply(turn)
            message = outcome.message if isinstance(outcome, Reply) else None
            if not isinstance(message, Message) or getattr(turn.sender, "runs_tools", False) or not self._is_for_us(message):
                return outcome
            current().emit(MessageAdded(message, turn.sender_name, silent=current().silent))
            rounds += 1
            if rounds > self._limit():
                return Stop(f"{turn.agent} asked for tools more than {self._limit()} times in a row without an answer, its limit")
            finished: dict[int, str] = {}
            try:
                results = await self._tools.answer(replace(turn, approved=None), message, finished=finished)
            except BaseException:  # the chat was stopped; what a tool did remains done, and the model should know
                texts = [finished.get(number, NOT_RUN) for number in range(len(message.calls))]
                self._remember_both(turn, message, answer_to(message, texts, sender=turn.agent))
                raise
            if isinstance(results, Stop):
                return results
            assert isinstance(results.message, Message)  # noqa: S101
            current().emit(MessageAdded(results.message, turn.agent, silent=current().silent))
            heard = [*(turn.messages if turn.heard is None else turn.heard), message, results.message]  # before the memory grows
            turn = replace(turn, messages=await self._prepare(heard), heard=heard)
            self._remember_both(turn, message, results.message)

    def _remember_both(self, turn: Turn, calls: Message, results: Message) -> None:
        """Remember calls with their results: models refuse a history where a call has no answer."""
        self._remember(turn, calls)
        self._remember(turn, results)

    def _is_for_us(self, message: Message) -> bool:
        """Say whether the calls are run here: some tool of ours is meant, and none that only the other agent has.

        A name that the model made up is answered here too, where it is told that there is no such function.
        """
        names = {call.name for call in message.calls}
        ours = {name for name in self._tools.at_hand if self._offers(name)}
        return bool(names and ours) and all(name in ours or not self._offers(name) for name in names)
