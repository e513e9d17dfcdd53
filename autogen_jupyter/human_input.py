"""Questions to a person, typed; and the classic's strings for them, at the edge."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from .code_blocks import CodeBlock
from .errors import NoHumanError
from .messages import new_id

__all__ = ["HumanInput", "InputAnswer", "InputRequest", "Permission", "Scope", "ScriptedInput"]

InputKind = Literal["approval", "reply", "choice", "text", "password"]
InputAction = Literal["run", "reply", "continue", "end", "choose", "text"]
Scope = Literal["chat", "alike", "tool"]
"""How far a permission reaches: all code in the chat, code like that which was asked about, or one tool."""


@dataclass(frozen=True, slots=True)
class InputRequest:
    """A question that an agent puts to the person it stands for. "May this run?" and "what do you say?" are different kinds."""

    kind: InputKind
    prompt: str
    """The question as the classic words it, for front ends that only have a line of text."""
    agent: str = ""
    """Name of the agent on whose behalf the person answers."""
    sender: str = ""
    """Name of the agent whose message is being answered."""
    blocks: tuple[CodeBlock, ...] = ()
    """For an approval: the code that would run."""
    choices: tuple[str, ...] = ()
    """For a choice: what can be chosen."""
    after_choices: str = ""
    """For a choice: what a line of text asks when the choices were listed; without it the prompt itself stands there."""
    is_last: bool = False
    """For a reply: whether going on without one ends the chat."""
    id: str = field(default_factory=lambda: new_id("q"))


@dataclass(frozen=True)
class Permission:
    """What may run in a chat without a question."""

    id: str
    """Same scope and same meaning, same id."""
    scope: Scope
    label: str
    """For people: ``Python code that imports os``."""


@dataclass(frozen=True, slots=True)
class InputAnswer:
    """What the person decided.

    ``run`` and ``continue`` are the classic's empty line, ``end`` is its ``exit``, ``reply`` its text.
    """

    action: InputAction
    text: str = ""
    blocks: tuple[CodeBlock, ...] | None = None
    """For ``run``: the code as the person edited it, or None when it was left as it is."""
    via: str = ""
    """The door it came through: ``widget``, ``stdin``, ``magic``, ``api``, ``policy``."""

    def to_classic(self) -> str:
        """Return the text that the classic's ``get_human_input`` returns for this answer."""
        if self.action == "end":
            return "exit"
        return "" if self.action in ("run", "continue") else self.text

    @classmethod
    def from_classic(cls, text: str, request: InputRequest, via: str = "stdin") -> InputAnswer:
        """Read a line as the classic reads it: empty goes on, exactly ``exit`` ends, anything else is the answer."""
        if request.kind in ("text", "password"):
            return cls("text", text, via=via)
        if request.kind == "choice":
            return cls("choose", text, via=via)
        if text == "exit":
            return cls("end", via=via)
        if text == "":
            return cls("run" if request.kind == "approval" else "continue", via=via)
        return cls("reply", text, via=via)


class HumanInput(Protocol):
    """Whoever can answer a question: a session with its doors, a terminal, a script."""

    async def ask(self, request: InputRequest) -> InputAnswer:
        """Return the answer.

        Raises:
            NoHumanError: nobody is there to ask.
        """
        ...


class ScriptedInput:
    """Answers written down beforehand; the public test double for a person.

    Example:
        >>> human = ScriptedInput(["", "make it a bar chart", "exit"])
    """

    def __init__(self, answers: Iterable[str | InputAnswer]) -> None:
        self._answers = deque(answers)
        self.requests: list[InputRequest] = []
        """The questions that were asked, in order."""

    async def ask(self, request: InputRequest) -> InputAnswer:
        self.requests.append(request)
        if not self._answers:
            raise NoHumanError(f"The script has no answer left for question {len(self.requests)}: {request.prompt!r:.120}.")
        answer = self._answers.popleft()
        return InputAnswer.from_classic(answer, request, via="script") if isinstance(answer, str) else answer
