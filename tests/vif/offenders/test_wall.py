"""The wall from the other side: whoever helps a victim learns nothing of a person under measure (VIC-07, rows 19 to 21)."""

from __future__ import annotations

import uuid
from copy import deepcopy
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.partners import hooks
from casework.vif.offenders import facts
from casework.vif.offenders.models import Measure
from tests.access.reviewed import COLUMNS, ROWS, Moment, cells, says
from tests.attack.hamlet import ROLES, Hamlet, object_routes
from tests.attack.hamlet.files import measured
from tests.attack.test_t19_absent_and_refused_alike import knock
from tests.people import build as cast
from tests.people import client_for
from tests.standing import written_once
from tests.vif.offenders.setting import PERSON
from tests.vif.test_wall import _pages

pytestmark = pytest.mark.django_db(databases="__all__")

READERS = {"apers_offender", "prosecutor"}
WORDS = (PERSON, "Zzcanari adresse", "Zzcanari récit", "Zzcanari Substitut", "Zzcanari Association", "0639980041")


def _write() -> Hamlet:
    """One measure with one of everything; the officer of the victim's side leads its own side of the association."""
    people = cast()
    people.apers_victim.is_service_lead = True
    people.apers_victim.save()
    found = Hamlet(people, timezone.now())
    measured(found)
    return found


standing = written_once(_write)


@pytest.fixture
def hamlet(standing: Hamlet) -> Hamlet:
    return deepcopy(standing)


@pytest.mark.attack("T-33", "T-34", "T-35")
@pytest.mark.rule("ACL-01", "ACL-03", "CJ-38", "VIC-07")
def test_rows_19_to_21_as_lived_by_every_role(hamlet: Hamlet) -> None:
    table, column = cells(), {role: code for code, role in COLUMNS.items()}
    measure, opened = Measure.objects.get(), set()
    for who in ROLES:
        viewer = hamlet.viewer(who)
        here = viewer.live(hamlet.now) and viewer.charter_signed
        here = here and viewer.territory_id == measure.territory_id and viewer.role in column
        link = facts.relation(viewer, measure, hamlet.now)
        moment = Moment(bases=frozenset(basis.value for basis in link.grants), lead=viewer.is_service_lead)
        for number in ("19", "20", "21"):
            data_class = DataClass(ROWS[number])
            for action in Action:
                code = column.get(viewer.role, "")
                said = bool(here) and says(table[number, code], number, code, action.value, moment)
                assert link.may(viewer, action, data_class, hamlet.now) is said, (who, number, action)
            listed = facts.visible_to(viewer, hamlet.now, data_class).filter(pk=measure.pk).exists()
            assert listed is link.may(viewer, Action.VIEW, data_class, hamlet.now), (who, number)
            opened |= {who} if listed else set()
    assert opened == READERS


@pytest.mark.attack("T-39", "T-40")
@pytest.mark.rule("VIC-07", "ACL-05", "LOG-05")
@pytest.mark.parametrize("who", ["apers_victim", "coordinator", "spip", "valideur"])
def test_no_page_of_anybody_else_says_a_word_of_a_measure(hamlet: Hamlet, who: str) -> None:
    client = client_for(hamlet.people.mandates[who], now=hamlet.now)
    measure = Measure.objects.get()
    ids = [str(value) for key, value in hamlet.ids.items() if isinstance(value, uuid.UUID)]
    words = [*WORDS, measure.reference, str(measure.subject_id), *ids]
    leaks, read = [], 0
    for name, url in _pages(hamlet):
        answer = client.get(url)
        assert answer.status_code < 500, (name, answer.status_code)
        body = unescape(b"".join(answer).decode("utf-8", "replace"))
        read += answer.status_code == 200
        leaks += [(name, word) for word in words if word in body]
    assert not leaks, leaks
    assert read > 3
    held = hooks.entrusted(hamlet.people.apers_offender, hamlet.viewer(who), hamlet.now)
    assert held == [], "nothing organisation-wide joins the two sides"


@pytest.mark.attack("T-19")
@pytest.mark.rule("ACL-05", "VIC-07")
def test_a_guessed_id_answers_like_an_unknown_one_to_the_victims_side(hamlet: Hamlet) -> None:
    client = client_for(hamlet.people.apers_victim, now=hamlet.now)
    client.get(reverse("desk:work"))
    compared = 0
    for name, pattern in object_routes():
        if not name.startswith("measures:"):
            continue
        parts = hamlet.kwargs(name, pattern.pattern.converters)
        knock(client, reverse(name, kwargs=parts | {"pk": uuid.uuid4()}), "GET")  # the log of the town is warm
        for method in ("GET", "POST"):
            unknown = knock(client, reverse(name, kwargs=parts | {"pk": uuid.uuid4()}), method)
            known = knock(client, reverse(name, kwargs=parts), method)
            assert known == unknown, (name, method)
            assert known[0] in (404, 405), (name, method)
            compared += 1
    assert compared > 40
