"""Put the events of a Responses stream together into one answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openai.types import CompletionUsage

from ..messages import ToolCall
from .base import ModelDelta, ModelReply, Usage
from .failures import UnusableAnswerError, text_in

__all__ = ["ResponsesAssembler"]

_ENDS = {"max_output_tokens": "length", "content_filter": "content_filter"}


@dataclass
class ResponsesAssembler:
    """Collect the events of one answer: ``feed`` each, then ask for the ``reply``."""

    model: str
    """The model that was asked; the name the server reports replaces it."""
    usage: CompletionUsage | None = field(default=None, init=False)
    finish_reason: str | None = field(default=None, init=False)
    """None until the server has said that the answer is complete."""
    reasoning_items: list[dict[str, Any]] = field(default_factory=list, init=False)
    """Opaque: the server wants them back, unchanged, together with the tool calls."""
    _text: list[str] = field(default_factory=list, init=False)
    _reasoning: list[str] = field(default_factory=list, init=False)
    _refusal: list[str] = field(default_factory=list, init=False)
    _calls: list[ToolCall] = field(default_factory=list, init=False)

    @property
    def has_begun(self) -> bool:
        """True as soon as anything of the answer came."""
        return bool(self._text or self._reasoning or self._refusal or self._calls or self.finish_reason)

    @property
    def is_complete(self) -> bool:
        """Whether the server said that the answer is at its end."""
        return self.finish_reason is not None

    def feed(self, event: Any) -> ModelDelta | None:
        """Take in one event; return what is new to show, or None.

        Raises:
            UnusableAnswerError: the event says that the answer failed.
        """
        kind = str(getattr(event, "type", ""))
        if kind == "response.output_text.delta":
            return self._new(self._text, event.delta)
        if kind == "response.refusal.delta":
            return self._new(self._refusal, event.delta)
        if kind in ("response.reasoning_text.delta", "response.reasoning_summary_text.delta"):
            return self._new(self._reasoning, event.delta)
        if kind == "response.reasoning_summary_part.added" and self._reasoning:
            return self._new(self._reasoning, "\n\n")
        if kind == "response.output_item.done":
            self._item(_plain(event.item))
        elif kind in ("response.completed", "response.incomplete"):
            return self.whole(_plain(event.response))
        elif kind in ("response.failed", "error") or (not kind and text_in(_plain(event))):
            raise UnusableAnswerError(f"reported an error while answering: {_said(event)}", may_retry=True)
        return None

    def whole(self, response: Mapping[str, Any]) -> ModelDelta | None:
        """Take in a whole response: the end of a stream, or the answer of a server that does not stream."""
        self.model = response.get("model") or self.model
        self.usage = _usage(response.get("usage")) or self.usage
        output = response.get("output") or []
        shown = None
        if not (self._calls or self.reasoning_items):
            for item in output:
                self._item(item)
        if not (self._text or self._refusal):
            shown = self._new(self._text, "".join(_parts(output, "text"))) or self._new(self._refusal, "".join(_parts(output, "refusal")))
        reason = (response.get("incomplete_details") or {}).get("reason")
        self.finish_reason = "tool_calls" if self._calls else _ENDS.get(reason or "", "stop")
        return shown

    def reply(self, usage: Usage | None = None) -> ModelReply:
        """Return the whole answer so far."""
        return ModelReply(
            text="".join(self._text),
            model=self.model,
            tool_calls=tuple(self._calls),
            reasoning="".join(self._reasoning),
            refusal="".join(self._refusal),
            finish_reason=self.finish_reason,
            usage=usage,
        )

    def _new(self, where: list[str], text: Any) -> ModelDelta | None:
        if not text:
            return None
        where.append(str(text))
        if where is self._reasoning:
            return ModelDelta(reasoning=str(text))
        return ModelDelta(str(text)) if where is self._text else None

    def _item(self, item: Mapping[str, Any]) -> None:
        if item.get("type") == "function_call":
            id_ = str(item.get("call_id") or item.get("id") or f"call_{len(self._calls)}")
            self._calls.append(ToolCall(id_, str(item.get("name") or ""), item.get("arguments") or "{}"))
        elif item.get("type") == "reasoning":
            self.reasoning_items.append(dict(item))


def _plain(given: Any) -> dict[str, Any]:
    if isinstance(given, Mapping):
        return dict(given)
    return given.to_dict() if hasattr(given, "to_dict") else {}


def _parts(output: Iterable[Mapping[str, Any]], key: str) -> Iterable[str]:
    for item in output:
        if item.get("type") == "message":
            yield from (str(part[key]) for part in item.get("content") or () if part.get(key))


def _said(event: Any) -> str:
    given = _plain(event)
    response = given.get("response") or {}
    return text_in(response.get("error")) or text_in(given) or "no reason given"


def _usage(given: Any) -> CompletionUsage | None:
    """Return token counts under the names of the other protocol, so that they are priced in one place."""
    if not isinstance(given, Mapping):
        return None
    prompt, completion = given.get("input_tokens") or 0, given.get("output_tokens") or 0
    return CompletionUsage.model_validate(
        {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": given.get("total_tokens") or prompt + completion,
            "prompt_tokens_details": {"cached_tokens": (given.get("input_tokens_details") or {}).get("cached_tokens")},
            "completion_tokens_details": {"reasoning_tokens": (given.get("output_tokens_details") or {}).get("reasoning_tokens")},
        }
    )
