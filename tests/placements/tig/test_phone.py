"""The tutor's telephone: today's people, arrival to end, both confirm, the whole group; enrolled by the manager, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.timezone import localtime

from casework.access.viewer import Viewer
from casework.casefile import format as fr
from casework.errors import AccessRefused, GuardRefused
from casework.placements.hosts.actions import structures
from casework.placements.tig.actions import ends, phone, plans, proposals
from casework.placements.tig.codes import ENDED, State
from casework.placements.tig.models import HalfDay
from casework.placements.tig.reads import hours
from casework.placements.tig.reads.placements import state_words
from tests.desk.test_shell import menu_of
from tests.instants import noon
from tests.people import client_for
from tests.placements.tig import setting as stage
from tests.placements.tig.clicks import ONCE, finished, morning, text
from tests.placements.tig.setting import assigned, fresh

pytestmark = pytest.mark.django_db(databases="__all__")
TODAY = "tig:today"


@pytest.fixture
def place(people):
    return stage.build(people, places=3)


def first(placement) -> HalfDay:
    return placement.half_days.order_by("day", "half").first()


def tapped(place, row, at, **data):
    """Send one tap at an instant; return the answer."""
    with time_machine.travel(at, tick=False):
        tutor = client_for(place.tutor_mandate, now=at)
        data["once"] = ONCE.search(text(tutor.get(reverse(TODAY)))).group(1)
        return tutor.post(reverse("tig:tap", args=[row.pk]), data)


@pytest.mark.rule("HOST-13", "ASG-08")
def test_arrival_break_and_end_make_the_hours(place):
    placement = assigned(place)
    row = first(placement)
    for hour, minute, do in ((8, 34, "arrive"), (10, 0, "pause"), (10, 12, "pause")):
        assert tapped(place, row, morning(row, hour, minute), do=do).status_code == 302
    row.refresh_from_db()
    assert (f"{row.arrived_at:%H:%M}", row.paused_at, row.paused_minutes, row.outcome) == ("08:34", None, 12, "")
    at = morning(row, 12, 3)
    with time_machine.travel(at, tick=False):
        shown = text(client_for(place.tutor_mandate, now=at).get(reverse(TODAY)))
    assert 'value="08:34"' in shown
    assert 'value="12:00"' in shown  # never after the hour planned
    assert 'value="12"' in shown
    alone = finished(row, starts_at="08:34", ends_at="12:00", break_minutes="12", person_signs="")
    answer = tapped(place, row, at, do="finish", **alone)
    assert answer.status_code == 422
    assert "À cocher par la personne" in text(answer)
    assert hours.done(placement) == 0
    both = finished(row, starts_at="08:34", ends_at="12:00", break_minutes="12")
    assert tapped(place, row, at, do="finish", **both).status_code == 302
    row.refresh_from_db()
    assert (row.minutes, row.mode, row.signed_by_both, row.revision) == (194, "phone", True, 2)
    assert fresh(placement).state == State.IN_PROGRESS


@pytest.mark.rule("HOST-13")
def test_the_whole_group_arrives_and_ends_in_one_go_or_nobody(place):
    placements = [assigned(place, case_mark=f"2026/{n}") for n in range(3)]
    rows = [first(placement) for placement in placements]
    assert len({(row.day, row.half) for row in rows}) == 1
    start = morning(rows[0], 8, 30)
    with time_machine.travel(start, tick=False):
        tutor = client_for(place.tutor_mandate, now=start)
        page = text(tutor.get(reverse(TODAY)))
        assert "Tout le groupe est là : 3 personnes" in page
        tutor.post(reverse("tig:group"), {"once": ONCE.search(page).group(1), "do": "arrive"})
    assert {f"{row.arrived_at:%H:%M}" for row in HalfDay.objects.filter(pk__in=[row.pk for row in rows])} == {"08:30"}
    end = morning(rows[0], 12, 0)
    data = {"groupe-ends_at": "12:00", "groupe-person_signs": "on", "groupe-tutor_signs": "on", "do": "finish"}
    with time_machine.travel(end, tick=False):
        tutor = client_for(place.tutor_mandate, now=end)
        page = text(tutor.get(reverse(TODAY)))
        tokens = {"once": ONCE.search(page).group(1)}
        refused = tutor.post(reverse("tig:group"), tokens | data | {"groupe-ends_at": "23:00"})
        assert refused.status_code == 422
        assert "Rien n’est enregistré pour le groupe" in text(refused)
        assert sum(hours.done(placement) for placement in placements) == 0
        page = text(refused)
        assert tutor.post(reverse("tig:group"), {"once": ONCE.search(page).group(1)} | data).status_code == 302
    assert [hours.done(placement) for placement in placements] == [210, 210, 210]


def test_nobody_arrives_hours_before(place):
    row = first(assigned(place))
    tapped(place, row, morning(row, 7, 29), do="arrive")
    row.refresh_from_db()
    assert row.arrived_at is None
    tapped(place, row, morning(row, 7, 30), do="arrive")
    row.refresh_from_db()
    assert f"{row.arrived_at:%H:%M}" == "07:30"


@pytest.mark.rule("ACL-04")
def test_a_telephone_taken_back_opens_nothing_that_second(place):
    placement = assigned(place)
    row = first(placement)
    at = morning(row, 9)
    here = reverse("tig:page", args=[placement.pk])
    with time_machine.travel(at, tick=False):
        tutor, manager = client_for(place.tutor_mandate, now=at), client_for(place.people.host, now=at)
        assert tutor.get(here).status_code == 200
        host_page = reverse("hosts:host", args=[place.host.pk])
        page = text(manager.get(host_page))
        assert "Retirer le téléphone" in page
        url = reverse("hosts:supervisor_phone", args=[place.tutor.pk])
        manager.post(url, {"once": ONCE.search(page).group(1), "allowed": "0"})
        assert tutor.get(here).status_code == 404
        assert "Zzmartin" not in text(tutor.get(reverse(TODAY)))
        with pytest.raises(AccessRefused):
            phone.arrive(by=place.viewer("tutor", at), half_day_ids=[row.pk], now=at)
        page = text(manager.get(host_page))
        manager.post(url, {"once": ONCE.search(page).group(1), "allowed": "1"})
        assert tutor.get(here).status_code == 200


@pytest.mark.rule("ACL-04", "HOST-07")
def test_a_tutor_enrols_nobody_and_a_tutor_without_account_has_no_telephone(place):
    at = localtime()
    with pytest.raises(AccessRefused):
        structures.set_phone(by=place.viewer("tutor"), supervisor=place.tutor, allowed=True, now=at)
    nobody = structures.add_supervisor(
        by=place.viewer("spip"), host=place.host, name="R. Sans", is_manager=False, mandate_id=None, now=at
    )
    with pytest.raises(GuardRefused):
        structures.set_phone(by=place.viewer("host"), supervisor=nobody, allowed=True, now=at)


@pytest.mark.rule("ACL-04")
def test_only_the_people_of_the_day_and_only_their_presence(place):
    """Same role, same person: the tutor of the day plans nothing, takes nothing out, certifies nothing."""
    placement = assigned(place)
    row = first(placement)
    at = morning(row, 9)
    tutor: Viewer = place.viewer("tutor", at)
    later = placement.half_days.exclude(day=row.day).first()
    with time_machine.travel(at, tick=False):
        with pytest.raises(AccessRefused):
            phone.arrive(by=tutor, half_day_ids=[later.pk], now=at)
        with pytest.raises(AccessRefused):
            plans.replan(by=tutor, placement=placement, weekly=1, start=row.day, now=at)
        with pytest.raises(AccessRefused):
            plans.remove_half_day(by=tutor, half_day_id=later.pk, now=at)
        with pytest.raises(AccessRefused):
            ends.certify(by=tutor, placement=placement, now=at)
        with pytest.raises(AccessRefused):
            proposals.name_supervisor(by=tutor, placement=placement, supervisor_id=place.manager.pk, now=at)
        page = text(client_for(place.tutor_mandate, now=at).get(reverse("tig:page", args=[placement.pk])))
    assert "Signaler un incident" in page
    for refused in ("Planifier les heures", "Désigner le tuteur", "demi-journees", "Suspendre le travail"):
        assert refused not in page


def test_the_menu_of_a_tutor_is_the_day_and_that_of_a_manager_the_posts(place):
    assert {"Postes", "Structures d’accueil", "Accueils"} & set(menu_of(place.tutor_mandate)) == set()
    assert {"Aujourd’hui", "Accueils", "Postes"} <= set(menu_of(place.people.host))


def test_the_work_of_a_tutor_is_the_people_of_the_day(place):
    row = first(assigned(place))
    for day, waits in ((row.day, True), (row.day - timedelta(days=1), False)):
        at = morning(row, 8) + (day - row.day)
        with time_machine.travel(at, tick=False):
            page = text(client_for(place.tutor_mandate, now=at).get(reverse("desk:work")))
        assert ("Accueils d’aujourd’hui : 2 présences à noter" in page) is waits


@pytest.mark.rule("HOST-15")
def test_the_words_of_a_host_tell_nothing_of_what_the_magistrate_decides(place):
    host, spip = place.viewer("host"), place.viewer("spip")
    stopped = {State.WORK_SUSPENDED, State.CLOCK_SUSPENDED, State.BREACH_REPORTED}
    assert len({state_words(host, state) for state in stopped}) == 1
    assert len({state_words(host, state) for state in ENDED - {State.COMPLETED}}) == 1
    assert len({state_words(spip, state) for state in State}) == len(State)


@pytest.mark.rule("ACL-04")
def test_a_day_without_anybody_says_when_the_next_one_is_and_names_nobody(place):
    placement = assigned(place)
    row = placement.half_days.order_by("day").first()
    before = noon(row.day - timedelta(days=1))
    with time_machine.travel(before, tick=False):
        for mandate in (place.tutor_mandate, place.people.host):
            page = client_for(mandate, now=before).get(reverse("tig:today")).content.decode()
            assert f"Prochain jour&nbsp;: {fr.day(row.day)}, 1 personne attendue" in page
            assert "Zzmartin" not in page
        structures.set_phone(by=place.viewer("host", before), supervisor=place.tutor, allowed=False, now=before)
        page = client_for(place.tutor_mandate, now=before).get(reverse("tig:today")).content.decode()
        assert "Prochain jour" not in page
