"""What higher floors register is collected once, in order."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

from casework.casefile import deadlines, navigation, work
from casework.casefile.deadlines import Deadline
from casework.casefile.navigation import Entry
from casework.casefile.registry import Sources
from casework.casefile.work import WorkItem
from tests.casefile.support import NADIA, NOW

DAY = date(2026, 12, 8)


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 12, 1), "ok"),
        (date(2026, 12, 2), "soon"),
        (date(2026, 12, 8), "soon"),
        (date(2026, 12, 9), "late"),
    ],
)
@pytest.mark.rule("DL-01")
def test_a_deadline_is_late_the_day_after(today, state):
    assert deadlines.state_on(today, due=DAY, warn=date(2026, 12, 2)) == state


def test_sources_count_once_and_are_asked_for_the_viewer(monkeypatch):
    sources = Sources()
    asked = []

    @sources.register
    def source(viewer, now):
        asked.append((viewer, now))
        return [1]

    sources.register(source)
    assert sources.collect(NADIA, NOW) == [1]
    assert asked == [(NADIA, NOW)]


def test_deadlines_come_nearest_first(monkeypatch):
    def due(day):
        return Deadline(rule="DL-01", label="x", due=day, warn=day, object_id=uuid.uuid4(), url="/", state="ok")

    monkeypatch.setattr(deadlines._SOURCES, "_sources", {})
    deadlines.register(lambda viewer, now: [due(DAY), due(date(2026, 11, 1))])
    assert [d.due for d in deadlines.for_viewer(NADIA, NOW)] == [date(2026, 11, 1), DAY]


def test_work_comes_dated_first(monkeypatch):
    def item(when):
        return WorkItem(group_when=when, kind="mine", reference="MIR", label="x", url="/")

    monkeypatch.setattr(work._SOURCES, "_sources", {})
    work.register(lambda viewer, now: [item(None), item(DAY), item(date(2026, 11, 1))])
    assert [i.group_when for i in work.for_viewer(NADIA, NOW)] == [date(2026, 11, 1), DAY, None]


def test_the_menu_is_in_order(monkeypatch):
    monkeypatch.setattr(navigation, "_ENTRIES", {})
    for order, name in ((30, "b"), (10, "a"), (30, "b")):
        navigation.register(Entry(label=name, url_name=name, icon="home", order=order))
    assert [entry.url_name for entry in navigation.entries()] == ["a", "b"]
