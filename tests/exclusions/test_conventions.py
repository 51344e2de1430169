"""Conventions in the browser: proposed by one body, confirmed by the other, read by both; bodies and dates to the town."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from casework.casefile import mailer
from casework.casefile.models import AttachedFile, OutboxMail
from casework.exclusions import work
from casework.exclusions.models import Convention
from tests.casefile.pdf_text import text as pdf_text
from tests.exclusions.setting import BODY_PHONE, HOST_LEAD, SCHOOL, SCHOOL_LEAD, Setting
from tests.exclusions.test_family import upload
from tests.exclusions.test_pages import client, post, text

pytestmark = pytest.mark.django_db(databases="__all__")


def told(town: Setting, **changes: Any) -> dict[str, Any]:
    return {
        "other": str(town.people.mandates["other_host_lead"].organisation_id), "signed_on": str(town.today),
        "starts_on": str(town.today), "ends_on": str(town.today + timedelta(days=400)), "places": "2",
        "kinds": ["exclusion", "precautionary"], "themes": ["act", "school_work"], "contact": "Zzvie scolaire",
        "phone": "04 94 00 00 00", "email": "vs@college.example",
    } | changes  # fmt: skip


def _lines(town: Setting, who: str) -> list[str]:
    return [line.label for line in work.items(town.viewer(who), town.now)]


@pytest.mark.rule("EXC-06", "EXC-16")
def test_a_school_proposes_and_the_host_confirms(town: Setting) -> None:
    school, host = client(town, SCHOOL_LEAD), client(town, "other_host_lead")
    answer = post(school, "convention_new", told(town))
    row = Convention.objects.get(host=town.people.organisations["other_host"])
    assert answer["Location"] == reverse("exclusion_support:convention", args=[row.pk])
    assert "Centre social des Tilleuls" not in text(client(town, SCHOOL), "receive"), "nothing before the other's yes"
    assert "À confirmer par vous" in text(host, "conventions")
    assert _lines(town, "other_host_lead") == ["Convention d’accueil à confirmer, proposée par Collège des Platanes"]
    assert not [line for line in _lines(town, SCHOOL_LEAD) if "Convention" in line]
    refused = post(school, "convention_confirmer", {"revision": str(row.revision)}, row.pk)
    assert refused.status_code == 422
    assert post(host, "convention_confirmer", {"revision": str(row.revision)}, row.pk).status_code == 302
    assert Convention.objects.get(pk=row.pk).confirmed_at
    page = text(host, "convention", row.pk)
    assert "Zzvie scolaire" in page
    given = {"revision": str(row.revision + 1), "contact": "Zzaccueil", "phone": "", "email": ""}
    assert post(host, "convention_contacts", given, row.pk).status_code == 302
    page = text(school, "convention", row.pk)
    assert "Zzaccueil" in page
    assert "Zzvie scolaire" in page, "each writes its own side"


def _mails(town: Setting, who: str) -> list[str]:
    """What was queued for one person since the last look, opened; the box is emptied."""
    email = town.people.mandates[who].agent.email
    found = [mail.body for mail in mailer.messages() if mail.to == email]
    OutboxMail.objects.all().delete()
    return found


@pytest.mark.rule("EXC-06")
def test_the_other_body_learns_by_mail_what_became_of_a_convention(town: Setting) -> None:
    """Confirmed, turned down, taken back, ended early: one neutral mail, nobody named, not even a body."""
    school, host = client(town, SCHOOL_LEAD), client(town, "other_host_lead")

    def proposed() -> Convention:
        post(school, "convention_new", told(town))
        OutboxMail.objects.all().delete()
        return Convention.objects.get(host=town.people.organisations["other_host"])

    row = proposed()
    post(host, "convention_retirer", {"revision": str(row.revision)}, row.pk)
    assert [said for said in _mails(town, SCHOOL_LEAD) if "n’a pas confirmé" in said]
    row = proposed()
    post(school, "convention_retirer", {"revision": str(row.revision)}, row.pk)
    assert [said for said in _mails(town, "other_host_lead") if "est retirée" in said]
    row = proposed()
    post(host, "convention_confirmer", {"revision": str(row.revision)}, row.pk)
    (said,) = _mails(town, SCHOOL_LEAD)
    assert "a confirmé la convention" in said
    assert "Platanes" not in said
    assert "Tilleuls" not in said
    sent = {"revision": str(row.revision + 1), "last_day": str(town.today)}
    post(school, "convention_denoncer", sent, row.pk)
    assert [said for said in _mails(town, "other_host_lead") if "avant son terme" in said]


def test_a_convention_written_wrong_is_taken_back_before_it_is_confirmed(town: Setting) -> None:
    school = client(town, SCHOOL_LEAD)
    post(school, "convention_new", told(town))
    row = Convention.objects.get(host=town.people.organisations["other_host"])
    assert post(school, "convention_retirer", {"revision": "1"}, row.pk).status_code == 302
    assert not Convention.objects.filter(pk=row.pk).exists()
    kept = post(school, "convention_retirer", {"revision": "2"}, town.convention.pk)
    assert kept.status_code == 422
    assert Convention.objects.filter(pk=town.convention.pk).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends_on": "2020-01-01"}, "Le dernier jour doit suivre le premier."),
        ({"kinds": []}, "obligatoire"),
        ({"places": "0"}, "supérieur"),
        ({"other": ""}, "obligatoire"),
        ({"phone": "abc"}, "numéro de téléphone"),
    ],
)
def test_an_error_of_a_convention_stands_beside_its_field(town: Setting, changes: Any, said: str) -> None:
    answer = post(client(town, SCHOOL_LEAD), "convention_new", told(town, **changes))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "Zzvie scolaire" in answer.content.decode()
    assert Convention.objects.count() == 1


@pytest.mark.rule("EXC-06")
def test_a_convention_ends_early_unless_pupils_are_expected(town: Setting) -> None:
    support = town.held()
    school = client(town, SCHOOL_LEAD)
    row = town.convention
    sent = {"revision": str(row.revision), "last_day": str(town.today)}
    assert post(school, "convention_denoncer", sent, row.pk).status_code == 422
    post(client(town, SCHOOL), "free", {"revision": str(support.revision)}, support.pk)
    assert post(school, "convention_denoncer", sent, row.pk).status_code == 302
    assert Convention.objects.get(pk=row.pk).ended_on == town.today


def test_the_signed_document_is_sealed_replaced_and_read_by_both_bodies_alone(town: Setting) -> None:
    row = town.convention
    school = client(town, SCHOOL_LEAD)
    for _ in range(2):
        sent = {"revision": str(Convention.objects.get(pk=row.pk).revision), "file": upload()}
        assert post(school, "convention_document", sent, row.pk).status_code == 302
    file = AttachedFile.objects.get(record_id=row.pk)
    reads = {SCHOOL: 200, HOST_LEAD: 200, "other_host_lead": 404, "coordinator": 404, "mayor": 404, "dpo": 404}
    for who, status in reads.items():
        found = client(town, who).get(reverse("exclusion_support:file", args=[file.pk]))
        assert found.status_code == status, who


@pytest.mark.rule("EXC-15")
def test_the_coordinator_lists_bodies_and_dates_and_opens_none(town: Setting) -> None:
    browser = client(town, "coordinator")
    page = text(browser, "town_conventions")
    assert town.convention.school.name in page
    assert BODY_PHONE not in page
    assert "Accueil des jeunes" not in page
    for name in ("convention", "convention_paper"):
        assert browser.get(reverse(f"exclusion_support:{name}", args=[town.convention.pk])).status_code == 404
    for who in ("mayor", "pjj", "municipal_police", "prosecutor"):
        assert client(town, who).get(reverse("exclusion_support:conventions")).status_code == 404, who
    assert town.convention.school.name not in text(client(town, "stranger"), "town_conventions"), "another town"


@pytest.mark.parametrize("who", [SCHOOL, "host_colleague", "other_school_lead", "coordinator", "mayor"])
def test_only_a_lead_of_one_of_the_two_bodies_writes(town: Setting, who: str) -> None:
    browser, row = client(town, who), town.convention
    for name in ("contacts", "denoncer", "retirer", "confirmer"):
        sent = {"revision": str(row.revision), "last_day": str(town.today), "contact": "Zz"}
        assert post(browser, f"convention_{name}", sent, row.pk).status_code == 404, name
    if who != "other_school_lead":
        assert post(browser, "convention_new", told(town)).status_code == 404


@pytest.mark.rule("EXC-06", "EXC-10")
def test_the_paper_of_a_convention_says_what_it_provides_for(town: Setting) -> None:
    found = client(town, HOST_LEAD).get(reverse("exclusion_support:convention_paper", args=[town.convention.pk]))
    said = pdf_text(found.content)
    for words in (town.convention.school.name, town.convention.host.name, "R511-13", "mesure de responsabilisation"):
        assert words in said, words
