"""The classic's dotted names for transforms and images lead to ours."""

from __future__ import annotations

import subprocess
import sys

from ..headless import environment

SCRIPT = """
import autogen_jupyter.classic
autogen_jupyter.classic.install()
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
from autogen.agentchat.contrib.capabilities import transforms
from autogen.agentchat.contrib.multimodal_conversable_agent import MultimodalConversableAgent

agent = MultimodalConversableAgent("viewer", llm_config=False)
TransformMessages(transforms=[transforms.MessageHistoryLimiter(max_messages=3)]).add_to_agent(agent)
print(agent.name, transforms.MessageTokenLimiter.__name__)
"""


def test_old_imports_of_transforms_and_of_the_multimodal_agent_work():
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "viewer MessageTokenLimiter\n"), done.stderr
