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
from .context import ChatContext as _Context
from .context import LiveSession, set_host, set_session_maker

if TYPE_CHECKING:
    from .agent import Agent, LLMAgent
    from .classic.openai_wrapper import OpenAIWrapper
    from .code_blocks import CodeBlock
    from .conversation.assistant_agent import AssistantAgent
    from .conversation.chat_estimate import ChatEstimate, estimate_chat
    from .conversation.chat_queue import a_initiate_chats, initiate_chats
    from .conversation.chat_result import ChatResult
    from .conversation.context_expression import ContextExpression
    from .conversation.context_variables import ContextVariables
    from .conversation.conversable_agent import ConversableAgent
    from .conversation.group_chat import GroupChat
    from .conversation.group_chat_manager import GroupChatManager
    from .conversation.group_run import a_initiate_group_chat, initiate_group_chat
    from .conversation.guardrails import Guardrail, LLMGuardrail, RegexGuardrail
    from .conversation.handoff_chats import (
        FunctionTarget,
        FunctionTargetResult,
        NestedChatTarget,
    )
    from .conversation.handoff_conditions import (
        ContextStr,
    )
    from .conversation.handoff_targets import (
        AgentNameTarget,
        AgentTarget,
        AskUserTarget,
        GroupManagerTarget,
        RandomAgentTarget,
        RevertToUserTarget,
        StayTarget,
        TerminateTarget,
    )
    from .conversation.handoffs import Handoffs, OnCondition, OnContextCondition, ReplyResult
    from .conversation.multimodal_agent import MultimodalConversableAgent
    from .conversation.patterns import AutoPattern, DefaultPattern, ManualPattern, RandomPattern, RoundRobinPattern
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
    from .conversation.tool_registry import register_function
    from .conversation.transforms import (
        CompactHistory,
        MessageHistoryLimiter,
        MessageTokenLimiter,
        MessageTransform,
        TextMessageCompressor,
        TextMessageContentName,
        TransformMessages,
    )
    from .conversation.transitions_picture import transitions_svg, visualize_speaker_transitions_dict
    from .conversation.usage import gather_usage_summary
    from .conversation.usage_table import UsageTable, kernel_usage
    from .conversation.user_proxy_agent import UserProxyAgent
    from .errors import (
        AgentChatError,
        AgentNameConflict,
        AnswerBrokenError,
        BudgetReached,
        ContextLengthError,
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
    from .models.budget import Budget, parse_budget
    from .models.cache import Cache
    from .models.key_files import config_list_from_dotenv, config_list_from_models, config_list_gpt4_gpt35, config_list_openai_aoai
    from .notebook.agentchat import agentchat
    from .session.session import Session
    from .tools import BaseContext, ChatContext, Depends, Interoperability, Tool, ToolError, Toolkit, tool


_HOME = {
    "Agent": "agent",
    "AgentChatError": "errors",
    "AgentNameConflict": "errors",
    "AnswerBrokenError": "errors",
    "AgentNameTarget": "conversation.handoff_targets",
    "AgentTarget": "conversation.handoff_targets",
    "AskUserTarget": "conversation.handoff_targets",
    "AssistantAgent": "conversation.assistant_agent",
    "AutoPattern": "conversation.patterns",
    "BaseContext": "tools",
    "Budget": "models.budget",
    "BudgetReached": "errors",
    "Cache": "models.cache",
    "ChatCompletionsClient": "models",
    "ChatContext": "tools",
    "ChatEstimate": "conversation.chat_estimate",
    "ChatResult": "conversation.chat_result",
    "CodeBlock": "code_blocks",
    "CompactHistory": "conversation.transforms",
    "ContextExpression": "conversation.context_expression",
    "ContextLengthError": "errors",
    "ContextStr": "conversation.handoff_conditions",
    "ContextVariables": "conversation.context_variables",
    "ConversableAgent": "conversation.conversable_agent",
    "Custom": "conversation.stopping",
    "DEFAULT_MODEL": "classic.code_utils",
    "DefaultPattern": "conversation.patterns",
    "Depends": "tools",
    "ExecutionResult": "kernels",
    "ExternalStop": "conversation.stopping",
    "FAST_MODEL": "classic.code_utils",
    "FunctionCalled": "conversation.stopping",
    "FunctionTarget": "conversation.handoff_chats",
    "FunctionTargetResult": "conversation.handoff_chats",
    "GroupChat": "conversation.group_chat",
    "GroupChatManager": "conversation.group_chat_manager",
    "GroupManagerTarget": "conversation.handoff_targets",
    "Guardrail": "conversation.guardrails",
    "HandoffTo": "conversation.stopping",
    "Handoffs": "conversation.handoffs",
    "HumanInput": "human_input",
    "InputAnswer": "human_input",
    "InputRequest": "human_input",
    "Interoperability": "tools",
    "KernelCodeExecutor": "kernels",
    "KernelError": "errors",
    "KernelStartError": "errors",
    "LLMAgent": "agent",
    "LLMGuardrail": "conversation.guardrails",
    "LoopDetector": "conversation.stopping",
    "ManualPattern": "conversation.patterns",
    "MaxCost": "conversation.stopping",
    "MaxMessages": "conversation.stopping",
    "MaxTurns": "conversation.stopping",
    "Message": "messages",
    "MessageHistoryLimiter": "conversation.transforms",
    "MessageTokenLimiter": "conversation.transforms",
    "MessageTransform": "conversation.transforms",
    "ModelClient": "models.base",
    "ModelDelta": "models.base",
    "ModelError": "errors",
    "ModelReply": "models.base",
    "ModelRequest": "models.base",
    "MultimodalConversableAgent": "conversation.multimodal_agent",
    "NestedChatTarget": "conversation.handoff_chats",
    "NoEligibleSpeaker": "errors",
    "NoHumanError": "errors",
    "NoModelError": "errors",
    "OnCondition": "conversation.handoffs",
    "OnContextCondition": "conversation.handoffs",
    "OpenAIWrapper": "classic.openai_wrapper",
    "RandomAgentTarget": "conversation.handoff_targets",
    "RandomPattern": "conversation.patterns",
    "RegexGuardrail": "conversation.guardrails",
    "ReplyResult": "conversation.handoffs",
    "RevertToUserTarget": "conversation.handoff_targets",
    "RoundRobinPattern": "conversation.patterns",
    "RunResponse": "conversation.run_response",
    "ScriptedInput": "human_input",
    "ScriptedModel": "models",
    "Session": "session.session",
    "StayTarget": "conversation.handoff_targets",
    "StopCondition": "conversation.stopping",
    "TerminateTarget": "conversation.handoff_targets",
    "TextMention": "conversation.stopping",
    "TextMessageCompressor": "conversation.transforms",
    "TextMessageContentName": "conversation.transforms",
    "Timeout": "conversation.stopping",
    "TokenUsage": "conversation.stopping",
    "Tool": "tools",
    "ToolCall": "messages",
    "ToolError": "tools",
    "Toolkit": "tools",
    "TransformMessages": "conversation.transforms",
    "UndefinedNextAgent": "errors",
    "Usage": "models.base",
    "UsageError": "errors",
    "UsageTable": "conversation.usage_table",
    "UserProxyAgent": "conversation.user_proxy_agent",
    "a_initiate_chats": "conversation.chat_queue",
    "a_initiate_group_chat": "conversation.group_run",
    "agentchat": "notebook.agentchat",
    "config_list_from_dotenv": "models.key_files",
    "config_list_from_json": "models",
    "config_list_from_models": "models.key_files",
    "config_list_gpt4_gpt35": "models.key_files",
    "config_list_openai_aoai": "models.key_files",
    "estimate_chat": "conversation.chat_estimate",
    "filter_config": "models",
    "gather_usage_summary": "conversation.usage",
    "get_config_list": "models",
    "initiate_chats": "conversation.chat_queue",
    "initiate_group_chat": "conversation.group_run",
    "kernel_usage": "conversation.usage_table",
    "load_chat": "conversation.state",
    "parse_budget": "models.budget",
    "register_function": "conversation.tool_registry",
    "save_chat": "conversation.state",
    "tool": "tools",
    "transitions_svg": "conversation.transitions_picture",
    "visualize_speaker_transitions_dict": "conversation.transitions_picture",
}
"""Where each public name lives."""

__all__ = [
    "Agent",
    "AgentChatError",
    "AgentNameConflict",
    "AgentNameTarget",
    "AgentTarget",
    "AnswerBrokenError",
    "AskUserTarget",
    "AssistantAgent",
    "AutoPattern",
    "BaseContext",
    "Budget",
    "BudgetReached",
    "Cache",
    "ChatCompletionsClient",
    "ChatContext",
    "ChatEstimate",
    "ChatResult",
    "CodeBlock",
    "CompactHistory",
    "ContextExpression",
    "ContextLengthError",
    "ContextStr",
    "ContextVariables",
    "ConversableAgent",
    "Custom",
    "DefaultPattern",
    "Depends",
    "ExecutionResult",
    "ExternalStop",
    "FunctionCalled",
    "FunctionTarget",
    "FunctionTargetResult",
    "GroupChat",
    "GroupChatManager",
    "GroupManagerTarget",
    "Guardrail",
    "HandoffTo",
    "Handoffs",
    "HumanInput",
    "InputAnswer",
    "InputRequest",
    "Interoperability",
    "KernelCodeExecutor",
    "KernelError",
    "KernelStartError",
    "LLMAgent",
    "LLMGuardrail",
    "LoopDetector",
    "ManualPattern",
    "MaxCost",
    "MaxMessages",
    "MaxTurns",
    "Message",
    "MessageHistoryLimiter",
    "MessageTokenLimiter",
    "MessageTransform",
    "ModelClient",
    "ModelDelta",
    "ModelError",
    "ModelReply",
    "ModelRequest",
    "MultimodalConversableAgent",
    "NestedChatTarget",
    "NoEligibleSpeaker",
    "NoHumanError",
    "NoModelError",
    "OnCondition",
    "OnContextCondition",
    "OpenAIWrapper",
    "RandomAgentTarget",
    "RandomPattern",
    "RegexGuardrail",
    "ReplyResult",
    "RevertToUserTarget",
    "RoundRobinPattern",
    "RunResponse",
    "ScriptedInput",
    "ScriptedModel",
    "Session",
    "StayTarget",
    "StopCondition",
    "TerminateTarget",
    "TextMention",
    "TextMessageCompressor",
    "TextMessageContentName",
    "Timeout",
    "TokenUsage",
    "Tool",
    "ToolCall",
    "ToolError",
    "Toolkit",
    "TransformMessages",
    "UndefinedNextAgent",
    "Usage",
    "UsageError",
    "UsageTable",
    "UserProxyAgent",
    "a_initiate_chats",
    "a_initiate_group_chat",
    "agentchat",
    "config_list_from_dotenv",
    "config_list_from_json",
    "config_list_from_models",
    "config_list_gpt4_gpt35",
    "config_list_openai_aoai",
    "estimate_chat",
    "filter_config",
    "gather_usage_summary",
    "get_config_list",
    "initiate_chats",
    "initiate_group_chat",
    "kernel_usage",
    "load_chat",
    "load_ipython_extension",
    "parse_budget",
    "register_function",
    "save_chat",
    "tool",
    "transitions_svg",
    "unload_ipython_extension",
    "visualize_speaker_transitions_dict",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        if name in ("ChatCompletion", "Completion"):
            from .classic.names import advice_for

            raise ImportError(f"autogen.{name} is not in {__name__}. Instead: {advice_for(f'autogen.{name}')}.", name=name)
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


def _console_host() -> AbstractAsyncContextManager[_Context]:
    from .session.console_host import console_host

    return console_host()


def _new_session() -> LiveSession:
    from .session.session import Session

    return Session(approval="never")


set_host(_console_host)
set_session_maker(_new_session)
