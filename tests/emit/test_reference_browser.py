"""The HTML reference in a real browser, used as a reader uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import Browser
from reference_support import widget

from opgen.emit.reference import page

pytestmark = pytest.mark.slow

SEEN = "[...document.querySelectorAll('details.field')].filter(f => f.checkVisibility()).map(f => f.dataset.path)"
FOUND = "document.getElementById('found').value"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.example.com.html"
    path.write_text(page("shop.example.com", [widget()]), encoding="utf-8")
    return path


async def type_in(browser: Browser, words: str) -> None:
    await browser.evaluate(
        "(() => { const s = document.getElementById('search');"
        f" s.value = {words!r}; s.dispatchEvent(new Event('input')); }})()"
    )


async def test_search_shows_the_field_and_what_is_above_it(browser: Browser, file: Path) -> None:
    await browser.open(file)
    assert await browser.evaluate(SEEN) == ["spec", "status"]
    await type_in(browser, "far below")
    await browser.until(f"{FOUND} === '1 field'")
    assert await browser.evaluate(SEEN) == [
        "spec",
        "spec.nested",
        "spec.nested.deep",
        "spec.nested.deep.leaf",
    ]
    await type_in(browser, "no such words")
    await browser.until("!document.getElementById('nothing').hidden")
    await type_in(browser, "")
    await browser.until(f"{FOUND} === ''")
    assert "spec.replicas" in await browser.evaluate(SEEN)
    assert browser.said == []


async def test_fields_fold_and_unfold(browser: Browser, file: Path) -> None:
    await browser.open(file)
    await browser.evaluate("document.querySelector('details.field > summary').click()")
    assert "spec.replicas" in await browser.evaluate(SEEN)
    assert "spec.nested.deep" not in await browser.evaluate(SEEN)
    await browser.evaluate("document.getElementById('expand').click()")
    assert "spec.nested.deep.leaf" in await browser.evaluate(SEEN)
    await browser.evaluate("document.getElementById('collapse').click()")
    assert await browser.evaluate(SEEN) == ["spec", "status"]
    assert browser.said == []


async def test_a_link_opens_what_it_leads_to(browser: Browser, file: Path) -> None:
    await browser.open(file, "#Widget.v1.spec.ports%5B%5D.port")
    await browser.until("document.getElementById('Widget.v1.spec.ports[].port').open")
    top = await browser.evaluate(
        "document.getElementById('Widget.v1.spec.ports[].port').getBoundingClientRect().top"
    )
    assert 0 <= top < 900
    await browser.evaluate("location.hash = '#Widget.v1.spec.nested.deep.leaf'")
    await browser.until("document.getElementById('Widget.v1.spec.nested.deep.leaf').open")
    assert browser.said == []


async def test_nothing_is_wider_than_a_phone(browser: Browser, file: Path) -> None:
    await browser.call(
        "Emulation.setDeviceMetricsOverride", width=380, height=800, deviceScaleFactor=1, mobile=False
    )
    await browser.open(file)
    await browser.evaluate("document.getElementById('expand').click()")
    wide = "[...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > 381)"
    assert await browser.evaluate(f"{wide}.map(e => e.outerHTML.slice(0, 80))") == []
    assert await browser.evaluate("document.documentElement.scrollWidth") <= 380


async def test_a_picture_of_the_page_is_drawn(browser: Browser, file: Path) -> None:
    await browser.open(file, "#Widget.v1.spec.name")
    await browser.until("document.getElementById('Widget.v1.spec.name').open")
    picture = await browser.picture()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000  # an empty page is a few kilobytes
