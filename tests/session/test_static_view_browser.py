"""The saved page in a real browser, which forgives more than any parser."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from autogen_jupyter.session.static_html import html_of, ungated
from autogen_jupyter.session.transcript import RunEntry, Status
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


FOUND = """() => {
    const ACTING = 'script, iframe, object, embed, form, base, meta, link, dialog, video, audio, style, input, button';
    return [...document.querySelectorAll('body *')].flatMap((element) => [
        ...element.getAttributeNames().filter((name) => /^on/.test(name)),
        ...(element.matches(ACTING) ? [element.tagName] : []),
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
        assert await page.evaluate(FOUND) == [], name
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
    await page.set_content(re.sub(r' style="[^"]*"', "", long_page()))
    height = await page.evaluate("(log) => [document.querySelector(log).scrollHeight, document.querySelector(log).clientHeight]", LOG)
    assert height[0] == height[1]
    assert await page.locator("span[hidden]").first.is_hidden()


@pytest.mark.parametrize(("width", "has_avatar"), [(500, False), (1000, True)])
async def test_avatars_give_way_where_there_is_little_room(page: Page, width: int, has_avatar: bool) -> None:
    await page.set_viewport_size({"width": width, "height": 720})
    await page.set_content(long_page())
    sizes = await page.evaluate("[...document.querySelectorAll('span[hidden]')].map(avatar => avatar.getBoundingClientRect().width)")
    assert set(sizes) == {26 if has_avatar else 0}
