"""The word before the options: whom the request is for. A team, ``@agent`` or a model."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from ..errors import UsageError
from .options import ChatOptions
from .teams import PLANS

__all__ = ["addressed"]

_MODEL = re.compile(r"[\w.-]+[/:#].+|https?://.+|[A-Za-z]+[\w.]*-[\w.:-]*\d[\w.:-]*")
"""What looks like a model: it says where it is, or has a number behind a hyphen, as ``gpt-6-luna`` has."""


def addressed(words: Sequence[str], options: ChatOptions, aliases: Mapping[str, str] = MappingProxyType({})) -> ChatOptions:
    """Return the options with the first word taken in, and short names of models (``aliases``) replaced.

    Raises:
        UsageError: there is more than one word, or it is neither a team nor an agent nor a model.

    Example:
        >>> addressed(["builtin/demo"], ChatOptions(quiet=True))
        ChatOptions(model='builtin/demo', quiet=True)
    """
    if options.model in aliases:
        options = replace(options, model=aliases[str(options.model)])
    if not words:
        return options
    word = aliases.get(words[0], words[0])
    if len(words) == 1:
        if word.startswith("@") and len(word) > 1:
            return replace(options, agent=word[1:])
        if word in PLANS:
            return replace(options, team=word)
        if _MODEL.fullmatch(word):
            if options.model not in (None, word):
                raise UsageError(f"%%agentchat was given two models, {word!r} and {options.model!r}. Leave one of them out.")
            return replace(options, model=word)
    near = difflib.get_close_matches(word, PLANS, n=1)
    hint = f"Did you mean the team {near[0]}? " if near else ""
    raise UsageError(
        f"%%agentchat does not know what {word!r} on its first line means. {hint}There go a team ({', '.join(PLANS)}), an @agent or a "
        "model (provider/model), and options; the request goes on the lines below."
    )
