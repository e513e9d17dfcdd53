"""Put the chunks of a Chat Completions stream together, as real servers send them.

The servers behind one protocol disagree about tool calls: the ``index`` may be missing or always 0, the ``id`` may come late,
in every chunk, or never, arguments may be an object instead of text, and usage may come anywhere. The rules here keep two calls
apart and one call together in all of these cases.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..messages import ToolCall
from .base import ModelDelta, ModelReply, Usage

if TYPE_CHECKING:
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk

__all__ = ["Assembler"]


@dataclass(slots=True)
class _Fragment:
    """A piece of one tool call, as it came in one chunk."""

    index: int | None
    id: str
    name: str
    arguments: str


@dataclass(slots=True)
class _OpenCall:
    id: str = ""
    name: str = ""
    arguments: str = ""

    @property
    def is_complete(self) -> bool:
        """Say whether the arguments so far are a whole JSON value."""
        try:
            json.loads(self.arguments)
        except ValueError:
            return False
        return True

    def add(self, fragment: _Fragment) -> None:
        self.id = self.id or fragment.id
        if fragment.name != self.name:  # some servers repeat the whole name in every chunk, others send it in pieces
            self.name += fragment.name
        if self.arguments == "{}" and fragment.arguments.startswith("{"):  # an empty object as placeholder, before the real one
            self.arguments = ""
        self.arguments += fragment.arguments


@dataclass
class Assembler:
    """Collect the chunks of one answer: ``feed`` each, then ask for the ``reply``."""

    model: str
    """The model that was asked; the name the server reports replaces it."""
    has_begun: bool = field(default=False, init=False)
    """True as soon as a chunk said anything at all about the answer."""
    usage: CompletionUsage | None = field(default=None, init=False)
    """Token counts as the server reported them, wherever they came in the stream."""
    finish_reason: str | None = field(default=None, init=False)
    _text: list[str] = field(default_factory=list, init=False)
    _reasoning: list[str] = field(default_factory=list, init=False)
    _refusal: list[str] = field(default_factory=list, init=False)
    _calls: list[_OpenCall] = field(default_factory=list, init=False)
    _at_index: dict[int, _OpenCall] = field(default_factory=dict, init=False)

    @property
    def is_complete(self) -> bool:
        """Whether the answer may be at its end. Many servers never say so; a call whose arguments stop half-way says that it is not."""
        return bool(self.finish_reason) or all(call.is_complete for call in self._calls if call.arguments)

    def feed(self, chunk: ChatCompletionChunk | dict[str, Any]) -> ModelDelta | None:
        """Take in one chunk, as an object of the library or as the server wrote it; return what is new to show, or None."""
        if isinstance(chunk, dict):
            if text := _only_text(chunk):
                self.has_begun = True
                self.model = chunk.get("model") or self.model
                self._text.append(text)
                return ModelDelta(text)
            chunk = _as_object(chunk)
        self.usage = chunk.usage or self.usage
        self.model = chunk.model or self.model
        choice = next((choice for choice in chunk.choices or () if not choice.index), None)
        if choice is None:
            return None
        self.has_begun = True
        self.finish_reason = choice.finish_reason or self.finish_reason
        delta = choice.delta
        if not delta:
            return None
        for fragment in _fragments(delta):
            self._call_for(fragment).add(fragment)
        text, thought = _split(delta.content)
        extra = delta.model_extra  # asked for by name, what is not there takes the library ten times as long
        if extra:
            thought += extra.get("reasoning_content") or extra.get("reasoning") or ""
        self._text.append(text)
        self._reasoning.append(thought)
        self._refusal.append(getattr(delta, "refusal", None) or "")
        return ModelDelta(text, thought) if text or thought else None

    def reply(self, usage: Usage | None = None) -> ModelReply:
        """Return the whole answer so far."""
        return ModelReply(
            text="".join(self._text),
            model=self.model,
            # The next request carries the calls back: an empty id, or arguments that are not JSON, would break it.
            tool_calls=tuple(ToolCall(call.id or f"call_{n}", call.name, call.arguments or "{}") for n, call in enumerate(self._calls)),
            reasoning="".join(self._reasoning),
            refusal="".join(self._refusal),
            finish_reason=self.finish_reason,
            usage=usage,
        )

    def _call_for(self, fragment: _Fragment) -> _OpenCall:
        call = self._known_call(fragment)
        if call is None:
            call = _OpenCall()
            self._calls.append(call)
        if fragment.index is not None:
            self._at_index[fragment.index] = call
        return call

    def _known_call(self, fragment: _Fragment) -> _OpenCall | None:
        """Find the call that a fragment continues; None when it begins a new one."""
        if fragment.id:
            same = next((call for call in self._calls if call.id == fragment.id), None)
            if same is not None:
                return same
        if fragment.index is not None:
            call = self._at_index.get(fragment.index)
        else:
            call = None if fragment.id else next(reversed(self._calls), None)
        if call is None:
            return None
        if fragment.id and call.id and fragment.name:  # the index is used again, for another call
            return None
        if not fragment.id and fragment.name and call.is_complete:  # neither index nor id tells them apart: the name begins one
            return None
        return call


def _only_text(chunk: Mapping[str, Any]) -> str:
    """Return the text of a chunk that brings nothing else, as nearly all of them do; of others nothing."""
    choices = chunk.get("choices")
    if chunk.get("usage") or not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
        return ""
    choice, delta = choices[0], choices[0].get("delta")
    if choice.get("index") or choice.get("finish_reason") or not isinstance(delta, dict):
        return ""
    text = delta.get("content")
    is_all = isinstance(text, str) and all(not value or name in ("content", "role") for name, value in delta.items())
    return str(text) if is_all else ""


def _as_object(chunk: Mapping[str, Any]) -> ChatCompletionChunk:
    from openai.types.chat import ChatCompletionChunk  # loaded long since, by whoever asked

    return ChatCompletionChunk.construct(**chunk)


def _fragments(delta: Any) -> Iterator[_Fragment]:
    for call in getattr(delta, "tool_calls", None) or ():
        yield _fragment(call.function, index=getattr(call, "index", None), id=call.id or "")
    legacy = getattr(delta, "function_call", None)
    if legacy is not None:
        yield _fragment(legacy, index=0, id="")


def _fragment(function: Any, *, index: int | None, id: str) -> _Fragment:  # noqa: A002
    arguments = getattr(function, "arguments", None)
    if arguments is not None and not isinstance(arguments, str):
        arguments = json.dumps(arguments)
    return _Fragment(index, id, getattr(function, "name", None) or "", arguments or "")


def _split(content: Any) -> tuple[str, str]:
    """Return content as (text, reasoning): some servers stream lists of parts, with the reasoning among them."""
    if content is None or isinstance(content, str):
        return content or "", ""
    text = thought = ""
    for part in content if isinstance(content, list) else ():
        if not isinstance(part, Mapping):
            continue
        if part.get("type") == "thinking":
            inner = part.get("thinking")
            thought += inner if isinstance(inner, str) else _split(inner)[0]
        else:
            text += str(part.get("text") or "")
    return text, thought
