"""The two agents of ``%%agentchat``: an assistant that writes code, and a proxy that stands for the person and runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ..code_blocks import PYTHON, SHELL, extract_code_blocks
from ..conversation.assistant_agent import AssistantAgent
from ..conversation.conversable_agent import ConversableAgent
from ..conversation.user_proxy_agent import UserProxyAgent
from ..errors import UsageError
from ..kernels import Boundary, KernelCodeExecutor, push
from ..messages import content_str
from ..models.config import resolve_model
from ..replies.human import HumanInputMode
from .kernel_options import KernelOptions
from .options import CODE_TIMEOUT, ChatOptions
from .told import told

__all__ = ["TEAMS", "Team"]

AUTOMATIC_REPLIES = 25
"""Runs of code in a row before the proxy stops by itself."""


class Settled:
    """Termination predicate: the assistant said something that leaves nothing to run, usually its answer."""

    reason = "assistant has answered"

    def __call__(self, message: Mapping[str, Any]) -> bool:
        if message.get("tool_calls"):
            return False
        blocks = extract_code_blocks(content_str(message.get("content")))
        return not any(block.language in PYTHON | SHELL for block in blocks)


TEAMS = {"analyst": "an assistant that writes code, and a proxy that runs it"}
"""The teams there are, by name, and what each is."""


class Team:
    """The agents of one chat, with the agent kernel and the memory they keep from cell to cell.

    Args:
        options: the model that the assistant uses, as ``resolve_model`` takes it; None for what the environment configures.

    Raises:
        UsageError: the model's name cannot be read.
        NoModelError: no model is configured, and one is required.

    Example:
        >>> team = Team(ChatOptions(model="builtin/demo"))
        >>> [agent.name for agent in team.agents]
        ['assistant', 'user']
    """

    def __init__(self, options: ChatOptions) -> None:
        choice = resolve_model(options.model)
        self.name = options.team or "analyst"
        self.model = options.model
        self.notice = choice.notice
        """What was chosen as the model and why; empty once it was shown."""
        self.assistant = AssistantAgent("assistant", llm_config=choice.client)
        self.proxy = UserProxyAgent(
            "user",
            human_input_mode="NEVER",
            is_termination_msg=Settled(),
            max_consecutive_auto_reply=AUTOMATIC_REPLIES,
            code_execution_config={"kernel": KernelOptions.of(options).arguments()},
        )
        self._kernel = KernelOptions.of(options)
        self._former: list[KernelCodeExecutor] = []
        self._news = ""
        self._is_told = False

    @property
    def agents(self) -> tuple[ConversableAgent, ...]:
        """Who is in the team."""
        return self.assistant, self.proxy

    @property
    def executor(self) -> KernelCodeExecutor:
        """The agent kernel."""
        return cast(KernelCodeExecutor, self.proxy.code_executor)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What was said so far, as the classic's dictionaries."""
        return list(self.proxy.history_with(self.assistant).as_dicts())

    def prepare(self, options: ChatOptions) -> None:
        """Take over a cell's options. The conversation goes on with another model when that changes.

        Raises:
            UsageError: somebody is addressed who is not in the team, or the model's name cannot be read.
        """
        names = [agent.name for agent in self.agents if agent is not self.proxy]
        if options.agent is not None and options.agent not in names:
            raise UsageError(f"There is no agent @{options.agent} in this chat; there is {', '.join(f'@{name}' for name in names)}.")
        if options.model != self.model:
            choice = resolve_model(options.model)
            self.assistant.use_model(choice.client)
            self.model, self.notice = options.model, choice.notice
        self._take_kernel(KernelOptions.of(options), accepts_loss=options.yes)
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

    def cut(self, to: int) -> None:
        """Forget what was said after the first ``to`` messages."""
        self.proxy.history_with(self.assistant).cut(to)
        self.assistant.history_with(self.proxy).cut(to)

    async def hand_over(self, variables: Mapping[str, object], data: str = "schema") -> str:
        """Copy variables into the agent kernel; return the lines that tell the assistant of them, no more than ``data`` allows."""
        await self._close_former()
        news, self._news = self._news and f"\n\n{self._news}", ""
        if not variables:
            return news
        await push(self.executor, variables)
        lines = "\n".join(told(name, value, data) for name, value in variables.items())
        return f"{news}\n\nVariables in the kernel:\n{lines}"

    async def close(self) -> None:
        """Stop the agent kernel."""
        await self._close_former()
        await self.executor.close()

    async def _close_former(self) -> None:
        while self._former:
            await self._former.pop().close()
