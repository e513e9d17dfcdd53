"""What is wrong with a group, said before it begins to talk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..agent import Agent
from ..errors import AgentNameConflict, UsageError
from .speaker_selection import checked_method
from .transitions import check_graph_validity, check_members

if TYPE_CHECKING:
    from .group_chat import GroupChat

__all__ = ["check_group"]


def check_group(group: GroupChat) -> None:
    """Check the fields of a group.

    Raises:
        UsageError: the first value that cannot work, and what to do about it.
    """
    _check_agents(group.agents)
    if not isinstance(group.messages, list):
        raise UsageError(f"messages is {group.messages!r:.80}; it must be a list of messages, [] for none.")
    _check_count("max_round", group.max_round, at_least=1)
    _check_count("max_retries_for_selecting_speaker", group.max_retries_for_selecting_speaker, at_least=0)
    _check_method(group.speaker_selection_method)
    _check_transitions(group)
    _check_selection_by_model(group)


def _check_agents(agents: Any) -> None:
    if not isinstance(agents, (list, tuple)):
        raise UsageError(f"agents is {agents!r:.80}; it must be a list of agents.")
    names: set[str] = set()
    for agent in agents:
        if not isinstance(agent, Agent):
            raise UsageError(f"GroupChat got {agent!r:.80} as an agent; it has to have a name, a description and a_generate_reply.")
        if agent.name in names:
            raise AgentNameConflict(f"GroupChat has two agents named {agent.name!r}. Give each agent its own name.")
        names.add(agent.name)


def _check_count(name: str, value: Any, *, at_least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise UsageError(f"{name} is {value!r}; it must be a whole number, {at_least} or more.")


def _check_method(method: Any) -> None:
    if isinstance(method, str):
        checked_method(method)
    elif not callable(method):
        raise UsageError(f"speaker_selection_method is {method!r:.80}; it must be a method's name or a function (last_speaker, groupchat).")


def _check_transitions(group: GroupChat) -> None:
    given, kind = group.allowed_or_disallowed_speaker_transitions, group.speaker_transitions_type
    may_repeat = group.allow_repeat_speaker
    if given is not None and may_repeat is not None:
        raise UsageError(
            "allow_repeat_speaker and allowed_or_disallowed_speaker_transitions were both given, and each says who may speak. "
            "Leave one of them out."
        )
    if (given is None) != (kind is None):
        have, miss = ("allowed_or_disallowed_speaker_transitions", "speaker_transitions_type")
        if given is None:
            have, miss = miss, have
        raise UsageError(f"{have} was given without {miss}. Give both, the type as 'allowed' or 'disallowed', or none.")
    if kind not in (None, "allowed", "disallowed"):
        raise UsageError(f"speaker_transitions_type is {kind!r}; it must be 'allowed' or 'disallowed'.")
    if given is not None:
        check_members(given, group.agents)
        check_graph_validity(group.allowed_speaker_transitions_dict, group.agents)
    if may_repeat is not None and not isinstance(may_repeat, bool):
        if not isinstance(may_repeat, Sequence) or isinstance(may_repeat, str):
            raise UsageError(f"allow_repeat_speaker is {may_repeat!r:.80}; it must be True, False or a list of agents.")
        for agent in may_repeat:
            if agent not in group.agents:
                name = getattr(agent, "name", agent)
                raise UsageError(f"allow_repeat_speaker names {name!r:.80}, who is not in the group. Add it to agents, or leave it out.")


def _check_selection_by_model(group: GroupChat) -> None:
    texts = ("select_speaker_message_template", "select_speaker_auto_multiple_template", "select_speaker_auto_none_template")
    for name in texts:
        value = getattr(group, name)
        if not isinstance(value, str) or not value:
            raise UsageError(f"{name} is {value!r:.80}; it must be a text that is not empty.")
    prompt = group.select_speaker_prompt_template
    if prompt is not None and (not isinstance(prompt, str) or not prompt):
        raise UsageError(f"select_speaker_prompt_template is {prompt!r:.80}; it must be a text, or None for no last message.")
    if group.role_for_select_speaker_messages not in ("system", "user", "assistant"):
        raise UsageError(
            f"role_for_select_speaker_messages is {group.role_for_select_speaker_messages!r}; it must be 'system', 'user' or 'assistant'."
        )
    transform = group.select_speaker_transform_messages
    if transform is not None and not callable(transform) and not hasattr(transform, "_transform_messages"):
        raise UsageError(
            f"select_speaker_transform_messages is {transform!r:.80}; it must be a TransformMessages or a function from messages "
            "to messages."
        )
    if group.select_speaker_auto_model_client_cls is not None:
        raise UsageError("select_speaker_auto_model_client_cls is not supported. Give a ModelClient as select_speaker_auto_llm_config.")
