"""An agent whose model sees images."""

from __future__ import annotations

from typing import Any

from ..replies.human import IsTermination
from .conversable_agent import ConversableAgent

__all__ = ["MultimodalConversableAgent"]


class MultimodalConversableAgent(ConversableAgent):
    """A ``ConversableAgent`` with ``sees_images=True``: the classic's name for it.

    Example:
        >>> from autogen_jupyter import MultimodalConversableAgent, ScriptedModel
        >>> MultimodalConversableAgent("viewer", llm_config=ScriptedModel(["A penguin."])).sees_images
        True
    """

    DEFAULT_SYSTEM_MESSAGE = "You are a helpful AI assistant."

    def __init__(
        self,
        name: str,
        system_message: str | None = DEFAULT_SYSTEM_MESSAGE,
        is_termination_msg: IsTermination | None = None,
        *args: Any,
        sees_images: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, system_message, is_termination_msg, *args, sees_images=sees_images, **kwargs)
