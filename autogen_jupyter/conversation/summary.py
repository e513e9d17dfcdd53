"""What a chat came to: the classic's summary methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ..agent import Agent
from ..context import current
from ..errors import BudgetReached, ModelError, UsageError
from ..events import Noticed
from ..messages import Message, Role
from ..models.base import ModelClient, ModelRequest, complete
from ..models.guarded import guarded
from ..models.usage import usage_of
from ..portal import call
from .history import History
from .usage import UsageCount

__all__ = ["DEFAULT_SUMMARY_PROMPT", "SummaryMethod", "reflection", "summarize"]

DEFAULT_SUMMARY_PROMPT = "Summarize the takeaway from the conversation. Do not add any introductory phrases."
SummaryMethod = str | Callable[..., Any] | None


class _Summarized(Agent, Protocol):
    def history_with(self, other: Agent) -> History: ...

    @property
    def model_client(self) -> ModelClient | None: ...


async def summarize(sender: _Summarized, recipient: Agent, method: SummaryMethod, args: Mapping[str, Any]) -> Any:
    """Summarize the chat of two agents.

    Args:
        sender: who began the chat.
        recipient: the other one.
        method: ``"last_msg"``, ``"reflection_with_llm"``, a function ``(sender, recipient, summary_args)``, or None for no summary.
        args: ``summary_prompt`` and ``summary_role`` for the reflection; anything for a function.

    Raises:
        UsageError: an unknown method, or a reflection where neither agent has a model.
    """
    if method is None:
        return ""
    if callable(method):
        return await call(method, sender, recipient, dict(args))
    if method == "last_msg":
        return _last_message(sender, recipient)
    if method in ("reflection_with_llm", "reflection"):
        return await _reflect(sender, recipient, args)
    raise UsageError(f'summary_method is {method!r}; it must be "last_msg", "reflection_with_llm", a function or None.')


def _last_message(sender: _Summarized, recipient: Agent) -> str:
    messages = sender.history_with(recipient).messages
    if not messages:
        return ""
    content = messages[-1].content
    if isinstance(content, tuple):
        content = "\n".join(str(part["text"]) for part in content if part.get("type") == "text")
    return (content or "").replace("TERMINATE", "")


async def _reflect(sender: _Summarized, recipient: Agent, args: Mapping[str, Any]) -> str:
    try:
        return await reflection(sender, recipient, _heard(sender, recipient), args)
    except BudgetReached as error:
        current().emit(Noticed(f"The chat is not summarized by a model, its last message stands for it: {error}", "warning"))
        return _last_message(sender, recipient)


async def reflection(other: Agent, agent: Agent, history: Sequence[Message], args: Mapping[str, Any]) -> str:
    """Return a summary of a history by the model of an agent, or of the other one where it has none; nothing where that fails.

    Raises:
        UsageError: neither agent has a model, or the prompt is no text.
        BudgetReached: the model is not to be asked any more.
    """
    own: ModelClient | None = getattr(agent, "model_client", None)
    client: ModelClient | None = own or getattr(other, "model_client", None)
    if client is None:
        raise UsageError(
            'summary_method="reflection_with_llm" needs a model, and neither agent has one. '
            'Give one of them an llm_config, or use summary_method="last_msg".'
        )
    prompt = args.get("summary_prompt", DEFAULT_SUMMARY_PROMPT)
    if not isinstance(prompt, str):
        raise UsageError(f"summary_prompt must be text, not {type(prompt).__name__}.")
    role: Role = args.get("summary_role", "system")
    try:
        reply = await complete(guarded(client), ModelRequest((*history, Message(role, prompt))))
    except ModelError as error:
        current().emit(Noticed(f"The chat could not be summarized: {error}", "warning"))
        return ""
    asked = agent if own is not None else other
    if isinstance(asked, UsageCount):
        asked.count_answer(reply)
    else:
        current().emit(usage_of(reply, asked.name))
    return reply.text


def _heard(sender: _Summarized, recipient: Agent) -> list[Message]:
    """Return what is reflected on: the chat as the recipient remembers it; of a group, what was said in the group."""
    if hasattr(recipient, "chat_messages_for_summary"):
        return [Message.from_dict(message) for message in recipient.chat_messages_for_summary(sender)]
    return recipient.history_with(sender).messages if hasattr(recipient, "history_with") else sender.history_with(recipient).messages
