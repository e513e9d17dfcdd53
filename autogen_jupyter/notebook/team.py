"""The two agents of ``%%agentchat``: an assistant that writes code, and a proxy that stands for the person and runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ..code_blocks import PYTHON, SHELL, extract_code_blocks
from ..conversation.assistant_agent import AssistantAgent
from ..conversation.conversable_agent import ConversableAgent
from ..conversation.user_proxy_agent import UserProxyAgent
from ..errors import UsageError
from ..kernels import KernelCodeExecutor, is_server, push
from ..messages import content_str
from ..models.config import resolve_model
from ..replies.human import HumanInputMode
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
        self.kernel = options.kernel
        self.notice = choice.notice
        """What was chosen as the model and why; empty once it was shown."""
        self.assistant = AssistantAgent("assistant", llm_config=choice.client)
        self.proxy = UserProxyAgent(
            "user",
            human_input_mode="NEVER",
            is_termination_msg=Settled(),
            max_consecutive_auto_reply=AUTOMATIC_REPLIES,
            code_execution_config=_where(options.kernel),
        )

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
        if options.kernel != self.kernel:
            raise UsageError(
                f"This chat's code runs in {self.kernel or 'the kernel of this machine'}; its variables cannot move to "
                f"{options.kernel or 'another'}. Begin a chat there with --new or -n NAME."
            )
        if options.model != self.model:
            choice = resolve_model(options.model)
            self.assistant.use_model(choice.client)
            self.model, self.notice = options.model, choice.notice
        self.proxy.human_input_mode = cast(HumanInputMode, (options.human or "never").upper())
        self.executor.timeout = options.timeout or CODE_TIMEOUT

    def cut(self, to: int) -> None:
        """Forget what was said after the first ``to`` messages."""
        self.proxy.history_with(self.assistant).cut(to)
        self.assistant.history_with(self.proxy).cut(to)

    async def hand_over(self, variables: Mapping[str, object], data: str = "schema") -> str:
        """Copy variables into the agent kernel; return the lines that tell the assistant of them, no more than ``data`` allows."""
        if not variables:
            return ""
        await push(self.executor, variables)
        lines = "\n".join(told(name, value, data) for name, value in variables.items())
        return f"\n\nVariables in the kernel:\n{lines}"

    async def close(self) -> None:
        """Stop the agent kernel."""
        await self.executor.close()


def _where(kernel: str | None) -> dict[str, Any]:
    """Return a ``code_execution_config`` for what ``--kernel`` says."""
    if kernel is None:
        return {}
    return {"server": kernel} if is_server(kernel) else {"kernel_name": kernel}
