"""The history, tools and options as the Responses API wants them, made from their Chat Completions form: one history, two protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

__all__ = ["to_items", "to_options", "to_tools"]

Items = list[dict[str, Any]]
_PASSED_ON = frozenset(
    {
        "extra_body", "extra_headers", "extra_query", "metadata", "parallel_tool_calls", "prompt_cache_key", "prompt_cache_retention",
        "safety_identifier", "service_tier", "store", "temperature", "top_logprobs", "top_p", "user",
    }
)  # fmt: skip
"""Options that both protocols know by the same name."""


def to_items(wire: Iterable[Mapping[str, Any]], recall: Callable[[Sequence[str]], Items]) -> tuple[str, Items]:
    """Return the instructions and the input items.

    Args:
        wire: the messages as Chat Completions writes them.
        recall: gives the items that the server wants to see again before the tool calls with these ids.
    """
    instructions: list[str] = []
    items: Items = []
    for message in wire:
        if message["role"] == "system" and not items:
            instructions.append(_text(message["content"]))
        else:
            items.extend(_items(message, recall))
    return "\n\n".join(filter(None, instructions)), items


def _items(message: Mapping[str, Any], recall: Callable[[Sequence[str]], Items]) -> Iterator[dict[str, Any]]:
    role, content = message["role"], message.get("content")
    if role == "tool":
        yield {"type": "function_call_output", "call_id": message["tool_call_id"], "output": _text(content)}
        return
    calls = [(call["id"], call["function"]) for call in message.get("tool_calls", ())]
    yield from recall([call_id for call_id, _ in calls])
    if content or not calls:
        yield {"role": role, "content": _content(content, is_answer=role == "assistant")}
    for call_id, function in calls:
        yield {"type": "function_call", "call_id": call_id, "name": function["name"], "arguments": function["arguments"]}


def _text(content: Any) -> str:
    if isinstance(content, str) or content is None:
        return content or ""
    return "".join(str(part.get("text") or "") for part in content)


def _content(content: Any, *, is_answer: bool) -> str | list[dict[str, Any]]:
    if isinstance(content, str) or content is None:
        return content or ""
    return [_part(part, is_answer=is_answer) for part in content]


def _part(part: Mapping[str, Any], *, is_answer: bool) -> dict[str, Any]:
    kind = part.get("type")
    if kind == "text":
        return {"type": "output_text" if is_answer else "input_text", "text": part["text"]}
    if kind == "image_url":
        image = part["image_url"] if isinstance(part["image_url"], Mapping) else {"url": part["image_url"]}
        detail = {"detail": image["detail"]} if image.get("detail") else {}
        return {"type": "input_image", "image_url": image.get("url"), **detail}
    if kind == "file":
        return {"type": "input_file", **part["file"]}
    return dict(part)


def to_tools(tools: Iterable[Mapping[str, Any]]) -> Items:
    """Return tool schemas in the flat form. They are not strict unless they say so, as in Chat Completions."""
    return [{"type": "function", "strict": False, **tool["function"]} if tool.get("function") else dict(tool) for tool in tools]


def to_options(known: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the options under their names here, and the names of those that this protocol does not have."""
    made: dict[str, Any] = {name: value for name, value in known.items() if name in _PASSED_ON}
    missing = []
    for name, value in known.items():
        if name in ("max_tokens", "max_completion_tokens"):
            made["max_output_tokens"] = value
        elif name == "reasoning_effort":
            made["reasoning"] = {"effort": value}
        elif name == "verbosity":
            made.setdefault("text", {})["verbosity"] = value
        elif name == "response_format":
            made.setdefault("text", {})["format"] = _format(value)
        elif name == "tool_choice":
            made["tool_choice"] = {"type": "function", **value["function"]} if isinstance(value, Mapping) and "function" in value else value
        elif name not in made and name != "tools":
            missing.append(name)
    return made, missing


def _format(given: Any) -> Any:
    if isinstance(given, Mapping) and isinstance(given.get("json_schema"), Mapping):
        return {"type": "json_schema", **given["json_schema"]}
    return given
