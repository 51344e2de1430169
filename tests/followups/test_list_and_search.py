"""The list and the search: what is shown, found, counted, and what is left behind nowhere."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from casework import audit
from casework.access import grants
from casework.access.policy import Basis
from casework.casefile.matching import normalise
from casework.minors.followups import facts
from casework.minors.followups.codes import Stage
from casework.minors.followups.models import FollowUp, FollowUpGrant
from casework.minors.followups.reads import search, situations
from casework.partners.models import GroupRules
from tests.followups.saisine_setting import opened, refer
from tests.people import client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")

BIRTHDAY = date(2033, 6, 15)
EACH = {stage.name: (stage,) for stage in Stage}
EVE = datetime(2033, 6, 14, 9, tzinfo=UTC)
THE_DAY = datetime(2033, 6, 15, 9, tzinfo=UTC)


@pytest.fixture
def two(people) -> tuple[FollowUp, FollowUp]:
    """Return somebody who turns 25 on the day, and somebody younger."""
    return refer(people, birth_date=BIRTHDAY.replace(year=2008)), refer(people, last_name="Martin", first_name="Léa")


@pytest.mark.rule("RET-03")
@pytest.mark.parametrize(("now", "shown"), [(EVE, 2), (THE_DAY, 1)])
def test_past_its_date_a_record_leaves_the_list_and_its_counts_before_the_job_runs(people, two, now, shown):
    listing = situations.listing(viewer_of(people.coordinator), now=now, kind="nouvelles")
    assert [row.id for row in listing.rows].count(two[0].pk) == shown - 1
    assert (len(listing.rows), listing.total) == (shown, shown)
    assert {key: n for key, _, n in listing.counts}["nouvelles"] == shown


@pytest.mark.rule("RET-03")
@pytest.mark.parametrize(("now", "found"), [(EVE, True), (THE_DAY, False)])
def test_past_its_date_a_record_is_not_found_by_name_nor_by_reference(people, two, now, found):
    viewer = viewer_of(people.coordinator)
    for term in ("Belkacem", two[0].reference):
        hits = search.find(viewer, term, now=now).hits
        assert any(hit.id == two[0].pk for hit in hits) is found
    assert [hit.id for hit in search.find(viewer, "Martin", now=now).hits] == [two[1].pk]


def test_a_reference_is_found_as_it_is_said_aloud(people, two):
    viewer, now = viewer_of(people.coordinator), timezone.now()
    reference = two[1].reference
    for said in (reference, reference.lower(), reference.replace("-", " "), reference.replace("-", "").lower()):
        assert [hit.id for hit in search.find(viewer, said, now=now).hits] == [two[1].pk]


@pytest.mark.rule("T-17")
def test_the_term_is_posted_and_is_nowhere_afterwards(people, two, caplog):
    client, term = client_for(people.coordinator), "Zwyxquelquun"
    url = reverse("followups:search")
    assert client.get(url, {"q": term}).status_code == 405
    with caplog.at_level(logging.DEBUG):
        page = client.post(url, {"q": term})
    assert page.status_code == 200
    assert term in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert term not in caplog.text
    assert term not in str(dict(client.session))
    held = [value for row in rows_of_everything() for value in row]
    assert "clspd" in "".join(value for value in held if isinstance(value, str)).lower()  # the net catches something
    for value in held:
        raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        assert term.encode() not in raw


def rows_of_everything() -> list[tuple[object, ...]]:
    """Return every row of every table of both databases, as stored."""
    found: list[tuple[object, ...]] = []
    for alias in connections:
        with connections[alias].cursor() as cursor:
            for table in connections[alias].introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connections[alias].ops.quote_name(table)}")
                found += cursor.fetchall()
    return found


NAMES = [
    ("Benaïssa", "Chloé"), ("De La Fontaine", "Anne-Laure"), ("D’Angelo", "Enzo"), ("Lê", "Thị-Mai"),
    ("El Haddad", "Noûr"), ("Müller-Roux", "Élise"), ("N’Diaye", "Fatoumata"), ("Le Goff", "Yann"),
    ("Saint-Étienne", "Loïc"), ("Çelik", "Aylin"), ("Garcia Perez", "José"), ("Oumar", "Saïd"),
]  # fmt: skip


def spellings(last: str, first: str) -> set[str]:
    """Return how a hurried person types a name."""
    bare = normalise(f"{first} {last}")
    return {
        last, f"{last} {first}", f"{first} {last}", bare, bare.upper(), normalise(last),
        f"{first} {last}".replace("-", " ").replace("’", "'"), f"{last} {first}".replace("’", " "),
    }  # fmt: skip


@pytest.mark.rule("T-18")
def test_search_finds_what_opening_every_file_finds(people):
    rows = [refer(people, last_name=last, first_name=first) for last, first in NAMES]
    viewer, now = viewer_of(people.coordinator), timezone.now()
    with opened(*rows):
        words = {
            row.pk: set(normalise(f"{row.person.last_name} {row.person.first_name}").replace("-", " ").split())
            for row in rows
        }
    for row, (last, first) in zip(rows, NAMES, strict=True):
        for term in sorted(spellings(last, first)):
            asked = set(normalise(term).replace("-", " ").split())
            brute = {pk for pk, held in words.items() if asked <= held}
            hits = {hit.id for hit in search.find(viewer, term, now=now).hits}
            assert brute | {row.pk} <= hits, term
    typo = {hit.id for hit in search.find(viewer, "Garcia Peres", now=now).hits}
    assert rows[10].pk in typo


@pytest.mark.parametrize("rules", [True, False])
def test_what_is_counted_by_stage_is_what_is_visible(people, rules):
    now = timezone.now()
    for n, stage in enumerate(Stage):
        row = refer(people, last_name=f"Nom{'abcdefghijklmnopqrstuvwxyz'[n]}")
        FollowUp.objects.filter(pk=row.pk).update(state=stage, ended_on=now.date(), end_reason="other")
    closed = FollowUp.objects.filter(state=Stage.ARCHIVED).get()
    by = viewer_of(people.coordinator, now=now)
    with audit.writing(by, now=now) as w:
        grants.give(
            w, FollowUpGrant, mandate=people.coordinator, obj=closed, basis=Basis.ARCHIVE, starts_at=now,
            ends_at=now + timedelta(days=1), reason="archive", by=by,
        )  # fmt: skip
    if not rules:
        GroupRules.objects.all().delete()
    for mandate in people.mandates.values():
        viewer = viewer_of(mandate, now=now)
        stages = Counter(facts.visible_to(viewer, now).values_list("state", flat=True))
        assert facts.count_visible(viewer, now, EACH, 9) == {stage.name: stages[stage] for stage in Stage}, mandate.role
    told = facts.count_visible(by, now, EACH, 9)
    assert (told["ARCHIVED"], told["ENDED"]) == ((1, 0) if rules else (0, 0))


@pytest.mark.rule("T-21")
def test_a_count_stops_above_what_anybody_reads(people, monkeypatch):
    monkeypatch.setattr(situations, "MOST", 3)
    monkeypatch.setattr(situations, "PAGE", 2)
    for n in range(6):
        refer(people, last_name=f"Nom{'abcdef'[n]}")
    viewer, now = viewer_of(people.coordinator), timezone.now()
    shown = [situations.listing(viewer, now=now, kind="nouvelles", page=page) for page in (1, 2, 3, 10**30)]
    assert [listing.total for listing in shown] == [4, 5, 6, 6]
    assert [listing.has_more for listing in shown] == [True, True, False, False]
    assert [listing.page.has_next() for listing in shown] == [True, True, False, False]
    assert {row.id for listing in shown[:3] for row in listing.rows} == set(
        FollowUp.objects.values_list("pk", flat=True)
    )
    assert {key: n for key, _, n in shown[0].counts} == {
        "suivies": 0, "nouvelles": 4, "suspendues": 0, "toutes": 4,
    }  # fmt: skip
    page = client_for(people.coordinator).get("/situations/?etat=nouvelles").content.decode()
    assert "Plus de 3 situations dans cette liste" in page
    assert '<span class="cw-number">plus de 3</span>' in page
    assert "Page 1</span>" in page


def test_each_stage_is_counted_once():
    counted = [stage for stages in situations.KINDS_COUNTED.values() for stage in stages]
    assert sorted(counted) == sorted(Stage)
