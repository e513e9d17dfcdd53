"""The two agents of ``%%agentchat``: an assistant that writes code, and a proxy that stands for the person and runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ..code_blocks import PYTHON, SHELL, extract_code_blocks
from ..conversation.assistant_agent import AssistantAgent
from ..conversation.user_proxy_agent import UserProxyAgent
from ..kernels import KernelCodeExecutor, describe, push
from ..messages import content_str
from ..models.config import resolve_model
from ..replies.human import HumanInputMode

__all__ = ["Team"]

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


class Team:
    """The agents of one notebook, with the agent kernel and the memory they keep from cell to cell.

    Args:
        model: which model the assistant uses, as ``resolve_model`` takes it; None for what the environment configures.

    Raises:
        UsageError: the model's name cannot be read.
        NoModelError: no model is configured, and one is required.
    """

    def __init__(self, model: str | None) -> None:
        choice = resolve_model(model)
        self.model = model
        self.notice = choice.notice
        """What was chosen as the model and why; empty once it was shown."""
        self.assistant = AssistantAgent("assistant", llm_config=choice.client)
        self.proxy = UserProxyAgent(
            "user",
            human_input_mode="NEVER",
            is_termination_msg=Settled(),
            max_consecutive_auto_reply=AUTOMATIC_REPLIES,
        )

    @property
    def executor(self) -> KernelCodeExecutor:
        """The agent kernel."""
        return cast(KernelCodeExecutor, self.proxy.code_executor)

    def prepare(self, *, model: str | None, human: HumanInputMode, timeout: float) -> None:
        """Take over a cell's options.

        Args:
            model: as in the constructor; the conversation goes on with another model when it changes.
            human: the proxy's human-input mode.
            timeout: seconds a block of code may run.
        """
        if model != self.model:
            choice = resolve_model(model)
            self.assistant.use_model(choice.client)
            self.model, self.notice = model, choice.notice
        self.proxy.human_input_mode = human
        self.executor.timeout = timeout

    async def hand_over(self, variables: Mapping[str, object]) -> str:
        """Copy variables into the agent kernel; return the lines that tell the assistant of them."""
        if not variables:
            return ""
        await push(self.executor, variables)
        lines = "\n".join(f"- {describe(name, value)}" for name, value in variables.items())
        return f"\n\nVariables in the kernel:\n{lines}"

    async def close(self) -> None:
        """Stop the agent kernel."""
        await self.executor.close()
