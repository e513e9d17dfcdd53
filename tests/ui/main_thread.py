"""What the page's main thread does while something goes on, as the browser itself records it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

__all__ = ["Blocked", "watched"]

TASK = "ThreadControllerImpl::RunTask"


@dataclass
class Blocked:
    """The longest task of the main thread, in seconds. Until the watch has ended it is 0."""

    cpu: float = 0.0
    """Time in which the thread ran: hardly different on a machine that has other things to do."""
    wall: float = 0.0
    """Time that passed, with what other processes took of it."""

    def __str__(self) -> str:
        return f"longest task {1000 * self.cpu:.0f} ms of work, {1000 * self.wall:.0f} ms in all"


@contextlib.contextmanager
def watched(page: Page) -> Iterator[Blocked]:
    """Record the tasks of the page's main thread.

    Example::

        with watched(page) as blocked:
            page.get_by_role("button").click()
        assert blocked.cpu < 0.1
    """
    session = page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    ended: list[bool] = []
    session.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    session.on("Tracing.tracingComplete", lambda _: ended.append(True))
    session.send("Tracing.start", {"traceConfig": {"includedCategories": ["toplevel"], "recordMode": "recordAsMuchAsPossible"}})
    blocked = Blocked()
    try:
        yield blocked
    finally:
        session.send("Tracing.end")
        while not ended:
            page.wait_for_timeout(20)
        session.detach()
    tasks = _tasks(events)
    blocked.cpu = max((task.get("tdur", 0) for task in tasks), default=0) / 1e6
    blocked.wall = max((task.get("dur", 0) for task in tasks), default=0) / 1e6


def _tasks(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tasks of all renderers' main threads. Only the page under test does anything worth to mention."""
    threads = {(event["pid"], event["tid"]) for event in events if event.get("args", {}).get("name") == "CrRendererMain"}
    return [event for event in events if event["name"] == TASK and (event["pid"], event["tid"]) in threads]
