"""Each page against the same page in plain Django: same rows, same template, no sealing, audit nor grants."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

import typst
from django.db import transaction
from django.db.models import Q
from django.test import Client
from django.test.utils import override_settings
from django.urls import clear_url_caches
from django.utils.timezone import localdate

from tests.bench.measure import Budget, Result, measure

TOTAL, VISIBLE, DUE, TABLED = 20_000, 5_000, 60, 30
MOST = 25
LIST = Budget(ratio=1.5, queries=MOST, more_queries=7)
PAGE = Budget(ratio=2, queries=MOST)
SEARCH = Budget(milliseconds=300, queries=MOST)
DOCUMENT = Budget(ratio=2)
SAVE = Budget(ratio=1.7)


def forget_subject_keys() -> None:
    """Let the next page fetch the keys of its persons; those of the installation are read once a process."""
    from casework.sealing import keyring

    cache = keyring.cache
    system, epochs = dict(cache.system), dict(cache.epochs)
    cache.flush(cache.generation)
    cache.system.update(system)
    cache.epochs.update(epochs)


class Browser:
    """A browser of ours; `cold` makes it one that has just signed in, before a process that knows no person."""

    def __init__(self, mandate: Any, *, keep_keys: bool = False) -> None:
        from tests.people import client_for

        self._make: Callable[[], Client] = lambda: client_for(mandate)
        self._keep_keys = keep_keys
        self.client = self._make()

    def cold(self) -> None:
        """Sign in again: no event covers the next page; forget the keys unless told to keep them."""
        self.client = self._make()
        if not self._keep_keys:
            forget_subject_keys()

    def get(self, url: str) -> Any:
        """Return the answer, which must be a page."""
        answer = self.client.get(url)
        assert answer.status_code == 200, answer.status_code
        return answer

    def search(self, term: str) -> Any:
        """Return the page of hits."""
        answer = self.client.post("/situations/recherche/", {"q": term})
        assert answer.status_code == 200, answer.status_code
        assert answer.context["answer"].hits
        return answer


def run(size: float) -> Iterator[Result]:
    """Yield one line per page."""
    from tests.bench import plain, town

    built = town.load(max(200, int(TOTAL * size)), max(100, int(VISIBLE * size)), DUE)
    with override_settings(ROOT_URLCONF="tests.bench.plain"):
        clear_url_caches()
        # The first page of a process reads the keys of the installation; no other does.
        Browser(built.people.coordinator).get("/situations/")
        yield from _lists(built)
        yield from _situation(built)
        yield from _search(built)
        yield from _meeting(built)
    yield _history(built)
    plain.drop_tables()


def _lists(built: Any) -> Iterator[Result]:
    from tests.bench import plain, plain_views

    today = localdate(built.now)

    for name, mandate, mine, keep in (
        ("list of 50, coordinator, cold keys", built.people.coordinator, {}, False),
        ("list of 50, coordinator, warm keys", built.people.coordinator, {}, True),
        ("list of 50, agent by grants, cold keys", built.people.outreach, {"agent": 1}, False),
    ):
        ours = Browser(mandate, keep_keys=keep)
        answer = ours.get("/situations/")
        ask = partial(plain_views.listing, mandate, built.people.group.pk, today, **mine)
        url = plain.page("list", "followups/list.html", answer, ask)
        signed = plain.client(mandate)
        yield measure(
            name, partial(ours.get, "/situations/"), partial(plain.get, signed, url),
            before_ours=ours.cold, budget=LIST,
        )  # fmt: skip


def _situation(built: Any) -> Iterator[Result]:
    from tests.bench import plain, plain_views

    ours, browser = Browser(built.people.outreach), plain.client(built.people.outreach)
    reference, today = built.due[0].reference, localdate(built.now)
    for tab in ("suivi", "actions"):
        url = f"/situations/{built.due[0].pk}/?onglet={tab}"
        answer = ours.get(url)
        ready = {"header": answer.context["header"], "sections": answer.context["sections"]}
        ask = partial(plain_views.page, tab, reference, built.people.outreach, built.people.group.pk, today, **ready)
        same = plain.page(tab, "followups/page.html", answer, ask)
        yield measure(
            f"situation, {tab}", partial(ours.get, url), partial(plain.get, browser, same),
            before_ours=ours.cold, budget=PAGE,
        )  # fmt: skip


def _search(built: Any) -> Iterator[Result]:
    from tests.bench import plain, town

    term, browser = town.name_of(42), plain.client(built.people.outreach)

    def ask() -> None:
        rows = plain.Situation.objects.filter(agent=1)
        list(rows.filter(Q(last_name__icontains=term) | Q(first_name__icontains=term))[:20])

    for name, keep in (
        (f"search over {built.visible} names, warm keys", True),
        (f"search over {built.visible} names, cold keys", False),
    ):
        ours = Browser(built.people.outreach, keep_keys=keep)
        same = plain.page("search", "followups/search.html", ours.search(term), ask)
        yield measure(
            name, partial(ours.search, term), partial(plain.get, browser, same), before_ours=ours.cold,
            budget=SEARCH, rounds=5,
        )  # fmt: skip


def _prepared(built: Any) -> Any:
    from casework.minors.sessions.actions import meeting
    from tests.people import viewer_of

    services = ("municipality", "pjj_service", "aemo_service", "mds_service", "outreach_service")
    data = meeting.MeetingData(
        starts_at=built.now + timedelta(minutes=5), ends_at=built.now + timedelta(hours=3), place="Salle du conseil",
        organisation_ids=tuple(built.people.organisations[key].pk for key in services),
    )  # fmt: skip
    return meeting.prepare(by=viewer_of(built.people.coordinator, now=built.now), data=data, now=built.now)


def _stored(session: Any) -> Any:
    from casework.minors.sessions.models import GroupSession

    return GroupSession.objects.select_related("group", "territory").get(pk=session.pk)


def _meeting(built: Any) -> Iterator[Result]:
    from casework.minors.followups.codes import ActionType
    from casework.minors.sessions.actions import meeting, minutes, room
    from casework.minors.sessions.models import GroupSession
    from tests.bench import plain
    from tests.people import viewer_of

    by = viewer_of(built.people.coordinator, now=built.now)
    today = localdate(built.now)
    made: list[Any] = []

    def build() -> None:
        found = meeting.build_agenda(by=by, session=made[-1], now=built.now)
        assert found.added == DUE, found

    def build_plain() -> None:
        with transaction.atomic():
            rows = plain.Situation.objects.filter(state="followed", next_review_on__lte=today)
            plain.Line.objects.bulk_create(
                plain.Line(meeting=1, situation=row, position=n, reasons=[{"reason": "review"}])
                for n, row in enumerate(rows)
            )

    def next_meeting() -> None:
        if made:
            meeting.cancel(by=by, session=_stored(made[-1]), now=built.now)
        made.append(_stored(_prepared(built)))

    yield measure("agenda built, 60 situations", build, build_plain, before_ours=next_meeting, rounds=5)

    session = _stored(made[-1])
    for line in session.lines.order_by("-position")[: DUE - TABLED]:
        meeting.remove_line(by=by, session=session, line_id=line.pk, now=built.now)
    meeting.convene(by=by, session=_stored(session), now=built.now)
    GroupSession.objects.filter(pk=session.pk).update(starts_at=built.now)
    row = _stored(session)
    room.start(by=by, session=row, now=built.now, presences={one.pk: "present" for one in row.members.all()})
    lines = list(session.lines.order_by("position"))
    decision = room.DecisionData(
        kind=ActionType.SCHOOL_RETURN, owner_id=built.people.pjj_service.pk, due_on=today + timedelta(days=20),
        precision="avec la famille",
    )  # fmt: skip
    for n, line in enumerate(lines):
        room.open_line(by=by, session=_stored(session), line_id=line.pk, now=built.now)
        room.decide(by=by, session=_stored(session), line_id=line.pk, data=decision, now=built.now)
        if n == 0:
            ours, browser = Browser(built.people.coordinator), plain.client(built.people.coordinator)
            url = f"/reunions/{session.pk}/salle/"

            def ask() -> None:
                list(plain.Line.objects.filter(meeting=1).select_related("situation")[:TABLED])
                for nature in ("action", "scheme", "circle"):
                    list(plain.Step.objects.filter(situation__reference=built.due[0].reference, nature=nature))

            answer = ours.get(url)
            same = plain.page("room", answer.templates[0].name, answer, ask)
            yield measure(
                "room, 30 situations", partial(ours.get, url), partial(plain.get, browser, same), before_ours=ours.cold,
                budget=PAGE,
            )  # fmt: skip
        room.keep(by=by, session=_stored(session), line_id=line.pk, now=built.now)
    room.close_session(by=by, session=_stored(session), now=built.now)
    minutes.submit(by=by, session=_stored(session), now=built.now)
    yield _document(built, f"/reunions/{session.pk}/releve.pdf")


def _document(built: Any, url: str) -> Result:
    """Compare the page that gives the minutes with the bare compilation of the same text."""
    from casework.casefile import documents

    ours = Browser(built.people.coordinator)
    kept: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    compile_ = typst.compile

    def watch(*args: Any, **options: Any) -> Any:
        kept.append((args, options))
        return compile_(*args, **options)

    documents.typst.compile = watch
    try:
        ours.get(url)
    finally:
        documents.typst.compile = compile_
    args, options = kept[-1]
    return measure(
        "minutes of 30 situations, bare Typst", lambda: ours.get(url), lambda: compile_(*args, **options),
        before_ours=ours.cold, budget=DOCUMENT, rounds=5,
    )  # fmt: skip


def _history(built: Any) -> Result:
    """Compare saves that copy a version to the history with saves that do not."""
    from casework.sealing import history

    rows = built.due[:50]

    def save() -> None:
        with transaction.atomic(), history.acting(uuid.UUID(int=1)):
            for row in rows:
                row.save()

    def save_alone() -> None:
        with mock.patch.object(history.SealedHistory, "create_historical_record"):
            save()

    return measure("50 saves, against without history", save, save_alone, budget=SAVE)
