"""The sub-commands of ``%agentchat``. Each is a small function; ``registry`` says which one a line means."""

from __future__ import annotations

from . import keeping, looking, resuming, steering, teaming
from .registry import COMMANDS, Command, Place, find, takes_options, usage_of

__all__ = ["COMMANDS", "Command", "Place", "find", "keeping", "looking", "resuming", "steering", "takes_options", "teaming", "usage_of"]
