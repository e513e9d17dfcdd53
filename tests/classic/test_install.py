"""``import autogen`` means this package, on request."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

import autogen_jupyter
from autogen_jupyter import classic
from autogen_jupyter.classic.advice import ADVICE
from autogen_jupyter.classic.names import MODULES
from autogen_jupyter.errors import UsageError


@pytest.fixture
def installed() -> Iterator[None]:
    classic.install()
    yield
    classic.uninstall()


def test_classic_imports_give_the_same_classes(installed: None) -> None:
    import autogen
    from autogen import AssistantAgent, GroupChat
    from autogen.agentchat.conversable_agent import ConversableAgent

    assert AssistantAgent is autogen_jupyter.AssistantAgent
    assert GroupChat is autogen.agentchat.GroupChat
    assert ConversableAgent is autogen_jupyter.ConversableAgent


@pytest.mark.parametrize("module", sorted(MODULES))
def test_every_name_of_the_table_exists(installed: None, module: str) -> None:
    found = importlib.import_module(module)
    assert not [name for name in MODULES[module] if getattr(found, name) is None]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_every_module_has_its_parent(module: str) -> None:
    assert module == "autogen" or module.rpartition(".")[0] in MODULES


def test_a_star_import_brings_the_public_names(installed: None) -> None:
    namespace: dict[str, object] = {}
    exec("from autogen import *", namespace)
    assert namespace["UserProxyAgent"] is autogen_jupyter.UserProxyAgent


@pytest.mark.parametrize("name", sorted(ADVICE))
def test_a_name_that_is_not_here_says_what_to_use(installed: None, name: str) -> None:
    parent, _, last = name.rpartition(".")
    if parent not in MODULES:
        parent, last = name, "anything"
    with pytest.raises(ImportError, match=r"Instead: \w"):
        exec(f"from {parent} import {last}")


@pytest.mark.parametrize("name", ["Completion", "ChatCompletion", "no_such_name"])
def test_what_is_not_here_is_no_attribute(installed: None, name: str) -> None:
    import autogen

    assert not hasattr(autogen, name)
    assert getattr(autogen, name, None) is None


def test_what_the_classic_lets_one_ask_for_by_its_protocols(installed: None) -> None:
    from autogen.agentchat import gather_usage_summary
    from autogen.coding import CodeExecutor, CodeExtractor, LocalCommandLineCodeExecutor, MarkdownCodeExtractor
    from autogen.graph_utils import has_self_loops

    executor = LocalCommandLineCodeExecutor()
    assert isinstance(executor, CodeExecutor)
    assert isinstance(executor.code_extractor, CodeExtractor)
    assert isinstance(MarkdownCodeExtractor(), CodeExtractor)
    assert not isinstance("executor", (CodeExecutor, CodeExtractor))
    assert gather_usage_summary is autogen_jupyter.gather_usage_summary
    ann, ben = (autogen_jupyter.ConversableAgent(name) for name in ("ann", "ben"))
    assert (has_self_loops({ann: [ben], ben: []}), has_self_loops({ann: [ben, ann]})) == (False, True)


def test_an_unknown_module_is_a_module_not_found_error(installed: None) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"autogen\.no_such_thing is not in autogen_jupyter"):
        importlib.import_module("autogen.no_such_thing")


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("from autogen.agentchat.utils import consolidate_chat_info", "initiate_chats checks and completes"),
        ("from autogen.coding.func_with_reqs import with_requirements", 'register_for_execution(where="kernel")'),
        ("from autogen.agentchat.contrib.img_utils import get_image_data", "write <img path-or-address> in a message"),
        ("from autogen.cache.in_memory_cache import InMemoryCache", "Cache.in_memory()"),
        ("from autogen.code_utils import improve_code", "ask an AssistantAgent to write or improve the code"),
        ("from autogen.agentchat.groupchat import AssistantAgent", "from autogen import AssistantAgent"),
        ("from autogen import LLMConfig", 'an llm_config is a dictionary: {"config_list":'),
        ("from autogen import UpdateSystemMessage", 'agent.register_hook("update_agent_state",'),
        ("from autogen.agentchat.chat import no_such_name", "docs/classic.md"),
    ],
)
def test_a_name_that_is_missing_in_a_module_says_what_to_use(installed: None, line: str, remedy: str) -> None:
    with pytest.raises(ImportError, match=re.escape(remedy)):
        exec(line)


def test_the_classics_errors_are_caught_by_their_names(installed: None) -> None:
    from autogen import ConversableAgent
    from autogen.agentchat.conversable_agent import LLMAgent
    from autogen.exception_utils import InvalidCarryOverType, SenderRequired

    agent, other = (ConversableAgent(name, human_input_mode="NEVER") for name in ("ann", "ben"))
    with pytest.raises(InvalidCarryOverType):
        agent.initiate_chat(other, message="go", carryover=3)
    agent.register_reply("ben", lambda *_, **__: (False, None))
    with pytest.raises(SenderRequired):
        agent.generate_reply([{"content": "go"}])
    assert isinstance(agent, LLMAgent)


def test_an_unknown_name_is_simply_missing(installed: None) -> None:
    import autogen

    assert not hasattr(autogen, "no_such_name")


def test_uninstall_leaves_nothing_of_it() -> None:
    classic.install()
    importlib.import_module("autogen.agentchat")
    classic.uninstall()
    assert not [name for name in sys.modules if name.partition(".")[0] == "autogen"]
    assert importlib.util.find_spec("autogen") is None


def test_another_autogen_that_is_imported_already_is_not_replaced(tmp_path) -> None:
    (tmp_path / "autogen.py").write_text("")
    code = "import autogen, autogen_jupyter.classic as classic\nclassic.install()"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": f"{tmp_path}:{':'.join(sys.path)}"}, capture_output=True, text=True, check=False
    )
    assert "UsageError: Another package named autogen is imported already" in done.stderr
    assert issubclass(UsageError, ValueError)


def test_ag2s_names_of_groups_and_tools_are_found_under_their_modules():
    autogen_jupyter.classic.install()
    try:
        from autogen import ContextVariables, initiate_swarm_chat
        from autogen.agentchat import initiate_group_chat
        from autogen.agentchat.contrib.swarm_agent import AfterWork, OnCondition, register_hand_off
        from autogen.agentchat.group import AgentTarget, NestedChatTarget, StringLLMCondition
        from autogen.agentchat.group.guardrails import RegexGuardrail
        from autogen.agentchat.group.patterns import AutoPattern
        from autogen.interop import Interoperability
        from autogen.tools import Depends, Toolkit
        from autogen.tools.dependency_injection import BaseContext, ChatContext
    finally:
        autogen_jupyter.classic.uninstall()
    found = (ContextVariables, initiate_swarm_chat, initiate_group_chat, AfterWork, OnCondition, register_hand_off, AgentTarget)
    found += (NestedChatTarget, StringLLMCondition, RegexGuardrail, AutoPattern, Interoperability, Depends, Toolkit)
    assert all(callable(one) and one.__module__.startswith("autogen_jupyter") for one in (*found, BaseContext, ChatContext))
