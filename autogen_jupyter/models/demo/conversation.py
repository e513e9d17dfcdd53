"""Reading a message history: what was asked, what code was run for it, and what came out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...code_blocks import PYTHON, extract_code_blocks
from .schema import Frame, read_frames

__all__ = ["Run", "Turn", "known_frames", "read_turns"]

_SPEAKER = re.compile(r"([\w-]{1,64}):\n")
"""In a group, the line that says who speaks."""
_RESULT = re.compile(r"\s*exitcode: (?P<code>-?\d{1,9}) \([^)\n]*\)\s*?\n?Code output:[ \t]*\n?(?P<output>.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Run:
    """Code that the demo model proposed, and how it went."""

    code: str
    succeeded: bool
    output: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One request of the person, and the runs made for it so far."""

    request: str
    runs: tuple[Run, ...] = ()
    answer: str | None = None
    """The demo model's last message for this request, if it is one without code."""


def read_turns(messages: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """Return the turns of a history as the API sends it. Anything that is not part of a coding chat is passed over."""
    requests: list[str] = []
    runs: list[list[Run]] = []
    answers: list[str | None] = []
    proposed, opener = "", ""
    heard = [_text(message.get("content")) for message in messages if isinstance(message, Mapping) and message.get("role") == "user"]
    is_group = all(_SPEAKER.match(text) for text in heard)
    for message in messages:
        if not isinstance(message, Mapping):
            continue
        text = _text(message.get("content"))
        speaker = _SPEAKER.match(text) if is_group and message.get("role") == "user" else None
        if speaker is not None:
            text = text[speaker.end() :]
            opener = opener or speaker[1]
            if speaker[1] != opener and not _RESULT.match(text):
                continue  # another member of the group: no request to answer
        if message.get("role") == "assistant":
            proposed = _python(text)
            if answers:
                answers[-1] = None if proposed else text
        elif message.get("role") == "user" and text.strip():
            result = _RESULT.match(text)
            if not result:
                requests.append(text)
                runs.append([])
                answers.append(None)
            elif requests:
                runs[-1].append(Run(proposed, result["code"] == "0", result["output"]))
                answers[-1] = None
    return [Turn(request, tuple(made), answer) for request, made, answer in zip(requests, runs, answers, strict=True)]


def known_frames(turns: Iterable[Turn]) -> dict[str, Frame]:
    """Return the frames that have been looked at, by name; a later look at the same name counts."""
    frames: dict[str, Frame] = {}
    for turn in turns:
        for run in turn.runs:
            if run.succeeded:
                for frame in read_frames(run.output):
                    frames.pop(frame.name, None)
                    frames[frame.name] = frame
    return frames


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, (list, tuple)):
        parts = [part.get("text") for part in content if isinstance(part, Mapping)]
        return "".join(part for part in parts if isinstance(part, str))
    return ""


def _python(text: str) -> str:
    blocks = [block.code for block in extract_code_blocks(text) if block.language in PYTHON]
    return blocks[-1] if blocks else ""
