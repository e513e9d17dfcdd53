"""Answers of a given type: the part of an agent that asks its model for them, and the typed result of a chat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..agent import Agent
from ..errors import UsageError
from ..messages import Message
from ..redaction import without_secrets
from ..replies.answer_format import AnswerFormat, NotInFormat
from ..replies.base import Reply, Stop
from ..replies.model import ModelPolicy
from .chat_result import answered_with_type

__all__ = ["StructuredAnswers", "parsed_answer", "type_in", "without_type"]

_KEY = "response_format"


class StructuredAnswers:
    """What an agent's model has to answer with."""

    _model_policy: ModelPolicy | None

    @property
    def response_format(self) -> Any:
        """The type that the model's answers must have, or None for text. An answer that does not fit goes back to the model once."""
        answer_format = self._model_policy.answer_format if self._model_policy else None
        return answer_format.type if answer_format else None

    @response_format.setter
    def response_format(self, type_: Any) -> None:
        if type_ is None and self._model_policy is None:
            return
        if self._model_policy is None:
            raise UsageError(f"{self!r} has a response_format but no model to answer in it; make it with an llm_config.")
        self._model_policy.answer_format = None if type_ is None else AnswerFormat(type_)

    def parse_answer(self, text: str) -> Any:
        """Return the object that an answer of its model writes, or None when it does not have the type."""
        answer_format = self._model_policy.answer_format if self._model_policy else None
        if answer_format is None:
            return None
        try:
            return answer_format.parse(text)
        except NotInFormat:
            return None

    def _note_typed(self, outcome: Reply | Stop) -> None:
        """Tell the running chat, and those around it, of an answer that has to have the type."""
        message = outcome.message if isinstance(outcome, Reply) else None
        if self._model_policy is None or self._model_policy.answer_format is None or not isinstance(message, Message):
            return
        if message.role == "assistant" and not message.calls:
            answered_with_type(without_secrets(message.text), self.parse_answer(message.text))  # as the history will have it


def type_in(llm_config: object) -> Any:
    """Return the type that an ``llm_config`` asks for as ``response_format``. A dictionary there is the API's own and not a type."""
    for entry in _entries(llm_config):
        if entry.get(_KEY) is not None and not isinstance(entry[_KEY], Mapping):
            return entry[_KEY]
    return None


def without_type(llm_config: Any) -> Any:
    """Return an ``llm_config`` without the type, which is not for the model's client."""
    if not isinstance(llm_config, Mapping) or type_in(llm_config) is None:
        return llm_config
    made = {key: value for key, value in llm_config.items() if key != _KEY}
    if isinstance(made.get("config_list"), list):
        made["config_list"] = [{key: value for key, value in entry.items() if key != _KEY} for entry in made["config_list"]]
    return made


def _entries(llm_config: object) -> list[Mapping[str, Any]]:
    if not isinstance(llm_config, Mapping):
        return []
    listed = llm_config.get("config_list")
    return [llm_config, *(entry for entry in listed if isinstance(entry, Mapping))] if isinstance(listed, list) else [llm_config]


def parsed_answer(messages: Sequence[Message], typed: Mapping[str, Any], agents: Sequence[Agent]) -> Any:
    """Return the typed object that the last such message of a chat writes; None when there is none, or it does not have the type.

    Args:
        messages: what was said.
        typed: what the typed agents of the chat, and of the chats within it, answered: the objects by the text. An answer of a
            nested chat is the same text from somebody else.
        agents: the chat's agents; the members of a group among them count.
    """
    by_name = {
        agent.name: agent for agent in _members(agents) if isinstance(agent, StructuredAnswers) and agent.response_format is not None
    }
    for message in reversed(messages) if typed or by_name else ():
        if message.calls:
            continue
        if message.text in typed:
            return typed[message.text]
        if message.sender in by_name:
            return by_name[message.sender].parse_answer(message.text)
    return None


def _members(agents: Sequence[Agent]) -> Iterator[Agent]:
    for agent in agents:
        yield agent
        group = getattr(agent, "groupchat", None)
        if group is not None:
            yield from _members(group.agents)
