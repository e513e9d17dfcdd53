"""Multi-agent chat, native to Jupyter: AutoGen's conversations in the notebook, generated code in a kernel of its own.

Importing this package costs little: each name below is loaded when it is first used.

Example:
    >>> from autogen_jupyter import AssistantAgent, UserProxyAgent
    >>> assistant = AssistantAgent("assistant", llm_config={"config_list": [{"model": "gpt-6-luna"}]})  # doctest: +SKIP
    >>> user = UserProxyAgent("user", human_input_mode="NEVER")  # doctest: +SKIP
    >>> user.initiate_chat(assistant, message="How many rows has penguins.csv?").summary  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from ._version import __version__ as __version__
from .context import ChatContext, set_host

if TYPE_CHECKING:
    from .agent import Agent, LLMAgent
    from .code_blocks import CodeBlock
    from .conversation.assistant_agent import AssistantAgent
    from .conversation.chat_result import ChatResult
    from .conversation.conversable_agent import ConversableAgent
    from .conversation.group_chat import GroupChat
    from .conversation.group_chat_manager import GroupChatManager
    from .conversation.user_proxy_agent import UserProxyAgent
    from .errors import (
        AgentChatError,
        AgentNameConflict,
        KernelError,
        KernelStartError,
        ModelError,
        NoEligibleSpeaker,
        NoHumanError,
        NoModelError,
        UndefinedNextAgent,
        UsageError,
    )
    from .human_input import HumanInput, InputAnswer, InputRequest, ScriptedInput
    from .kernels import ExecutionResult, KernelCodeExecutor
    from .messages import Message, ToolCall
    from .models import ChatCompletionsClient, ScriptedModel, config_list_from_json, filter_config, get_config_list
    from .models.base import ModelClient, ModelDelta, ModelReply, ModelRequest, Usage
    from .notebook.agentchat import agentchat
    from .session.session import Session

_HOME = {
    "Agent": "agent",
    "AgentChatError": "errors",
    "AgentNameConflict": "errors",
    "AssistantAgent": "conversation.assistant_agent",
    "ChatCompletionsClient": "models",
    "ChatResult": "conversation.chat_result",
    "CodeBlock": "code_blocks",
    "ConversableAgent": "conversation.conversable_agent",
    "ExecutionResult": "kernels",
    "GroupChat": "conversation.group_chat",
    "GroupChatManager": "conversation.group_chat_manager",
    "HumanInput": "human_input",
    "InputAnswer": "human_input",
    "InputRequest": "human_input",
    "KernelCodeExecutor": "kernels",
    "KernelError": "errors",
    "KernelStartError": "errors",
    "LLMAgent": "agent",
    "Message": "messages",
    "ModelClient": "models.base",
    "ModelDelta": "models.base",
    "ModelError": "errors",
    "ModelReply": "models.base",
    "ModelRequest": "models.base",
    "NoEligibleSpeaker": "errors",
    "NoHumanError": "errors",
    "NoModelError": "errors",
    "ScriptedInput": "human_input",
    "ScriptedModel": "models",
    "Session": "session.session",
    "ToolCall": "messages",
    "UndefinedNextAgent": "errors",
    "Usage": "models.base",
    "UsageError": "errors",
    "UserProxyAgent": "conversation.user_proxy_agent",
    "agentchat": "notebook.agentchat",
    "config_list_from_json": "models",
    "filter_config": "models",
    "get_config_list": "models",
}
"""Where each public name lives."""

__all__ = [
    "Agent",
    "AgentChatError",
    "AgentNameConflict",
    "AssistantAgent",
    "ChatCompletionsClient",
    "ChatResult",
    "CodeBlock",
    "ConversableAgent",
    "ExecutionResult",
    "GroupChat",
    "GroupChatManager",
    "HumanInput",
    "InputAnswer",
    "InputRequest",
    "KernelCodeExecutor",
    "KernelError",
    "KernelStartError",
    "LLMAgent",
    "Message",
    "ModelClient",
    "ModelDelta",
    "ModelError",
    "ModelReply",
    "ModelRequest",
    "NoEligibleSpeaker",
    "NoHumanError",
    "NoModelError",
    "ScriptedInput",
    "ScriptedModel",
    "Session",
    "ToolCall",
    "UndefinedNextAgent",
    "Usage",
    "UsageError",
    "UserProxyAgent",
    "agentchat",
    "config_list_from_json",
    "filter_config",
    "get_config_list",
    "load_ipython_extension",
    "unload_ipython_extension",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(ipython: Any) -> None:
    """Add ``%%agentchat`` to IPython: ``%load_ext autogen_jupyter``."""
    from .notebook.extension import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Take it away again: ``%unload_ext autogen_jupyter``."""
    from .notebook.extension import unload

    unload(ipython)


def _console_host() -> AbstractAsyncContextManager[ChatContext]:
    from .session.console_host import console_host

    return console_host()


set_host(_console_host)
