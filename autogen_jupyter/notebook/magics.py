"""``%%agentchat`` and ``%agentchat``, and their configuration: ``%config AgentChat``."""

from __future__ import annotations

import asyncio
import difflib
import logging
import traceback
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import display
from traitlets import Bool, Dict, Enum, Float, Int, List, TraitType, Unicode, observe

from ..errors import AgentChatError, UsageError
from ..redaction import redacted
from .cells import Cells
from .context_words import CONTEXT_WORDS
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

    def __init__(self, shell: Any = None, **kwargs: Any) -> None:
        super().__init__(shell=shell, **kwargs)
        self.cells = Cells(shell)
        """The notebook's own cells, for requests that name them."""

    aliases = Dict(value_trait=Unicode(), key_trait=Unicode(), help="Short names of models.").tag(config=True)
    kernel_servers = Dict(help="Jupyter servers for --kernel, by name: an address, or {'url': …, 'token_file': …}.").tag(config=True)

    @observe("kernel_servers")  # type: ignore[untyped-decorator]
    def _servers_changed(self, change: Mapping[str, Any]) -> None:
        from ..kernels.server import configure_servers  # cheap, and needed only by those who have such servers

        configure_servers(change["new"])

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
            kept = getattr(error, "chat", None)
            if kept is None:
                raise _on_one_screen(error) from None
            self.shell.displayhook.update_user_ns(kept)
            raise _on_one_screen(error, " The answer is in `_` all the same: _.summary, _.messages, _.code.") from None
        except Exception as error:
            raise _without_secrets(error) from None
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
        if not line.is_prose:
            done, result = await self._command(line.rest, line.options.said())
            if done:
                return result
        first, _, request = line.rest.partition(" ")
        if first.startswith("@") and first.partition("[")[0] not in CONTEXT_WORDS and request.strip() and not line.is_prose:
            return await self._chat(request.strip(), addressed([first], line.options, self.aliases))
        return await self._chat(line.rest, addressed([], line.options, self.aliases))

    async def _command(self, line: str, options: Collection[str]) -> tuple[bool, Any]:
        """Run the sub-command that a line means; say whether there was one, and what is to stand in ``_``."""
        from .chats import chats
        from .commands import Place, find, takes_options

        words, place = split_magic_line(line), Place(chats, self.shell, self)
        found = find(words, place) if takes_options(words, options) else None
        if found is None:
            return False, None
        result = await found.run(place, words[1:])
        if isinstance(result, str):
            display({"text/plain": result}, raw=True)
            return True, None
        return True, result

    async def _chat(self, message: str, given: ChatOptions) -> Any:
        from .agentchat import Request, begin
        from .prompt import compose  # loading the extension should cost next to nothing; the first chat loads the rest

        space = self.shell.user_ns
        prompt = compose(message, space, self.cells, data=given.over(self.configured).data or "schema", copied=given.inputs)
        request = Request(
            message,
            given,
            inputs=_variables(space, given.inputs),
            existing={name: space[name] for name in given.outputs if name in space},
            defaults=self.configured,
            when_ended=lambda chat: space.update(chat.variables),
            prompt=prompt,
        )
        result = await begin(request)
        if given.dry_run:
            display({"text/plain": str(result)}, raw=True)
        return result

    @property
    def configured(self) -> ChatOptions:
        """What ``%config AgentChat`` says."""
        said: dict[str, Any] = {option.field: getattr(self, option.field) for option in OPTIONS if option.is_configurable}
        said["mounts"] = tuple(said["mounts"])
        return ChatOptions(**said)


def _variables(namespace: Mapping[str, Any], names: Sequence[str]) -> dict[str, object]:
    missing = [name for name in names if name not in namespace]
    if missing:
        near = difflib.get_close_matches(missing[0], [name for name in namespace if not name.startswith("_")], n=1)
        hint = f"Did you mean {near[0]}?" if near else "Run the cell that makes it first."
        raise UsageError(f"-i names {missing[0]!r}, and the notebook has no such variable. {hint}")
    return {name: namespace[name] for name in names}


def _on_one_screen(error: E, more: str = "") -> E:
    """Let IPython show the message alone: a traceback through our code helps nobody who only has to set a key."""
    logging.getLogger(__name__).debug("%%agentchat failed: %s", redacted(str(error)))
    lines = [redacted(f"{type(error).__name__}: {error}{more}")]
    error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
    return error


def _without_secrets(error: E) -> E:
    """Let IPython show a traceback in which a secret stands without it; any other is shown as always."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    if (shown := [redacted(line) for line in lines]) != lines:
        error._render_traceback_ = lambda: shown  # type: ignore[attr-defined]
    return error
