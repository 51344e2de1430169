"""What goes to the magistrate and what comes back: notices, reports ready to sign, decisions, dates."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.audit import Act
from casework.audit.models import AuditEvent
from casework.placements.tig.actions import demands
from tests.casefile import pdf_text
from tests.instants import noon
from tests.people import client_for
from tests.placements.tig.clicks import send, text
from tests.placements.tig.setting import assigned, demand, fresh, sentence, work

pytestmark = pytest.mark.django_db(databases="__all__")


def words_of(pdf):
    return " ".join(pdf_text.text(pdf).split())


@pytest.mark.rule("ASG-04", "TNR-04", "HOST-15")
@pytest.mark.parametrize(
    ("who", "judge", "parents"),
    [("spip", "Juge de l’application des peines", False), ("pjj", "Juge des enfants", True)],
)
def test_the_decision_is_notified_to_the_person_and_the_host_and_the_magistrates_are_told(place, who, judge, parents):
    placement = assigned(place, who)
    url = reverse("tig:paper", args=[placement.pk, "notification"])
    for reader in (who, "host"):
        found = words_of(client_for(place.people.mandates[reader]).get(url).content)
        for said in (
            "Léo Zzmartin",
            "Entretien des berges",
            "21 h",
            "La personne",
            judge,
            "Procureur de la République",
        ):
            assert said in found, (said, found)
        assert ("représentants légaux" in found) is parents
        assert "2026/4471" not in found


@pytest.mark.rule("ASG-09", "TNR-05", "HOST-10")
@pytest.mark.parametrize(
    ("who", "measure", "reader"),
    [("spip", "tig", "Juge de l’application des peines"), ("pjj", "tig", "Juge des enfants"),
     ("pjj", "tnr", "Procureur de la République"), ("spip", "tnr", "Procureur de la République")],
)  # fmt: skip
def test_the_report_is_ready_to_sign_with_facts_dates_hours_and_its_reader(place, who, measure, reader):
    from casework.placements.tig.actions import ends, incidents

    placement = assigned(place, who, measure=measure, last_useful_on=localdate() + timedelta(days=150))
    now = timezone.now()
    incidents.report(
        by=place.viewer("host", now), placement=placement, kind="refusal", occurred_on=localdate(now),
        precision="Zzprécision", stop_work=False, now=now,
    )  # fmt: skip
    ends.report_breach(by=place.viewer(who, now), placement=placement, now=now)
    client, url = client_for(place.people.mandates[who]), reverse("tig:report", args=[placement.pk, "incident"])
    page = text(client.get(reverse("tig:page", args=[placement.pk])))
    assert url in page
    assert reader in page
    found = words_of(client.get(url).content)
    for said in (reader, "Léo Zzmartin", "2026/4471", "refus de travailler", "21 h", "Entretien des berges"):
        assert said in found, (said, found)
    assert "Zzprécision" not in found  # codes and dates: nobody’s words
    assert AuditEvent.objects.filter(act=Act.PRINT, why="incident").exists()


@pytest.mark.rule("HOST-15", "ACL-04")
@pytest.mark.parametrize("who", ["host", "tutor", "pjj", "coordinator", "dpo"])
def test_nobody_but_the_officer_prints_what_goes_to_the_magistrate(place, who):
    placement = assigned(place)
    there = noon(placement.half_days.order_by("day").first().day)
    mandate = place.tutor_mandate if who == "tutor" else place.people.mandates[who]
    with time_machine.travel(there, tick=False):
        client = client_for(mandate, now=there)
        for kind in ("incident", "fin", "evaluation", "annuel", "autre"):
            assert client.get(reverse("tig:report", args=[placement.pk, kind])).status_code == 404


@pytest.mark.rule("ASG-11", "TIGM-11")
@pytest.mark.parametrize(
    ("who", "changes", "basis", "offered"),
    [("spip", {}, "", True), ("spip", {}, "tig_main", True), ("spip", {}, "probation", False), ("pjj", {}, "", False),
     ("spip", {"measure": "tnr"}, "", False)],
)  # fmt: skip
def test_day_fines_are_on_screen_only_where_the_law_has_them(place, who, changes, basis, offered):
    from casework.placements.tig.actions import ends

    placement = assigned(place, who, last_useful_on=localdate() + timedelta(days=150), **changes)
    now = timezone.now()
    if basis:
        data = sentence(basis=basis, has_fallback=False, last_useful_on=localdate() + timedelta(days=150))
        demands.record_sentence(by=place.viewer(who, now), placement=placement, data=data, now=now)
    ends.report_breach(by=place.viewer(who, now), placement=fresh(placement), now=now)
    page = text(
        client_for(place.people.mandates[who]).get(reverse("tig:act", args=[placement.pk, "decision-du-magistrat"]))
    )
    assert ("jours-amende" in page) is offered


@pytest.mark.rule("ASG-02")
def test_the_post_is_changed_on_screen_after_a_report_and_the_hours_stay(place):
    from casework.placements.tig.actions import ends

    later = noon(localdate() + timedelta(days=200))
    placement = work(place, assigned(place, last_useful_on=localdate() + timedelta(days=300)), later, n=3)
    ends.report_breach(by=place.viewer("spip", later), placement=placement, now=later)
    with time_machine.travel(later, tick=False):
        client = client_for(place.people.spip, now=later)
        here, act = (
            reverse("tig:page", args=[placement.pk]),
            reverse("tig:act", args=[placement.pk, "changer-de-poste"]),
        )
        assert act in text(client.get(here))
        assert send(client, act).status_code == 302
        page = text(client.get(here))
        assert reverse("tig:find_post", args=[placement.pk]) in page
        assert "10 h 30" in page.replace("\u202f", " ").replace("\xa0", " ")
        assert client_for(place.people.host, now=later).get(here).status_code == 404


@pytest.mark.rule("DL-07", "DL-08", "DL-11")
@pytest.mark.parametrize(("measure", "days"), [("tig", 91), ("tnr", 31)])
def test_a_legal_date_comes_on_the_work_page_when_its_warning_begins(place, measure, days):
    last = localdate() + timedelta(days=170 if measure == "tnr" else 300)
    demand(place, measure=measure, last_useful_on=last)
    for ahead, seen in ((days, False), (days - 1, True)):
        then = noon(last - timedelta(days=ahead))
        with time_machine.travel(then, tick=False):
            page = text(client_for(place.people.spip, now=then).get(reverse("desk:work")))
            assert ("Dernière date utile" in page) is seen


@pytest.mark.rule("DL-12", "TNR-05")
def test_after_the_end_of_a_tnr_the_report_is_noted_on_screen(place):
    from casework.placements.tig.actions import ends

    later = noon(localdate() + timedelta(days=200))
    placement = assigned(place, "pjj", measure="tnr", last_useful_on=localdate() + timedelta(days=150))
    placement = work(place, placement, later)
    ends.certify(by=place.viewer("host", later), placement=placement, now=later)
    ends.complete(by=place.viewer("pjj", later), placement=fresh(placement), now=later)
    later = noon(localdate(later) + timedelta(days=25))  # ten days or less before the end of the month: it is told
    with time_machine.travel(later, tick=False):
        client = client_for(place.people.pjj, now=later)
        assert "Rapport de fin" in text(client.get(reverse("desk:work")))
        here, act = reverse("tig:page", args=[placement.pk]), reverse("tig:act", args=[placement.pk, "rapport"])
        assert act in text(client.get(here))
        assert send(client, act, kind="end", sent_on=str(localdate(later))).status_code == 302
        assert act not in text(client.get(here))
