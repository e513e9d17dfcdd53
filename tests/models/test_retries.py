"""How long to wait before a request is made again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from email.utils import formatdate

import pytest

from autogen_jupyter.models.patience import Patience, Timeouts, TooSlow
from autogen_jupyter.models.retries import Retries, asked_to_wait


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    ],
)
def test_what_a_server_asks_for_is_a_number_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_to_wait(headers) == seconds


def test_a_date_to_come_is_as_many_seconds_away() -> None:
    wait = asked_to_wait({"retry-after": formatdate(time.time() + 3600, usegmt=True)})
    assert wait is not None
    assert 3500 < wait <= 3600


def test_waits_grow_up_to_a_limit_and_differ_from_chat_to_chat() -> None:
    retries = Retries()
    for done, longest in enumerate((0.5, 1.0, 2.0, 4.0, 8.0, 8.0)):
        waits = {retries.wait(done, {}) for _ in range(50)}
        assert len(waits) > 1
        assert all(0.75 * longest <= wait <= longest for wait in waits)


async def test_a_limit_cancels_the_step_and_nothing_else() -> None:
    patience = Patience(Timeouts(silence=0.01, total=None))
    with pytest.raises(TooSlow, match=r"first timeout of 0\.01 seconds"):
        await patience.wait(asyncio.Event().wait(), has_begun=False)
    with pytest.raises(TooSlow, match="silence"):
        await patience.wait(asyncio.Event().wait(), has_begun=True)
    assert await asyncio.sleep(0, "alive") == "alive"


async def test_a_cancellation_from_outside_stays_one() -> None:
    waiting = asyncio.ensure_future(Patience(Timeouts(silence=60)).wait(asyncio.Event().wait(), has_begun=True))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_cancellation_that_was_overcome_before_is_not_taken_for_another() -> None:
    async def overcome() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await Patience(Timeouts(silence=0.01)).wait(asyncio.Event().wait(), has_begun=True)

    asking = asyncio.ensure_future(overcome())
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(TooSlow):
        await asking


async def test_the_time_a_reader_takes_does_not_count_as_silence() -> None:
    patience = Patience(Timeouts(silence=0.05, total=None))
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    ready.set_result("first")
    assert await patience.wait(ready, has_begun=True) == "first"
    with pytest.raises(TooSlow):
        await patience.wait(asyncio.Event().wait(), has_begun=True)  # longer than the limit, as a reader might take
    assert await patience.wait(ready, has_begun=True) == "first"
