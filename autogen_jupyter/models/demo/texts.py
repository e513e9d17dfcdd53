"""What the demo model says in words that do not depend on the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .schema import Frame
from .tasks import KINDS
from .writing import and_list, inline

__all__ = ["END", "columns_seen", "done", "introduction", "no_data", "nothing_readable", "outside", "unmendable"]

END = "TERMINATE"
_WHO = "I am the built-in demo script of autogen_jupyter, not a language model."


def done(text: str) -> str:
    """Return the text as the last message of a chat."""
    return f"{text.rstrip()}\n\n{END}"


def introduction() -> str:
    """Say what this is, what it can do, and how to use a model."""
    tasks = "\n".join(f"- {kind.name}" for kind in KINDS)
    return (
        f"{_WHO} I write and run real pandas code, but I only know these tasks:\n\n"
        f"{tasks}\n\n"
        "Name a file or hand over a DataFrame, for example: *Describe data/penguins.csv and plot body mass by species.*\n\n"
        "To use a language model, set `OPENAI_API_KEY` or pass `-m MODEL`."
    )


def outside() -> str:
    """Decline a request that no task matches."""
    return done("That is outside what I can do. " + introduction())


def no_data() -> str:
    """Ask for data."""
    return done(
        "I can do that, but I do not know with which data. Name a file, for example `data/penguins.csv`, or hand over a DataFrame of the "
        "notebook with `%%agentchat -i NAME`.\n\n" + _WHO
    )


def columns_seen(frames: Iterable[Frame]) -> str:
    """Decline a request whose words do not lead to the data's columns."""
    seen = "\n".join(f"- `{frame.name}`: {and_list([inline(column.label) for column in frame.columns[:20]])}" for frame in frames)
    return done(
        f"I looked at the data, but I cannot match your request to it. The columns are:\n\n{seen}\n\n"
        "Please use the names of the columns, for example *mean of … by …*.\n\n" + introduction()
    )


def nothing_readable(aims: Sequence[str]) -> str:
    """Admit that the output does not hold the expected numbers."""
    what = and_list(list(aims)) or "answer the request"
    return done(
        f"The code ran, but its output does not hold the numbers that I look for to {what}. "
        "So I do not sum it up; please read the output itself."
    )


def unmendable(error: str) -> str:
    """Give up on code that fails. The error must be Markdown already."""
    return done(f"The code failed, and I do not know how to mend it: {error}\n\n{_WHO}")
