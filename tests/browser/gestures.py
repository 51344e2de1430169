"""What every walk in the browser does: look at a page, press a button."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

PHONE = {"width": 390, "height": 844}


def look(page: Any) -> None:
    """Nothing for axe to say, nothing wider than the screen."""
    page.wait_for_load_state()
    try:
        answer = Axe().run(page)
    except Error:  # the next page came while this one was read
        page.wait_for_load_state()
        answer = Axe().run(page)
    found = [(each["id"], each["nodes"][0]["html"]) for each in answer.response["violations"]]
    assert found == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def follow(link: Any) -> None:
    """Click a link, and wait until the page that it leads to is the one that is read."""
    with link.page.expect_navigation():
        link.click()


def click(page: Any, name: str) -> None:
    """Press the first button of this name, and wait for the page."""
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_load_state()
