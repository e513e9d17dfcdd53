"""The part of an agent that sends messages and receives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from ..agent import Agent
from ..context import current, enter, silenced
from ..events import MessageAdded, Noticed
from ..images import with_references
from ..messages import Message
from ..portal import call, on_portal, run_sync
from ..redaction import without_secrets
from ..replies.base import Reply, Stop
from .chat import Exchange
from .history import History
from .hooks import Hooks
from .passing import as_given, passing_between, passing_on
from .templates import as_received, as_sent, with_blanks_filled

__all__ = ["Correspondent"]


class Correspondent:
    """Sends and receives."""

    if TYPE_CHECKING:  # what this needs of the agent that it is a part of

        @property
        def name(self) -> str: ...

        def history_with(self, other: Agent) -> History: ...

        description: str

        async def a_generate_reply(
            self, messages: Sequence[Mapping[str, Any]] | None = None, sender: Agent | None = None
        ) -> str | Mapping[str, Any] | None: ...

        async def next_reply(self, sender: Agent) -> Reply | Stop: ...

        def _overridden(self, *names: str) -> Callable[..., Any] | None: ...

    _name: str
    silent: bool | None
    llm_config: Any
    _hooks: Hooks
    _answers: dict[Agent, bool]
    _answers_to: Set[str]

    @on_portal
    async def a_send(
        self, message: Mapping[str, Any] | str, recipient: Agent, request_reply: bool | None = None, silent: bool | None = False
    ) -> None:
        """Send a message; the conversation goes on if a reply is asked for, or the recipient is in the middle of a chat with us."""
        async with enter():
            passing = passing_between(self, recipient)
            if passing is not None:  # whether there is a reply is up to the chat that is under way
                sent = Reply(passing.arrives(as_sent(message, self._name, self.llm_config)), passing.run_id)
                passing.delivered = await self._deliver(sent, recipient, silent=silent)
                return
            given = with_references(message, message, recipient) if isinstance(message, str) else message
            with silenced(bool(silent)):
                exchange = Exchange(self, recipient, silent)
                await exchange.run(Reply(given), request_reply=request_reply, deliver=Correspondent._deliver)

    send = run_sync(a_send)

    @on_portal
    async def a_receive(
        self, message: Mapping[str, Any] | str, sender: Agent, request_reply: bool | None = None, silent: bool | None = False
    ) -> None:
        """Take in a message, and reply if asked to."""
        async with enter():
            received, run_id = without_secrets(as_received(message, sender.name)), ""
            passing = passing_between(sender, self)
            if passing is not None:
                received, run_id = passing.arrives(received), passing.run_id
            self._take_in(received, sender, silent=silent, run_id=run_id)
            if passing is not None or request_reply is False or (request_reply is None and not self.replies_unasked(sender)):
                return
            with silenced(bool(silent)):
                outcome = await self.next_reply(sender)
                if isinstance(outcome, Reply):
                    await Exchange(self, sender, silent).run(outcome, request_reply=None)

    receive = run_sync(a_receive)

    def replies_unasked(self, sender: Agent) -> bool:
        """Say whether this agent replies to ``sender`` when nobody says whether it should (the classic's ``reply_at_receive``)."""
        return self._answers.get(sender, sender.name in self._answers_to)

    async def hand_over(self, reply: Reply, recipient: Agent, *, silent: bool | None) -> Message | None:
        """Deliver a message: into the own history, and to the recipient; return it as it was delivered.

        Where a subclass sends in its own way, that is asked to; None where it does not send.
        """
        own_way = self._overridden("a_send", "send")
        if own_way is None:
            return await self._deliver(reply, recipient, silent=silent)
        with passing_on(self, recipient, reply.message, reply.run_id) as passing:
            await call(own_way, as_given(reply.message, self._name), recipient, request_reply=False, silent=silent)
        return passing.delivered

    async def _deliver(self, reply: Reply, recipient: Agent, *, silent: bool | None) -> Message:
        silent = silent if self.silent is None else self.silent
        said = reply.message
        if self._hooks.change_what_is_sent:
            said = await self._hooks.before_send(self, said, recipient, silent)
        message = as_sent(said, self._name, self.llm_config)
        message = self.history_with(recipient).append(message, "assistant")
        if isinstance(recipient, Correspondent) and recipient._overridden("a_receive", "receive") is None:
            recipient._take_in(message, self, silent=silent, run_id=reply.run_id)
        elif receive := _own_receive(recipient):
            given = message.to_dict() if isinstance(reply.message, Mapping) else as_given(message, self._name)
            with passing_on(self, recipient, message, reply.run_id):
                await call(receive, given, self, request_reply=False, silent=silent)
        else:
            current().emit(MessageAdded(message, recipient.name, reply.run_id, bool(silent), self._name))
        return message

    def shared_history(self, other: Agent) -> History | None:
        """Return the history with ``other`` where messages may be put straight into it; None where a subclass receives in its own way."""
        return self.history_with(other) if self._overridden("a_receive", "receive") is None else None

    def _take_in(self, message: Message, sender: Agent, *, silent: bool | None, run_id: str = "") -> None:
        """Take in a message without secrets."""
        shown = here = self.history_with(sender).share(message, "user")
        if message.extra:
            filled, problem = with_blanks_filled(message, self.llm_config)
            if problem:
                current().emit(Noticed(problem, "warning"))
            shown = here if filled is message else without_secrets(filled).with_role("user")
        current().emit(MessageAdded(shown, self._name, run_id, bool(silent), sender.name))

    def stop_reply_at_receive(self, sender: Agent | None = None) -> None:
        """Do not reply to what ``sender`` (or anybody) sends, unless a reply is asked for."""
        if sender is None:
            self._answers.clear()
            self._answers_to = set()
        else:
            self._answers[sender] = False


def _own_receive(recipient: Agent) -> Callable[..., Any] | None:
    if isinstance(recipient, Correspondent):
        return recipient._overridden("a_receive", "receive")
    return getattr(recipient, "a_receive", None) or getattr(recipient, "receive", None)
