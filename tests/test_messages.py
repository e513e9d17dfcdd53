from __future__ import annotations

import pytest

from autogen_jupyter import Message, UsageError
from autogen_jupyter.messages import content_str

CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    "given",
    [
        {"content": "hi", "role": "user", "name": "ann"},
        {"content": None, "role": "assistant", "name": "bot", "tool_calls": [CALL]},
        {"content": "ok", "role": "tool", "tool_responses": [{"role": "tool", "tool_call_id": "c1", "content": "ok"}]},
        {"content": [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": "x.png"}}], "role": "user"},
        {"content": "hi", "role": "user", "context": {"k": 1}, "override_role": "user"},
    ],
)
def test_a_dictionary_survives_the_way_in_and_out(given):
    assert Message.from_dict(given).to_dict() == given


def test_the_role_depends_on_the_history_but_calls_and_results_keep_theirs():
    assert Message("assistant", "hi").with_role("user").role == "user"
    assert Message("tool", "ok").with_role("user").role == "tool"
    assert Message.from_dict({"content": None, "tool_calls": [CALL]}).with_role("user").role == "assistant"


def test_a_message_keeps_its_id_in_every_history():
    message = Message("assistant", "hi")
    assert message.with_role("user").id == message.id


def test_content_is_read_as_text():
    assert content_str([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "u"}}]) == "a<image>"
    assert content_str(None) == ""
    with pytest.raises(UsageError, match="'video'"):
        content_str([{"type": "video"}])
