"""Let a model choose the next speaker: ask it, ask again when its answer names nobody or several, and give up gracefully."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..agent import Agent
from ..context import current
from ..events import Noticed
from ..messages import Message, content_str
from ..models.base import ModelClient, ModelReply, ModelRequest, complete
from ..models.guarded import guarded
from ..portal import call
from .mentions import mentioned_agents
from .speaker_prompts import filled
from .transforms.base import TransformMessages

if TYPE_CHECKING:
    from .conversable_agent import ConversableAgent
    from .group_chat import GroupChat

__all__ = ["ask_model"]


async def ask_model(group: GroupChat, eligible: Sequence[Agent], selector: ConversableAgent) -> tuple[Agent | None, str]:
    """Return the agent that the model names, or None where it names none in the allowed number of tries; and why."""
    client = group.selecting_model or selector.model_client
    if client is None:
        group.notice_once(
            f"{selector.name} has no model to choose speakers with, so they speak in turn. Give it an llm_config, or set "
            'speaker_selection_method="round_robin".'
        )
        return None, "next in turn: there is no model to choose"
    by_name = {agent.name: agent for agent in eligible}
    messages = await _query(group, eligible, selector)
    tries = group.max_retries_for_selecting_speaker + 1
    for attempt in range(1, tries + 1):
        reply = await _answer(client, messages, selector)
        named = list(mentioned_agents(reply.text, eligible))
        if group.select_speaker_auto_verbose:
            current().emit(Noticed(f"{messages[-1].text}\n{reply.model} answered: {reply.text}\n{_outcome(attempt, tries, named)}"))
        if len(named) == 1:
            return by_name[named[0]], f"chosen by {client.model}"
        template = group.select_speaker_auto_multiple_template if named else group.select_speaker_auto_none_template
        again = Message(group.role_for_select_speaker_messages, filled(template, eligible))
        messages += [Message("assistant", reply.text, selector.name), again]
    return None, f"next in turn: {client.model} named {'several' if named else 'nobody'}"


async def _query(group: GroupChat, eligible: Sequence[Agent], selector: ConversableAgent) -> list[Message]:
    heard: Sequence[Mapping[str, Any]] = group.messages
    if group.select_speaker_transform_messages is not None:
        transform = group.select_speaker_transform_messages
        if isinstance(transform, TransformMessages):
            transform.attach(selector)
        transformed = await call(getattr(transform, "_transform_messages", transform), [dict(message) for message in heard])
        heard = transformed
    messages = [Message("system", await call(group.select_speaker_msg, list(eligible)))]
    messages += [Message("user", _told(message), str(message.get("name") or "")) for message in heard]
    if prompt := await call(group.select_speaker_prompt, list(eligible)):
        messages.append(Message(group.role_for_select_speaker_messages, prompt))
    return messages


def _told(message: Mapping[str, Any]) -> str:
    """Calls and their results are told as text: a call that is not answered yet is refused by many servers."""
    text = content_str(message.get("content"))
    functions = [one.get("function") or {} for one in message.get("tool_calls") or ()]
    functions += [message["function_call"]] if message.get("function_call") else []
    calls = "".join(f"\n(calls {function.get('name')}: {function.get('arguments')})" for function in functions)
    return (text + calls).strip("\n") if calls else text


async def _answer(client: ModelClient, messages: Sequence[Message], selector: ConversableAgent) -> ModelReply:
    reply = await complete(guarded(client), ModelRequest(tuple(messages), name_speakers=True))
    selector.count_answer(reply)
    return reply


def _outcome(attempt: int, tries: int, named: Sequence[str]) -> str:
    """Say what came of one question, in the classic's words."""
    lead = f">>>>>>>> Select speaker attempt {attempt} of {tries}"
    if len(named) == 1:
        return f"{lead} successfully selected: {named[0]}"
    return f"{lead} failed as it {'included multiple agent names' if named else 'did not include any agent names'}."
