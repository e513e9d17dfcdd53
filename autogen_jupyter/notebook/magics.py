"""``%%agentchat`` and ``%agentchat``, and their configuration: ``%config AgentChat``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import display
from traitlets import Enum, Float, Int, Unicode

from ..errors import AgentChatError, UsageError
from .options import CODE_TIMEOUT, ChatOptions, HelpRequested, help_text, parse_line

if TYPE_CHECKING:
    from ..conversation.chat_result import ChatResult

__all__ = ["AgentChat"]

E = TypeVar("E", bound=BaseException)


@magics_class
class AgentChat(Magics):  # type: ignore[misc]
    """The magics. Their defaults are traits: ``%config AgentChat.approve = "never"``."""

    model = Unicode(None, allow_none=True, help="The model: provider/model, a server's URL, or builtin/demo.").tag(config=True)
    human = Enum(["always", "terminate", "never"], "never", help="When the agents ask you.").tag(config=True)
    approve = Enum(["always", "risky", "never"], None, allow_none=True, help="Which generated code asks before it runs.").tag(config=True)
    max_turns = Int(None, allow_none=True, min=1, help="Round trips at the most.").tag(config=True)
    timeout = Float(CODE_TIMEOUT, min=0.1, help="Seconds a block of code may run.").tag(config=True)

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def agentchat(self, line: str, cell: str | None = None) -> Any:
        return self._agentchat(line, cell)

    agentchat.__doc__ = help_text()  # what `%agentchat?` shows

    async def _agentchat(self, line: str, cell: str | None) -> None:
        try:
            options = parse_line(line)
            result = await self._chat(_request(options, cell), options)
        except HelpRequested:
            display({"text/plain": help_text()}, raw=True)
            return
        except (asyncio.CancelledError, KeyboardInterrupt):
            raise _on_one_screen(KeyboardInterrupt("the chat was stopped; its messages and both kernels' variables are kept")) from None
        except AgentChatError as error:
            raise _on_one_screen(error) from None
        self.shell.displayhook.update_user_ns(result)

    async def _chat(self, request: str, options: ChatOptions) -> ChatResult:
        from .agentchat import agentchat  # loading the extension should cost next to nothing; the first chat loads the rest

        return await agentchat(
            request,
            inputs=_variables(self.shell.user_ns, options.inputs),
            model=options.model or self.model,
            human=options.human or self.human,
            approve=options.approve or self.approve,
            max_turns=options.max_turns or self.max_turns,
            timeout=options.timeout or self.timeout,
            quiet=options.quiet,
        )


def _request(options: ChatOptions, cell: str | None) -> str:
    """Return what the person wants done; with nothing to do, help is what they need."""
    request = " ".join(options.words) if cell is None else cell.strip()
    if not request:
        raise HelpRequested
    if cell is not None and options.words:
        raise UsageError(
            f"%%agentchat does not know what {options.words[0]!r} on its first line means. "
            "Options go there; the request goes on the lines below."
        )
    return request


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
