"""Chats as spans: what is inside what, with which numbers, and without what was said."""

from __future__ import annotations

import asyncio

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from autogen_jupyter import AssistantAgent, ModelError, ModelReply, ScriptedModel, ToolCall, Usage, UserProxyAgent
from autogen_jupyter.tracing import Tracing, trace_chats
from tests.conversation.doubles import EchoExecutor, Room

CODE = "```python\nsecret_code()\n```"


class Traced(Room):
    """A room whose spans are kept."""

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracing = Tracing(provider)
        self.session.subscribe(self.tracing)

    @property
    def spans(self):
        return {span.name: span for span in self.exporter.get_finished_spans()}

    def parent(self, name):
        ids = {span.context.span_id: span.name for span in self.exporter.get_finished_spans()}
        parent = self.spans[name].parent
        return ids[parent.span_id] if parent else None


def user(**options):
    return UserProxyAgent("user", human_input_mode="NEVER", **{"code_execution_config": False, **options})


async def test_replies_tools_and_code_are_spans_inside_their_chat():
    def look(city: str) -> str:
        """Look it up."""
        return "secret result"

    replies = [(ToolCall("c1", "look", '{"city": "secret city"}'),), ModelReply(CODE, "m-2026", usage=Usage(12, 3, 0.5)), "done"]
    bot = AssistantAgent("bot", llm_config=ScriptedModel(replies), tools=[look])
    room = Traced()
    await room.chat(user(code_execution_config={"executor": EchoExecutor()}), bot, message="secret question", max_turns=2)
    bots = [span for span in room.exporter.get_finished_spans() if span.name == "invoke_agent bot"]
    assert [span.attributes["gen_ai.request.model"] for span in bots[:2]] == ["scripted", "scripted"]
    numbers = {key: bots[1].attributes.get(f"gen_ai.usage.{key}_tokens") for key in ("input", "output")}
    assert numbers == {"input": 12, "output": 3}
    assert bots[1].attributes["gen_ai.response.model"] == "m-2026"
    assert room.spans["execute_tool look"].attributes["gen_ai.tool.call.id"] == "c1"
    assert room.spans["execute_code"].attributes["autogen_jupyter.code.exit_code"] == 0
    assert room.spans["execute_code"].attributes["gen_ai.agent.name"] == "user"
    for name in ("invoke_agent bot", "execute_tool look", "execute_code"):
        assert room.parent(name) == "invoke_workflow bot"
    assert len({span.attributes["gen_ai.conversation.id"] for span in room.exporter.get_finished_spans()}) == 1
    assert "secret" not in "".join(span.to_json() for span in room.exporter.get_finished_spans())


async def test_what_fails_is_marked_and_nothing_stays_open():
    room = Traced()
    with pytest.raises(ModelError):
        await room.chat(user(), AssistantAgent("bot", llm_config=ScriptedModel([ModelError("secret body")])), message="go")
    for name, kind in (("invoke_agent bot", "interrupted"), ("invoke_workflow bot", "ModelError")):
        span = room.spans[name]
        assert (span.status.status_code, span.attributes["error.type"]) == (StatusCode.ERROR, kind)
    assert "secret" not in "".join(span.to_json() for span in room.exporter.get_finished_spans())
    assert not room.tracing._open


async def test_spans_of_a_tools_own_are_inside_it():
    room = Traced()

    def look() -> str:
        """Look it up."""
        with room.tracing._tracer.start_as_current_span("own"):
            return "x"

    bot = AssistantAgent("bot", llm_config=ScriptedModel([(ToolCall("c1", "look", "{}"),), "done"]), tools=[look])
    await room.chat(user(), bot, message="go", max_turns=1)
    assert room.parent("own") == "execute_tool look"


async def test_chats_at_the_same_time_keep_their_spans_apart():
    room = Traced()

    async def both():
        bots = [AssistantAgent(f"bot{n}", llm_config=ScriptedModel(["a", "b"], delay=0.01)) for n in range(2)]
        await asyncio.gather(*(user(default_auto_reply="on").a_initiate_chat(bot, message="go", max_turns=2) for bot in bots))

    await room.session.run(both)
    for n in range(2):
        assert room.parent(f"invoke_agent bot{n}") == f"invoke_workflow bot{n}"
        assert room.parent(f"invoke_workflow bot{n}") is None


async def test_a_nested_chat_is_inside_the_one_around_it():
    inner = AssistantAgent("inner", llm_config=ScriptedModel(["deep"]))
    outer = AssistantAgent("outer", llm_config=False)
    outer.register_nested_chats([{"recipient": inner, "max_turns": 1}], trigger=lambda sender: True)
    room = Traced()
    await room.chat(user(), outer, message="go", max_turns=1)
    assert room.parent("invoke_workflow inner") == "invoke_workflow outer"


async def test_every_chat_can_be_traced():
    room = Traced()
    stop = trace_chats(room.tracing)
    try:
        await user().a_initiate_chat(AssistantAgent("bot", llm_config=ScriptedModel(["hi"])), message="go", max_turns=1)
    finally:
        stop()
    await user().a_initiate_chat(AssistantAgent("later", llm_config=ScriptedModel(["hi"])), message="go", max_turns=1)
    assert set(room.spans) == {"invoke_agent bot", "invoke_workflow bot"}
