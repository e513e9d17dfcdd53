"""The one table from classic AutoGen's dotted names to ours."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["MODULES"]

_BASE = {"Agent": "agent:Agent", "LLMAgent": "agent:LLMAgent"}
_CONVERSABLE = {"ConversableAgent": "conversation.conversable_agent:ConversableAgent"}
_ASSISTANT = {"AssistantAgent": "conversation.assistant_agent:AssistantAgent"}
_USER_PROXY = {"UserProxyAgent": "conversation.user_proxy_agent:UserProxyAgent"}
_GROUP = {
    "GroupChat": "conversation.group_chat:GroupChat",
    "GroupChatManager": "conversation.group_chat_manager:GroupChatManager",
}
_CHAT = {
    "ChatResult": "conversation.chat_result:ChatResult",
    "a_initiate_chats": "conversation.chat_queue:a_initiate_chats",
    "initiate_chats": "conversation.chat_queue:initiate_chats",
}
_REGISTER = {"register_function": "conversation.tool_registry:register_function"}
_CONFIG = {
    "config_list_from_json": "models.config_list:config_list_from_json",
    "filter_config": "models.config_list:filter_config",
    "get_config_list": "models.config_list:get_config_list",
    **{
        name: f"models.key_files:{name}"
        for name in ("config_list_from_dotenv", "config_list_from_models", "config_list_gpt4_gpt35", "config_list_openai_aoai")
    },
}
_ERRORS = {
    name: f"errors:{name}"
    for name in ("AgentNameConflict", "InvalidCarryOverType", "NoEligibleSpeaker", "SenderRequired", "UndefinedNextAgent")
}
_GRAPHS = {
    "check_graph_validity": "conversation.transitions:check_graph_validity",
    "has_self_loops": "conversation.transitions:has_self_loops",
    "invert_disallowed_to_allowed": "conversation.transitions:invert_disallowed_to_allowed",
    "visualize_speaker_transitions_dict": "conversation.transitions_picture:visualize_speaker_transitions_dict",
}
_EXECUTORS = "kernels.classic_executors"
_CODE = {
    "CodeBlock": "code_blocks:CodeBlock",
    "CodeExecutor": "kernels.classic_form:ClassicExecutor",
    "CodeExtractor": "kernels.classic_form:CodeExtractor",
    "CodeResult": f"{_EXECUTORS}:CodeResult",
    "MarkdownCodeExtractor": f"{_EXECUTORS}:MarkdownCodeExtractor",
}
_LOCAL = {
    "CommandLineCodeResult": f"{_EXECUTORS}:CommandLineCodeResult",
    "LocalCommandLineCodeExecutor": f"{_EXECUTORS}:LocalCommandLineCodeExecutor",
}
_JUPYTER = {
    "EmbeddedIPythonCodeExecutor": f"{_EXECUTORS}:EmbeddedIPythonCodeExecutor",
    "IPythonCodeResult": f"{_EXECUTORS}:IPythonCodeResult",
    "JupyterCodeExecutor": f"{_EXECUTORS}:JupyterCodeExecutor",
    "LocalJupyterServer": f"{_EXECUTORS}:LocalJupyterServer",
}
_TOKENS = {
    name: f"classic.token_count_utils:{name}"
    for name in ("count_token", "get_max_token_limit", "num_tokens_from_functions", "percentile_used", "token_left")
}
_MODEL_NAMES = {name: f"classic.code_utils:{name}" for name in ("DEFAULT_MODEL", "FAST_MODEL")}
_CODE_UTILS = {
    name: f"classic.code_utils:{name}"
    for name in (
        "CODE_BLOCK_PATTERN",
        "DEFAULT_TIMEOUT",
        "PYTHON_VARIANTS",
        "TIMEOUT_MSG",
        "UNKNOWN",
        "check_can_use_docker_or_throw",
        "content_str",
        "create_virtual_env",
        "decide_use_docker",
        "execute_code",
        "extract_code",
        "get_powershell_command",
        "in_docker_container",
        "infer_lang",
        "is_docker_running",
    )
}
_CODING_UTILS = {"silence_pip": "classic.code_utils:silence_pip"}
_MODEL_CLIENT = {"ModelClient": "models.base:ModelClient"}
_IO = {name: f"classic.iostream:{name}" for name in ("IOConsole", "IOStream", "InputStream", "OutputStream")}
_LOGGING = {name: f"classic.runtime_logging:{name}" for name in ("get_connection", "log_event", "logging_enabled", "start", "stop")}
_WRAPPER = {"OpenAIWrapper": "conversation.openai_wrapper:OpenAIWrapper"}
_CACHE = {"Cache": "models.cache:Cache"}
_USAGE = {"gather_usage_summary": "conversation.usage:gather_usage_summary"}
_TRANSFORMS = {
    name: f"conversation.transforms:{name}"
    for name in ("MessageHistoryLimiter", "MessageTokenLimiter", "MessageTransform", "TextMessageCompressor", "TextMessageContentName")
}
_CAPABILITY = {"TransformMessages": "conversation.transforms:TransformMessages"}
_MULTIMODAL = {"MultimodalConversableAgent": "conversation.multimodal_agent:MultimodalConversableAgent"}
_TARGETS = {
    name: f"conversation.handoff_targets:{name}"
    for name in (
        "AgentNameTarget",
        "AgentTarget",
        "AskUserTarget",
        "GroupManagerTarget",
        "RandomAgentTarget",
        "RevertToUserTarget",
        "StayTarget",
        "TerminateTarget",
    )
}
_CHAT_TARGETS = {
    name: f"conversation.handoff_chats:{name}"
    for name in (
        "FunctionTarget",
        "FunctionTargetMessage",
        "FunctionTargetResult",
        "GroupChatConfig",
        "GroupChatTarget",
        "NestedChatTarget",
    )
}
_CONDITIONS = {
    name: f"conversation.handoff_conditions:{name}"
    for name in (
        "ContextStr",
        "ContextStrLLMCondition",
        "ExpressionAvailableCondition",
        "ExpressionContextCondition",
        "GroupManagerSelectionMessageContextStr",
        "GroupManagerSelectionMessageString",
        "StringAvailableCondition",
        "StringContextCondition",
        "StringLLMCondition",
    )
}
_HANDOFFS = {name: f"conversation.handoffs:{name}" for name in ("Handoffs", "OnCondition", "OnContextCondition", "ReplyResult")}
_VARIABLES = {
    "ContextExpression": "conversation.context_expression:ContextExpression",
    "ContextVariables": "conversation.context_variables:ContextVariables",
}
_GUARDRAILS = {name: f"conversation.guardrails:{name}" for name in ("Guardrail", "GuardrailResult", "LLMGuardrail", "RegexGuardrail")}
_PATTERNS = {
    name: f"conversation.patterns:{name}"
    for name in ("AutoPattern", "DefaultPattern", "ManualPattern", "Pattern", "RandomPattern", "RoundRobinPattern")
}
_GROUP_RUN = {
    name: f"conversation.group_run:{name}"
    for name in ("a_initiate_group_chat", "a_run_group_chat", "initiate_group_chat", "run_group_chat")
}
_SWARM_CHAT = {name: f"classic.swarm_agent:{name}" for name in ("a_initiate_swarm_chat", "a_run_swarm", "initiate_swarm_chat", "run_swarm")}
_SWARM = {
    name: f"classic.swarm_agent:{name}"
    for name in (
        "AFTER_WORK",
        "ON_CONDITION",
        "AfterWork",
        "AfterWorkOption",
        "OnCondition",
        "OnContextCondition",
        "SwarmAgent",
        "SwarmResult",
        "register_hand_off",
    )
}
_INJECTED = {name: f"tools:{name}" for name in ("BaseContext", "ChatContext", "Depends")}
_TOOLS = {name: f"tools:{name}" for name in ("Tool", "Toolkit", "tool")}
_INJECTION = {name: f"tools:{name}" for name in ("Field", "inject_params")}
_INTEROP = {"Interoperability": "tools:Interoperability"}
_VERSION = {"__version__": "_version:__version__"}
_AGENTS = {**_BASE, **_CONVERSABLE, **_ASSISTANT, **_USER_PROXY, **_GROUP, **_CHAT, **_REGISTER, **_GROUP_RUN, **_SWARM_CHAT}

MODULES: Mapping[str, Mapping[str, str]] = {
    "autogen": {
        **_AGENTS,
        **_USAGE,
        **_CACHE,
        **_WRAPPER,
        **_MODEL_CLIENT,
        **_CONFIG,
        **_ERRORS,
        **_MODEL_NAMES,
        **_VARIABLES,
        **_VERSION,
    },
    "autogen.agentchat": {**_AGENTS, **_USAGE},
    "autogen.agentchat.agent": _BASE,
    "autogen.agentchat.assistant_agent": {**_ASSISTANT, **_CONVERSABLE},
    "autogen.agentchat.chat": _CHAT,
    "autogen.agentchat.contrib": {},
    "autogen.agentchat.contrib.capabilities": {},
    "autogen.agentchat.contrib.capabilities.transform_messages": _CAPABILITY,
    "autogen.agentchat.contrib.capabilities.transforms": _TRANSFORMS,
    "autogen.agentchat.contrib.multimodal_conversable_agent": _MULTIMODAL,
    "autogen.agentchat.utils": _USAGE,
    "autogen.agentchat.contrib.swarm_agent": {**_SWARM, **_SWARM_CHAT, **_VARIABLES, "ContextStr": _CONDITIONS["ContextStr"]},
    "autogen.agentchat.group": {**_TARGETS, **_CHAT_TARGETS, **_CONDITIONS, **_HANDOFFS, **_VARIABLES},
    "autogen.agentchat.group.available_condition": _CONDITIONS,
    "autogen.agentchat.group.context_condition": _CONDITIONS,
    "autogen.agentchat.group.context_expression": _VARIABLES,
    "autogen.agentchat.group.context_str": _CONDITIONS,
    "autogen.agentchat.group.context_variables": _VARIABLES,
    "autogen.agentchat.group.function_target_result": _CHAT_TARGETS,
    "autogen.agentchat.group.guardrails": _GUARDRAILS,
    "autogen.agentchat.group.handoffs": _HANDOFFS,
    "autogen.agentchat.group.llm_condition": _CONDITIONS,
    "autogen.agentchat.group.multi_agent_chat": _GROUP_RUN,
    "autogen.agentchat.group.on_condition": _HANDOFFS,
    "autogen.agentchat.group.on_context_condition": _HANDOFFS,
    "autogen.agentchat.group.patterns": _PATTERNS,
    "autogen.agentchat.group.patterns.auto": _PATTERNS,
    "autogen.agentchat.group.patterns.manual": _PATTERNS,
    "autogen.agentchat.group.patterns.pattern": _PATTERNS,
    "autogen.agentchat.group.patterns.random": _PATTERNS,
    "autogen.agentchat.group.patterns.round_robin": _PATTERNS,
    "autogen.agentchat.group.reply_result": _HANDOFFS,
    "autogen.agentchat.group.targets": {**_TARGETS, **_CHAT_TARGETS},
    "autogen.agentchat.group.targets.function_target": _CHAT_TARGETS,
    "autogen.agentchat.group.targets.group_chat_target": _CHAT_TARGETS,
    "autogen.agentchat.group.targets.group_manager_target": {**_TARGETS, **_CONDITIONS},
    "autogen.agentchat.group.targets.transition_target": {**_TARGETS, **_CHAT_TARGETS},
    "autogen.agentchat.conversable_agent": {**_BASE, **_CONVERSABLE, **_CHAT, **_REGISTER},
    "autogen.agentchat.groupchat": _GROUP,
    "autogen.agentchat.user_proxy_agent": {**_USER_PROXY, **_CONVERSABLE},
    "autogen.cache": _CACHE,
    "autogen.cache.cache": _CACHE,
    "autogen.code_utils": {**_CODE_UTILS, **_MODEL_NAMES},
    "autogen.coding": {**_CODE, **_LOCAL},
    "autogen.coding.base": _CODE,
    "autogen.coding.jupyter": _JUPYTER,
    "autogen.coding.jupyter.embedded_ipython_code_executor": _JUPYTER,
    "autogen.coding.jupyter.jupyter_code_executor": _JUPYTER,
    "autogen.coding.jupyter.local_jupyter_server": _JUPYTER,
    "autogen.coding.local_commandline_code_executor": _LOCAL,
    "autogen.coding.markdown_code_extractor": _CODE,
    "autogen.coding.utils": _CODING_UTILS,
    "autogen.exception_utils": _ERRORS,
    "autogen.graph_utils": _GRAPHS,
    "autogen.interop": _INTEROP,
    "autogen.io": _IO,
    "autogen.io.base": _IO,
    "autogen.io.console": _IO,
    "autogen.oai": {**_CONFIG, **_CACHE, **_WRAPPER, **_MODEL_CLIENT},
    "autogen.oai.client": {**_WRAPPER, **_MODEL_CLIENT},
    "autogen.oai.openai_utils": _CONFIG,
    "autogen.runtime_logging": _LOGGING,
    "autogen.token_count_utils": _TOKENS,
    "autogen.tools": {**_TOOLS, **_INJECTED},
    "autogen.tools.dependency_injection": {**_INJECTED, **_INJECTION},
    "autogen.version": _VERSION,
}
"""For each classic module the names it has here, and where each lives: ``module:attribute``, seen from this package."""
