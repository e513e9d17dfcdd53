"""What happens in chats as OpenTelemetry spans: agents, tools and code. What was said is not in them.

The names are those of OpenTelemetry's conventions for generative AI, which are still changing; they are all in this file. Spans of
the requests to models are left to an instrumentation of the client library.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._version import __version__
from .errors import UsageError
from .events import (
    ChatEnded,
    ChatEvent,
    ChatStarted,
    CodeFinished,
    CodeProposed,
    CodeStarted,
    ReplyBroken,
    ReplyStarted,
    ToolCalled,
    ToolReturned,
    UsageRecorded,
)
from .session.session import subscribe_everywhere

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer, TracerProvider

__all__ = ["Tracing", "trace_chats"]

OPERATION = "gen_ai.operation.name"
CONVERSATION = "gen_ai.conversation.id"
AGENT = "gen_ai.agent.name"
REQUEST_MODEL = "gen_ai.request.model"
RESPONSE_MODEL = "gen_ai.response.model"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
TOOL = "gen_ai.tool.name"
TOOL_CALL = "gen_ai.tool.call.id"
TOOL_TYPE = "gen_ai.tool.type"
ERROR = "error.type"
COST = "autogen_jupyter.usage.usd"
REASON = "autogen_jupyter.stop_reason"
LANGUAGES = "autogen_jupyter.code.languages"
EXIT_CODE = "autogen_jupyter.code.exit_code"

_MISSING = 'Tracing needs OpenTelemetry. Install it: pip install "autogen_jupyter[otel]"'
_CHAT = "autogen_jupyter.chat"
"""Where OpenTelemetry's context holds the id of the running chat."""


@dataclass(frozen=True)
class _Open:
    """A span that has not ended."""

    key: str
    chat: str
    span: Span
    token: object
    """Makes the span around it the current one again."""


