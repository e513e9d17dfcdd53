"""The agent that stands for a person: it asks them, runs code, and calls functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..kernels.base import CodeExecutor
from ..models.base import ModelClient
from ..replies.human import HumanInputMode, IsTermination
from .conversable_agent import ConversableAgent

__all__ = ["UserProxyAgent"]


class UserProxyAgent(ConversableAgent):
    """A proxy for the person at the notebook.

    The arguments are those of ``ConversableAgent`` with other defaults: the person is asked at every message, code is run in an agent
    kernel of its own, and there is no model.

    Example:
        >>> from autogen_jupyter import UserProxyAgent
        >>> UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False).llm_config
        False
    """

    DEFAULT_USER_PROXY_AGENT_DESCRIPTIONS: Mapping[str, str] = {
        "ALWAYS": "An attentive HUMAN user who can answer questions about the task, and can perform tasks such as running Python code "
        "or inputting command line commands at a Linux terminal and reporting back the execution results.",
        "TERMINATE": "A user that can run Python code or input command line commands at a Linux terminal and report back the "
        "execution results.",
        "NEVER": "A computer terminal that performs no other action than running Python scripts (provided to it quoted in ```python "
        "code blocks), or sh shell scripts (provided to it quoted in ```sh code blocks).",
    }

    def __init__(
        self,
        name: str,
        is_termination_msg: IsTermination | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: HumanInputMode = "ALWAYS",
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        code_execution_config: Mapping[str, Any] | CodeExecutor | bool | None = None,
        default_auto_reply: str | Mapping[str, Any] | None = "",
        llm_config: Mapping[str, Any] | ModelClient | bool | None = False,
        system_message: str | None = "",
        description: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            name,
            system_message,
            is_termination_msg,
            max_consecutive_auto_reply,
            human_input_mode,
            function_map,
            {} if code_execution_config is None else code_execution_config,
            llm_config,
            default_auto_reply,
            description if description is not None else self.DEFAULT_USER_PROXY_AGENT_DESCRIPTIONS.get(human_input_mode, ""),
            **kwargs,
        )
