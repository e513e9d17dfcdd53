"""What to use in the place of the classic's names that are not here."""

from __future__ import annotations

import sys
from collections.abc import Mapping

__all__ = ["ADVICE", "advice_for", "missing"]

_ENDPOINT = 'any OpenAI-compatible server works through base_url: llm_config={"config_list": [{"model": …, "base_url": …}]}'
_KERNEL = "code always runs in a Jupyter kernel of its own: use LocalCommandLineCodeExecutor, or leave the executor out"
_RAG = "retrieve in a function of yours and give it to the agent as a tool: register_function(retrieve, caller=…, executor=…)"
_TUNE = "the classic's own has failed since openai 1.0; use autogen_jupyter.tune (docs/optimization.md), and OpenAIWrapper for requests"
_PLAIN_AGENT = "use ConversableAgent with tools of yours"
_RETIRED = "the Assistants API was retired; use AssistantAgent"
_CACHES = "Cache.disk(), Cache.in_memory() and Cache.redis() make caches; give one as cache=, or begin chats in a with block of it"
_WRITER = "ask an AssistantAgent to write or improve the code; the classic's own has failed since openai 1.0"
_FACTORY = 'make the executor, or name it in code_execution_config: {"executor": "commandline-local"} or "ipython-embedded"'
_SERVER = "kernels need no server: leave jupyter_server out, or use KernelCodeExecutor(server=…) for one that is elsewhere"
_IO = "a notebook shows and asks by itself; elsewhere write an IOStream with print and input"
_LOGGED = "every event of every chat is logged by itself; log_event adds events of yours"
_LLM_CONFIG = (
    'an llm_config is a dictionary: {"config_list": [{"model": …, "base_url": …}], "temperature": 0}; for LLMConfig.from_json use '
    "config_list_from_json, for `with llm_config:` give it to each agent"
)
_UPDATE_SYSTEM_MESSAGE = (
    'use agent.register_hook("update_agent_state", lambda agent, messages: agent.update_system_message(f"…")); what tools share is in '
    "agent.context_variables"
)

