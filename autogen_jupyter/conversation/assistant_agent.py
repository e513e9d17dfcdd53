"""The agent that solves tasks with a model: it writes code for others to run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..context import current
from ..events import Noticed
from ..models.base import ModelClient
from ..replies.function import FunctionPolicy
from ..replies.human import HumanInputMode, IsTermination
from .chat_result import first_in_chat
from .conversable_agent import ConversableAgent

__all__ = ["AssistantAgent"]


class AssistantAgent(ConversableAgent):
    """An assistant that writes code, reads what running it gave, and says TERMINATE when the task is done.

    The arguments are those of ``ConversableAgent`` with other defaults: no human input, no code execution.

    Example:
        >>> from autogen_jupyter import AssistantAgent, ScriptedModel
        >>> AssistantAgent("assistant", llm_config=ScriptedModel(["TERMINATE"])).human_input_mode
        'NEVER'
    """

    DEFAULT_SYSTEM_MESSAGE = """You are a helpful AI assistant who analyses data and solves tasks with code.
Your code runs in a Jupyter kernel that keeps its state: variables and imports of earlier blocks are still there.
- When you need to find something out or compute something, write one ```python block (or ```sh for the shell) and stop. It is run
  for you, and you are shown its output. Write only code that is meant to be run as it stands; nobody can edit it or fill in values.
- Look at the data before you analyse it. Use print for what you want to read, and show plots with matplotlib's plt.show().
- Put `# filename: <name>` in the first line of a block only if it should be saved to a file.
- When the output shows an error, find its cause, correct the code and send the whole block again. If it cannot be solved, or the
  result is not what the task needs, question your assumptions and try another way.
- When you have what you need, answer in a few sentences with numbers taken from the output, and no code.
Reply "TERMINATE" in the end when everything is done.
"""
    DEFAULT_DESCRIPTION = (
        "A helpful and general-purpose AI assistant that has strong language skills, Python skills, and Linux command line skills."
    )

    def __init__(
        self,
        name: str,
        system_message: str | None = DEFAULT_SYSTEM_MESSAGE,
        llm_config: Mapping[str, Any] | ModelClient | bool | None = None,
        is_termination_msg: IsTermination | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: HumanInputMode = "NEVER",
        description: str | None = None,
        **kwargs: Any,
    ) -> None:
        if description is None and system_message == self.DEFAULT_SYSTEM_MESSAGE:
            description = self.DEFAULT_DESCRIPTION
        super().__init__(
            name,
            system_message,
            is_termination_msg,
            max_consecutive_auto_reply,
            human_input_mode,
            llm_config=llm_config,
            description=description,
            **kwargs,
        )

    def _found_no_reply(self) -> None:
        context = current()
        if context.silent or not self._is_mute or not first_in_chat((self, "has no model")):
            return
        context.emit(
            Noticed(
                f"{self.name} has no model, so it can only say its default reply, which is empty. Give it one: "
                f'{type(self).__name__}("{self.name}", llm_config={{"model": "gpt-6-luna"}}), or "builtin/demo" for the built-in script.',
                "warning",
            )
        )

    @property
    def _is_mute(self) -> bool:
        """Whether nothing was given to it that it could answer with."""
        if self._model_policy is not None or self._code_policy is not None or self._default_auto_reply != "" or self.function_map:
            return False
        if self.human_input_mode == "ALWAYS" or self._overridden("a_generate_reply", "generate_reply") is not None:
            return False
        return not any(isinstance(entry.policy, FunctionPolicy) for entry in self._order.entries)
