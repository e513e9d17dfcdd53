"""A reply function that the user wrote, as the classic's ``register_reply`` takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import UsageError
from ..portal import call, is_blocking
from .base import Reply, Stop, Turn

__all__ = ["FunctionPolicy", "ReplyFunction"]

ReplyFunction = Callable[..., Any]
"""``(recipient, messages, sender, config) -> (final, reply)``, sync or async."""


class FunctionPolicy:
    """Calls a reply function; a final None ends the conversation."""

    def __init__(self, function: ReplyFunction, recipient: object, config: Any, *, only_awaited: bool = False) -> None:
        self.function = function
        self.config = config
        self.only_awaited = only_awaited
        """Whether it is passed over where the chat was begun by a blocking call."""
        self._recipient = recipient

    async def reply(self, turn: Turn) -> Reply | Stop | None:
        if self.only_awaited and is_blocking():
            return None
        result = await call(self.function, self._recipient, messages=turn.as_dicts(), sender=turn.sender, config=self.config)
        if not (isinstance(result, (tuple, list)) and len(result) == 2):
            raise UsageError(
                f"The reply function {self._name} returned {result!r:.80}; it must return (final, reply): "
                "(True, reply) to answer, (True, None) to end the conversation, (False, None) to pass."
            )
        final, reply = result
        if not final:
            return None
        if reply is None:
            return Stop(f"the reply function {self._name} of {turn.agent} ended it")
        return Reply(reply if isinstance(reply, (str, Mapping)) else str(reply))

    @property
    def _name(self) -> str:
        return getattr(self.function, "__name__", repr(self.function))
