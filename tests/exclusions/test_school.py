"""The school in the browser: a place first, then a name, in two minutes; what waits for a place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.casefile import calendar, drafts
from casework.errors import AccessRefused, GuardRefused
from casework.exclusions import work
from casework.exclusions.actions import holding, houses, notice
from casework.exclusions.codes import Kind, Since, State
from casework.exclusions.models import ExclusionSupport, OpenHalfDay, SupportHalfDay, WaitingNeed
from casework.exclusions.reads import offers, places
from casework.sealing import history
from tests.exclusions.setting import HOST_LEAD, NAME, SCHOOL, SCHOOL_LEAD, Setting, announce, convention, fresh
from tests.exclusions.test_pages import client, post, text

pytestmark = pytest.mark.django_db(databases="__all__")


def looked(town: Setting, **changes: Any) -> dict[str, Any]:
    days = {"starts_on": town.monday.isoformat(), "ends_on": (town.monday + timedelta(days=4)).isoformat()}
    return {"kind": "exclusion", "level": "4e", "half_days": [str(pk) for pk in town.half_days()]} | days | changes


def told(town: Setting, **changes: Any) -> dict[str, Any]:
    return {
        "last_name": NAME, "first_name": "Ilan", "starts_on": town.monday.isoformat(),
        "ends_on": (town.monday + timedelta(days=4)).isoformat(), "decided_on": town.today.isoformat(),
        "procedure_on": calendar.add_working_days(town.today, -4).isoformat(), "reason": "insult",
        "parent": "Zzmere", "phone": "06 39 98 00 66", "revision": "1",
    } | changes  # fmt: skip


@pytest.mark.rule("EXC-16", "10.6")
def test_a_school_holds_a_place_without_a_name_then_names_the_pupil(town: Setting) -> None:
    browser = client(town, SCHOOL)
    page = text(browser, "receive")
    assert town.people.mandates[HOST_LEAD].organisation.name in page
    assert page.count('name="half_days"') >= 10
    held = post(browser, "receive", looked(town, go="tenir"))
    support = ExclusionSupport.objects.get()
    assert held["Location"] == reverse("exclusion_support:page", args=[support.pk])
    assert support.state == State.PLACE_HELD
    assert "Annoncer l’élève" in text(browser, "page", support.pk)
    assert post(browser, "notice", told(town), support.pk).status_code == 302
    assert fresh(support).state == State.NOTIFIED
    assert NAME in text(browser, "page", support.pk)


def test_holding_with_the_name_leads_to_the_notice_and_a_double_click_holds_once(town: Setting) -> None:
    browser = client(town, SCHOOL)
    sent = looked(town, go="nommer") | {"once": str(uuid4())}
    url = reverse("exclusion_support:receive")
    first, second = browser.post(url, sent), browser.post(url, sent)
    support = ExclusionSupport.objects.get()
    assert first["Location"] == second["Location"] == reverse("exclusion_support:notice", args=[support.pk])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"level": ""}, "Choisissez la classe."),
        ({"half_days": []}, "Choisissez au moins une demi-journée."),
        ({"kind": "responsibility"}, ""),
    ],
)
def test_what_is_missing_is_said_and_what_was_ticked_is_kept(town: Setting, changes: Any, said: str) -> None:
    sent = looked(town, go="tenir", **changes)
    if changes.get("kind"):
        sent["half_days"] = [str(pk) for pk in town.half_days(7)]
        said = "dure 20 heures au plus"
    answer = post(client(town, SCHOOL), "receive", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert page.count("checked") >= len(sent["half_days"])
    assert not ExclusionSupport.objects.exists()


def test_half_days_of_two_hosts_are_not_one_reception(town: Setting) -> None:
    convention(town, host="other_host_lead")
    announce(town, "other_host_lead")
    mixed = [str(town.half_days(1)[0]), str(town.half_days(1, "other_host")[0])]
    answer = post(client(town, SCHOOL), "receive", looked(town, go="tenir", half_days=mixed))
    assert answer.status_code == 422
    assert "une seule structure" in answer.content.decode()
    assert not ExclusionSupport.objects.exists()


@pytest.mark.attack("R-06")
def test_a_place_taken_meanwhile_is_told_and_no_longer_offered(town: Setting) -> None:
    one = town.half_days(1)
    town.held(half_days=one)
    town.held(half_days=one)
    answer = post(client(town, SCHOOL), "receive", looked(town, go="tenir", half_days=[str(one[0])]))
    assert answer.status_code == 422
    assert "complet" in answer.content.decode()
    assert SupportHalfDay.objects.filter(opening_id=one[0]).count() == 2


@pytest.mark.rule("EXC-06")
def test_a_host_whose_convention_provides_for_nothing_is_named_with_the_reason(town: Setting) -> None:
    convention(town, host="other_host_lead", kinds=[Kind.RESPONSIBILITY])
    page = text(client(town, SCHOOL), "receive")
    assert "la convention ne prévoit pas cet accueil" in page


@pytest.mark.rule("EXC-02", "EXC-08", "EXC-20")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"last_name": ""}, "obligatoire"),
        ({"reason": ""}, "Choisissez le motif."),
        ({"procedure_on": ""}, "quand la famille a été informée"),
        ({"phone": ""}, "son téléphone"),
        ({"phone": "abc"}, "numéro de téléphone"),
        ({"decided_on": "2099-01-01"}, "à venir"),
    ],
)
def test_an_error_of_the_notice_stands_beside_its_field_and_nothing_typed_is_lost(
    town: Setting, changes: Any, said: str
) -> None:
    support = town.held()
    answer = post(client(town, SCHOOL), "notice", told(town, parent="<b>Zzmere", **changes), support.pk)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "&lt;b&gt;Zzmere" in answer.content.decode()
    assert fresh(support).state == State.PLACE_HELD


def test_what_is_typed_of_a_notice_is_kept_as_a_draft_and_goes_with_it(town: Setting) -> None:
    support = town.held()
    viewer = town.viewer(SCHOOL)
    key = f"annonce-{support.pk}"
    typed = {"last_name": ["Zzbrouillon"], "first_name": ["Ilan"]}
    drafts.save(viewer, key, typed, now=town.now, subject_id=support.subject_id)
    browser = client(town, SCHOOL)
    assert "Zzbrouillon" in text(browser, "notice", support.pk)
    assert post(browser, "notice", told(town), support.pk).status_code == 302
    assert drafts.load(viewer, key, now=town.now) is None


@pytest.mark.rule("EXC-19")
def test_the_same_name_as_earlier_this_year_asks_once_whether_it_is_the_same_pupil(town: Setting) -> None:
    earlier = town.agreed()
    later = town.held(half_days=town.half_days(6)[4:])
    browser = client(town, SCHOOL)
    asked = post(browser, "notice", told(town), later.pk)
    assert asked.status_code == 422
    assert "Est-ce le même élève" in asked.content.decode()
    assert fresh(later).state == State.PLACE_HELD
    assert post(browser, "notice", told(town, same_as=str(earlier.pk)), later.pk).status_code == 302
    assert fresh(earlier).since == Since.YES
    assert fresh(later).is_again


@pytest.mark.rule("EXC-19")
def test_a_namesake_stays_another_pupil(town: Setting) -> None:
    earlier = town.agreed()
    later = town.held(half_days=town.half_days(6)[4:])
    assert post(client(town, SCHOOL), "notice", told(town, same_as="none"), later.pk).status_code == 302
    assert fresh(earlier).since == Since.UNSAID
    assert not fresh(later).is_again


@pytest.mark.rule("EXC-20")
def test_a_precautionary_notice_asks_no_reason(town: Setting) -> None:
    support = town.held(kind=Kind.PRECAUTIONARY)
    browser = client(town, SCHOOL)
    assert 'name="reason"' not in text(browser, "notice", support.pk)
    assert post(browser, "notice", told(town), support.pk).status_code == 302
    assert fresh(support).state == State.NOTIFIED


def test_a_school_corrects_what_it_wrote(town: Setting) -> None:
    support = town.notified()
    browser = client(town, SCHOOL)
    assert NAME in text(browser, "correct", support.pk)
    sent = told(town, first_name="Zzilan", revision=str(fresh(support).revision))
    assert post(browser, "correct", sent, support.pk).status_code == 302
    assert "Zzilan" in text(browser, "page", support.pk)
    assert post(browser, "correct", sent | {"revision": "1"}, support.pk).status_code == 422


def test_half_days_are_added_and_given_back_but_never_the_last(town: Setting) -> None:
    support = town.accepted()
    browser = client(town, SCHOOL)
    more = [str(pk) for pk in town.half_days(5)[4:]]
    sent = {"half_days": more, "go": "ajouter", "revision": str(support.revision)}
    assert post(browser, "half_days", sent, support.pk).status_code == 302
    rows = list(fresh(support).half_days.values_list("pk", flat=True))
    assert len(rows) == 5
    sent = {"half_days": [str(pk) for pk in rows], "go": "rendre", "revision": str(fresh(support).revision)}
    refused = post(browser, "half_days", sent, support.pk)
    assert refused.status_code == 422
    assert fresh(support).half_days.count() == 5
    assert post(browser, "half_days", sent | {"half_days": [str(rows[0])]}, support.pk).status_code == 302
    assert fresh(support).half_days.count() == 4
    stranger = post(client(town, HOST_LEAD), "half_days", sent, support.pk)
    assert stranger.status_code == 404


def test_a_host_changes_no_half_day_of_a_school_s_pupil(town: Setting) -> None:
    support = town.agreed()
    common: dict[str, Any] = {"by": town.viewer(HOST_LEAD), "support": support, "now": town.now, "expected": None}
    with pytest.raises(AccessRefused):
        holding.give_back(**common, half_days=[support.half_days.values_list("pk", flat=True)[0]])
    with pytest.raises(AccessRefused):
        holding.add_half_days(**common, half_days=town.half_days(5)[4:])
    assert support.half_days.count() == 4


@pytest.mark.rule("EXC-07", "EXC-16")
def test_when_the_host_says_no_another_is_asked_and_the_family_again(town: Setting) -> None:
    convention(town, host="other_host_lead", accepts_at_once=True)
    announce(town, "other_host_lead")
    support = town.notified()
    given = {"party": "both", "answer": "agreed", "said_on": town.today, "copy_given_on": None, "expected": None}
    notice.record_family(by=town.viewer(SCHOOL), support=support, now=town.now, **given)
    browser = client(town, SCHOOL)
    early = post(browser, "other_host", {"half_days": [], "revision": str(fresh(support).revision)}, support.pk)
    assert early.status_code == 422, "the first host has not said no"
    holding.answer(by=town.viewer(HOST_LEAD), support=support, accepts=False, reason="full", now=town.now)
    assert "Trouver une autre place" in text(browser, "page", support.pk)
    assert "Centre social des Tilleuls" in text(browser, "other_host", support.pk)
    chosen = [str(pk) for pk in town.half_days(2, "other_host")]
    sent = {"half_days": chosen, "revision": str(fresh(support).revision)}
    assert post(client(town, HOST_LEAD), "other_host", sent, support.pk).status_code == 404
    assert post(browser, "other_host", sent, support.pk).status_code == 302
    support = fresh(support)
    assert support.state == State.NOTIFIED, "the new host accepts beforehand; the family is asked about it (EXC-07)"
    assert support.pupil_agreed_on is None
    assert support.parents_agreed_on is None
    notice.record_family(by=town.viewer(SCHOOL), support=support, now=town.now, **given)
    assert fresh(support).state == State.AGREED
    assert support.half_days.count() == 2
    assert NAME in text(client(town, "other_host_lead"), "page", support.pk)
    assert client(town, HOST_LEAD).get(reverse("exclusion_support:page", args=[support.pk])).status_code == 404


@pytest.mark.rule("EXC-19")
def test_a_pupil_whom_no_host_could_take_is_not_received_again(town: Setting) -> None:
    refused = town.notified()
    holding.answer(by=town.viewer(HOST_LEAD), support=refused, accepts=False, reason="full", now=town.now)
    cancelled = town.notified()
    notice.cancel(by=town.viewer(SCHOOL), support=cancelled, reason="lifted", now=town.now, expected=None)
    later = town.held(half_days=town.half_days(6)[4:])
    assert post(client(town, SCHOOL), "notice", told(town), later.pk).status_code == 302
    assert not fresh(later).is_again
    assert fresh(refused).since == Since.UNSAID


def test_a_held_place_is_given_back(town: Setting) -> None:
    support = town.held()
    assert post(client(town, SCHOOL), "free", {"revision": "1"}, support.pk).status_code == 302
    assert fresh(support).state == State.FREED


def test_a_need_waits_without_a_name_and_says_when_a_place_frees(town: Setting) -> None:
    full = [str(pk) for pk in town.half_days(10)]
    browser = client(town, SCHOOL)
    answer = post(browser, "receive", looked(town, go="attendre", half_days=[]))
    assert answer["Location"] == reverse("exclusion_support:waiting")
    assert "Une place s’est libérée" in text(browser, "waiting")
    for pk in full:
        for _ in range(2):
            town.held(half_days=[pk])
    assert "Toujours sans place" in text(browser, "waiting")
    taken = ExclusionSupport.objects.filter(half_days__day=town.monday).first()
    assert taken is not None
    holding.free(by=town.viewer(SCHOOL), support=taken, now=town.now, expected=None)
    assert offers.needs(town.viewer(SCHOOL), town.now)[0].hosts == 1
    said = [line.label for line in work.items(town.viewer(SCHOOL), town.now)]
    assert "Accueil d’un élève : une place s’est libérée, 4e" in said
    assert "Une place s’est libérée" in text(browser, "waiting")
    need = WaitingNeed.objects.get()
    for who, reads in ((HOST_LEAD, True), ("other_host_lead", False), ("other_school_lead", False)):
        page = text(client(town, who), "waiting")
        assert (town.people.mandates[SCHOOL].organisation.name in page) is reads, who
        assert "Voir les places" not in page
    assert post(client(town, "other_school_lead"), "wait_no_more", {}, need.pk).status_code == 302
    assert WaitingNeed.objects.exists(), "another school withdraws nothing"
    assert post(browser, "wait_no_more", {}, need.pk).status_code == 302
    assert not WaitingNeed.objects.exists()


def test_a_need_says_which_days_it_looks_for(town: Setting) -> None:
    answer = post(client(town, SCHOOL), "receive", looked(town, go="attendre", half_days=[], ends_on=""))
    assert answer.status_code == 422
    assert "Indiquez les jours cherchés." in answer.content.decode()


def test_the_search_asks_as_many_questions_for_two_hosts_as_for_one(town: Setting) -> None:
    def asked() -> int:
        browser = client(town, SCHOOL)
        with CaptureQueriesContext(connection) as seen:
            text(browser, "receive")
        return len(seen)

    few = asked()
    convention(town, host="other_host_lead")
    announce(town, "other_host_lead")
    assert asked() <= few <= 25


@pytest.mark.attack("T-19")
@pytest.mark.parametrize("who", [HOST_LEAD, "other_school_lead", "coordinator", "mayor", "outreach_lead"])
def test_only_the_school_of_the_pupil_moves_a_support(town: Setting, who: str) -> None:
    support = town.held()
    browser = client(town, who)
    for name in ("notice", "correct", "half_days", "other_host"):
        assert browser.get(reverse(f"exclusion_support:{name}", args=[support.pk])).status_code == 404, name
        assert post(browser, name, told(town), support.pk).status_code == 404, name
    assert post(browser, "free", {"revision": "1"}, support.pk).status_code == 404
    assert fresh(support).state == State.PLACE_HELD


def test_the_school_lead_reads_what_a_colleague_holds(town: Setting) -> None:
    support = town.held()
    assert "Place tenue" in text(client(town, SCHOOL_LEAD), "index")
    assert houses.partners_of(town.viewer(SCHOOL_LEAD))
    assert support.reference in text(client(town, SCHOOL_LEAD), "page", support.pk)


@pytest.mark.rule("EXC-06")
def test_another_host_is_asked_only_under_a_convention_that_covers_the_days(town: Setting) -> None:
    """The sanction runs over days on which the convention no longer holds: its half-days alone would pass."""
    short = convention(town, host="other_host_lead", ends_on=town.monday)
    announce(town, "other_host_lead")
    support = town.notified()
    holding.answer(by=town.viewer(HOST_LEAD), support=support, accepts=False, reason="full", now=town.now)
    with pytest.raises(GuardRefused):
        holding.ask_another(
            by=town.viewer(SCHOOL), support=fresh(support), convention=short.pk, now=town.now, expected=None,
            half_days=town.half_days(2, "other_host"),
        )  # fmt: skip
    assert fresh(support).host_no


@pytest.mark.rule("EXC-16")
def test_a_place_taken_between_two_readings_is_told_like_one_already_gone(town: Setting, monkeypatch: Any) -> None:
    """What PostgreSQL may do to two schools at once: the second counts a free place, then finds its slot taken."""
    OpenHalfDay.objects.update(places=1)
    first, later = (OpenHalfDay.objects.get(pk=pk) for pk in town.half_days(2))
    rival = town.held(half_days=[later.pk])
    taken = rival.half_days.get()
    counted = places.places

    def then_a_rival(*arguments: Any) -> Any:
        found = counted(*arguments)
        mine = {"subject_id": taken.subject_id, "territory_id": taken.territory_id, "support": rival}
        history.insert_many([SupportHalfDay(opening=first, day=first.day, half=first.half, slot=1, **mine)])
        return found

    monkeypatch.setattr(places, "places", then_a_rival)
    with pytest.raises(GuardRefused, match="vient d’être prise"):
        town.held(half_days=[first.pk])
