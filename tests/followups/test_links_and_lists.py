"""Saisines without an account, and a school's list."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casework.casefile import mailer
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups.actions import links, sorting
from casework.minors.followups.codes import Gateway, NoticeStatus, OutsideStatus, ReferralOrigin, Sorting, Stage
from casework.minors.followups.models import FollowUp, LegalRepresentative, Notice, Referral, ReferralLink
from tests.followups.saisine_setting import data_of, opened, typed
from tests.people import client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


def make(people, service="school", *, email="cpe@platanes.example", now=None) -> str:
    """Return the path of a new link."""
    made = links.create(
        by=viewer_of(people.coordinator), organisation_id=people.organisations[service].pk, email=email, days=14,
        now=now or timezone.now(),
    )  # fmt: skip
    return "/" + made.url.split("/", 3)[3]


def form(**changes):
    """Return what is typed without an account: no origin, no gateway, no id."""
    data = typed(**changes)
    left_out = {"person_id", "origin", "gateway"} - set(changes)
    return {name: value for name, value in data.items() if name not in left_out}


@pytest.mark.rule("SIT-01")
@pytest.mark.rule("SIT-08")
@pytest.mark.parametrize(
    ("service", "origin", "gateway"),
    [
        ("school", ReferralOrigin.SCHOOL, Gateway.CSI_L132_5),
        ("town_police", ReferralOrigin.MUNICIPAL_POLICE, Gateway.CSI_L132_5),
        ("state_police", ReferralOrigin.NATIONAL_POLICE, Gateway.CSI_L132_3),
    ],
)
def test_origin_and_gateway_come_from_the_link(people, service, origin, gateway):
    path = make(people, service)
    forged = form(
        origin="family", gateway="person_agreement", organisation=str(people.pjj_service.pk), state="followed"
    )
    answer = Client().post(path, forged)
    assert answer.status_code == 302
    assert answer.url == path
    referral = Referral.objects.get()
    assert (referral.origin, referral.gateway) == (origin, gateway)
    assert referral.organisation_id == people.organisations[service].pk
    assert (referral.author_mandate_id, referral.follow_up.state) == (None, Stage.REFERRED)


def test_the_link_serves_once_then_says_only_the_status(people):
    path, client = make(people), Client()
    assert "Collège des Platanes" in client.get(path).content.decode()
    sent = form()
    assert client.post(path, sent).status_code == 302
    follow_up = FollowUp.objects.get()
    for again in (client.post(path, sent), client.post(path, form(last_name="Autre"))):
        assert again.status_code in (200, 302)
    assert FollowUp.objects.count() == 1

    def shown() -> str:
        page = client.get(path).content.decode()
        told = ("Belkacem", "Yanis", "Nora", follow_up.reference, 'method="post"')
        assert not [word for word in told if word in page]
        return re.sub(r"<[^>]+>", "", page.split('cw-status">')[1].split("</p>")[0]).strip()

    assert shown() == "reçue"
    referral = follow_up.referrals.get()
    sorting.sort(by=viewer_of(people.coordinator), referral_id=referral.pk, choice="to_study", now=timezone.now())
    assert shown() == "étudiée"
    follow_up.person.delete()
    assert links.status(ReferralLink.objects.get()) == OutsideStatus.CLOSED
    assert shown() == "close"


def test_two_at_once_write_one(people):
    path = make(people)
    link = links.find(path.split("/")[2])
    links.refer_by_link(link=link, data=data_of(), now=timezone.now())
    with pytest.raises(GuardRefused):
        links.refer_by_link(link=link, data=data_of(), now=timezone.now())
    assert FollowUp.objects.count() == 1


def test_an_error_keeps_what_was_typed(people):
    answer = Client().post(make(people), form(birth_date="12/03/1990"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Belkacem"' in page
    assert "06 39 98 00 00" in page
    assert not FollowUp.objects.exists()
    assert ReferralLink.objects.get().used_at is None


def test_the_family_told_by_whom_and_when(people):
    day = timezone.localdate() - timedelta(days=2)
    Client().post(make(people), form(informed_on=day.isoformat(), informed_channel="phone"))
    notice = Notice.objects.exclude(representative=None).get()
    assert (notice.status, notice.informed_on) == (NoticeStatus.INFORMED, day)
    assert notice.informed_by_id == people.school.pk
    assert notice.confirmed_at is None
    with opened(FollowUp.objects.get()):
        assert LegalRepresentative.objects.get().phone == "06 39 98 00 00"


def test_expired_revoked_unknown_links_look_the_same_and_guessing_is_slowed(people):
    now = timezone.now()
    old = make(people, now=now - timedelta(days=20))
    revoked = make(people)
    links.revoke(by=viewer_of(people.coordinator), link_id=ReferralLink.objects.latest("created_at").pk, now=now)
    client = Client()
    random = re.compile(rb"data-csrf=\"\w+|X-CSRFToken\": \"\w+")
    pages = {
        random.sub(b"", client.get(path).content)
        for path in (old, revoked, reverse("followups:link", args=["inconnu"]))
    }
    assert len(pages) == 1
    assert client.get(old).status_code == 410
    assert client.post(old, form()).status_code == 410
    assert not FollowUp.objects.exists()
    for _ in range(60):
        last = client.get(reverse("followups:link", args=["x"]))
    assert last.status_code == 429


def test_the_token_is_not_kept_and_the_mail_says_nothing(people):
    path = make(people)
    token = path.split("/")[2]
    link = ReferralLink.objects.get()
    assert token not in [str(getattr(link, f.attname)) for f in link._meta.fields]
    mail = mailer.messages()[0]
    assert token in mail.body
    assert OutboxMail.objects.get().to == "cpe@platanes.example"
    words = f"{mail.subject} {mail.body.split('http')[0]}".lower()
    assert not [word for word in ("saisine", "jeune", "mineur", "élève", "cellule", "veille") if word in words]


def test_only_the_coordinator_makes_links_and_the_address_is_shown_once(people):
    with pytest.raises(AccessRefused):
        links.create(by=viewer_of(people.pjj), organisation_id=people.school.pk, email="", days=7, now=timezone.now())
    with pytest.raises(InputRefused):
        links.create(
            by=viewer_of(people.coordinator), organisation_id=people.pjj_service.pk, email="", days=7,
            now=timezone.now(),
        )  # fmt: skip
    client = client_for(people.coordinator)
    sent = {"once": str(uuid.uuid4()), "organisation": str(people.school.pk), "email": "a@b.example", "days": "7"}
    first = client.post(reverse("followups:links"), sent)
    assert first.status_code == 200
    assert "/saisir/" in first.content.decode()
    again = client.post(reverse("followups:links"), sent)
    assert again.status_code == 302
    assert ReferralLink.objects.count() == 1
    assert "/saisir/" not in client.get(reverse("followups:links")).content.decode()


# ------------------------------------------------------------------ a school's list

THREE = "Petit;Jean;12/03/2011;4e;Petit Anne;06 39 98 00 00\nRoux\tLéa\t2012\nDa Silva;Inès;1er mai 2010"


def listed(**changes):
    return {"once": str(uuid.uuid4()), "lines": THREE, "reasons": ["school_dropout"]} | changes


@pytest.mark.parametrize("who", ["education", "coordinator"])
def test_a_list_enters_the_queue_as_one_batch(people, who):
    client, sent = client_for(people.mandates[who]), listed()
    for _ in range(2):
        assert client.post(reverse("followups:school_list"), sent).status_code == 302
    rows = Referral.objects.all()
    assert len(rows) == 3
    assert len({row.batch for row in rows}) == 1
    assert rows[0].batch is not None
    assert {row.origin for row in rows} == {ReferralOrigin.SCHOOL}
    assert {row.sorting for row in rows} == {Sorting.WAITING}
    with opened(*FollowUp.objects.all()):
        assert sorted(row.person.last_name for row in FollowUp.objects.all()) == ["Da Silva", "Petit", "Roux"]


@pytest.mark.parametrize(
    "bad",
    ["Petit;;12/03/2011", "Petit;Jean;hier", "Petit;Jean;12/03/1990", "Petit;Jean;12/03/2090", "P" * 300 + ";J;2011",
     "a;b;2011;c;d;e;f"],
)  # fmt: skip
def test_one_refused_line_refuses_the_list_and_is_shown(people, bad):
    answer = client_for(people.education).post(reverse("followups:school_list"), listed(lines=f"{THREE}\n{bad}"))
    assert answer.status_code == 422
    assert not Referral.objects.exists()
    assert "cw-refused-line" in answer.content.decode()
    assert "Da Silva" in answer.content.decode()


def test_thirty_lines_at_most(people):
    lines = "\n".join(f"Nom;Prénom;{1 + n % 28}/01/2011" for n in range(31))
    answer = client_for(people.education).post(reverse("followups:school_list"), listed(lines=lines))
    assert answer.status_code == 422
    assert not Referral.objects.exists()


def test_a_file_fills_the_lines_and_writes_nothing(people):
    content = "Nom;Prénom;Né(e) le;Commentaire\nPetit;Jean;12/03/2011;insolent\nRoux;Léa;03/04/2012;frère connu\n"
    file = SimpleUploadedFile("liste.csv", content.encode())
    answer = client_for(people.education).post(reverse("followups:school_list"), listed(lines="", file=file))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Petit ; Jean ; 12/03/2011" in page
    assert "insolent" not in page
    assert not Referral.objects.exists()
    broken = SimpleUploadedFile("liste.xlsx", b"PK\x03\x04 rien")
    answer = client_for(people.education).post(reverse("followups:school_list"), listed(lines="", file=broken))
    assert answer.status_code == 422


@pytest.mark.parametrize("who", ["pjj", "national_police", "mds"])
def test_a_list_is_for_schools_and_the_coordinator(people, who):
    assert client_for(people.mandates[who]).get(reverse("followups:school_list")).status_code == 404
