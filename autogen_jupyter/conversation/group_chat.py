"""A group of agents that talk with each other, and the rules by which they do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ..agent import Agent
from ..context import current, enter
from ..errors import AgentNameConflict, UndefinedNextAgent
from ..events import Noticed
from ..messages import Message, Role, content_str
from ..models.base import ModelClient
from ..portal import call, on_portal, run_sync
from . import speaker_prompts
from .configuration import as_model_client
from .group_checks import check_group
from .introductions import DEFAULT_INTRO_MSG, introductions
from .overrides import overridden
from .speaker_prompts import filled
from .speaker_selection import Selected, chosen_by, person_chooses, select
from .transitions import Transitions, invert_disallowed_to_allowed, without_repeats

if TYPE_CHECKING:
    from .conversable_agent import ConversableAgent

__all__ = ["GroupChat", "SpeakerSelection"]

SpeakerSelection = str | Callable[..., Any]
"""A method's name, or a function ``(last_speaker, groupchat)`` that returns an agent, a method's name, or None to end."""


@dataclass
class GroupChat:
    """A group of agents, what they said, and who may speak when. A ``GroupChatManager`` leads it.

    Raises:
        UsageError: two agents have one name, options exclude each other, or a value means nothing.

    Example:
        >>> from autogen_jupyter import ConversableAgent, GroupChat, GroupChatManager
        >>> names = ("ann", "ben", "cem")
        >>> agents = [ConversableAgent(n, human_input_mode="NEVER", default_auto_reply=f"{n} was here") for n in names]
        >>> group = GroupChat(agents, max_round=3, speaker_selection_method="round_robin")
        >>> result = agents[0].initiate_chat(GroupChatManager(group), message="Who is there?", silent=True)
        >>> [message["name"] for message in result.chat_history]
        ['ann', 'ben', 'cem']

    The fields, their defaults and their meaning are those of AutoGen 0.2's class of the same name.
    """

    agents: Sequence[Agent]
    messages: list[dict[str, Any]] = field(default_factory=list)
    """What was said, as the classic's dictionaries. Content is text here; images stand as ``<image>``."""
    max_round: int = 10
    """Messages at the most, the opening one included."""
    admin_name: str = "Admin"
    """The agent that is given the floor once when the chat is interrupted, if the group has it and it stands for a person."""
    func_call_filter: bool = True
    """After a call of functions, let only those speak that can execute them."""
    speaker_selection_method: SpeakerSelection = "auto"
    """``"auto"`` (a model chooses), ``"manual"`` (a person), ``"random"``, ``"round_robin"``, or a function."""
    max_retries_for_selecting_speaker: int = 2
    """How often a model is asked again that names nobody, or several."""
    allow_repeat_speaker: bool | Sequence[Agent] | None = None
    """Whether an agent may speak twice in a row; or which may. Default: all may, unless transitions are given."""
    allowed_or_disallowed_speaker_transitions: Transitions | None = None
    """Who may, or may not, speak after whom."""
    speaker_transitions_type: Literal["allowed", "disallowed"] | None = None
    """Which of the two the transitions are."""
    enable_clear_history: bool = False
    """Whether a person may type ``clear history [agent] [messages to keep]``."""
    send_introductions: bool = False
    """Introduce the agents to each other by name and description before the first message."""
    select_speaker_message_template: str = speaker_prompts.MESSAGE
    """The system message of the model that chooses. ``{roles}`` and ``{agentlist}`` are filled in, in all four templates."""
    select_speaker_prompt_template: str | None = speaker_prompts.PROMPT
    """The last message it is shown; None for none."""
    select_speaker_auto_multiple_template: str = speaker_prompts.MULTIPLE
    """Said to it when it named several."""
    select_speaker_auto_none_template: str = speaker_prompts.NONE
    """Said to it when it named nobody."""
    select_speaker_transform_messages: Any = None
    """A ``TransformMessages``, or a function from messages to messages: what of the chat it is shown."""
    select_speaker_auto_verbose: bool = False
    """Show what it is asked and what it answers."""
    select_speaker_auto_model_client_cls: None = None
    """Not supported; give a ``ModelClient`` as ``select_speaker_auto_llm_config``."""
    select_speaker_auto_llm_config: Mapping[str, Any] | ModelClient | Literal[False] | None = None
    """The model that chooses. Default: the manager's."""
    role_for_select_speaker_messages: Role = "system"
    """The role of what it is told last; some servers take a system message only in the first place."""

    selecting_model: ModelClient | None = field(init=False, repr=False, default=None)
    _noticed: bool = field(init=False, repr=False, default=False)
    DEFAULT_INTRO_MSG: ClassVar[str] = DEFAULT_INTRO_MSG

    def __post_init__(self) -> None:
        check_group(self)
        self.selecting_model = as_model_client(self.select_speaker_auto_llm_config, "the speaker selection")

    # --- who is there

    @property
    def agent_names(self) -> list[str]:
        """The names of the agents, in order."""
        return [agent.name for agent in self.agents]

    def agent_by_name(self, name: str, recursive: bool = False, raise_on_name_conflict: bool = False) -> Agent | None:
        """Return the agent of this name, or None.

        Args:
            name: its name.
            recursive: look into the groups of members that are managers too.
            raise_on_name_conflict: do not choose the first when there are several.

        Raises:
            AgentNameConflict: several agents have that name.
        """
        found = list(dict.fromkeys(agent for agent in (self.nested_agents() if recursive else self.agents) if agent.name == name))
        if len(found) > 1 and raise_on_name_conflict:
            raise AgentNameConflict(f"{len(found)} agents are named {name!r}. Give each agent its own name.")
        return found[0] if found else None

    def nested_agents(self) -> list[Agent]:
        """Return all agents, those in the groups of members that are managers included."""
        return list(self._nested())

    def _nested(self) -> Iterator[Agent]:
        for agent in self.agents:
            yield agent
            inner = getattr(agent, "groupchat", None)
            if isinstance(inner, GroupChat):
                yield from inner._nested()

    # --- who may speak

    @property
    def allowed_speaker_transitions_dict(self) -> dict[Agent, list[Agent]]:
        """Who may speak after whom, whichever way it was said."""
        given = self.allowed_or_disallowed_speaker_transitions
        if given is None:
            may_repeat = self.allow_repeat_speaker
            return without_repeats(self.agents, True if may_repeat is None else may_repeat)
        if self.speaker_transitions_type == "disallowed":
            return invert_disallowed_to_allowed(given, self.agents)
        return {agent: list(followers) for agent, followers in given.items()}

    def allowed_after(self, speaker: Agent) -> Sequence[Agent]:
        """Return who may speak after ``speaker``, in the group's order; after somebody from outside that is everybody."""
        given, may_repeat = self.allowed_or_disallowed_speaker_transitions, self.allow_repeat_speaker
        if given is not None and speaker in self.agents:
            listed = set(given.get(speaker, ()))
            is_wanted = self.speaker_transitions_type == "allowed"
            return [agent for agent in self.agents if (agent in listed) == is_wanted]
        if may_repeat is False or (isinstance(may_repeat, Sequence) and speaker not in may_repeat):
            return [agent for agent in self.agents if agent is not speaker]
        return self.agents

    def next_agent(self, agent: Agent, agents: Sequence[Agent] | None = None) -> Agent:
        """Return the one of ``agents`` (default: of all) that comes after ``agent`` in the group's order.

        Raises:
            UndefinedNextAgent: none of them belongs to the group.
        """
        order = self.agents
        start = order.index(agent) + 1 if agent in order else 0
        for step in range(len(order)):
            candidate = order[(start + step) % len(order)]
            if agents is None or candidate in agents:
                return candidate
        offered = ", ".join(repr(one.name) for one in agents or ()) or "nobody"
        raise UndefinedNextAgent(f"After {agent.name} comes none of {offered}; the group has {', '.join(self.agent_names) or 'no agents'}.")

    @on_portal
    async def a_select_speaker(self, last_speaker: Agent, selector: ConversableAgent) -> Agent:
        """Return who speaks after ``last_speaker``; ``selector`` is the manager, whose model or person is asked.

        Raises:
            NoEligibleSpeaker: nobody may.
            UsageError: the rules of the group cannot be followed.
        """
        return (await select(self, last_speaker, selector)).agent

    select_speaker = run_sync(a_select_speaker)

    async def selected(self, last_speaker: Agent, selector: ConversableAgent) -> Selected:
        """Return who speaks after ``last_speaker`` and why; a group that selects in its own way is asked for it.

        Raises:
            NoEligibleSpeaker: nobody may.
            UsageError: the rules of the group cannot be followed, or its own way names nobody of the group.
        """
        own_way = overridden(self, GroupChat, "a_select_speaker", "select_speaker")
        if own_way is None:
            return await select(self, last_speaker, selector)
        return chosen_by(f"{type(self).__name__}.select_speaker", await call(own_way, last_speaker, selector), self, last_speaker)

    def random_select_speaker(self, agents: Sequence[Agent] | None = None) -> Agent | None:
        """Return one of ``agents`` (default: of all) at random. A subclass may choose in a way of its own, as in the next three."""
        return random.choice(self.agents if agents is None else agents)  # noqa: S311 - nothing depends on its being unpredictable

    @on_portal
    async def a_manual_select_speaker(self, agents: Sequence[Agent] | None = None) -> Agent | None:
        """Return the one of ``agents`` (default: of all) that a person chooses, or None where they choose nobody."""
        async with enter():
            return await person_chooses(self.agents if agents is None else agents, self.admin_name)

    manual_select_speaker = run_sync(a_manual_select_speaker)

    def select_speaker_msg(self, agents: Sequence[Agent] | None = None) -> str:
        """Return the system message of the model that chooses one of ``agents`` (default: of all)."""
        return filled(self.select_speaker_message_template, self.agents if agents is None else agents)

    def select_speaker_prompt(self, agents: Sequence[Agent] | None = None) -> str | None:
        """Return the last message it is shown, or None for none."""
        template = self.select_speaker_prompt_template
        return None if template is None else filled(template, self.agents if agents is None else agents)

    # --- what was said

    def append(self, message: Message | Mapping[str, Any], speaker: Agent) -> None:
        """Add a message to what was said; its name becomes the speaker's, its content text."""
        said = message.to_dict() if isinstance(message, Message) else dict(message)
        if said.get("role") != "function":
            said["name"] = speaker.name
        said["content"] = content_str(said.get("content"))
        self.messages.append(said)

    def reset(self) -> None:
        """Forget what was said."""
        self.messages.clear()

    def introductions_msg(self, agents: Sequence[Agent] | None = None) -> str:
        """Return the message that introduces the agents to each other."""
        return introductions(self.agents if agents is None else agents)

    def notice_once(self, text: str) -> None:
        """Tell the people who watch, at the first time."""
        if not self._noticed:
            self._noticed = True
            current().emit(Noticed(text, "warning"))