class Tracing:
    """Makes spans of the events of chats; it is a subscriber.

    A chat is a span, and in it are ``invoke_agent NAME`` for each reply of a model, ``execute_tool NAME`` for each tool call and
    ``execute_code`` for each run; other spans that are made meanwhile, such as those of the model's client, are inside them. Nothing
    that was written, run or returned is recorded: only names, numbers, times and outcomes.

    Args:
        provider: where the spans go. Default: the one that was set up for this process; without one nothing is recorded.

    Raises:
        UsageError: OpenTelemetry is not installed.

    Example:
        >>> from autogen_jupyter.tracing import Tracing, trace_chats
        >>> stop_tracing = trace_chats(Tracing())  # doctest: +SKIP
    """

    def __init__(self, provider: TracerProvider | None = None) -> None:
        try:
            from opentelemetry import context, trace
        except ImportError as error:
            raise UsageError(_MISSING) from error
        self._context = context
        self._trace = trace
        self._tracer: Tracer = trace.get_tracer("autogen_jupyter", __version__, tracer_provider=provider)
        self._open: dict[str, _Open] = {}
        self._runs: dict[str, str] = {}
        self._lock = threading.Lock()
        self._takes: dict[str, Callable[[Any], None]] = {
            ChatStarted.kind: self._chat_started,
            ChatEnded.kind: self._chat_ended,
            ReplyStarted.kind: self._reply_started,
            ReplyBroken.kind: self._reply_broken,
            UsageRecorded.kind: self._usage_recorded,
            ToolCalled.kind: self._tool_called,
            ToolReturned.kind: self._tool_returned,
            CodeProposed.kind: self._code_proposed,
            CodeStarted.kind: self._code_started,
            CodeFinished.kind: self._code_finished,
        }

    def __call__(self, event: ChatEvent) -> None:
        """Take an event. It is called where the event happens, so that OpenTelemetry's current context is that of the chat."""
        take = self._takes.get(event.kind)
        if take is not None:
            with self._lock:
                take(event)

    # --- chats

    def _chat_started(self, event: ChatStarted) -> None:
        self._start(f"chat {event.chat_id}", "invoke_workflow", event.recipient, {}, chat=event.chat_id)

    def _chat_ended(self, event: ChatEnded) -> None:
        """End the chat's span, and before it those that were interrupted with it."""
        own = f"chat {event.chat_id}"
        for opened in [opened for opened in reversed(self._open.values()) if opened.chat == event.chat_id and opened.key != own]:
            self._end(opened.key, error="interrupted")
        reason, _, rest = event.reason.partition(": ")
        failed = bool(rest) and reason.isidentifier()  # the name of an error, whose text may quote what was said
        self._end(own, {} if failed else {REASON: event.reason}, error=reason if failed else "")

    # --- what happens in them

    def _reply_started(self, event: ReplyStarted) -> None:
        self._start(f"agent {event.message_id}", "invoke_agent", event.sender, {AGENT: event.sender, REQUEST_MODEL: event.model})

    def _reply_broken(self, event: ReplyBroken) -> None:
        self._end(f"agent {event.message_id}", error="broken_off")

    def _usage_recorded(self, event: UsageRecorded) -> None:
        """The model has answered. Its reply is the innermost span; where it is not, the model was asked for something else."""
        current = self._trace.get_current_span()
        replies = [opened for opened in self._open.values() if opened.span is current and opened.key.startswith("agent ")]
        for opened in replies:
            counted = {INPUT_TOKENS: event.prompt_tokens, OUTPUT_TOKENS: event.completion_tokens, COST: event.usd}
            known = {name: value for name, value in counted.items() if value is not None}
            self._end(opened.key, {RESPONSE_MODEL: event.model, **known})

    def _tool_called(self, event: ToolCalled) -> None:
        attributes = {TOOL: event.name, TOOL_CALL: event.call_id, TOOL_TYPE: "function", AGENT: event.agent}
        self._start(self._tool_key(event.call_id), "execute_tool", event.name, attributes)

    def _tool_returned(self, event: ToolReturned) -> None:
        self._end(self._tool_key(event.call_id), error="tool_error" if event.is_error else "")

    def _tool_key(self, call_id: str) -> str:
        """Models number their calls as they like, so that those of two chats may have the same id."""
        return f"tool {call_id} in {self._context.get_value(_CHAT)}"

    def _code_proposed(self, event: CodeProposed) -> None:
        self._runs[event.run_id] = event.agent

    def _code_started(self, event: CodeStarted) -> None:
        if event.block == 0:
            agent = self._runs.get(event.run_id)
            languages = tuple(block.language for block in event.blocks)
            self._start(f"code {event.run_id}", "execute_code", "", {LANGUAGES: languages, **({AGENT: agent} if agent else {})})

    def _code_finished(self, event: CodeFinished) -> None:
        self._runs.pop(event.run_id, None)
        self._end(f"code {event.run_id}", {EXIT_CODE: event.exit_code}, error="" if event.status == "ok" else event.status)

    # --- spans

    def _start(self, key: str, operation: str, what: str, attributes: Mapping[str, Any], *, chat: str = "") -> None:
        """Start a span inside the current one, and make it the current one."""
        around = self._context.get_current()
        chat = chat or str(self._context.get_value(_CHAT, around) or "")
        made = {OPERATION: operation, **({CONVERSATION: chat} if chat else {}), **attributes}
        span = self._tracer.start_span(f"{operation} {what}".rstrip(), context=around, attributes=made)
        inside = self._context.set_value(_CHAT, chat, self._trace.set_span_in_context(span, around))
        self._open[key] = _Open(key, chat, span, self._context.attach(inside))

    def _end(self, key: str, attributes: Mapping[str, Any] | None = None, *, error: str = "") -> None:
        opened = self._open.pop(key, None)
        if opened is None:
            return
        opened.span.set_attributes(attributes or {})
        if error:
            opened.span.set_attribute(ERROR, error)
            opened.span.set_status(self._trace.StatusCode.ERROR)
        opened.span.end()
        if self._trace.get_current_span() is opened.span:  # another task's context cannot be left from here
            self._context.detach(opened.token)  # type: ignore[arg-type]


def trace_chats(tracing: Tracing | None = None) -> Callable[[], None]:
    """Trace every chat from now on; return the function that ends this.

    Raises:
        UsageError: OpenTelemetry is not installed.
    """
    return subscribe_everywhere(tracing or Tracing())
