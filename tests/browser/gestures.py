"""What every walk in the browser does: look at a page, press a button."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe


def look(page: Any) -> None:
    """Nothing for axe to say, nothing wider than the screen."""
    found = [(each["id"], each["nodes"][0]["html"]) for each in Axe().run(page).response["violations"]]
    assert found == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def click(page: Any, name: str) -> None:
    """Press the first button of this name, and wait for the page."""
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_load_state()
