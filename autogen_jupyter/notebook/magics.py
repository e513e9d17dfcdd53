"""``%%agentchat`` and ``%agentchat``, and their configuration: ``%config AgentChat``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import display
from traitlets import Bool, Dict, Enum, Float, Int, List, TraitType, Unicode

from ..errors import AgentChatError, UsageError
from .first_word import addressed
from .magic_line import split_magic_line
from .options import OPTIONS, ChatOptions, Option
from .parser import HelpRequested, Line, help_text, parse_line

__all__ = ["AgentChat"]

E = TypeVar("E", bound=BaseException)


def _trait(option: Option) -> TraitType[Any, Any]:
    """Return the trait by which ``%config AgentChat`` sets an option."""
    kinds: dict[str, TraitType[Any, Any]] = {
        "flag": Bool(False),
        "choice": Enum(option.choices, None, allow_none=True),
        "count": Int(None, allow_none=True, min=1),
        "seconds": Float(None, allow_none=True, min=0.1),
        "paths": List(Unicode()),
    }
    trait = kinds.get(option.kind) or Unicode(None, allow_none=True)
    trait.help = option.help
    return trait.tag(config=True)


_Configured = type(Magics)("_Configured", (Magics,), {option.field: _trait(option) for option in OPTIONS if option.is_configurable})


@magics_class
class AgentChat(_Configured):  # type: ignore[misc, valid-type]
    """The magics. Their defaults are traits: ``%config AgentChat.approve = "never"``."""

    aliases = Dict(value_trait=Unicode(), key_trait=Unicode(), help="Short names of models.").tag(config=True)

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def agentchat(self, line: str, cell: str | None = None) -> Any:
        return self._agentchat(line, cell)

    agentchat.__doc__ = help_text()  # what `%agentchat?` shows

    async def _agentchat(self, line: str, cell: str | None) -> None:
        try:
            result = await self._do(line, cell)
        except HelpRequested:
            display({"text/plain": help_text()}, raw=True)
            return
        except (asyncio.CancelledError, KeyboardInterrupt):
            raise _on_one_screen(KeyboardInterrupt("the chat was stopped; its messages and both kernels' variables are kept")) from None
        except AgentChatError as error:
            raise _on_one_screen(error) from None
        if result is not None:
            self.shell.displayhook.update_user_ns(result)

    async def _do(self, line: str, cell: str | None) -> Any:
        parsed = parse_line(line, is_prose=cell is None)
        if cell is None:
            return await self._do_line(parsed)
        if not cell.strip():
            raise HelpRequested
        return await self._chat(cell.strip(), addressed(parsed.words, parsed.options, self.aliases))

    async def _do_line(self, line: Line) -> Any:
        """Run a sub-command, or take the line as a request; ``@agent`` may stand before that."""
        if not line.rest:
            raise HelpRequested
        if not line.is_prose and not line.options.said():
            done, result = await self._command(line.rest)
            if done:
                return result
        first, _, request = line.rest.partition(" ")
        if first.startswith("@") and request.strip() and not line.is_prose:
            return await self._chat(request.strip(), addressed([first], line.options, self.aliases))
        return await self._chat(line.rest, addressed([], line.options, self.aliases))

    async def _command(self, line: str) -> tuple[bool, Any]:
        """Run the sub-command that a line means; say whether there was one, and what is to stand in ``_``."""
        from .chats import chats
        from .commands import Place, find

        words, place = split_magic_line(line), Place(chats, self.shell, self)
        found = find(words, place)
        if found is None:
            return False, None
        result = await found.run(place, words[1:])
        if isinstance(result, str):
            display({"text/plain": result}, raw=True)
            return True, None
        return True, result

    async def _chat(self, message: str, given: ChatOptions) -> Any:
        from .agentchat import Request, begin  # loading the extension should cost next to nothing; the first chat loads the rest

        inputs = _variables(self.shell.user_ns, given.inputs)
        existing = {name: self.shell.user_ns[name] for name in given.outputs if name in self.shell.user_ns}
        keep = self.shell.user_ns.update
        return await begin(Request(message, given, inputs, existing, self.configured, lambda chat: keep(chat.variables)))

    @property
    def configured(self) -> ChatOptions:
        """What ``%config AgentChat`` says."""
        said: dict[str, Any] = {option.field: getattr(self, option.field) for option in OPTIONS if option.is_configurable}
        said["mounts"] = tuple(said["mounts"])
        return ChatOptions(**said)


def _variables(namespace: Mapping[str, Any], names: Sequence[str]) -> dict[str, object]:
    missing = [name for name in names if name not in namespace]
    if missing:
        raise UsageError(f"-i names {missing[0]!r}, and the notebook has no such variable. Run the cell that makes it first.")
    return {name: namespace[name] for name in names}


def _on_one_screen(error: E) -> E:
    """Let IPython show the message alone: a traceback through our code helps nobody who only has to set a key."""
    logging.getLogger(__name__).debug("%%agentchat failed", exc_info=error)
    lines = [f"{type(error).__name__}: {error}"]
    error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
    return error
