"""Histories as the Chat Completions API takes them."""

from __future__ import annotations

from autogen_jupyter.messages import Message, ToolCall, ToolResult
from autogen_jupyter.models.wire import NO_RESULT, to_wire

ASKED = Message("assistant", None, tool_calls=(ToolCall("c1", "f", "{}"), ToolCall("c2", "g", "{}")))


def roles(*messages: Message) -> list[tuple[str, str | None]]:
    return [(wire["role"], wire.get("tool_call_id")) for wire in to_wire(messages)]


def test_the_results_of_one_message_are_one_message_each() -> None:
    both = Message("tool", "1\n\n2", tool_results=(ToolResult("c1", "1"), ToolResult("c2", "2")))
    assert roles(ASKED, both) == [("assistant", None), ("tool", "c1"), ("tool", "c2")]


def test_a_call_without_a_result_gets_one_that_says_so() -> None:
    some = Message("tool", "2", tool_results=(ToolResult("c2", "2"),))
    wires = to_wire((ASKED, some, Message("user", "go on")))
    assert [wire.get("tool_call_id") for wire in wires] == [None, "c2", "c1", None]
    assert wires[2]["content"] == NO_RESULT
    assert roles(ASKED) == [("assistant", None), ("tool", "c1"), ("tool", "c2")]


def test_results_beside_a_persons_words_count() -> None:
    words = Message("user", "stop", tool_results=(ToolResult("c1", "USER INTERRUPTED"), ToolResult("c2", "USER INTERRUPTED")))
    assert roles(ASKED, words) == [("assistant", None), ("tool", "c1"), ("tool", "c2"), ("user", None)]
