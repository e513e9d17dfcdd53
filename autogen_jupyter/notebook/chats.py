"""The named conversations of this kernel: each with its team, its agent kernel and its requests so far."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import UsageError
from ..session.ledger import Ledger
from ..session.session import Session
from .chat import Chat
from .kept import LONGEST_NAME
from .options import ChatOptions
from .record import new_record
from .team import Team
from .teams import plan_of

__all__ = ["Chats", "Conversation", "chats"]


@dataclass(eq=False)
class Conversation:
    """A conversation that goes on from cell to cell under one name."""

    name: str
    options: ChatOptions = field(default_factory=ChatOptions)
    """What it remembers of its cells' options: its model and its team."""
    team: Team | None = None
    """Its agents; None before its first request."""
    turns: list[Chat] = field(default_factory=list)
    """Its requests, in order."""
    record: Ledger | None = None
    """Where it is kept beyond this kernel."""
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    """The same in every kernel in which it goes on."""

    @property
    def running(self) -> Chat | None:
        """The request that is being worked on, if there is one."""
        return next((chat for chat in reversed(self.turns) if chat.is_running), None)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What was said so far, as the classic's dictionaries."""
        return self.team.messages if self.team is not None else []

    def prepare(self, options: ChatOptions, request: str = "") -> Team:
        """Return the team, made or adjusted to a cell's options."""
        if self.team is None:
            self.team = Team(options)
        self.team.prepare(options, request)
        self.options = replace(options.lasting(), team=self.team.name)
        return self.team

    async def settle(self, before: Chat | None = None) -> None:
        """Wait until nothing runs in it, or nothing that began before a request. How it ended is not our matter."""
        earlier = self.turns[: self.turns.index(before)] if before is not None else self.turns
        while running := [chat for chat in earlier if chat.is_running]:
            await asyncio.gather(*(chat.follow() for chat in running), return_exceptions=True)

    def cut(self, to: int) -> None:
        """Forget what was said after the first ``to`` messages."""
        if self.team is not None:
            self.team.cut(to)
        if self.record is not None:
            self.record.remark({"kind": "messages_cut", "to": to, "requests": len(self.turns)})

    def keep(self, session: Session) -> None:
        """Write what happens in a session to the record, which begins with what was said before."""
        if self.record is None:
            self.record = new_record(self.name, self.options.said(), self.messages, self.id)
        if self.record is not None:
            session.subscribe(self.record)

    def fork(self, name: str, at: int) -> Conversation:
        """Return a conversation that begins as this one did, up to message ``at``; its agent kernel is new."""
        team = Team(self.options)
        if self.team is not None:
            team.restore(self.team.save())
        team.cut(at)
        return Conversation(name, self.options, team)

    async def close(self) -> None:
        """Stop what runs, and the agent kernel."""
        chat = self.running
        if chat is not None:
            chat.stop("the chat was closed")
            await self.settle()
        record, self.record = self.record, None
        if record is not None:
            record.close()
        team, self.team = self.team, None
        if team is not None:
            await team.close()


class Chats:
    """The conversations of one notebook kernel, by name.

    Example:
        >>> known = Chats()
        >>> known.open(ChatOptions(name="sales")).name, known.open(ChatOptions()).name
        ('sales', 'sales')
    """

    def __init__(self) -> None:
        self._by_name: dict[str, Conversation] = {}
        self.current: Conversation | None = None
        """The one that was used last."""
        self._replaced: list[Conversation] = []

    def __iter__(self) -> Iterator[Conversation]:
        return iter(tuple(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)

    def open(self, options: ChatOptions) -> Conversation:
        """Return the conversation that a cell means, which is then the current one.

        Raises:
            UsageError: its name cannot be one.
        """
        if options.team is not None:
            plan_of(options.team)
        name = _checked(options.name) if options.name is not None else None
        if options.new:
            former = self._by_name.pop(name, None) if name is not None else None
            self._replaced += [former] if former is not None else []
            self.current = self._add(name or self._free_name())
        elif name is not None:
            self.current = self._by_name.get(name) or self._add(name)
        elif self.current is None:
            self.current = self._add(self._free_name())
        self.current = self._of_team(self.current, options)
        return self.current

    def known(self, options: ChatOptions) -> Conversation | None:
        """Return the conversation that a cell would go on with; None where it would begin one. Nothing is opened."""
        if options.new:
            return None
        return self.current if options.name is None else self._by_name.get(options.name.strip())

    def add(self, conversation: Conversation) -> None:
        """Take in a conversation that was made elsewhere, and make it the current one; one of its name is replaced."""
        former = self._by_name.pop(conversation.name, None)
        self._replaced += [former] if former is not None else []
        self._by_name[conversation.name] = self.current = conversation

    def get(self, name: str | None = None) -> Conversation:
        """Return a conversation by name, or the current one.

        Raises:
            UsageError: there is none.
        """
        found = self.current if name is None else self._by_name.get(name)
        if found is not None:
            return found
        if name is None or not self._by_name:
            raise UsageError("There is no chat yet in this kernel. Begin one: %%agentchat, and below it what you want done.")
        raise UsageError(f"There is no chat {name!r}; there is {', '.join(self._by_name)}.")

    def holding(self, session: Session) -> Conversation | None:
        """Return the conversation that a session is a request of."""
        return next((one for one in self if any(turn.session is session for turn in one.turns)), None)

    def free_name(self, like: str) -> str:
        """Return ``like``, or with a number behind it when that is taken."""
        return next(name for name in (like, *(f"{like}-{number}" for number in range(2, 10_000))) if name not in self._by_name)

    async def close_replaced(self) -> None:
        """Stop the agent kernels of conversations that others took the place of."""
        replaced, self._replaced = self._replaced, []
        await asyncio.gather(*(conversation.close() for conversation in replaced))

    async def forget(self, conversation: Conversation) -> None:
        """Close a conversation and forget it."""
        self._by_name.pop(conversation.name, None)
        if self.current is conversation:
            self.current = next(reversed(self._by_name.values()), None)
        await conversation.close()

    async def close(self) -> None:
        """Close all of them and forget them."""
        every, self._by_name, self.current = [*self._by_name.values(), *self._replaced], {}, None
        self._replaced = []
        await asyncio.gather(*(conversation.close() for conversation in every))

    def _add(self, name: str, team: str | None = None) -> Conversation:
        return self._by_name.setdefault(name, Conversation(name, ChatOptions(team=team)))

    def _of_team(self, meant: Conversation, options: ChatOptions) -> Conversation:
        """Return the conversation, or where another team is asked for, the last one of that team, or a new one."""
        if meant.options.team is None and meant.team is None:
            meant.options = replace(meant.options, team=options.team)
        has = meant.team.name if meant.team is not None else meant.options.team or "analyst"
        if options.team in (None, has):
            return meant
        if options.name is not None:
            raise UsageError(f"The chat {meant.name!r} is held by the team {has}. Add --new to begin it again with {options.team}.")
        others = [one for one in reversed([*self._by_name.values()]) if one.options.team == options.team]
        return others[0] if others else self._add(self.free_name(str(options.team)), options.team)

    def _free_name(self) -> str:
        return next(name for number in range(1, 10_000) if (name := f"chat-{number}") not in self._by_name)


def _checked(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError(f"A chat cannot be named {name[:80]!r}; a name is one line of 1 to {LONGEST_NAME} characters.")
    return name


chats = Chats()
"""Those of this kernel."""
