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
from .context import ChatContext, LiveSession, set_host, set_session_maker

if TYPE_CHECKING:
    from .agent import Agent, LLMAgent
    from .code_blocks import CodeBlock
    from .conversation.assistant_agent import AssistantAgent
    from .conversation.chat_queue import a_initiate_chats, initiate_chats
    from .conversation.chat_result import ChatResult
    from .conversation.conversable_agent import ConversableAgent
    from .conversation.run_response import RunResponse
    from .conversation.state import load_chat, save_chat
    from .conversation.stopping import (
        Custom,
        ExternalStop,
        FunctionCalled,
        HandoffTo,
        LoopDetector,
        MaxCost,
        MaxMessages,
        MaxTurns,
        StopCondition,
        TextMention,
        Timeout,
        TokenUsage,
    )
    from .conversation.user_proxy_agent import UserProxyAgent
    from .errors import AgentChatError, KernelError, KernelStartError, ModelError, NoHumanError, NoModelError, UsageError
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
    "AssistantAgent": "conversation.assistant_agent",
    "ChatCompletionsClient": "models",
    "ChatResult": "conversation.chat_result",
    "CodeBlock": "code_blocks",
    "ConversableAgent": "conversation.conversable_agent",
    "Custom": "conversation.stopping",
    "ExecutionResult": "kernels",
    "ExternalStop": "conversation.stopping",
    "FunctionCalled": "conversation.stopping",
    "HandoffTo": "conversation.stopping",
    "HumanInput": "human_input",
    "InputAnswer": "human_input",
    "InputRequest": "human_input",
    "KernelCodeExecutor": "kernels",
    "KernelError": "errors",
    "KernelStartError": "errors",
    "LLMAgent": "agent",
    "LoopDetector": "conversation.stopping",
    "MaxCost": "conversation.stopping",
    "MaxMessages": "conversation.stopping",
    "MaxTurns": "conversation.stopping",
    "Message": "messages",
    "ModelClient": "models.base",
    "ModelDelta": "models.base",
    "ModelError": "errors",
    "ModelReply": "models.base",
    "ModelRequest": "models.base",
    "NoHumanError": "errors",
    "NoModelError": "errors",
    "RunResponse": "conversation.run_response",
    "ScriptedInput": "human_input",
    "ScriptedModel": "models",
    "Session": "session.session",
    "StopCondition": "conversation.stopping",
    "TextMention": "conversation.stopping",
    "Timeout": "conversation.stopping",
    "TokenUsage": "conversation.stopping",
    "ToolCall": "messages",
    "Usage": "models.base",
    "UsageError": "errors",
    "UserProxyAgent": "conversation.user_proxy_agent",
    "a_initiate_chats": "conversation.chat_queue",
    "agentchat": "notebook.agentchat",
    "config_list_from_json": "models",
    "filter_config": "models",
    "get_config_list": "models",
    "initiate_chats": "conversation.chat_queue",
    "load_chat": "conversation.state",
    "save_chat": "conversation.state",
}
"""Where each public name lives."""

__all__ = [
    "Agent",
    "AgentChatError",
    "AssistantAgent",
    "ChatCompletionsClient",
    "ChatResult",
    "CodeBlock",
    "ConversableAgent",
    "Custom",
    "ExecutionResult",
    "ExternalStop",
    "FunctionCalled",
    "HandoffTo",
    "HumanInput",
    "InputAnswer",
    "InputRequest",
    "KernelCodeExecutor",
    "KernelError",
    "KernelStartError",
    "LLMAgent",
    "LoopDetector",
    "MaxCost",
    "MaxMessages",
    "MaxTurns",
    "Message",
    "ModelClient",
    "ModelDelta",
    "ModelError",
    "ModelReply",
    "ModelRequest",
    "NoHumanError",
    "NoModelError",
    "RunResponse",
    "ScriptedInput",
    "ScriptedModel",
    "Session",
    "StopCondition",
    "TextMention",
    "Timeout",
    "TokenUsage",
    "ToolCall",
    "Usage",
    "UsageError",
    "UserProxyAgent",
    "a_initiate_chats",
    "agentchat",
    "config_list_from_json",
    "filter_config",
    "get_config_list",
    "initiate_chats",
    "load_chat",
    "load_ipython_extension",
    "save_chat",
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


def _new_session() -> LiveSession:
    from .session.session import Session

    return Session(approval="never")


set_host(_console_host)
set_session_maker(_new_session)
