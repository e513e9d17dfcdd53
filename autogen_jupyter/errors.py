"""Every error this package raises on purpose, by who has to act on it.

::

    AgentChatError
    ├── UsageError             you: an argument, an option or a message that cannot work
    │   ├── BlockingCall       a blocking call in a coroutine of a chat: await its other form
    │   ├── AgentNameConflict  two agents of a group have the same name
    │   ├── InvalidCarryOverType  what a chat is told of others is neither text nor a list
    │   ├── SenderRequired     a reply depends on who is answered, and nobody is named
    │   ├── UndefinedNextAgent nobody in a group comes after this agent
    │   └── WrongType          a value is of a type that it must not be; also a TypeError
    ├── ModelError             the model's side: endpoint, key, answer
    │   ├── AnswerBrokenError  an answer that had begun did not come to its end
    │   ├── ContextLengthError the conversation is longer than the model can read
    │   └── NoModelError       no model is configured, and one is required
    ├── KernelError            the agent kernel's side
    │   └── KernelStartError   it could not be started
    ├── ChatStopped            you: a chat that somebody waits for was interrupted
    ├── NoHumanError           a question was asked and nobody is there to answer it
    ├── FunctionInterrupted    a function of yours raised KeyboardInterrupt
    └── NoEligibleSpeaker      nobody in a group may speak next; a group chat ends with it
"""

from __future__ import annotations

import os
import traceback

from .redaction import redacted

__all__ = [
    "AgentChatError",
    "AgentNameConflict",
    "AnswerBrokenError",
    "BlockingCall",
    "ChatStopped",
    "ContextLengthError",
    "FunctionInterrupted",
    "InvalidCarryOverType",
    "KernelError",
    "KernelStartError",
    "ModelError",
    "NoEligibleSpeaker",
    "NoHumanError",
    "NoModelError",
    "SenderRequired",
    "UndefinedNextAgent",
    "UsageError",
    "WrongType",
]

_PACKAGE = os.path.dirname(__file__)
_STANDARD_LIBRARY = os.path.dirname(os.__file__)


class AgentChatError(Exception):
    """Base of all errors raised on purpose: what happened, with which value, and what to do. None of them holds a secret."""

    def __init__(self, *args: object) -> None:
        # Not super(): some of these are of the openai library's class too, which wants to be told more.
        Exception.__init__(self, *(redacted(one) if isinstance(one, str) else one for one in args))

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: the caller's own lines and the message, which is meant to be enough on one screen."""
        frames = [frame for frame in traceback.extract_tb(self.__traceback__) if not _is_a_library(frame.filename)]
        return [*traceback.format_list(frames), f"{type(self).__name__}: {self}"]


def _is_a_library(filename: str) -> bool:
    return filename.startswith((_PACKAGE, _STANDARD_LIBRARY)) or "site-packages" in filename


class UsageError(AgentChatError, ValueError):
    """The call cannot work as written; the message names the value and the remedy."""


class BlockingCall(UsageError, RuntimeError):  # noqa: N818 - says what it is about
    """A coroutine that a chat runs made a blocking call, which would wait for the loop that it runs on itself."""


class AgentNameConflict(UsageError):  # noqa: N818 - the classic's name
    """Several agents of a group have the same name, so that a name does not say who is meant."""


class InvalidCarryOverType(UsageError):  # noqa: N818 - the classic's name
    """A ``carryover`` is neither text nor a list."""


class SenderRequired(UsageError):  # noqa: N818 - the classic's name
    """Which reply is meant depends on who is answered, and no sender is given."""


class UndefinedNextAgent(UsageError):  # noqa: N818 - the classic's name
    """None of the agents offered belongs to the group, so that none of them can be next."""


class WrongType(UsageError, TypeError):  # noqa: N818 - as the others
    """A value is of a type that it must not be, where the classic raises a ``TypeError``."""


class ModelError(AgentChatError):
    """A model endpoint refused, failed or answered with something that is not a reply.

    Where the openai library has a class for it, such as ``openai.RateLimitError``, the error is of that class too.
    """


class AnswerBrokenError(ModelError):
    """An answer that had begun did not come to its end. What came of it is ``partial``, and stays in the transcript."""

    partial: str = ""


class ContextLengthError(ModelError):
    """The request is longer than the model can read."""


class NoModelError(ModelError):
    """No model is configured and the built-in demo model is not allowed to step in."""


class BudgetReached(AgentChatError):  # noqa: N818 - not an error: a limit that somebody set holds
    """A model was not asked, because a budget would be exceeded. The chat that has the budget ends and says so."""


class KernelError(AgentChatError):
    """The agent kernel failed in a way that running other code will not mend."""


class KernelStartError(KernelError):
    """The agent kernel could not be started."""


class ChatStopped(AgentChatError):  # noqa: N818 - not an error: somebody wanted it
    """A chat of a cell was interrupted, so it has no result; what was said and run stays."""


class FunctionInterrupted(AgentChatError):  # noqa: N818 - not an error: somebody wants to stop
    """A function of the user's raised KeyboardInterrupt: somebody wants it, and what waits for it, to stop."""


class NoHumanError(AgentChatError):
    """Somebody has to decide, and nobody is attached to this run."""


class NoEligibleSpeaker(AgentChatError):  # noqa: N818 - the classic's name
    """Nobody in a group may speak next. Raised while the next speaker is looked for; it ends a group chat, gracefully."""
