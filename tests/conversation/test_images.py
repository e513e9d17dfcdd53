"""Images: who may have one sent, and what a model that sees is shown."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import pytest

from autogen_jupyter import (
    AssistantAgent,
    ConversableAgent,
    GroupChat,
    GroupChatManager,
    KernelCodeExecutor,
    MultimodalConversableAgent,
    ScriptedModel,
    UsageError,
    UserProxyAgent,
    save_chat,
)
from autogen_jupyter.events import Noticed
from autogen_jupyter.images import image_references
from autogen_jupyter.messages import Message
from tests.conversation.doubles import Room

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
DATA = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


@pytest.fixture
def png(tmp_path: Path) -> Path:
    path = tmp_path / "a picture.png"
    path.write_bytes(PNG)
    return path


def person(**options):
    return UserProxyAgent("user", **{"human_input_mode": "NEVER", "code_execution_config": False, **options})


def urls(message):
    parts = message.content if isinstance(message.content, tuple) else ()
    return [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<img a b.png>", ("a b.png",)),
        ("<img src='a.png' alt='x'> <IMG a.png/>", ("a.png",)),
        ("<img https://h.org/a?b=c>", ("https://h.org/a?b=c",)),
        ("<image a.png> <img> <img alt='x'>", ()),
    ],
)
def test_tags(text, found):
    assert image_references(text) == found


async def test_a_path_of_the_users_reaches_the_model_as_an_image_and_the_history_as_text(png):
    model = ScriptedModel(["A dot."])
    viewer = MultimodalConversableAgent("viewer", llm_config=model, human_input_mode="NEVER")
    text = f"Look: <img {png}> What is it?"
    user = person()
    result = await Room().chat(user, viewer, message=text, max_turns=1)
    assert model.requests[0].messages[-1].content == (
        {"type": "text", "text": "Look: "},
        {"type": "image_url", "image_url": {"url": DATA}},
        {"type": "text", "text": " What is it?"},
    )
    assert result.chat_history[0] == {"content": text, "images": [str(png)], "role": "assistant", "name": "user"}
    assert DATA not in json.dumps(save_chat(user, viewer))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "CMYK"])
async def test_an_image_in_memory_is_shown_and_the_history_stays_json(mode):
    pillow = pytest.importorskip("PIL.Image")
    model = ScriptedModel(["A dot."])
    viewer = MultimodalConversableAgent("viewer", llm_config=model, human_input_mode="NEVER")
    given = {"type": "image_url", "image_url": {"url": pillow.new(mode, (2, 3)), "detail": "low"}}
    room = Room()
    result = await room.chat(person(), viewer, message={"content": [{"type": "text", "text": "Look:"}, given]}, max_turns=1)
    [url] = urls(model.requests[0].messages[-1])
    assert url.startswith("data:image/png;base64,")
    assert pillow.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).size == (2, 3)
    assert json.loads(json.dumps(result.chat_history))[0]["content"][1]["image_url"] == {"url": url, "detail": "low"}
    assert not [event for event in room.events if isinstance(event, Noticed) and event.level == "warning"]


def test_a_path_as_an_object_is_a_reference_and_anything_else_is_refused(png):
    def parts(url):
        return {"content": [{"type": "image_url", "image_url": url}]}

    assert Message.from_dict(parts({"url": png})).content[0]["image_url"] == {"url": str(png)}
    assert Message.from_dict(parts(png)).content[0]["image_url"] == {"url": str(png)}
    with pytest.raises(UsageError, match=r"is a bytes; give a path, an address, a data: URL or an image of Pillow's"):
        Message.from_dict(parts({"url": PNG}))


async def test_an_agent_that_does_not_see_gets_the_text_as_it_is(png):
    model = ScriptedModel(["ok"])
    text = f"Look: <img {png}>"
    result = await Room().chat(person(), AssistantAgent("blind", llm_config=model), message=text, max_turns=1)
    assert model.requests[0].messages[-1].content == text
    assert "images" not in result.chat_history[0]


async def test_no_model_can_have_a_file_sent(png):
    """Its tag stays text in its own message, in the carryover, and where it is handed to another agent by nested chats."""
    tag = f"<img {png}>"
    inner = ScriptedModel(["seen"])
    viewer = AssistantAgent("viewer", llm_config=inner, sees_images=True)
    relay = AssistantAgent("relay", llm_config=False, sees_images=True)
    relay.register_nested_chats([{"recipient": viewer, "max_turns": 1}], trigger=lambda sender: sender.name == "writer")
    writer = AssistantAgent("writer", llm_config=ScriptedModel([tag, tag]))
    await Room().chat(person(), writer, message="go", max_turns=1)
    await Room().chat(writer, relay, message=lambda *_: tag, max_turns=1)
    second = ScriptedModel(["a", "b"])
    other = AssistantAgent("other", llm_config=second, sees_images=True)
    await Room().chat(person(default_auto_reply=None), other, message="go", carryover=tag, max_turns=1)
    assert tag in inner.requests[0].messages[-1].text
    assert tag in second.requests[0].messages[-1].text
    assert not [urls(message) for request in (*inner.requests, *second.requests) for message in request.messages if urls(message)]


async def test_the_system_message_may_hold_images_but_what_is_filled_in_later_has_none(png):
    model = ScriptedModel(["like it", "unlike it"])
    viewer = MultimodalConversableAgent("viewer", f"Compare with <img {DATA}>.", llm_config=model, human_input_mode="NEVER")
    await Room().chat(person(), viewer, message="go", max_turns=1)
    first = model.requests[0].messages[0]
    assert [part["type"] for part in first.content] == ["text", "image_url", "text"]
    assert urls(first) == [DATA]
    viewer.update_system_message(f"Compare with <img {png}>.")
    await Room().chat(person(), viewer, message="go", max_turns=1)
    assert model.requests[1].messages[0].content == f"Compare with <img {png}>."


async def test_what_a_person_answers_may_hold_an_image(png):
    model = ScriptedModel(["Which one?", "A dot."])
    viewer = AssistantAgent("viewer", llm_config=model, sees_images=True)
    await Room([f"This one: <img {png}>"]).chat(person(human_input_mode="ALWAYS"), viewer, message="Look.", max_turns=2)
    assert urls(model.requests[1].messages[-1]) == [DATA]


async def test_addresses_are_passed_on_and_what_cannot_be_read_is_said_once(png, tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_text("not an image")
    model = ScriptedModel(["ok", "ok"])
    viewer = AssistantAgent("viewer", llm_config=model, sees_images=True)
    room = Room()
    text = f"<img https://example.org/a.png> <img {tmp_path}/none.png> <img {secret}>"
    await room.chat(person(default_auto_reply="go on"), viewer, message=text, max_turns=2)
    assert urls(model.requests[0].messages[1]) == ["https://example.org/a.png"]
    assert "No such file" in model.requests[0].messages[1].text
    assert "not an image" not in str(model.requests)
    assert sorted(event.level for event in room.events if isinstance(event, Noticed)) == ["warning", "warning"]


async def test_in_a_group_those_see_who_can(png):
    seeing, blind = ScriptedModel(["seen"]), ScriptedModel(["heard"])
    members = [
        AssistantAgent("viewer", llm_config=seeing, sees_images=True),
        AssistantAgent("blind", llm_config=blind),
    ]
    manager = GroupChatManager(GroupChat(members, max_round=3, speaker_selection_method="round_robin"))
    await Room().chat(ConversableAgent("boss", human_input_mode="NEVER"), manager, message=f"<img {png}> Look.")
    assert [urls(message) for message in seeing.requests[0].messages if urls(message)] == [[DATA]]
    assert not any(urls(message) for message in blind.requests[0].messages)


async def test_the_plots_of_code_reach_a_model_that_sees(tmp_path):
    code = "```python\nfrom IPython.display import Image, display\nimport base64\ndisplay(Image(base64.b64decode('%s')))\n```"
    for sees in (True, False):
        model = ScriptedModel([code % base64.b64encode(PNG).decode(), "A dot. TERMINATE"])
        coder = AssistantAgent("coder", llm_config=model, sees_images=sees)
        async with KernelCodeExecutor(cwd=tmp_path) as executor:
            user = person(
                code_execution_config={"executor": executor}, is_termination_msg=lambda message: "TERMINATE" in (message["content"] or "")
            )
            result = await Room().chat(user, coder, message="Draw.")
        report = model.requests[1].messages[-1]
        assert urls(report) == ([DATA] if sees else [])
        assert report.text.startswith("exitcode: 0 (execution succeeded)")
        assert result.chat_history[2].get("images") == ([DATA] if sees else None)
