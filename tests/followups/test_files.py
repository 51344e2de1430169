"""Documents of a situation: who hands in, who reads, how they travel, how they go."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.urls import reverse
from django.utils import timezone

from casework import audit
from casework.audit.models import AuditEvent
from casework.audit.verify import verify_rows
from casework.casefile.files import MAX_BYTES
from casework.casefile.models import AttachedFile, FileContent
from casework.errors import AccessRefused, InputRefused, IntegrityFault
from casework.minors.followups.actions import files
from casework.minors.followups.merge_hooks import Merge
from casework.minors.followups.models import FollowUp
from casework.minors.followups.registry_files import bring_files
from casework.sealing import format as fmt
from tests.casefile.test_files import CANARY, jpeg, pdf
from tests.followups.saisine_setting import refer
from tests.people import client_for, viewer_of
from tests.sealing.world import overwrite, stored

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = timezone.now
NAME = f"Bilan de Yanis {CANARY}.pdf"


@pytest.fixture
def follow_up(people):
    made = refer(people)
    FollowUp.objects.filter(pk=made.pk).update(state="followed", started_on=timezone.localdate())
    made.refresh_from_db()
    return made


def add(people, follow_up, who="coordinator", kind="report", content=None):
    return files.add(
        by=viewer_of(people.mandates[who]),
        follow_up=follow_up,
        kind=kind,
        content=content or pdf(),
        name=NAME,
        now=NOW(),
    )


def form(token="", **more):
    return {"kind": "report", "file": SimpleUploadedFile(NAME, pdf(), "text/html"), **more}


def once_of(page):
    text = page.content.decode()
    at = text.index('name="once" value="') + len('name="once" value="')
    return text[at : text.index('"', at)]


def deposit(client, follow_up, **more):
    url = reverse("followups:file_add", args=[follow_up.pk])
    return client.post(url, {**form(), "once": once_of(client.get(url)), **more})


@pytest.mark.attack("T-48")
def test_handed_in_listed_downloaded_withdrawn(people, follow_up):
    client = client_for(people.coordinator)
    answer = deposit(client, follow_up)
    assert answer.status_code == 302
    file = AttachedFile.objects.get()
    page = client.get(answer["Location"].partition("#")[0]).content.decode()
    assert NAME in page
    assert "écrit d’un service" in page.lower()
    got = client.get(reverse("followups:file", args=[file.pk]))
    assert got.content.startswith(b"%PDF")
    assert CANARY.encode() not in got.content
    assert got["Content-Type"] == "application/pdf"
    assert got["Content-Disposition"].startswith('attachment; filename="piece-')
    assert "Yanis" not in str(got.headers)
    assert got["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in got["Cache-Control"]
    gone = client.post(
        reverse("followups:file_withdraw", args=[file.pk]),
        {"once": once_of(client.get(reverse("followups:page", args=[follow_up.pk]) + "?onglet=documents"))},
    )
    assert gone.status_code == 302
    assert not FileContent.objects.exists()
    assert client.get(reverse("followups:file", args=[file.pk])).status_code == 404
    assert not [fault for fault in verify_rows()[1] if fault.object_type.startswith("casefile")]


@pytest.mark.attack("T-48")
def test_name_type_size_and_content_are_sealed(people, follow_up):
    file = add(people, follow_up)
    cells = [stored(file, "name"), stored(file, "details"), stored(FileContent.objects.get(), "content")]
    for cell in cells:
        assert cell[:2] == b"CW"
        for word in (b"Yanis", b"%PDF", b"report", CANARY.encode()):
            assert word not in cell
    assert cells[2][:4] == fmt.FILE_PREFIX
    assert all(stored(file, name) != b"" for name in ("name", "details"))


@pytest.mark.attack("T-48")
def test_nothing_goes_to_a_temporary_file(people, follow_up, monkeypatch, settings):
    def refuse(*args, **kwargs):
        raise AssertionError("a temporary file was made")

    for name in ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    assert [f"{MemoryFileUploadHandler.__module__}.{MemoryFileUploadHandler.__name__}"] == settings.FILE_UPLOAD_HANDLERS
    before = set(Path(tempfile.gettempdir()).iterdir())
    client = client_for(people.coordinator)
    assert deposit(client, follow_up).status_code == 302
    big = SimpleUploadedFile("x.pdf", b"%PDF-" + bytes(20 * 1024 * 1024), "application/pdf")
    assert deposit(client, follow_up, file=big).status_code in (400, 413, 422)
    assert AttachedFile.objects.count() == 1
    assert not [path for path in set(Path(tempfile.gettempdir()).iterdir()) - before if "upload" in path.name]


def test_a_refused_file_is_said_beside_its_field(people, follow_up):
    client = client_for(people.coordinator)
    answer = deposit(client, follow_up, file=SimpleUploadedFile("lettre.pdf", b"bonjour"))
    assert answer.status_code == 422
    assert "n’est pas un PDF" in answer.content.decode()
    assert "lettre" not in answer.content.decode()
    heavy = deposit(client, follow_up, file=SimpleUploadedFile("photo.jpg", bytes(7 * 1024 * 1024)))
    assert "trop lourd" in heavy.content.decode()
    with pytest.raises(InputRefused):
        add(people, follow_up, content=b"%PDF-" + bytes(MAX_BYTES))
    with pytest.raises(InputRefused):
        add(people, follow_up, kind="judicial")


# Who


@pytest.mark.rule("GDP-15")
def test_a_service_of_the_circle_hands_in_and_reads(people, follow_up):
    file = add(people, follow_up, "pjj")  # it referred: it is in the circle
    assert files.download(by=viewer_of(people.coordinator), file_id=file.pk, now=NOW()).content
    assert files.download(by=viewer_of(people.pjj), file_id=file.pk, now=NOW()).content


@pytest.mark.rule("GDP-15")
@pytest.mark.parametrize(
    "who", ["aemo", "outreach", "mayor", "education", "municipal_police", "sysadmin", "stranger", "dpo"]
)
def test_outside_the_circle_nobody_knows_of_it(people, follow_up, who):
    file = add(people, follow_up)
    client = client_for(people.mandates[who])
    for name, key in (("followups:file", file.pk), ("followups:file_add", follow_up.pk)):
        assert client.get(reverse(name, args=[key])).status_code == 404
    assert client.post(reverse("followups:file_withdraw", args=[file.pk])).status_code == 404
    with pytest.raises(AccessRefused):
        files.download(by=viewer_of(people.mandates[who]), file_id=file.pk, now=NOW())
    with pytest.raises(AccessRefused):
        add(people, follow_up, who)
    assert AttachedFile.objects.count() == 1


def test_a_service_withdraws_its_own_only(people, follow_up):
    theirs, own = add(people, follow_up), add(people, follow_up, "pjj")
    with pytest.raises(AccessRefused):
        files.withdraw(by=viewer_of(people.pjj), file_id=theirs.pk, now=NOW())
    files.withdraw(by=viewer_of(people.pjj), file_id=own.pk, now=NOW())
    assert AttachedFile.objects.get() == theirs


def test_an_archived_situation_gives_no_document_to_the_circle(people, follow_up):
    file = add(people, follow_up)
    FollowUp.objects.filter(pk=follow_up.pk).update(state="archived", ended_on=timezone.localdate(), end_reason="moved")
    for who in ("pjj", "coordinator"):
        with pytest.raises(AccessRefused):
            files.download(by=viewer_of(people.mandates[who]), file_id=file.pk, now=NOW())


# The journal


@pytest.mark.attack("T-22")
def test_each_download_is_told_even_a_minute_later(people, follow_up):
    file = add(people, follow_up)
    for _ in range(2):
        files.download(by=viewer_of(people.coordinator), file_id=file.pk, now=NOW())
    told = AuditEvent.objects.filter(act="print", purpose="document")
    assert told.count() == 2
    assert set(told[0].classes) == {"attached_file", "youth_review"}


# The bytes


def test_a_content_put_in_the_place_of_another_does_not_open(people, follow_up):
    one, two = add(people, follow_up), add(people, follow_up, content=jpeg())
    overwrite(one.content, "content", stored(two.content, "content"))
    with pytest.raises(IntegrityFault):
        files.download(by=viewer_of(people.coordinator), file_id=one.pk, now=NOW())


def test_a_merge_brings_the_documents(people, follow_up):
    other = refer(people, last_name="Martin")
    file = add(people, follow_up)
    before = files.download(by=viewer_of(people.coordinator), file_id=file.pk, now=NOW()).content
    with audit.reading(
        audit.system_actor(other.territory_id), subjects=[other.subject_id, follow_up.subject_id],
        classes=["attached_file"], purpose=audit.Purpose.DUPLICATES, act=audit.Act.SYSTEM,
    ), audit.writing(viewer_of(people.coordinator), now=NOW()) as w:  # fmt: skip
        bring_files(w, Merge(source=follow_up, target=other))
    copy = AttachedFile.objects.get()
    assert (copy.subject_id, copy.record_id) == (other.subject_id, other.pk)
    assert files.download(by=viewer_of(people.coordinator), file_id=copy.pk, now=NOW()).content == before
    assert FileContent.objects.count() == 1
