"""The programme of a pupil by mouse: a half-day dropped on another exchanges what both hold (EXC-18)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.exclusions.actions import programme
from casework.exclusions.actions.programme import Plan
from casework.exclusions.codes import Theme
from tests.exclusions import setting
from tests.people import build as cast


@pytest.mark.rule("EXC-18")
def test_a_half_day_is_dropped_on_another(enter: Any, live_server: Any, console: list[str]) -> None:
    town = setting.build(cast(), timezone.now())
    support = town.agreed()
    first, second = support.half_days.order_by("day", "half")[:2]
    plans = {first.pk: Plan(theme=Theme.ACT), second.pk: Plan(theme=Theme.SELF)}
    programme.arrange(by=town.viewer(setting.HOST_LEAD), support=support, plans=plans, now=town.now)
    with enter(town.people.mandates["host_lead"]) as page:
        page.goto(live_server.url + reverse("exclusion_support:page", args=[support.pk]))
        page.locator(f"[data-half-day='{first.pk}']").drag_to(page.locator(f"[data-half-day='{second.pk}']"))
        page.wait_for_url(f"**#d-{second.pk}")
    held = dict(support.half_days.values_list("pk", "theme"))
    assert (held[first.pk], held[second.pk]) == (Theme.SELF, Theme.ACT)
    assert console == []
