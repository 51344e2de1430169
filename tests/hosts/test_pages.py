"""The pages of hosts and posts: who opens them, what they say, what they offer, what they keep of what was typed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.placements.hosts.actions import posts
from casework.placements.hosts.models import Accreditation, HostStructure, OutOfUse, Post, PostHalfDay, Supervisor
from tests.casefile.pdf_text import text as pdf_text
from tests.hosts.setting import CONTACT, Catalogue
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")


def text(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return unescape(answer.content.decode())


def send(client: Client, url: str, **data: object):
    return client.post(url, {"once": str(uuid.uuid4()), **data})


@pytest.mark.rule("ACL-01", "ACL-03", "GDP-15")
@pytest.mark.parametrize(
    ("who", "opens"),
    [
        ("spip", True), ("pjj", True), ("coordinator", True), ("mayor", True), ("sah", True), ("host", True),
        ("prosecutor", True), ("dpo", True), ("aemo", False), ("mds", False), ("outreach", False),
        ("education", False), ("national_police", False), ("apers_victim", False), ("sysadmin", False),
    ],
)  # fmt: skip
def test_who_opens_the_pages(catalogue: Catalogue, who: str, opens: bool) -> None:
    post = catalogue.listed()
    client = client_for(catalogue.people.mandates[who])
    for url in (
        reverse("hosts:posts"), reverse("hosts:post", args=[post.pk]), reverse("hosts:hosts"),
        reverse("hosts:host", args=[post.host_id]),
    ):  # fmt: skip
        assert client.get(url).status_code == (200 if opens else 404), url
    menu = text(client, reverse("desk:work"))
    assert ("Postes et accueils" in menu) is opens


@pytest.mark.rule("ASG-03")
def test_the_list_is_filtered_by_sector_and_half_day(catalogue: Catalogue) -> None:
    host = catalogue.host()
    here = catalogue.listed(host, nature="Jardins du centre")
    there = catalogue.listed(host, nature="Local de la maille", sector=catalogue.sectors["Maille 2"].pk)
    page = text(client_for(catalogue.people.spip), reverse("hosts:posts") + f"?sector={here.sector_id}&half_days=1-am")
    assert "1 poste convient" in page
    fits, _, others = page.partition("Pourquoi pas les autres")
    assert here.nature in fits
    assert there.nature not in fits
    assert "Autre secteur : Maille 2" in others


def test_without_a_post_the_list_says_where_to_begin(catalogue: Catalogue) -> None:
    assert "Aucun poste n’est encore décrit" in text(client_for(catalogue.people.spip), reverse("hosts:posts"))


def test_filters_that_cannot_be_read_do_not_break_the_list(catalogue: Catalogue) -> None:
    catalogue.listed()
    page = text(
        client_for(catalogue.people.spip), reverse("hosts:posts") + "?hours=beaucoup&before=hier&half_days=9-zz"
    )
    assert "Espaces verts" in page


def test_the_page_of_a_post_shows_twelve_months_in_the_same_number_of_queries(catalogue: Catalogue) -> None:
    post = catalogue.listed(places=3)
    client, url = client_for(catalogue.people.spip), reverse("hosts:post", args=[post.pk])
    text(client, url)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            page = text(client, url)
        assert page.count('class="ho-month"') == 12
        return len(seen)

    few = asked()
    for n in range(1, 20):
        catalogue.hold(post, [(catalogue.weekday(n), "am"), (catalogue.weekday(n), "pm")])
    assert asked() == few <= 25
    assert "2 libres, 1 réservée, 0 occupée" in text(client, url)


@pytest.mark.rule("HOST-15", "HOST-07")
def test_contacts_and_access_show_to_the_services_of_the_post(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    for who in ("spip", "host", "coordinator"):
        client = client_for(catalogue.people.mandates[who])
        assert "Zzcanari portail" in text(client, reverse("hosts:post", args=[post.pk]))
        assert CONTACT in text(client, reverse("hosts:host", args=[post.host_id]))


def test_the_mayor_and_the_prosecutor_are_offered_nothing_to_write(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    for who in ("mayor", "prosecutor", "sah"):
        client = client_for(catalogue.people.mandates[who])
        for url in (reverse("hosts:post", args=[post.pk]), reverse("hosts:host", args=[post.host_id])):
            main = text(client, url).partition("<main")[2].partition("</main>")[0]
            assert "<form" not in main
            assert "modifier" not in main
        assert client.get(reverse("hosts:post_edit", args=[post.pk])).status_code == 404


@pytest.mark.rule("HOST-01", "HOST-07")
def test_from_the_first_call_to_the_list_on_screen(catalogue: Catalogue) -> None:
    spip = client_for(catalogue.people.spip)
    answer = send(
        spip, reverse("hosts:host_new"), name="Emmaüs", legal_kind="public", funding_line="none", contact="Zz"
    )
    host = HostStructure.objects.get(name="Emmaüs")
    assert answer.url == reverse("hosts:host", args=[host.pk])
    for act in ("contacter", "interessee"):
        assert send(spip, reverse("hosts:host_act", args=[host.pk, act])).status_code == 302
    refused = send(spip, reverse("hosts:host_act", args=[host.pk, "convention"]), agreement_from="")
    assert refused.status_code == 422
    send(
        spip,
        reverse("hosts:host_act", args=[host.pk, "convention"]),
        agreement_from=localdate(catalogue.now).isoformat(),
    )
    send(spip, reverse("hosts:supervisor_new", args=[host.pk]), name="Zz Tuteur", is_manager="on")
    tutor = Supervisor.objects.get()
    send(
        spip, reverse("hosts:training_new", args=[tutor.pk]), held_on=localdate(catalogue.now).isoformat(), topic="law"
    )
    answer = send(
        spip, reverse("hosts:post_new", args=[host.pk]), nature="Tri des livres", activity=str(catalogue.activity.pk),
        audience="adults",
    )  # fmt: skip
    post = Post.objects.get()
    assert answer.url == reverse("hosts:post_week", args=[post.pk])
    week = {"places-0-am": "2", "starts-0-am": "09:00", "ends-0-am": "12:00", "revision": str(post.revision)}
    assert send(spip, answer.url, **week).status_code == 302
    assert PostHalfDay.objects.get().places == 2
    send(spip, reverse("hosts:post_managers", args=[post.pk]), supervisors=[str(tutor.pk)])
    for act in ("avis", "clspd", "avis-recus", "inscrire"):
        assert send(spip, reverse("hosts:post_act", args=[post.pk, act])).status_code == 302
    post.refresh_from_db()
    assert (post.state, post.listed_adults_on) == ("listed", localdate(catalogue.now))
    page = text(spip, reverse("hosts:host", args=[host.pk]))
    assert "Cadre légal et confidentialité" in page
    assert "droit public n’en a pas besoin" in page


@pytest.mark.rule("HOST-03", "HOST-04", "DL-09")
def test_the_clock_of_an_accreditation_is_on_the_page(catalogue: Catalogue) -> None:
    host = catalogue.host("Ressourcerie", kind="association")
    spip = client_for(catalogue.people.spip)
    url = reverse("hosts:accreditation_new", args=[host.pk])
    decided = localdate(catalogue.before(365 * 4 + 300)).isoformat()
    assert send(spip, url, audience="adults", decided_on=decided, number="H-1").status_code == 302
    assert "ans écoulés" in text(spip, reverse("hosts:host", args=[host.pk]))
    assert "Habilitation à renouveler" in text(spip, reverse("hosts:hosts"))
    assert send(spip, url, audience="adults").status_code == 302
    renewal = Accreditation.objects.get(state="asked")
    for act in ("avis", "avis-recus"):
        send(spip, reverse("hosts:accreditation_act", args=[renewal.pk, act]))
    today = localdate(catalogue.now).isoformat()
    send(spip, reverse("hosts:accreditation_act", args=[renewal.pk, "accorder"]), decided_on=today, number="H-2")
    assert Accreditation.objects.filter(state="granted").count() == 2
    assert "Habilitation à renouveler" not in text(spip, reverse("hosts:hosts"))


@pytest.mark.rule("HOST-08")
def test_a_manager_closes_places_and_suspends_its_post(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    client, day = client_for(catalogue.people.host), catalogue.weekday(3).isoformat()
    url = reverse("hosts:out_of_use", args=[post.pk])
    assert send(client, url, starts_on=day, ends_on="2020-01-01", reason="works").status_code == 422
    assert send(client, url, starts_on=day, ends_on=day, reason="works").status_code == 302
    period = OutOfUse.objects.get()
    assert send(client, reverse("hosts:out_of_use_end", args=[post.pk, period.pk])).status_code == 302
    assert not OutOfUse.objects.exists()
    act = reverse("hosts:post_act", args=[post.pk, "suspendre"])
    assert send(client, act, reason="").status_code == 422
    assert send(client, act, reason="safety").status_code == 302
    assert "par la structure" in text(client_for(catalogue.people.spip), reverse("hosts:post", args=[post.pk]))


def test_an_act_that_is_none_is_absent(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    client = client_for(catalogue.people.spip)
    assert client.get(reverse("hosts:post_act", args=[post.pk, "effacer"])).status_code == 404
    assert client.get(reverse("hosts:host_act", args=[post.host_id, "effacer"])).status_code == 404


@pytest.mark.attack("R-06")
def test_two_people_change_one_post_and_nothing_is_lost(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    client = client_for(catalogue.people.spip)
    form = {
        "nature": "Taille des rosiers", "activity": str(catalogue.activity.pk), "audience": "both",
        "revision": str(post.revision),
    }  # fmt: skip
    assert send(client, reverse("hosts:post_edit", args=[post.pk]), **form).status_code == 302
    late = send(client, reverse("hosts:post_edit", args=[post.pk]), **form | {"nature": "Taille des oliviers"})
    assert late.status_code in (409, 422)
    assert "Taille des oliviers" in late.content.decode()
    assert Post.objects.get().nature == "Taille des rosiers"


def test_a_post_is_held_and_its_own_service_still_sees_no_name(catalogue: Catalogue) -> None:
    """The calendar counts; nothing in it says who (row 12 is for the file of the person)."""
    post = catalogue.listed()
    holder = uuid.uuid4()
    catalogue.hold(post, [(catalogue.weekday(1), "am")], holder=holder)
    page = text(client_for(catalogue.people.coordinator), reverse("hosts:post", args=[post.pk]))
    assert str(holder) not in page
    posts.suspend(by=catalogue.viewer("spip"), post=post, reason="works", now=catalogue.now)


@pytest.mark.rule("HOST-07", "HOST-15")
def test_the_sheet_of_a_post_says_what_where_when_and_with_whom(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    url = reverse("hosts:post_sheet", args=[post.pk])
    for who in ("spip", "coordinator", "host"):
        answer = client_for(catalogue.people.mandates[who]).get(url)
        assert answer["Content-Type"] == "application/pdf"
        said = pdf_text(answer.content)
        for word in (post.nature, post.host.name, post.reference, "lundi 08:30"):
            assert word in said, (who, word)
    for who in ("aemo", "education", "sysadmin"):
        assert client_for(catalogue.people.mandates[who]).get(url).status_code == 404


def test_what_comes_next_with_a_prospect_is_a_code_and_a_day_and_goes_once_it_receives(people):
    from casework.errors import GuardRefused, InputRefused
    from casework.placements.hosts.actions import structures
    from casework.placements.hosts.codes import HostStage
    from casework.placements.hosts.data import HostData
    from casework.placements.hosts.models import HostStructure
    from casework.placements.hosts.reads import structures as host_reads
    from tests.people import viewer_of

    now, by = timezone.now(), viewer_of(people.coordinator)
    first = structures.inscribe(by=by, data=HostData(name="Abri", legal_kind="association"), now=now)
    second = structures.inscribe(
        by=by, data=HostData(name="Verger", legal_kind="association", funding_line="fipd"), now=now
    )
    with pytest.raises(InputRefused):
        structures.plan_step(by=by, host=second, step="call", on=None, now=now)
    structures.plan_step(by=by, host=second, step="visit", on=localdate() + timedelta(days=3), now=now)
    found = host_reads.listing(by, "prospection", now)
    assert [row.name for row in found.rows] == ["Verger", "Abri"], "what is nearest comes first"
    assert found.rows[0].next_step == "aller sur place"
    assert [row.name for row in host_reads.listing(by, "prospection", now, funding="fipd").rows] == ["Verger"]
    page = client_for(people.coordinator).get(reverse("hosts:hosts") + "?etape=prospection").content.decode()
    assert "Aller sur place" in page
    second.refresh_from_db()
    structures.move(by=by, host=second, to=HostStage.DECLINED, now=now, decline_reason="no_supervisor")
    assert HostStructure.objects.get(pk=second.pk).next_step == ""
    with pytest.raises(GuardRefused):
        structures.plan_step(by=by, host=second, step="call", on=localdate(), now=now)
    assert first.next_step == ""


@pytest.mark.rule("HOST-02", "HOST-05")
def test_a_manager_corrects_its_host_but_neither_its_kind_nor_its_account(catalogue: Catalogue) -> None:
    """A private host that called itself public would need no accreditation; without its account nobody tells it anything."""
    host = catalogue.listed().host
    client, url = client_for(catalogue.people.host), reverse("hosts:host_edit", args=[host.pk])
    form = text(client, url)
    for name in ("legal_kind", "funding_line", "organisation"):
        assert f'name="{name}"' not in form
    typed = {
        "name": host.name,
        "phone": "04 94 36 30 00",
        "legal_kind": "association",
        "funding_line": "fipd",
        "organisation": "",
    }
    assert send(client, url, revision=str(host.revision), **typed).status_code == 302
    before = (host.legal_kind, host.funding_line, host.organisation_id)
    host.refresh_from_db()
    assert (host.legal_kind, host.funding_line, host.organisation_id) == before
    assert host.change_reported_on == localdate(catalogue.now)
    assert client.get(reverse("hosts:post_new", args=[host.pk])).status_code == 200
    page = text(client_for(catalogue.people.spip), url)
    assert 'name="organisation"' in page


@pytest.mark.rule("HOST-07", "HOST-15", "GDP-15")
@pytest.mark.parametrize("who", ["coordinator", "mayor", "sah", "prosecutor"])
def test_who_counts_tutors_reads_no_name_of_any(catalogue: Catalogue, who: str) -> None:
    """The commune sees its posts and its places: how many tutors, how many were never trained."""
    post = catalogue.listed()
    client = client_for(catalogue.people.mandates[who])
    host_page = text(client, reverse("hosts:host", args=[post.host_id]))
    post_page = text(client, reverse("hosts:post", args=[post.pk]))
    sheet = pdf_text(client.get(reverse("hosts:post_sheet", args=[post.pk])).content)
    for page in (host_page, post_page, sheet):
        assert "Zzcanari Tuteur" not in page
    assert "1 tuteur, dont 1 jamais formé" in host_page
    assert "1 désigné" in post_page
    assert "Zzcanari Tuteur" in text(client_for(catalogue.people.spip), reverse("hosts:host", args=[post.host_id]))


@pytest.mark.rule("HOST-07", "ACL-03")
def test_nobody_writes_of_a_tutor_that_it_may_not_read(catalogue: Catalogue) -> None:
    post = catalogue.listed()
    tutor, coordinator = Supervisor.objects.get(), client_for(catalogue.people.coordinator)
    for url, typed in (
        (reverse("hosts:supervisor_new", args=[post.host_id]), {"name": "Zz"}),
        (reverse("hosts:training_new", args=[tutor.pk]), {"held_on": "2026-01-05", "topic": "law"}),
        (reverse("hosts:supervisor_end", args=[tutor.pk]), {}),
        (reverse("hosts:supervisor_phone", args=[tutor.pk]), {"allowed": "1"}),
        (reverse("hosts:post_managers", args=[post.pk]), {"supervisors": []}),
    ):
        assert send(coordinator, url, **typed).status_code == 404, url
    tutor.refresh_from_db()
    assert (tutor.left_on, tutor.phone_since, Supervisor.objects.count()) == (None, None, 1)
    assert list(post.managers.all()) == [tutor]
