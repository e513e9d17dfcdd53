"""Positional parameters are the classic's: names and order."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import autogen_jupyter as autogen
from autogen_jupyter.classic import runtime_logging
from autogen_jupyter.classic.code_utils import execute_code, extract_code
from autogen_jupyter.kernels.classic_executors import (
    EmbeddedIPythonCodeExecutor,
    JupyterCodeExecutor,
    LocalCommandLineCodeExecutor,
)

CHAT = "recipient clear_history silent cache max_turns summary_method summary_args message"
SIGNATURES: list[tuple[Callable[..., Any], str]] = [
    (
        autogen.ConversableAgent,
        "name system_message is_termination_msg max_consecutive_auto_reply human_input_mode function_map code_execution_config llm_config "
        "default_auto_reply description chat_messages silent",
    ),
    (
        autogen.AssistantAgent,
        "name system_message llm_config is_termination_msg max_consecutive_auto_reply human_input_mode description",
    ),
    (
        autogen.UserProxyAgent,
        "name is_termination_msg max_consecutive_auto_reply human_input_mode function_map code_execution_config default_auto_reply "
        "llm_config system_message description",
    ),
    (autogen.ConversableAgent.initiate_chat, f"self {CHAT}"),
    (autogen.ConversableAgent.a_initiate_chat, f"self {CHAT}"),
    (autogen.ConversableAgent.send, "self message recipient request_reply silent"),
    (autogen.ConversableAgent.register_reply, "self trigger reply_func position config reset_config"),
    (autogen.ConversableAgent.generate_reply, "self messages sender"),
    (autogen.ConversableAgent.clear_history, "self recipient nr_messages_to_preserve"),
    (autogen.GroupChat, "agents messages max_round admin_name func_call_filter speaker_selection_method max_retries_for_selecting_speaker"),
    (autogen.GroupChatManager, "groupchat name max_consecutive_auto_reply human_input_mode system_message silent"),
    (LocalCommandLineCodeExecutor, "timeout virtual_env_context work_dir functions functions_module execution_policies"),
    (EmbeddedIPythonCodeExecutor, "timeout kernel_name output_dir"),
    (JupyterCodeExecutor, "jupyter_server kernel_name timeout output_dir"),
    (autogen.MessageHistoryLimiter, "max_messages keep_first_message"),
    (autogen.MessageTokenLimiter, "max_tokens_per_message max_tokens min_tokens model filter_dict exclude_filter"),
    (autogen.TextMessageCompressor, "text_compressor min_tokens compression_params cache filter_dict exclude_filter"),
    (autogen.TextMessageContentName, "position format_string deduplicate filter_dict exclude_filter"),
    (autogen.config_list_from_json, "env_or_file file_location filter_dict"),
    (autogen.filter_config, "config_list filter_dict exclude"),
    (autogen.config_list_from_dotenv, "dotenv_file_path model_api_key_map filter_dict"),
    (
        autogen.config_list_from_models,
        "key_file_path openai_api_key_file aoai_api_key_file aoai_api_base_file exclude model_list",
    ),
    (
        autogen.config_list_openai_aoai,
        "key_file_path openai_api_key_file aoai_api_key_file openai_api_base_file aoai_api_base_file exclude",
    ),
    (autogen.get_config_list, "api_keys base_urls api_type api_version"),
    (execute_code, "code timeout filename work_dir use_docker lang"),
    (extract_code, "text pattern detect_single_line_code"),
    (runtime_logging.start, "logger logger_type config"),
]
MODES = [(autogen.ConversableAgent, "TERMINATE"), (autogen.AssistantAgent, "NEVER"), (autogen.UserProxyAgent, "ALWAYS")]


@pytest.mark.parametrize(("function", "names"), SIGNATURES, ids=lambda value: getattr(value, "__qualname__", ""))
def test_positional_parameters_are_the_classics(function: Callable[..., Any], names: str) -> None:
    parameters = inspect.signature(function).parameters.values()
    positional = [parameter.name for parameter in parameters if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    assert positional[: len(names.split())] == names.split()


@pytest.mark.parametrize(("kind", "mode"), MODES)
def test_default_modes_are_the_classics(kind: Callable[..., Any], mode: str) -> None:
    assert kind("agent").human_input_mode == mode


def test_only_the_user_proxy_runs_code_by_default() -> None:
    assert autogen.UserProxyAgent("user").code_executor is not None
    assert autogen.AssistantAgent("assistant").code_executor is None
    assert autogen.ConversableAgent("agent").code_executor is None


def test_everyday_names_are_at_the_top() -> None:
    names = (
        "Agent ConversableAgent AssistantAgent UserProxyAgent GroupChat GroupChatManager register_function initiate_chats ChatResult "
        "gather_usage_summary OpenAIWrapper ModelClient config_list_from_json get_config_list filter_config DEFAULT_MODEL FAST_MODEL "
        "AgentNameConflict InvalidCarryOverType NoEligibleSpeaker SenderRequired UndefinedNextAgent "
        "config_list_from_dotenv config_list_from_models config_list_gpt4_gpt35 "
        "config_list_openai_aoai"
    )
    assert not [name for name in names.split() if getattr(autogen, name, None) is None]


@pytest.mark.parametrize("name", ["Completion", "ChatCompletion"])
def test_what_the_classic_has_deprecated_says_what_to_use(name: str) -> None:
    assert not hasattr(autogen, name)
    with pytest.raises(AttributeError, match=r"use autogen_jupyter\.tune"):
        getattr(autogen, name)
    with pytest.raises(ImportError, match=r"use autogen_jupyter\.tune"):
        exec(f"from autogen_jupyter import {name}")


def test_an_agent_tells_its_client_and_that_no_docker_is_used() -> None:
    model = autogen.ScriptedModel([])
    assistant, user = autogen.AssistantAgent("assistant", llm_config=model), autogen.UserProxyAgent("user")
    assert (assistant.model_client, assistant.client.model_client, assistant.use_docker) == (model, model, None)
    assert (user.client, user.use_docker) == (None, False)
