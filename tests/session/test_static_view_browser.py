"""The saved page in a real browser, which forgives more than any parser."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from autogen_jupyter.session.html_sheet import BOX_CLASS, SHEET
from autogen_jupyter.session.static_html import html_of, ungated
from autogen_jupyter.session.transcript import MessageEntry, RunEntry, Status
from tests.hostile import BUNDLES, HOSTILE, MARKER
from tests.session.sample import conversation
from tests.session.test_static_view import everywhere

pytestmark = pytest.mark.ui


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"))
        yield await browser.new_page()
        await browser.close()


FOUND = """(sheet) => {
    const ACTING = 'script, iframe, object, embed, form, base, meta, link, dialog, video, audio, style, input, button';
    return [...document.querySelectorAll('body *')].flatMap((element) => [
        ...element.getAttributeNames().filter((name) => /^on/.test(name)),
        ...(element.matches(ACTING) && element.outerHTML !== sheet ? [element.tagName] : []),
        ...(element.tagName === 'A' && !['http:', 'https:', 'mailto:'].includes(element.protocol) ? [element.href] : []),
        ...(getComputedStyle(element).position === 'fixed' ? ['fixed ' + element.outerHTML.slice(0, 80)] : []),
    ]);
}"""
"""What a page shows that acts, or would when it is clicked or pointed at."""
GLOBALS = "Object.getOwnPropertyNames(window)"


@pytest.mark.parametrize("make", [html_of, ungated])
async def test_no_hostile_text_runs_or_fetches_anything(page: Page, make: Callable[..., str]) -> None:
    acted: list[str] = []
    page.on("request", lambda request: acted.append(request.url))
    page.on("dialog", lambda dialog: acted.append(dialog.message))
    page.on("framenavigated", lambda frame: acted.append(frame.url))
    before = set(await page.evaluate(GLOBALS))
    pages = [(name, everywhere(text), text) for name, text in HOSTILE]
    pages += [(name, [shown(data, metadata)], "") for name, data, metadata in BUNDLES]
    assert len(pages) >= 200
    for name, entries, text in pages:
        await page.set_content(f"<!doctype html><body>{make(entries, Status(state='ended', reason=text))}", wait_until="load")
        assert await page.evaluate(f"window.{MARKER}") is None, name
        assert await page.evaluate(FOUND, SHEET) == [], name
        assert [url for url in acted if not url.startswith("data:image/")] == [], name
    assert set(await page.evaluate(GLOBALS)) == before


def shown(data: dict[str, Any], metadata: dict[str, Any]) -> RunEntry:
    output = {"output_type": "display_data", "data": data, "metadata": metadata}
    return RunEntry("r1", "user", "m1", [], state="ok", outputs=[output])


async def test_the_attacks_work_where_nothing_stops_them(page: Page) -> None:
    await page.set_content(f"<!doctype html><body>{dict(HOSTILE)['image onerror']}", wait_until="load")
    await page.wait_for_function(f"window.{MARKER} === 1")


async def test_the_images_of_the_page_are_where_the_entries_say(page: Page) -> None:
    await page.set_content(html_of(*conversation()))
    images = await page.evaluate("[...document.images].map(image => [image.naturalWidth, image.naturalHeight, image.alt])")
    assert images == [[3, 2, "plot, 3×2"]]


LOG = "[role=region]"


def long_page() -> str:
    entries, status = conversation()
    return html_of([replace(entry, id=f"{number}-{entry.id}") for number in range(5) for entry in entries], status)


async def test_a_long_conversation_starts_at_its_end_and_scrolls_to_its_beginning(page: Page) -> None:
    await page.set_content(long_page())
    box = await page.evaluate("(log) => document.querySelector(log).parentElement.getBoundingClientRect().height", LOG)
    assert box == pytest.approx(0.78 * 720, abs=1)
    last, first = page.locator(LOG).get_by_text("Data").last, page.locator(LOG).get_by_text("Which species").first
    assert await within(page, last)
    assert not await within(page, first)
    await page.locator(LOG).focus()
    await page.keyboard.press("Home")
    await expect(first).to_be_in_viewport()


async def within(page: Page, locator: Locator) -> bool:
    """Return whether an element is in the visible part of the log."""
    return bool(
        await locator.evaluate(
            """(element, log) => { const box = document.querySelector(log).getBoundingClientRect(), own = element.getBoundingClientRect();
            return own.top >= box.top && own.bottom <= box.bottom; }""",
            LOG,
        )
    )


async def test_without_styles_everything_is_on_the_page(page: Page) -> None:
    await page.set_content(re.sub(r' style="[^"]*"', "", long_page().replace(SHEET, "")))
    height = await page.evaluate("(log) => [document.querySelector(log).scrollHeight, document.querySelector(log).clientHeight]", LOG)
    assert height[0] == height[1]
    for said in ("✗ Error", "✓ Done · 1.2 s · edited by you", "Warning: The agent kernel uses 1.2 GB."):
        await expect(page.get_by_text(said).first).to_be_visible()
    assert await page.get_by_role("separator").count() == 4 * 5 - 1  # between messages


async def test_with_styles_nothing_shows_that_stands_for_them(page: Page) -> None:
    await page.set_content(long_page())
    assert "✗" not in await page.inner_text(LOG)
    assert "Warning: The agent" not in await page.inner_text(LOG)
    assert await page.get_by_role("separator").count() == 0


AROUND = '<h1 class="_msg">Title</h1><pre class="_read _bad">x</pre><table><tr><td>1</td></tr><tr><td class="_code">2</td></tr></table>'
LOOKS = """(root) => [...document.querySelectorAll(root + ' *')].filter((one) => one.tagName !== 'STYLE').map((one) => {
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    return [one.tagName, box.x, box.width, box.height, ...[...style].map((name) => `${name}: ${style.getPropertyValue(name)}`)];
})"""
"""All that can be seen of what is below an element."""


async def test_the_style_sheet_changes_nothing_around_the_chat(page: Page) -> None:
    await page.set_content(f"<!doctype html><body><div id=around>{AROUND}</div>")
    before = await page.evaluate(LOOKS, "#around")
    await page.set_content(f"<!doctype html><body><div id=around>{AROUND}</div>{long_page()}")
    assert await page.evaluate(LOOKS, "#around") == before


async def test_chats_of_two_versions_do_not_disturb_each_other(page: Page) -> None:
    first = f"<div id=first>{html_of(*conversation())}</div>"
    other = html_of(*conversation()).replace(BOX_CLASS, "agentchat-other").replace("display:grid", "display:block;color:red")
    await page.set_content(f"<!doctype html><body>{first}")
    before = await page.evaluate(LOOKS, "#first")
    await page.set_content(f"<!doctype html><body>{first}{other}")
    assert await page.evaluate(LOOKS, "#first") == before


RIVALS = ".jp-X.jp-X tbody tr:nth-child(even) td:hover, .jp-X.jp-X tbody tr td, .jp-X.jp-X div > pre { padding: 9px }"


async def test_rules_of_the_page_around_do_not_win(page: Page) -> None:
    await page.set_content(f"<!doctype html><style>{RIVALS}</style><body class=jp-X>{html_of(*conversation())}")
    seen = await page.evaluate("['td', 'pre'].map((name) => getComputedStyle(document.querySelector(name)).paddingTop)")
    assert seen == ["3px", "2px"]


@pytest.mark.parametrize(("width", "has_avatar"), [(500, False), (1000, True)])
async def test_avatars_give_way_where_there_is_little_room(page: Page, width: int, has_avatar: bool) -> None:
    await page.set_viewport_size({"width": width, "height": 720})
    await page.set_content(long_page())
    avatars = "[...document.querySelectorAll('[data-a]')].map((message) => getComputedStyle(message, '::before'))"
    sizes = await page.evaluate(f"{avatars}.map((avatar) => avatar.width + avatar.content)")
    assert set(sizes) == {f'{26 if has_avatar else 0}px"{letter}" / ""' for letter in "UA"}


LINKED = re.compile(rb"/URI \(https://a\.example/(\d+)\)")


async def test_paper_shows_the_whole_chat(page: Page) -> None:
    entries, status = conversation()
    said = "It says something in a few words. " * 12
    messages = [MessageEntry(str(number), "a", "b", "user", f"[{number}](https://a.example/{number}) {said}") for number in range(60)]
    await page.set_content(html_of([*messages[:30], *entries, *messages[30:]], status))
    written = await page.pdf()
    assert len(re.findall(rb"/Type\s*/Page\b", written)) > 5
    assert sorted(map(int, LINKED.findall(written))) == [*range(60)]  # a link is where it is seen


async def test_on_paper_long_lines_of_code_are_broken(page: Page) -> None:
    await page.set_content(html_of([MessageEntry("m", "a", "b", "user", f"```\n{'long ' * 300}\n```")], Status()))
    is_cut = "document.querySelector('pre').scrollWidth > document.querySelector('pre').clientWidth"
    assert await page.evaluate(is_cut)
    await page.emulate_media(media="print")
    assert not await page.evaluate(is_cut)
