from __future__ import annotations

import asyncio
import json

import pytest

from autogen_jupyter import ConversableAgent, InputAnswer, InputRequest, NoHumanError, ScriptedInput, ScriptedModel, Session, UsageError
from autogen_jupyter.events import InputReceived, Noticed
from autogen_jupyter.portal import on_portal, submit
from autogen_jupyter.session.ledger import Ledger


def talker(name, **options):
    return ConversableAgent(name, human_input_mode="NEVER", default_auto_reply="hi", **options)


@on_portal
async def ask(session, request):
    return await session.ask(request)


async def test_the_first_answer_counts_and_the_others_are_told():
    session = Session()
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    session.subscribe(lambda event: loop.call_soon_threadsafe(asked.set) if event.kind == "input_requested" else None)
    answering = asyncio.ensure_future(ask(session, InputRequest("reply", "?")))
    await asked.wait()
    request = session.pending
    assert session.answer(request.id, InputAnswer("reply", "first"))
    assert (await answering).text == "first"
    assert not session.answer(request.id, InputAnswer("reply", "second"))
    assert session.pending is None


async def test_an_answer_from_outside_ends_the_asking_at_the_door():
    class Slow:
        cancelled = False

        async def ask(self, request):
            try:
                await asyncio.Event().wait()
            finally:
                Slow.cancelled = True

    session = Session(door=Slow())
    session.subscribe(lambda event: session.answer(event.request.id, InputAnswer("continue")) if event.kind == "input_requested" else None)

    @on_portal
    async def run():
        answer = await session.ask(InputRequest("reply", "?"))
        await asyncio.sleep(0)
        return answer

    assert (await run()).action == "continue"
    assert Slow.cancelled


async def test_a_door_with_nobody_behind_it_is_an_error():
    with pytest.raises(NoHumanError):
        await ask(Session(door=ScriptedInput([])), InputRequest("reply", "?"))


async def test_a_password_is_in_no_event():
    session, events = Session(door=ScriptedInput(["hunter2"])), []
    session.subscribe(events.append)
    assert (await ask(session, InputRequest("password", "Password: "))).text == "hunter2"
    assert "hunter2" not in repr(events)
    assert any(isinstance(event, InputReceived) for event in events)


async def test_a_subscriber_that_fails_does_not_disturb_the_chat(caplog):
    session, seen = Session(), []
    session.subscribe(lambda event: 1 / 0)
    session.subscribe(seen.append)
    session.emit(Noticed("hello"))
    assert len(seen) == 1
    assert "ZeroDivisionError" in caplog.text


async def test_stopping_ends_the_chat_with_a_result_and_a_reason():
    model = ScriptedModel(["a very long answer " * 50], delay=0.05)
    session = Session(approval="never")
    session.subscribe(lambda event: session.interrupt() if event.kind == "message_delta" else None)
    a, bot = talker("a"), ConversableAgent("bot", llm_config=model, human_input_mode="NEVER")
    result = await session.run(lambda: a.a_initiate_chat(bot, message="go"))
    assert result.stop_reason == "stopped by the human"
    assert [message["content"] for message in result.chat_history] == ["go"]
    assert session.transcript.status.state == "ended"
    again = await session.run(lambda: a.a_initiate_chat(talker("b"), message="go", max_turns=1))
    assert again.stop_reason == "max_turns=1 was reached"


async def test_two_chats_at_once_in_one_session_are_refused():
    session = Session()

    async def nested():
        await session.run(asyncio.sleep)

    with pytest.raises(UsageError, match="still running"):
        await session.run(nested)


async def test_the_ledger_has_every_event_as_one_json_line(tmp_path):
    ledger = Ledger(tmp_path / "log.jsonl")
    session, events = Session(approval="never"), []
    session.subscribe(events.append)
    session.subscribe(ledger)
    await session.run(lambda: talker("a").a_initiate_chat(talker("b"), message="grüße", max_turns=1))
    ledger.close()
    lines = (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == [event.kind for event in events]
    assert (tmp_path / "log.jsonl").stat().st_mode & 0o077 == 0


def test_a_hundred_chats_run_at_once():
    async def all_of_them():
        sessions = [Session(approval="never") for _ in range(100)]
        return await asyncio.gather(
            *(session.run(lambda: talker("a").a_initiate_chat(talker("b"), message="go", max_turns=3)) for session in sessions)
        )

    assert {len(result.chat_history) for result in submit(all_of_them()).result(60)} == {6}
