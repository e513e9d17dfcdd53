"""Notice a chat that goes in circles: empty messages, or thanks for thanks."""

from __future__ import annotations

import re

from ...events import ChatEvent, InputReceived, MessageAdded
from ...messages import Message
from .base import StopCondition

__all__ = ["LoopDetector"]

LONGEST_FAREWELL = 400
"""Characters; what is longer says something."""

_SENTENCE = re.compile(r"[^.!\n]+")
_FAREWELL = re.compile(
    r"(many |again |once again |and )?(thanks|thank you|cheers|you'?re (very |most |so )?welcome|you are (very |most )?welcome|my pleasure|"
    r"(it was |it's been )?a pleasure|any ?time|good ?bye|bye|farewell|take care|see you|enjoy (your|the rest)|best (of luck|wishes)|"
    r"have an? (\w+ )*(day|evening|night|morning|afternoon|week|weekend|time|one|trip)|good luck|all the best|same to you|you too|likewise|"
    r"good ?night)\b"
)
_FILLER = re.compile(
    r"(terminate$|if you (ever )?(have|need) any|if (there is|there's) anything|"
    r"(please )?(feel free|don'?t hesitate)|do not hesitate|let me know if|"
    r"i'?m (always |glad |happy |here )|i am (always |glad |happy |here )|happy to (help|assist|have helped)|glad (i could|to)|"
    r"until (next time|then)|looking forward to)"
)
_AROUND = " \t,;:-–—*_~()🙂😊👋🎉"
_FIRST = f"{_FAREWELL.pattern}|{_FILLER.pattern}".replace("terminate$", "terminate")
_BEGINS = re.compile(rf"[{re.escape(_AROUND)}.!\n]*(?:{_FIRST})", re.IGNORECASE)
"""What a text begins with that may be one; of most messages this says at once that they are none."""
_SAYS_MORE = re.compile(r"[?`\d]|\b(but|now|next|could you|can you|however|also|instead|compute|try|run|show|add|use|fix)\b")


class LoopDetector(StopCondition):
    """Met when a conversation has nothing left in it: it is part of every chat between two agents.

    A question, a number, code or a tool call is never part of a loop, and an answer of a person's begins the count anew. An agent's
    ``notice_loops = False`` turns it off for the chats that agent begins.

    Args:
        empty: empty messages in a row.
        thanks: messages in a row that hold nothing but thanks and goodbyes.
    """

    def __init__(self, *, empty: int = 3, thanks: int = 4) -> None:
        self.empty, self.thanks = empty, thanks
        self._empties = self._farewells = 0

    def __repr__(self) -> str:
        return f"LoopDetector(empty={self.empty}, thanks={self.thanks})"

    def apply(self, event: ChatEvent) -> None:
        if isinstance(event, InputReceived):
            self.reset()
        elif isinstance(event, MessageAdded):
            self.heard(event.message)

    def heard(self, message: Message) -> None:
        """Take in the next message."""
        content = message.content
        is_plain = isinstance(content, str) and not (message.tool_calls or message.tool_results or message.extra)
        text = content.strip() if is_plain else "?"  # type: ignore[union-attr]
        self._empties = self._empties + 1 if not text else 0
        self._farewells = self._farewells + 1 if is_farewell(text) else 0

    def reset(self) -> None:
        self._empties = self._farewells = 0

    @property
    def reason(self) -> str:
        if self._empties >= self.empty:
            return f"the last {self._empties} messages were empty"
        if self._farewells >= self.thanks:
            return f"the last {self._farewells} messages held only thanks and goodbyes"
        return ""


def is_farewell(text: str) -> bool:
    """Say whether a text holds nothing but thanks, goodbyes, and the phrases that go with them.

    Example:
        >>> is_farewell("You're welcome! If you have any more questions, feel free to ask. Have a great day!")
        True
        >>> is_farewell("Thank you. The mean is 4.2.")
        False
    """
    if len(text) > LONGEST_FAREWELL:
        return False
    text = text.replace("’", "'")
    if not _BEGINS.match(text):
        return False
    text = text.lower()
    said_farewell = False
    for found in _SENTENCE.finditer(text):
        sentence = found[0].strip(_AROUND)
        if _FAREWELL.match(sentence):
            said_farewell = True
        elif sentence and not _FILLER.match(sentence):
            return False
    return said_farewell and not _SAYS_MORE.search(text)
