"""Ask through a line of text: a terminal, or the kernel's stdin channel."""

from __future__ import annotations

import builtins
import getpass
from collections.abc import Callable

from ..context import current
from ..errors import NoHumanError
from ..human_input import InputAnswer, InputRequest
from ..portal import call, has_caller, in_caller
from ..terminal import clean, one_line

__all__ = ["StdinInput"]

_REMEDY = "Let agents do without: human_input_mode='NEVER', or 'TERMINATE' with is_termination_msg; or answer in code: ScriptedInput."


class StdinInput:
    """The person who types at the thread that waits for the chat. The classic's rules: empty goes on, ``exit`` ends.

    Args:
        read: takes the question and whether its answer is a password, and returns the answer; it may be asked on any thread.
            Default: ``input`` and ``getpass``, on the thread that waits.
    """

    def __init__(self, read: Callable[[str, bool], str] | None = None) -> None:
        self._read = read

    async def ask(self, request: InputRequest) -> InputAnswer:
        if not has_caller() and self._read is None:
            raise NoHumanError(f"The chat runs in the background, where nobody can type an answer to: {one_line(request.prompt, 120)}")
        run = in_caller if has_caller() else call
        try:
            text = await run(self._read or _read_line, _line(request), request.kind == "password")
        except (EOFError, NotImplementedError) as error:  # the latter is what a kernel says whose front end has no input
            why = "The input has ended" if isinstance(error, EOFError) else "Nothing can be typed here"
            raise NoHumanError(f"{why}, so nobody answers {one_line(request.prompt, 120)!r}. {_REMEDY}") from error
        return InputAnswer.from_classic(_chosen(request, text), request, via="stdin")


def _read_line(prompt: str, password: bool) -> str:
    return (getpass.getpass if password else builtins.input)(prompt)


def _line(request: InputRequest) -> str:
    if request.kind != "choice":
        return f"{_code(request)}{request.prompt}" if current().silent else request.prompt
    numbered = "\n".join(f"{number}: {choice}" for number, choice in enumerate(request.choices, 1))
    parts = (request.prompt, numbered, request.after_choices) if request.after_choices else (numbered, request.prompt)
    return "\n".join(parts)


def _code(request: InputRequest) -> str:
    """Return what would run, which nobody has seen where the chat is not shown."""
    return "".join(f"{clean(block.code).strip()}\n\n" for block in request.blocks)


def _chosen(request: InputRequest, text: str) -> str:
    if request.kind == "choice" and text.strip().isdigit() and 1 <= int(text) <= len(request.choices):
        return request.choices[int(text) - 1]
    return text
