"""Transforms, and how an agent gets them."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, cast

from ...context import current
from ...errors import UsageError
from ...events import Noticed
from ...portal import call

__all__ = ["Dicts", "MessageTransform", "TransformMessages", "refuse_no_tokens"]

Dicts = list[dict[str, Any]]
"""Messages as the classic's dictionaries."""


class MessageTransform(Protocol):
    """Changes the messages that a reply is made from."""

    def apply_transform(self, messages: Dicts) -> Dicts | Awaitable[Dicts]:
        """Return the messages as the agent is to see them; it may be a coroutine function."""
        ...

    def get_logs(self, pre_transform_messages: Dicts, post_transform_messages: Dicts) -> tuple[str, bool]:
        """Say what was done, and whether anything was."""
        ...


class _Hookable(Protocol):
    def register_hook(self, hookable_method: str, hook: Callable[..., Any]) -> None: ...


class TransformMessages:
    """Gives transforms to an agent. The history itself never changes: each reply is made from a changed copy.

    Args:
        transforms: applied in order.
        verbose: say in the chat what they did.

    Example:
        >>> from autogen_jupyter import ConversableAgent, MessageHistoryLimiter
        >>> agent = ConversableAgent("cathy")
        >>> TransformMessages(transforms=[MessageHistoryLimiter(max_messages=10)]).add_to_agent(agent)
    """

    def __init__(self, *, transforms: Sequence[MessageTransform] = (), verbose: bool = True) -> None:
        for transform in transforms:
            if not (callable(getattr(transform, "apply_transform", None)) and callable(getattr(transform, "get_logs", None))):
                raise UsageError(f"{transform!r:.80} is no transform: it needs the methods apply_transform and get_logs.")
        self._transforms = tuple(transforms)
        self._verbose = verbose

    def add_to_agent(self, agent: _Hookable) -> None:
        """Apply the transforms before each reply of ``agent``."""
        if not hasattr(agent, "register_hook"):
            raise UsageError(f"{agent!r:.80} takes no transforms; it must be a ConversableAgent.")
        self.attach(agent)
        agent.register_hook("process_all_messages_before_reply", self._transform_messages)

    def attach(self, agent: object) -> None:
        """Let the transforms that need a model take that of ``agent``."""
        for transform in self._transforms:
            attach = getattr(transform, "attach", None)
            if attach is not None:
                attach(agent)

    async def _transform_messages(self, messages: Dicts) -> Dicts:
        """Put a leading system message aside, and apply the transforms to the rest."""
        changed = copy.deepcopy(messages)
        system = changed[:1] if changed and changed[0].get("role") == "system" else []
        changed = changed[len(system) :]
        for transform in self._transforms:
            before = copy.deepcopy(changed) if self._verbose else []
            changed = cast(Dicts, await call(transform.apply_transform, changed))
            if self._verbose:
                said, had_effect = transform.get_logs(before, changed)
                if had_effect:
                    current().emit(Noticed(said))
        return system + changed


def refuse_no_tokens(**limits: object) -> None:
    """Refuse limits that are no numbers of tokens.

    Raises:
        UsageError: one of them is neither None nor a number, 0 or more.
    """
    for name, value in limits.items():
        if value is not None and (not isinstance(value, (int, float)) or value < 0):
            raise UsageError(f"{name} is {value!r}; it must be a number of tokens, 0 or more, or None.")
