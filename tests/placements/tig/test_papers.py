"""The signed sheet joined to its week, each with its own person; the reminders of an accident not declared."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from PIL import Image

from casework.casefile import mailer
from casework.casefile.models import AttachedFile, FileContent, OutboxMail
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.placements.tig.actions import incidents, scans
from casework.placements.tig.actions.incidents import AccidentSheet
from casework.placements.tig.codes import IncidentKind
from casework.placements.tig.reads import weeks
from tests.people import client_for
from tests.placements.tig import setting as stage
from tests.placements.tig.clicks import ONCE, morning, text
from tests.placements.tig.setting import assigned

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def place(people):
    return stage.build(people, places=3)


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 40), "white").save(out, "JPEG")
    return out.getvalue()


def first(placement):
    return placement.half_days.order_by("day", "half").first()


@pytest.mark.rule("HOST-13")
def test_the_signed_sheet_is_joined_to_its_week_and_read_by_the_officer(place):
    placement = assigned(place)
    row = first(placement)
    host, spip = client_for(place.people.host), client_for(place.people.spip)
    page = text(host.get(reverse("tig:sheet", args=[place.post.pk]) + f"?semaine={row.day.isoformat()}"))
    assert "Feuille signée de Léo Zzmartin" in page
    answer = host.post(
        reverse("tig:join_sheet", args=[placement.pk]),
        {"once": ONCE.search(page).group(1), "semaine": row.day.isoformat(),
         "file": SimpleUploadedFile("IMG Zzmartin.jpg", photo(), "image/jpeg")},
    )  # fmt: skip
    assert answer.status_code == 302
    file = AttachedFile.objects.get(record_id=placement.pk)
    assert (file.kind, file.subject_id) == (scans.KIND, placement.subject_id)
    assert b"JFIF" not in bytes(FileContent.objects.values_list("content", flat=True).get(file=file).blob)
    url = reverse("tig:sheet_file", args=[file.pk])
    assert url in text(spip.get(reverse("tig:page", args=[placement.pk])))
    given = spip.get(url)
    assert given.content[:2] == b"\xff\xd8"
    assert "Zzmartin" not in given["Content-Disposition"]
    for stranger in (place.people.pjj, place.people.coordinator, place.people.mayor, place.tutor_mandate):
        assert client_for(stranger).get(url).status_code == 404
    there = morning(row, 9)
    with time_machine.travel(there, tick=False):
        assert client_for(place.tutor_mandate, now=there).get(url).status_code == 404  # presence, no papers
        with pytest.raises(AccessRefused):
            scans.withdraw(by=place.viewer("tutor", there), file_id=file.pk, now=there)
    scans.withdraw(by=place.viewer("host"), file_id=file.pk, now=timezone.now())
    assert spip.get(url).status_code == 404
    assert not FileContent.objects.exists()


@pytest.mark.rule("HOST-13")
def test_a_sheet_is_a_picture_or_a_pdf_of_a_week_with_this_person(place):
    placement = assigned(place)
    given = {"by": place.viewer("host"), "placement": placement, "name": "x", "now": timezone.now()}
    with pytest.raises(InputRefused):
        scans.join(day=first(placement).day, content=b"MZ not a picture", **given)
    with pytest.raises(InputRefused):
        scans.join(day=localdate() - timedelta(days=60), content=photo(), **given)
    with pytest.raises(AccessRefused):
        scans.join(day=first(placement).day, content=photo(), **given | {"by": place.viewer("pjj")})


@pytest.mark.rule("HOST-13", "ACL-04")
def test_the_sheet_to_sign_has_a_page_for_each_and_names_nobody_else(place):
    placements = [assigned(place, case_mark=f"2026/{n}") for n in range(2)]
    day = first(placements[0]).day
    url = reverse("tig:week_paper", args=[place.post.pk]) + f"?semaine={day.isoformat()}"
    found = weeks.week(place.viewer("host"), place.post.pk, day, timezone.now())
    assert len({line.placement_id for line in found.lines}) == 2
    with pikepdf.open(BytesIO(client_for(place.people.host).get(url).content)) as sheet:
        assert len(sheet.pages) == 2


@pytest.mark.rule("HOST-10")
def test_an_accident_not_declared_is_reminded_once_at_24_and_once_at_48_hours(place):
    placement = assigned(place)
    at = timezone.now()
    sheet = AccidentSheet(at="10:15", where="Atelier", task="", emergency=False, witness=False)
    row = incidents.report(
        by=place.viewer("host"), placement=placement, kind=IncidentKind.ACCIDENT, occurred_on=localdate(at), precision="",
        stop_work=False, now=at, sheet=sheet,
    )  # fmt: skip
    told = []
    for hours in (1, 23, 24, 25, 47, 48, 49, 200):
        OutboxMail.objects.all().delete()
        mailer.run_reminders(at + timedelta(hours=hours))
        told.append((hours, OutboxMail.objects.count()))
    assert told == [(1, 0), (23, 0), (24, 2), (25, 0), (47, 0), (48, 2), (49, 0), (200, 0)]  # officer and manager
    work = reverse("desk:work")
    for hours, words in (
        (1, "à déclarer sous 48 heures"),
        (30, "24 heures sont passées"),
        (50, "48 heures sont passées"),
    ):
        there = at + timedelta(hours=hours)
        with time_machine.travel(there, tick=False):
            assert words in text(client_for(place.people.host, now=there).get(work))
    incidents.declare_accident(by=place.viewer("host"), incident=row, now=at)
    with pytest.raises(GuardRefused):
        incidents.declare_accident(
            by=place.viewer("host"), now=at,
            incident=incidents.report(by=place.viewer("host"), placement=placement, kind=IncidentKind.LATENESS,
                                      occurred_on=localdate(at), precision="", stop_work=False, now=at),
        )  # fmt: skip


@pytest.mark.rule("HOST-10")
def test_a_declared_accident_is_reminded_of_no_more(place):
    placement = assigned(place)
    at = timezone.now()
    sheet = AccidentSheet(at="10:15", where="Atelier", task="", emergency=False, witness=False)
    row = incidents.report(
        by=place.viewer("host"), placement=placement, kind=IncidentKind.ACCIDENT, occurred_on=localdate(at), precision="",
        stop_work=False, now=at, sheet=sheet,
    )  # fmt: skip
    incidents.declare_accident(by=place.viewer("host"), incident=row, now=at)
    assert mailer.run_reminders(at + timedelta(hours=49)) == 0
