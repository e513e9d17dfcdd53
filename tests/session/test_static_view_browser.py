"""The saved page in a real browser, which forgives more than any parser."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable

import pytest
from playwright.async_api import Page, async_playwright

from autogen_jupyter.session.static_html import html_of, ungated
from autogen_jupyter.session.transcript import Status
from tests.hostile import HOSTILE, MARKER
from tests.session.sample import conversation
from tests.session.test_static_view import everywhere

pytestmark = pytest.mark.ui


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"))
        yield await browser.new_page()
        await browser.close()


@pytest.mark.parametrize("make", [html_of, ungated])
async def test_no_hostile_text_runs_or_fetches_anything(page: Page, make: Callable[..., str]) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    for name, text in (one for one in HOSTILE if len(one[1]) < 2_000):  # the rest only try patience
        await page.set_content(f"<!doctype html><body>{make(everywhere(text), Status(state='ended', reason=text))}", wait_until="load")
        assert await page.evaluate(f"window.{MARKER}") is None, name
        # Handlers and addresses that wait for a click or a hover.
        assert (
            await page.evaluate("[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => /^on/.test(n))") == []
        )
        links = await page.evaluate("[...document.querySelectorAll('a')].map(a => a.protocol)")
        assert set(links) <= {"http:", "https:", "mailto:"}, name
    assert [url for url in fetched if not url.startswith("data:image/")] == []


async def test_the_attacks_work_where_nothing_stops_them(page: Page) -> None:
    await page.set_content(f"<!doctype html><body>{dict(HOSTILE)['image onerror']}", wait_until="load")
    await page.wait_for_function(f"window.{MARKER} === 1")


async def test_the_images_of_the_page_are_where_the_entries_say(page: Page) -> None:
    await page.set_content(html_of(*conversation()))
    images = await page.evaluate("[...document.images].map(image => [image.naturalWidth, image.naturalHeight, image.alt])")
    assert images == [[3, 2, "plot, 3×2"]]
