from __future__ import annotations

import pytest

from autogen_jupyter import Message, UsageError
from autogen_jupyter.messages import MessageView, content_str

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


@pytest.mark.parametrize(
    ("content", "says"), [(3, "is 3; it must be text"), (["s"], "part is 's'"), ({"type": "text"}, "must be text, a list")]
)
def test_content_of_the_wrong_type_is_a_type_error_too(content, says):
    with pytest.raises(UsageError, match=says) as raised:
        content_str(content)
    assert isinstance(raised.value, TypeError)


def test_a_view_keeps_a_growing_history_as_it_stood_without_copying_it():
    history = [Message("user", str(number)) for number in range(3)]
    view = MessageView([Message("system", "be brief")], history)
    history.append(Message("user", "later"))
    assert [message.text for message in view] == ["be brief", "0", "1", "2"]
    assert (len(view), view[-1].text, view[0].text, [m.text for m in view[1:3]]) == (4, "2", "be brief", ["0", "1"])
    with pytest.raises(IndexError):
        view[4]
