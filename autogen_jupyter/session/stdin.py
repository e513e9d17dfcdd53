"""Ask through a line of text: a terminal, or the kernel's stdin channel."""

from __future__ import annotations

import builtins
import getpass

from ..errors import NoHumanError
from ..human_input import InputAnswer, InputRequest
from ..portal import has_caller, in_caller

__all__ = ["StdinInput"]


class StdinInput:
    """The person who types at the thread that waits for the chat. The classic's rules: empty goes on, ``exit`` ends."""

    async def ask(self, request: InputRequest) -> InputAnswer:
        if not has_caller():
            raise NoHumanError(f"The chat runs in the background, where nobody can type an answer to: {request.prompt!r:.120}.")
        read = getpass.getpass if request.kind == "password" else builtins.input
        try:
            text = await in_caller(read, _line(request))
        except EOFError as error:
            raise NoHumanError(f"The input ended before an answer to {request.prompt!r:.120} was given.") from error
        return InputAnswer.from_classic(_chosen(request, text), request, via="stdin")


def _line(request: InputRequest) -> str:
    if request.kind != "choice":
        return request.prompt
    numbered = "\n".join(f"{number}: {choice}" for number, choice in enumerate(request.choices, 1))
    return f"{numbered}\n{request.prompt}"


def _chosen(request: InputRequest, text: str) -> str:
    if request.kind == "choice" and text.strip().isdigit() and 1 <= int(text) <= len(request.choices):
        return request.choices[int(text) - 1]
    return text
