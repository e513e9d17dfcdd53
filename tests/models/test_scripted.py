"""The public test double, and the client that tries several models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from autogen_jupyter.errors import ModelError, UsageError
from autogen_jupyter.messages import ToolCall
from autogen_jupyter.models import FailoverClient, ModelDelta, ModelReply, ModelRequest, ScriptedModel, Usage, complete

from .endpoints import HI

CALL = ToolCall("a", "f", "{}")


async def test_a_script_is_played_in_order_and_its_requests_are_kept() -> None:
    whole = ModelReply("Four.", "other", reasoning="Hm.", usage=Usage(1, 2, 0.0))
    model = ScriptedModel(["One.", whole, (CALL,), lambda request: request.messages[-1].text + "!"])
    assert (await complete(model, HI)) == ModelReply("One.", "scripted", finish_reason="stop")
    assert (await complete(model, HI)) == whole
    assert (await complete(model, HI)).tool_calls == (CALL,)
    assert (await complete(model, HI)).text == "hi!"
    assert model.requests == [HI] * 4
    assert not model.is_language_model


async def test_a_reply_streams_in_pieces_reasoning_first() -> None:
    model = ScriptedModel([ModelReply("abcde", "m", reasoning="xyz")], chunk_size=2)
    deltas = [delta async for delta in model.stream(HI)]
    assert [delta.reasoning for delta in deltas[:2]] == ["xy", "z"]
    assert [delta.text for delta in deltas[2:]] == ["ab", "cd", "e", ""]
    assert deltas[-1].reply is not None


async def test_an_error_in_the_script_is_raised() -> None:
    with pytest.raises(ModelError, match="down"):
        await complete(ScriptedModel([lambda request: ModelError("down")]), HI)


async def test_a_script_that_ran_out_says_what_it_was_asked() -> None:
    model = ScriptedModel(["One."], model="coder")
    await complete(model, HI)
    with pytest.raises(UsageError, match="model 'coder' ended after 1 replies, and was asked once more: 'hi'"):
        await complete(model, HI)


@pytest.mark.parametrize("script", [[42], [()], [("text",)]])
async def test_a_reply_that_is_none_is_refused(script: list[object]) -> None:
    with pytest.raises(UsageError, match="Reply 1 of the script is"):
        await complete(ScriptedModel(script), HI)  # type: ignore[arg-type]


def test_a_script_is_a_list() -> None:
    with pytest.raises(UsageError, match=r"ScriptedModel\(\[text\]\)"):
        ScriptedModel("text")
    with pytest.raises(UsageError, match="chunk_size=0"):
        ScriptedModel([], chunk_size=0)


async def test_a_delayed_script_can_be_cancelled() -> None:
    task = asyncio.create_task(complete(ScriptedModel(["x"], delay=3600), HI))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def down(name: str) -> ScriptedModel:
    return ScriptedModel([ModelError(f"{name} is down.")] * 2, model=name)


async def test_the_next_model_is_asked_when_one_fails_before_it_began() -> None:
    client = FailoverClient([down("first"), ScriptedModel(["Hello"], model="second")])
    reply = await complete(client, HI)
    assert (client.model, reply.model, reply.text) == ("first", "second", "Hello")


async def test_when_all_fail_every_cause_is_named() -> None:
    with pytest.raises(ModelError) as caught:
        await complete(FailoverClient([down("first"), down("second")]), HI)
    assert "\n  1. first: first is down.\n  2. second: second is down." in str(caught.value)
    with pytest.raises(ModelError, match=r"^only is down\.$"):
        await complete(FailoverClient([down("only")]), HI)


class _Breaking(ScriptedModel):
    """Fails after its first piece."""

    closed = False

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelDelta]:
        try:
            yield ModelDelta("Hel")
            raise ModelError("broke")
        finally:
            self.closed = True


async def test_an_answer_that_has_begun_is_not_restarted() -> None:
    second = ScriptedModel(["Hello"], model="second")
    deltas = FailoverClient([_Breaking([]), second]).stream(HI)
    shown = [(await anext(deltas)).text]
    with pytest.raises(ModelError, match="broke"):
        await anext(deltas)
    assert (shown, second.requests) == (["Hel"], [])


async def test_leaving_closes_the_model_that_was_answering() -> None:
    model = _Breaking([])
    deltas = FailoverClient([model]).stream(HI)
    await anext(deltas)
    await deltas.aclose()  # type: ignore[attr-defined]
    assert model.closed


async def test_a_mistake_of_the_callers_is_not_retried_elsewhere() -> None:
    second = ScriptedModel(["Hello"])
    with pytest.raises(UsageError):
        await complete(FailoverClient([ScriptedModel([]), second]), HI)
    assert second.requests == []


def test_at_least_one_model_is_needed() -> None:
    with pytest.raises(UsageError, match="at least one"):
        FailoverClient([])
