"""DL-09, DL-10 and DL-23 on Mon travail and in the calendar to download; what a host reported (HOST-05)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from casework.casefile import deadlines, work
from casework.casefile.retention import months_after
from casework.errors import AccessRefused, InputRefused
from casework.placements.hosts.actions import accreditations, legal, posts, structures
from casework.placements.hosts.data import HostData
from casework.placements.hosts.models import HostStructure, LegalReference
from tests.hosts.setting import Catalogue
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")


def watched(catalogue: Catalogue, who: str, rule: str) -> list[tuple[str, date, str]]:
    found = deadlines.for_viewer(catalogue.viewer(who), catalogue.now)
    return [(row.label, row.due, row.state) for row in found if row.rule == rule]


@pytest.mark.rule("DL-09", "HOST-04")
@pytest.mark.parametrize(("months_left", "state"), [(7, "ok"), (6, "soon"), (1, "soon"), (-1, "late")])
def test_an_accreditation_is_watched_six_months_before_its_end(
    catalogue: Catalogue, months_left: int, state: str
) -> None:
    host, today = catalogue.host("Ressourcerie", kind="association"), localdate(catalogue.now)
    decided = months_after(today, months_left - 60) + timedelta(days=1 if months_left == 6 else 2)
    row = accreditations.record(
        by=catalogue.viewer("spip"), host=host, audience="adults", decided_on=decided, now=catalogue.now
    )
    label = "Ressourcerie : habilitation à renouveler"
    assert watched(catalogue, "spip", "DL-09") == [(label, row.expires_on, state)]
    assert watched(catalogue, "pjj_lead", "DL-09") == [], "for adults, the SPIP decides"
    lines = [item.label for item in work.for_viewer(catalogue.viewer("spip"), catalogue.now)]
    assert (label in lines) is (state != "ok")


@pytest.mark.rule("DL-09")
def test_a_renewal_under_way_is_no_longer_to_be_asked(catalogue: Catalogue) -> None:
    host = catalogue.host("Ressourcerie", kind="association")
    catalogue.accredit(host, days_ago=1800)
    assert watched(catalogue, "spip", "DL-09")
    accreditations.ask(by=catalogue.viewer("spip"), host=host, audience="adults", now=catalogue.now)
    assert not watched(catalogue, "spip", "DL-09")


@pytest.mark.rule("DL-10", "HOST-03", "HOST-06")
def test_opinions_are_watched_until_the_decision_may_be_taken(catalogue: Catalogue) -> None:
    host, today = catalogue.host("Ressourcerie", kind="association"), localdate(catalogue.now)
    then = catalogue.before(4)
    row = accreditations.ask(by=catalogue.viewer("spip", then), host=host, audience="adults", now=then)
    accreditations.ask_opinions(by=catalogue.viewer("spip", then), accreditation=row, now=then)
    post = catalogue.draft(host)
    tutor = catalogue.supervisor(host)
    posts.set_managers(by=catalogue.viewer("spip"), post=post, supervisors=[tutor.pk], now=then)
    posts.ask_opinions(by=catalogue.viewer("spip", then), post=post, now=then)
    asked = today - timedelta(days=4)
    assert watched(catalogue, "spip", "DL-10") == [
        (f"{post.reference} : inscrire le poste sur la liste", asked + timedelta(days=10), "ok"),
        ("Ressourcerie : décider de l’habilitation", months_after(asked, 1), "ok"),
    ]
    posts.receive_opinions(by=catalogue.viewer("spip"), post=post, now=catalogue.now)
    assert watched(catalogue, "spip", "DL-10")[0][2] == "soon"


@pytest.mark.rule("DL-23")
def test_an_article_that_ends_is_watched_a_year_before_by_the_leads(catalogue: Catalogue) -> None:
    today = localdate(catalogue.now)
    row = LegalReference.objects.create(
        code="test", label="Objet", ref="CPP, art. 1", valid_from=date(2020, 1, 1), valid_to=today + timedelta(days=300)
    )
    lead = catalogue.people.pjj_lead
    assert ("Texte à mettre à jour : Objet", today + timedelta(days=299), "soon") in watched(
        catalogue, "pjj_lead", "DL-23"
    )
    assert not watched(catalogue, "pjj", "DL-23")
    client = client_for(lead)
    url = reverse("hosts:legal_replace", args=[row.pk])
    assert client_for(catalogue.people.pjj).get(url).status_code == 404
    assert "CPP, art. 1" in client.get(reverse("hosts:legal")).content.decode()
    by, start = catalogue.viewer("pjj_lead"), today + timedelta(days=300)
    with pytest.raises(InputRefused, match="doit suivre"):
        legal.replace(by=by, reference=row, ref="art. 2", valid_from=row.valid_from, now=catalogue.now)
    legal.replace(by=by, reference=row, ref="art. 2", valid_from=start, now=catalogue.now)
    assert LegalReference.objects.valid_on(start).get(code="test").ref == "art. 2"
    assert LegalReference.objects.valid_on(start - timedelta(days=1)).get(code="test").ref == "CPP, art. 1"
    assert not [line for line in watched(catalogue, "pjj_lead", "DL-23") if "Objet" in line[0]]


@pytest.mark.rule("DL-23")
def test_the_house_brings_its_references_once() -> None:
    LegalReference.objects.all().delete()
    assert legal.copy_national() > 5
    assert legal.copy_national() == 0
    ends = LegalReference.objects.get(code="tnr").valid_to
    assert ends == date(2029, 1, 1), "the CPP is renumbered"


@pytest.mark.rule("DL-23")
def test_nobody_else_changes_a_reference(catalogue: Catalogue) -> None:
    row = LegalReference.objects.create(code="test", label="Objet", ref="art. 1", valid_from=date(2020, 1, 1))
    for who in ("coordinator", "mayor", "host", "spip", "pjj"):
        with pytest.raises(AccessRefused):
            legal.replace(
                by=catalogue.viewer(who), reference=row, ref="art. 2", valid_from=date(2030, 1, 1), now=catalogue.now
            )


@pytest.mark.rule("HOST-05")
def test_a_change_reported_by_the_host_is_work_for_the_services(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    host = HostStructure.objects.get(pk=post.host_id)
    data = HostData(name=host.name, legal_kind=host.legal_kind, phone="0639980002", organisation=host.organisation_id)
    structures.correct(by=catalogue.viewer("host"), host=host, data=data, expected=host.revision, now=catalogue.now)
    line = "Régie des quais : changement de sa fiche à relire"
    assert line in [item.label for item in work.for_viewer(catalogue.viewer("spip"), catalogue.now)]
    assert line not in [item.label for item in work.for_viewer(catalogue.viewer("host"), catalogue.now)]