ADVICE: Mapping[str, str] = {
    "autogen.ChatCompletion": _TUNE,
    "autogen.Completion": _TUNE,
    "autogen.LLMConfig": _LLM_CONFIG,
    "autogen.UpdateSystemMessage": _UPDATE_SYSTEM_MESSAGE,
    "autogen._pydantic": "use pydantic itself",
    "autogen.agentchat.UpdateSystemMessage": _UPDATE_SYSTEM_MESSAGE,
    "autogen.agentchat.contrib.agent_builder": "make the agents by name; GroupChat and the patterns take any list of them",
    "autogen.agentchat.contrib.agent_eval": "autogen_jupyter.evaluate runs agents over your data and scores them (docs/optimization.md)",
    "autogen.agentchat.contrib.agent_optimizer": "register functions of yours as tools; autogen_jupyter.tune finds better prompts",
    "autogen.agentchat.contrib.capabilities.agent_capability": "write a function that calls the agent's register_hook or register_for_llm",
    "autogen.agentchat.contrib.capabilities.generate_images": "write a function that makes the picture and register it as a tool",
    "autogen.agentchat.contrib.capabilities.teachability": "keep what was learned in a file, and add it with agent.register_hook",
    "autogen.agentchat.contrib.capabilities.text_compressors": "give TextMessageCompressor a function that calls llmlingua",
    "autogen.agentchat.contrib.capabilities.transforms_util": "a transform of yours needs apply_transform and get_logs",
    "autogen.agentchat.contrib.capabilities.vision_capability": "use MultimodalConversableAgent, or make any agent with sees_images=True",
    "autogen.agentchat.contrib.gpt_assistant_agent": _RETIRED,
    "autogen.agentchat.contrib.graph_rag": _RAG,
    "autogen.agentchat.contrib.img_utils": "write <img path-or-address> in a message; MultimodalConversableAgent has it sent",
    "autogen.agentchat.contrib.llamaindex_conversable_agent": "call it in a tool, or in a reply function (register_reply)",
    "autogen.agentchat.contrib.llava_agent": "use MultimodalConversableAgent; " + _ENDPOINT,
    "autogen.agentchat.contrib.math_user_proxy_agent": _PLAIN_AGENT,
    "autogen.agentchat.contrib.qdrant_retrieve_user_proxy_agent": _RAG,
    "autogen.agentchat.contrib.retrieve_assistant_agent": _RAG,
    "autogen.agentchat.contrib.retrieve_user_proxy_agent": _RAG,
    "autogen.agentchat.contrib.society_of_mind_agent": "use agent.register_nested_chats with the inner group's manager as recipient",
    "autogen.agentchat.contrib.text_analyzer_agent": "use ConversableAgent with a system_message that says what to look for",
    "autogen.agentchat.contrib.vectordb": _RAG,
    "autogen.agentchat.contrib.web_surfer": _PLAIN_AGENT,
    "autogen.agentchat.utils.consolidate_chat_info": "initiate_chats checks and completes its dictionaries itself: give them to it",
    "autogen.agentchat.utils.parse_tags_from_content": "MultimodalConversableAgent reads <img …> in messages itself",
    "autogen.browser_utils": _PLAIN_AGENT,
    "autogen.cache.AbstractCache": _CACHES,
    "autogen.cache.abstract_cache_base": _CACHES,
    "autogen.cache.cache_factory": _CACHES,
    "autogen.cache.cosmos_db_cache": _CACHES,
    "autogen.cache.disk_cache": _CACHES,
    "autogen.cache.in_memory_cache": _CACHES,
    "autogen.cache.redis_cache": _CACHES,
    "autogen.code_utils.PassAssertionFilter": _WRITER,
    "autogen.code_utils.WORKING_DIR": "name a folder: work_dir of execute_code, of an executor or of code_execution_config",
    "autogen.code_utils.eval_function_completions": _WRITER,
    "autogen.code_utils.generate_assertions": _WRITER,
    "autogen.code_utils.generate_code": _WRITER,
    "autogen.code_utils.implement": _WRITER,
    "autogen.code_utils.improve_code": _WRITER,
    "autogen.code_utils.improve_function": _WRITER,
    "autogen.coding.CodeExecutorFactory": _FACTORY,
    "autogen.coding.DockerCommandLineCodeExecutor": _KERNEL,
    "autogen.coding.PodCommandLineCodeExecutor": _KERNEL,
    "autogen.coding.base.CodeExecutionConfig": "a code_execution_config is a plain dictionary; unknown keys are refused",
    "autogen.coding.docker_commandline_code_executor": _KERNEL,
    "autogen.coding.factory": _FACTORY,
    "autogen.coding.func_with_reqs": 'register functions as tools; register_for_execution(where="kernel") runs them beside the code',
    "autogen.coding.jupyter.DockerJupyterServer": _KERNEL,
    "autogen.coding.jupyter.JupyterClient": _SERVER,
    "autogen.coding.jupyter.JupyterConnectable": _SERVER,
    "autogen.coding.jupyter.JupyterConnectionInfo": _SERVER,
    "autogen.coding.jupyter.JupyterKernelClient": _SERVER,
    "autogen.coding.jupyter.base": _SERVER,
    "autogen.coding.jupyter.docker_jupyter_server": _KERNEL,
    "autogen.coding.jupyter.jupyter_client": _SERVER,
    "autogen.coding.kubernetes": _KERNEL,
    "autogen.extensions": "it is empty in the classic, too",
    "autogen.formatting_utils": "chats are coloured where they are shown; for text of your own use termcolor",
    "autogen.function_utils": "register_function makes the schema; autogen_jupyter.Tool.from_function(function).schema is it alone",
    "autogen.io.IOWebsockets": _IO,
    "autogen.io.websockets": _IO,
    "autogen.llm_config": _LLM_CONFIG,
    "autogen.logger": 'use runtime_logging.start(logger_type="sqlite") or "file"; a logger of your own is session.subscribe(function)',
    "autogen.math_utils": "check answers in a function of yours; autogen_jupyter.evaluate and tune take it as a score",
    "autogen.oai.ChatCompletion": _TUNE,
    "autogen.oai.Completion": _TUNE,
    "autogen.oai.anthropic": _ENDPOINT,
    "autogen.oai.bedrock": _ENDPOINT,
    "autogen.oai.cerebras": _ENDPOINT,
    "autogen.oai.client.OpenAIClient": "use OpenAIWrapper; " + _ENDPOINT,
    "autogen.oai.client_utils": "llm_config is checked where an agent or an OpenAIWrapper is made",
    "autogen.oai.cohere": _ENDPOINT,
    "autogen.oai.completion": _TUNE,
    "autogen.oai.gemini": _ENDPOINT,
    "autogen.oai.groq": _ENDPOINT,
    "autogen.oai.mistral": _ENDPOINT,
    "autogen.oai.ollama": _ENDPOINT,
    "autogen.oai.openai_utils.DEFAULT_AZURE_API_VERSION": "write api_version into the entries of Azure; none is added that may be outdated",
    "autogen.oai.openai_utils.OAI_PRICE1K": "prices are known; for another model write price: [prompt, completion] into its entry",
    "autogen.oai.openai_utils.create_gpt_assistant": _RETIRED,
    "autogen.oai.openai_utils.create_gpt_vector_store": _RETIRED,
    "autogen.oai.openai_utils.detect_gpt_assistant_api_version": _RETIRED,
    "autogen.oai.openai_utils.get_config": 'an entry of config_list is a dictionary: {"model": …, "api_key": …, "base_url": …}',
    "autogen.oai.openai_utils.retrieve_assistants_by_name": _RETIRED,
    "autogen.oai.openai_utils.update_gpt_assistant": _RETIRED,
    "autogen.oai.rate_limiters": "write api_rate_limit (requests a second), rpm or tpm into an entry of config_list",
    "autogen.oai.together": _ENDPOINT,
    "autogen.retrieve_utils": _RAG,
    "autogen.runtime_logging.log_chat_completion": _LOGGED,
    "autogen.runtime_logging.log_function_use": _LOGGED,
    "autogen.runtime_logging.log_new_agent": _LOGGED,
    "autogen.runtime_logging.log_new_client": _LOGGED,
    "autogen.runtime_logging.log_new_wrapper": _LOGGED,
    "autogen.types": 'the content of a message is text, or a list of {"type": "text", …} and {"type": "image_url", …}',
}
"""Classic modules and names that are not here, and what does their work."""


def advice_for(name: str) -> str:
    """Return what to use instead of a classic dotted name, or of the module it is in; nothing when there is no advice."""
    while name:
        if name in ADVICE:
            return ADVICE[name]
        name = name.rpartition(".")[0]
    return ""


def missing(name: str, text: str) -> AttributeError | ImportError:
    """Return the error of a module's ``__getattr__`` for a name that is not there: what ``hasattr`` expects, or the import statement.

    Python would make an ``ImportError`` of its own of the ``AttributeError``, and drop the text that says what to use instead.
    """
    who_asks = sys._getframe(2).f_code.co_name  # importlib's part of ``from … import``
    return ImportError(text, name=name) if who_asks == "_handle_fromlist" else AttributeError(text)
