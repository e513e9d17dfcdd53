"""What a notebook keeps of a chat that is too long to be shown in full."""

from __future__ import annotations

from autogen_jupyter.session.bundle import MIME, SHOWN, bundle, entries_of
from autogen_jupyter.session.transcript import MessageEntry, Status

VIEWS = ("text/html", "text/markdown", "text/plain")


def chat(length: int) -> list[MessageEntry]:
    return [MessageEntry(f"m{n}", "assistant", "user", "assistant", f"Message {n}.") for n in range(length)]


def test_a_long_chat_shows_its_end_and_keeps_all_entries() -> None:
    made = bundle(chat(SHOWN + 1_234), Status(state="ended"), versions={})
    for view in VIEWS:
        assert "1,234 earlier entries are not shown here." in made[view]
        assert "Message 1233." not in made[view]
        assert "Message 1234." in made[view]
    assert len(made[MIME]["entries"]) == SHOWN + 1_234
    assert entries_of(made)[0]["text"] == "Message 0."


def test_a_chat_that_is_not_too_long_is_shown_whole() -> None:
    made = bundle(chat(SHOWN), Status(state="ended"), versions={})
    for view in VIEWS:
        assert "Message 0." in made[view]
        assert "not shown" not in made[view]
