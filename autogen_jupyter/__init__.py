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
    from .conversation.group_run import a_initiate_group_chat, a_run_group_chat, initiate_group_chat, run_group_chat
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
    from .conversation.openai_wrapper import OpenAIWrapper
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
        ChatStopped,
        ContextLengthError,
        InvalidCarryOverType,
        KernelError,
        KernelStartError,
        ModelError,
        NoEligibleSpeaker,
        NoHumanError,
        NoModelError,
        SenderRequired,
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
    from .notebook.agentchat import agentchat, agentchat_sync
    from .session.session import Session
    from .tools import BaseContext, ChatContext, Depends, Interoperability, Tool, ToolError, Toolkit, tool
    from .tuning import Evaluation, TuneResult, a_evaluate, a_tune, evaluate, tune


_NAMES = {
    "agent": "Agent LLMAgent",
    "classic.code_utils": "DEFAULT_MODEL FAST_MODEL",
    "code_blocks": "CodeBlock",
    "conversation.assistant_agent": "AssistantAgent",
    "conversation.chat_estimate": "ChatEstimate estimate_chat",
    "conversation.chat_queue": "a_initiate_chats initiate_chats",
    "conversation.chat_result": "ChatResult",
    "conversation.context_expression": "ContextExpression",
    "conversation.context_variables": "ContextVariables",
    "conversation.conversable_agent": "ConversableAgent",
    "conversation.group_chat": "GroupChat",
    "conversation.group_chat_manager": "GroupChatManager",
    "conversation.group_run": "a_initiate_group_chat a_run_group_chat initiate_group_chat run_group_chat",
    "conversation.guardrails": "Guardrail LLMGuardrail RegexGuardrail",
    "conversation.handoff_chats": "FunctionTarget FunctionTargetResult NestedChatTarget",
    "conversation.handoff_conditions": "ContextStr",
    "conversation.handoff_targets": (
        "AgentNameTarget AgentTarget AskUserTarget GroupManagerTarget RandomAgentTarget RevertToUserTarget StayTarget TerminateTarget"
    ),
    "conversation.handoffs": "Handoffs OnCondition OnContextCondition ReplyResult",
    "conversation.multimodal_agent": "MultimodalConversableAgent",
    "conversation.openai_wrapper": "OpenAIWrapper",
    "conversation.patterns": "AutoPattern DefaultPattern ManualPattern RandomPattern RoundRobinPattern",
    "conversation.run_response": "RunResponse",
    "conversation.state": "load_chat save_chat",
    "conversation.stopping": (
        "Custom ExternalStop FunctionCalled HandoffTo LoopDetector MaxCost MaxMessages MaxTurns StopCondition "
        "TextMention Timeout TokenUsage"
    ),
    "conversation.tool_registry": "register_function",
    "conversation.transforms": (
        "CompactHistory MessageHistoryLimiter MessageTokenLimiter MessageTransform TextMessageCompressor "
        "TextMessageContentName TransformMessages"
    ),
    "conversation.transitions_picture": "transitions_svg visualize_speaker_transitions_dict",
    "conversation.usage": "gather_usage_summary",
    "conversation.usage_table": "UsageTable kernel_usage",
    "conversation.user_proxy_agent": "UserProxyAgent",
    "errors": (
        "AgentChatError AgentNameConflict AnswerBrokenError BudgetReached ChatStopped ContextLengthError InvalidCarryOverType "
        "KernelError KernelStartError ModelError NoEligibleSpeaker NoHumanError NoModelError SenderRequired UndefinedNextAgent UsageError"
    ),
    "human_input": "HumanInput InputAnswer InputRequest ScriptedInput",
    "kernels": "ExecutionResult KernelCodeExecutor",
    "messages": "Message ToolCall",
    "models": "ChatCompletionsClient ScriptedModel config_list_from_json filter_config get_config_list",
    "models.base": "ModelClient ModelDelta ModelReply ModelRequest Usage",
    "models.budget": "Budget parse_budget",
    "models.cache": "Cache",
    "models.key_files": "config_list_from_dotenv config_list_from_models config_list_gpt4_gpt35 config_list_openai_aoai",
    "notebook.agentchat": "agentchat agentchat_sync",
    "session.session": "Session",
    "tools": "BaseContext ChatContext Depends Interoperability Tool ToolError Toolkit tool",
    "tuning": "Evaluation TuneResult a_evaluate a_tune evaluate tune",
}
"""For each module the public names it holds."""
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}
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
    "ChatStopped",
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
    "Evaluation",
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
    "InvalidCarryOverType",
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
    "SenderRequired",
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
    "TuneResult",
    "UndefinedNextAgent",
    "Usage",
    "UsageError",
    "UsageTable",
    "UserProxyAgent",
    "a_evaluate",
    "a_initiate_chats",
    "a_initiate_group_chat",
    "a_run_group_chat",
    "a_tune",
    "agentchat",
    "agentchat_sync",
    "config_list_from_dotenv",
    "config_list_from_json",
    "config_list_from_models",
    "config_list_gpt4_gpt35",
    "config_list_openai_aoai",
    "estimate_chat",
    "evaluate",
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
    "run_group_chat",
    "save_chat",
    "tool",
    "transitions_svg",
    "tune",
    "unload_ipython_extension",
    "visualize_speaker_transitions_dict",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        if name in ("ChatCompletion", "Completion"):
            from .classic.advice import advice_for, missing

            raise missing(name, f"autogen.{name} is not in {__name__}. Instead: {advice_for(f'autogen.{name}')}.")
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
