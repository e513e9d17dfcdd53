"""Much text and many messages: nothing is lost, few messages travel, and the page goes on answering."""

from __future__ import annotations

from playwright.sync_api import expect

from .jupyter import Notebook
from .main_thread import watched
from .test_chat_view import START

LONGEST = 0.1
"""Seconds of work that one task of the page's main thread may take."""

DELTAS = """
import time
sent = []
def count(content, *rest, **named):
    sent.append(content)
    return send(content, *rest, **named)
send, script.widget.send = script.widget.send, count
"""
GROW = """
id_ = script.say("assistant", "user", "", state="writing")
from autogen_jupyter.session.transcript import TextAppended
begun = time.monotonic()
for n in range(2000):
    script.entries[id_] = replace(script.entries[id_], text=script.entries[id_].text + f"w{n} ")
    script.post(TextAppended(id_, f"w{n} "))
    await asyncio.sleep(max(0, begun + 2 * n / 2000 - time.monotonic()))
took = time.monotonic() - begun
script.put(replace(script.entries[id_], state="done"))
await asyncio.sleep(0.2)
print(f"took {took:.1f} s, {len(sent)} messages")
"""


def test_two_thousand_deltas_in_two_seconds(lab: Notebook):
    lab.open([START + DELTAS + "script.say('user', 'assistant', 'Count.')", GROW])
    lab.run_cell(0)
    expect(lab.chat.get_by_role("article")).to_have_count(1)
    message = lab.chat.get_by_role("article", name="assistant to user")
    with watched(lab.page) as blocked:
        lab.run_cell(1)
        lab.wait_for_text(1, "messages")
        expect(message).to_contain_text("w1999")
    assert message.locator("p").inner_text().split() == [f"w{n}" for n in range(2000)]
    assert int(lab.cell_text(1).split(", ")[1].split()[0]) < 100
    assert blocked.cpu < LONGEST, blocked


MANY = """
from autogen_jupyter.session.transcript import EntryPut
for n in range(10_000):
    entry = MessageEntry(f"e{n}", ("planner", "coder", "critic")[n % 3], "manager", "assistant", f"Message **{n}** with `code`.")
    script.entries[entry.id] = entry
    script.post(EntryPut(entry))
    if n % 50 == 49:
        await asyncio.sleep(0.02)
print("all sent")
"""


def test_ten_thousand_messages(lab: Notebook):
    lab.open([START, MANY])
    lab.run_cell(0)
    expect(lab.chat).to_be_visible()
    with watched(lab.page) as blocked:
        lab.run_cell(1)
        lab.wait_for_text(1, "all sent", timeout=90)
        expect(lab.chat.get_by_role("article").last).to_contain_text("Message 9999", timeout=30_000)
    assert blocked.cpu < LONGEST, blocked
    assert lab.chat.get_by_role("article").count() <= 450
    expect(lab.chat.get_by_role("button", name="earlier")).to_have_text("Show 150 earlier of 9850")

    articles, log = lab.chat.get_by_role("article"), lab.chat.get_by_role("log")
    earlier, later = lab.chat.get_by_role("button", name="earlier"), lab.chat.get_by_role("button", name="later")
    lab.page.wait_for_function("document.querySelectorAll('[role=log] article .aj-text:not(:empty)').length >= 150")
    log.evaluate("log => { log.scrollTop = 0; }")
    for shown, first in ((300, 9700), (450, 9550)):
        earlier.click()
        expect(articles).to_have_count(shown)
        expect(articles.first).to_contain_text(f"Message {first}")
    earlier.click()
    expect(articles.first).to_contain_text("Message 9400")
    expect(articles).to_have_count(450)
    later.click()
    expect(articles.last).to_contain_text("Message 9999")
    expect(later).to_be_hidden()

    lab.reload()
    expect(articles.last).to_contain_text("Message 9999", timeout=30_000)
    expect(articles).to_have_count(150)
    earlier.click()
    expect(articles).to_have_count(300)
    expect(articles.first).to_contain_text("Message 9700")
