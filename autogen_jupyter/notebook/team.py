"""The agents of ``%%agentchat``: those that a team's plan names, and a proxy that stands for the person and runs their code."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, cast

from ..conversation.assistant_agent import AssistantAgent
from ..conversation.conversable_agent import ConversableAgent
from ..conversation.group_chat import GroupChat
from ..conversation.group_chat_manager import GroupChatManager
from ..conversation.state import load_chat, save_chat
from ..conversation.user_proxy_agent import UserProxyAgent
from ..errors import UsageError
from ..kernels import Boundary, KernelCodeExecutor, push
from ..messages import content_str
from ..models.config import ModelChoice, resolve_model
from ..models.dry_run import DryRun, DryRunClient, NothingSent, dry_run
from ..replies.human import HumanInputMode
from .kernel_options import KernelOptions
from .options import CODE_TIMEOUT, ChatOptions
from .team_prompts import REVIEW
from .teams import APPROVED, Member, plan_of
from .told import told
from .turns import MOST_RUNS, Turns, has_code

__all__ = ["Team"]

_ADDRESSED = re.compile(r"@([^\W\d][\w\-]*)[\s,:]")


class Settled:
    """Termination predicate: the assistant said something that leaves nothing to run, usually its answer."""

    def __init__(self, name: str) -> None:
        self.reason = f"{name} has answered"

    def __call__(self, message: Mapping[str, Any]) -> bool:
        return not message.get("tool_calls") and not has_code(message)


class Team:
    """The agents of one chat, with the agent kernel and the memory they keep from cell to cell.

    Args:
        options: which team, and the model that its agents use, as ``resolve_model`` takes it; None for what the environment configures.

    Raises:
        UsageError: there is no such team, or the model's name cannot be read.
        NoModelError: no model is configured, and one is required.

    Example:
        >>> team = Team(ChatOptions(model="builtin/demo"))
        >>> [agent.name for agent in team.agents]
        ['assistant', 'user']
        >>> [agent.name for agent in Team(ChatOptions(model="builtin/demo", team="critic")).addressable]
        ['assistant', 'critic']
    """

    def __init__(self, options: ChatOptions) -> None:
        self.plan = plan_of(options.team or "analyst")
        choice = self._choose(options.model)
        self.name = self.plan.name
        self.model = options.model
        self.notice = choice.notice if choice else ""
        """What was chosen as the model and why; empty once it was shown, and where nobody will ask it."""
        self.addressable = tuple(self._agent(member, choice) for member in self.plan.agents)
        """Its agents without the proxy: those that a request can be for."""
        self.assistant = self.addressable[0]
        """The first of them."""
        self.proxy = UserProxyAgent(
            "user",
            human_input_mode="NEVER",
            is_termination_msg=Settled(self.assistant.name) if self.plan.is_pair else None,
            max_consecutive_auto_reply=MOST_RUNS,
            code_execution_config={"kernel": KernelOptions.of(options).arguments()},
        )
        self._kernel = KernelOptions.of(options)
        self._former: list[KernelCodeExecutor] = []
        self._news = ""
        self._is_told = False
        self.turns = Turns(self.plan, self.addressable, self.proxy)
        self.manager = None if self.plan.is_pair else self._manager()

    def _choose(self, model: str | None) -> ModelChoice | None:
        """Return the model of the chat; None where nobody will ask it. A name that was given is read all the same."""
        is_asked = any(self.plan.asks_the_chats_model(member) for member in self.plan.agents)
        choice = resolve_model(model) if is_asked or model else None
        return choice if is_asked else None

    def _agent(self, member: Member, choice: ModelChoice | None) -> ConversableAgent:
        if member.name in self.plan.made:
            return cast(ConversableAgent, self.plan.made[member.name])
        model = choice.client if choice and self.plan.asks_the_chats_model(member) else resolve_model(member.model).client
        part = member.system_message or AssistantAgent.DEFAULT_SYSTEM_MESSAGE
        if member.reviews and APPROVED not in part:
            part = f"{part.rstrip()}\n{REVIEW}\n"
        return AssistantAgent(member.name, part, llm_config=model, description=member.description or None)

    def _manager(self) -> GroupChatManager:
        group = GroupChat([*self.addressable, self.proxy], max_round=self.plan.max_messages, speaker_selection_method=self.turns)
        self.proxy.update_max_consecutive_auto_reply(10**6)  # the turns count runs of code
        return GroupChatManager(group)

    @property
    def agents(self) -> tuple[ConversableAgent, ...]:
        """Who is in the team."""
        return (*self.addressable, self.proxy, *([self.manager] if self.manager is not None else []))

    @property
    def partner(self) -> ConversableAgent:
        """Whom the proxy talks with: the one agent, or the manager of the group."""
        return self.manager if self.manager is not None else self.assistant

    @property
    def executor(self) -> KernelCodeExecutor:
        """The agent kernel."""
        return cast(KernelCodeExecutor, self.proxy.code_executor)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What was said so far, as the classic's dictionaries."""
        if self.manager is not None:
            return [dict(message) for message in self.manager.groupchat.messages]
        return list(self.proxy.history_with(self.assistant).as_dicts())

    def prepare(self, options: ChatOptions, request: str = "") -> None:
        """Take over a cell's options. The conversation goes on with another model when that changes.

        Raises:
            UsageError: somebody is addressed who is not in the team, or the model's name cannot be read.
        """
        names = [agent.name for agent in self.addressable]
        if options.agent is not None and options.agent not in names:
            raise UsageError(f"There is no agent @{options.agent} in this chat; there is {', '.join(f'@{name}' for name in names)}.")
        begins_with = _ADDRESSED.match(request)
        self.turns.begin(options.agent or (begins_with[1] if begins_with and begins_with[1] in names else None))
        if options.model != self.model:
            self._use_model(options.model)
        self._take_kernel(KernelOptions.of(options), accepts_loss=options.yes)
        if self.manager is not None:
            self.manager.groupchat.max_round = 2 * options.max_turns if options.max_turns else self.plan.max_messages
        self.proxy.human_input_mode = cast(HumanInputMode, (options.human or "never").upper())
        self.executor.timeout = options.timeout or CODE_TIMEOUT

    def _take_kernel(self, wanted: KernelOptions, *, accepts_loss: bool) -> None:
        """Go on in a kernel of the kind that a cell wants; one that runs is replaced only when the loss of its variables was accepted."""
        if wanted == self._kernel:
            return
        changed = wanted.differences(self._kernel)
        former = self.executor
        if former.state != "closed":
            if not accepts_loss:
                raise UsageError(
                    f"This chat's agent kernel runs already, with another {changed}; changing that takes a new kernel, and the variables "
                    "in this one would be lost. Add --yes to accept that, or begin another chat with --new."
                )
            self._news = f"[The kernel is a new one (the user changed its {changed}): all earlier variables are gone.]"
            self.notice = f"A new agent kernel, with another {changed}: the variables of the former one are gone."
        self.proxy.use_kernel(wanted.arguments())
        self._kernel = wanted
        self._is_told = False
        self._former.append(former)

    def unasked_line(self) -> str:
        """Return, once for each kernel, the line that says why code runs without a question."""
        if self._is_told:
            return ""
        self._is_told = True
        return f"Code runs without asking you, because it is isolated. To be asked: --approve always. {self.executor.boundary.description}"

    def boundary(self, options: ChatOptions) -> Boundary:
        """Return what would hold code back with these options."""
        wanted = KernelOptions.of(options)
        return self.executor.boundary if wanted == self._kernel else wanted.boundary()

    def _use_model(self, model: str | None) -> None:
        choice = self._choose(model)
        for agent, member in zip(self.addressable, self.plan.agents, strict=True):
            if choice and self.plan.asks_the_chats_model(member):
                agent.use_model(choice.client)
        self.model, self.notice = model, choice.notice if choice else ""

    def chat_arguments(self, options: ChatOptions) -> dict[str, Any]:
        """Return what ``a_initiate_chat`` is given beside the message; for a group its own limit holds."""
        if self.manager is None:
            return {"max_turns": options.max_turns}
        return {"summary_method": lambda *_: self._answer()}

    def _answer(self) -> str:
        """Return the last thing said by somebody who does not review, and that is no code: what was asked for."""
        workers = {member.name for member in self.plan.agents if not member.reviews}
        said = [message for message in self.messages if message.get("name") in workers and not has_code(message)]
        last = said[-1:] or self.messages[-1:]
        return content_str(last[0].get("content")).replace("TERMINATE", "").strip() if last else ""

    # --- its memory

    def cut(self, to: int) -> None:
        """Forget what was said after the first ``to`` messages."""
        for agent in self.addressable if self.manager is None else (*self.addressable, self.proxy):
            other = self.proxy if self.manager is None else self.manager
            other.history_with(agent).cut(to)
            agent.history_with(other).cut(to)
        if self.manager is not None:
            del self.manager.groupchat.messages[to:]

    def save(self) -> dict[str, Any]:
        """Return what it remembers, as JSON-able data."""
        return save_chat(*self.agents)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Remember what ``save`` returned.

        Raises:
            UsageError: it is not the state of a team with these agents.
        """
        load_chat(state, *self.agents)
        if self.manager is not None:
            group = self.manager.groupchat
            group.messages[:] = [dict(message, role="user") for message in self.manager.history_with(self.proxy).as_dicts()]

    async def hand_over(self, variables: Mapping[str, object], data: str = "schema", *, pickle: bool = False) -> str:
        """Copy variables into the agent kernel; return the lines that tell the agents of them, no more than ``data`` allows."""
        await self._close_former()
        news, self._news = self._news and f"\n\n{self._news}", ""
        if not variables:
            return news
        await push(self.executor, variables, pickle=pickle)
        return news + self.describe(variables, data)

    @staticmethod
    def describe(variables: Mapping[str, object], data: str = "schema") -> str:
        """Return the lines that tell the assistant of variables, no more than ``data`` allows."""
        if not variables:
            return ""
        lines = "\n".join(told(name, value, data) for name, value in variables.items())
        return f"\n\nVariables in the kernel:\n{lines}"

    async def rehearse(self, message: str, options: ChatOptions) -> DryRun:
        """Return what the assistant's model would be sent with this message; nothing is sent, and nobody remembers the message."""
        usual = self.assistant.model_client
        chosen = resolve_model(options.model).client if options.model != self.model else usual
        assert usual is not None  # noqa: S101 - a team has a model
        assert chosen is not None  # noqa: S101
        stand_in = DryRunClient(chosen)
        other = self.manager or self.proxy
        heard = [*self.assistant.history_with(other).as_dicts(), {"role": "user", "content": message, "name": self.proxy.name}]
        self.assistant.use_model(stand_in)
        try:
            await self.assistant.a_generate_reply(heard, other)
        except NothingSent:
            pass
        finally:
            self.assistant.use_model(usual)
        if stand_in.request is None:
            raise UsageError("This message would not be sent to a model: the assistant answers it in another way.")
        return await asyncio.to_thread(dry_run, chosen, stand_in.request)

    async def close(self) -> None:
        """Stop the agent kernel."""
        await self._close_former()
        await self.executor.close()

    async def _close_former(self) -> None:
        while self._former:
            await self._former.pop().close()
