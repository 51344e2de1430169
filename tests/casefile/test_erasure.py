"""Erasing a person, at two: order, resumption, what stays, the certificate, and the copy that brings somebody back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from casework.access.approvals.actions import approve
from casework.audit.models import AuditEvent
from casework.audit.verify import verify_all, verify_rows
from casework.casefile import erased, erasers, erasure
from casework.casefile.drafts import save as save_draft
from casework.casefile.models import Draft, Erasure, ErasureStep, Tombstone
from casework.errors import AccessRefused, GuardRefused, InputRefused, Shredded
from casework.minors.followups.codes import Stage
from casework.minors.followups.models import FollowedPerson, FollowUp, FollowUpGrant
from casework.sealing import keys, locks, rotation
from casework.sealing.models import KekEpoch, SubjectKey
from casework.sealing.providers import provider
from tests.casefile import pdf_text
from tests.followups.saisine_setting import opened, refer
from tests.followups.test_retention import rows_of
from tests.people import viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = timezone.now


@pytest.fixture(autouse=True)
def file_keys(settings, tmp_path):
    """Keys in files: what is destroyed is destroyed for every process."""
    settings.KEK_PROVIDER, settings.KEK_DIR = "file", tmp_path / "kek"
    keys.forget()
    yield
    keys.forget()


@pytest.fixture
def two(people):
    """Two young people, one of whom will go."""
    return refer(people), refer(people, last_name="Martin", first_name="Léa")


def wanted(follow_up, **more):
    return {"reference": follow_up.reference, "reason": "rights_request", **more}


def agree(people, follow_up, **more):
    asked = erasure.ask(by=viewer_of(people.coordinator), now=NOW(), **wanted(follow_up, **more))
    approve(by=viewer_of(people.dpo), approval_id=asked.pk, now=NOW())


def erase(people, follow_up, **more) -> Erasure:
    agree(people, follow_up, **more)
    return erasure.erase(by=viewer_of(people.coordinator), now=NOW(), **wanted(follow_up, **more))


def is_whole(follow_up, name="Martin"):
    keys.forget()
    with opened(follow_up):
        assert FollowedPerson.objects.get(pk=follow_up.subject_id).last_name == name


@pytest.mark.rule("RET-07")
@pytest.mark.attack("T-11")
def test_nothing_is_left_and_the_others_are_whole(people, two):
    gone, other = two
    gone_id = gone.subject_id
    save_draft(viewer_of(people.coordinator), "x", {"a": ["b"]}, now=NOW(), subject_id=gone_id)
    kids = {bytes(kid) for kid in SubjectKey.objects.filter(subject_id=gone_id).values_list("kid", flat=True)}
    row = erase(people, gone)
    assert (row.step, row.reason, row.epoch) == (ErasureStep.DONE, "rights_request", 1)
    assert rows_of(gone_id) == {}
    assert not Draft.objects.exists()
    assert not FollowUpGrant.objects.filter(content_object_id=gone.pk).exists()
    assert {bytes(each.wrapped) for each in SubjectKey.objects.filter(kid__in=kids)} == {b""}
    with pytest.raises(Shredded):
        keys.ensure(gone_id)
    with pytest.raises(Shredded):
        provider().wrap(1, bytes(32), b"")
    assert KekEpoch.objects.get(state="live").number == 2
    is_whole(other)
    assert verify_rows()[1] == []
    assert all(report.ok for report in verify_all())
    assert row.row_count > 3
    assert row.history_count >= 3
    assert row.key_count == 2


@pytest.mark.attack("T-43")
@pytest.mark.rule("RET-07")
def test_one_person_alone_erases_nothing(people, two):
    gone, _ = two
    by = viewer_of(people.coordinator)
    with pytest.raises(GuardRefused):
        erasure.erase(by=by, now=NOW(), **wanted(gone))
    erasure.ask(by=by, now=NOW(), **wanted(gone))
    with pytest.raises(GuardRefused):
        erasure.erase(by=by, now=NOW(), **wanted(gone))
    assert not Erasure.objects.exists()
    agree(people, gone)
    with pytest.raises(GuardRefused):
        erasure.erase(by=by, now=NOW(), **wanted(gone, reason="error"))
    assert FollowUp.objects.filter(pk=gone.pk).exists()


@pytest.mark.parametrize("who", ["pjj", "pjj_lead", "mayor", "sysadmin", "stranger"])
def test_who_does_not_answer_for_rights_asks_for_nothing(people, two, who):
    with pytest.raises((AccessRefused, InputRefused)):
        erasure.ask(by=viewer_of(people.mandates[who]), now=NOW(), **wanted(two[0]))


def test_an_unknown_reference_and_an_unknown_reason(people, two):
    by = viewer_of(people.coordinator)
    with pytest.raises(InputRefused):
        erasure.ask(by=by, reference="MIR-2026-CCCC", reason="error", now=NOW())
    with pytest.raises(InputRefused):
        erasure.ask(by=by, reference=two[0].reference, reason="because", now=NOW())


@pytest.mark.rule("ARC-04")
def test_a_record_past_its_date_asks_for_the_visa_then_its_key_is_destroyed(people, two):
    gone, _ = two
    FollowUp.objects.filter(pk=gone.pk).update(state=Stage.EXPIRED)
    with pytest.raises(GuardRefused, match="visa"):
        erasure.ask(by=viewer_of(people.coordinator), now=NOW(), **wanted(gone, reason="term"))
    row = erase(people, gone, reason="term", visa="AD13-2026-114")
    assert row.visa == "AD13-2026-114"
    assert not SubjectKey.objects.filter(subject_id=gone.subject_id).exclude(state="shredded").exists()
    assert rows_of(gone.subject_id) == {}


class Crash(BaseException):
    """The process stops here."""


STEPS = [
    (erasers, "delete_rows"), (erasers, "delete_history"), (keys, "erase"), (rotation, "_begin"),
    (rotation, "_move_all"), (rotation, "_destroy_old"), (erasure, "statement"),
]  # fmt: skip


@pytest.mark.attack("R-03")
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(("where", "name"), STEPS, ids=[name for _, name in STEPS])
def test_killed_at_any_step_it_is_finished_by_the_next_run(people, two, monkeypatch, where, name, before):
    gone, other = two
    agree(people, gone)
    real = getattr(where, name)

    def stop(*args, **kwargs):
        if not before:
            real(*args, **kwargs)
        raise Crash

    monkeypatch.setattr(where, name, stop)
    with pytest.raises(Crash):
        erasure.erase(by=viewer_of(people.coordinator), now=NOW(), **wanted(gone))
    monkeypatch.undo()
    is_whole(other)
    call_command("erase_replay")
    row = Erasure.objects.get()
    assert row.step == ErasureStep.DONE
    assert erasure.is_genuine(row)
    assert rows_of(gone.subject_id) == {}
    is_whole(other)
    assert verify_rows()[1] == []
    assert AuditEvent.objects.filter(why="erase.begin").count() == 1
    assert AuditEvent.objects.filter(why="erase.end", object_type="casefile.erasure").count() == 1
    assert not erased.look()


def test_what_is_written_while_it_goes_on_goes_too(people, two, monkeypatch):
    gone, _ = two
    agree(people, gone)
    save_draft(viewer_of(people.coordinator), "x", {}, now=NOW(), subject_id=gone.subject_id)
    sealed = Draft.objects.values_list("payload", flat=True).get()
    real = rotation.rotate

    def late(**kwargs):
        """Commit a row sealed before the key went, after the rows were deleted."""
        row = Draft(subject_id=gone.subject_id, mandate_id=gone.pk, form_key="y", created_at=NOW(), updated_at=NOW())
        row.payload = sealed
        Draft.objects.bulk_create([row])
        return real(**kwargs)

    monkeypatch.setattr(rotation, "rotate", late)
    erasure.erase(by=viewer_of(people.coordinator), now=NOW(), **wanted(gone))
    assert rows_of(gone.subject_id) == {}


def test_another_process_at_it_finishes_it(people, two, monkeypatch):
    gone, _ = two
    agree(people, gone)

    def busy(job, **kwargs):
        raise locks.AlreadyRunning(job)

    monkeypatch.setattr(locks, "alone", busy)
    row = erasure.erase(by=viewer_of(people.coordinator), now=NOW(), **wanted(gone))
    assert row.step == ErasureStep.ROWS
    assert erasure.nightly(NOW()) == 0
    monkeypatch.undo()
    assert erasure.nightly(NOW() + timedelta(days=1)) == 1


# The certificate


def test_the_certificate_names_nobody_and_is_signed(people, two, tmp_path):
    gone, _ = two
    row = erase(people, gone)
    pdf = erasure.certificate(row)
    text = pdf_text.text(pdf)
    assert row.number in text
    for word in ("Belkacem", "Yanis", gone.reference, str(gone.subject_id)):
        assert word not in text
    row.row_count += 1
    assert not erasure.is_genuine(row)
    with pytest.raises(GuardRefused):
        erasure.certificate(row)


def test_nothing_says_who_afterwards(people, two):
    gone, _ = two
    erase(people, gone)
    assert set(Tombstone.objects.values_list("subject", flat=True)) == {None}
    assert gone.reference not in str(list(Erasure.objects.values()))


# The command


def test_the_command_asks_then_erases(people, two, capsys, tmp_path):
    gone, _ = two
    email = people.coordinator.agent.email
    arguments = ["subject_erase", gone.reference, "--motif", "rights_request", "--as", email]
    call_command(*arguments)
    assert "Accord demandé" in capsys.readouterr().out
    assert FollowUp.objects.filter(pk=gone.pk).exists()
    call_command(*arguments)  # asked again: the same request
    from casework.access.approvals.models import Approval

    approve(by=viewer_of(people.dpo), approval_id=Approval.objects.get().pk, now=NOW())
    path = tmp_path / "certificat.pdf"
    call_command(*arguments, "--certificate", str(path))
    assert "terminé" in capsys.readouterr().out
    assert path.read_bytes().startswith(b"%PDF")
    assert not FollowUp.objects.filter(pk=gone.pk).exists()
    with pytest.raises(CommandError, match="Aucune fiche"):
        call_command(*arguments)
    with pytest.raises(CommandError, match="ne peut pas"):
        call_command("subject_erase", gone.reference, "--motif", "error", "--as", people.pjj.agent.email)
    with pytest.raises(CommandError, match="ne peut pas"):
        call_command("subject_erase", gone.reference, "--motif", "error", "--as", "nobody@ville.example")


def test_every_table_with_a_persons_key_is_known():
    """Rows, drafts, documents, history: whatever has the column. Only the keys themselves are apart."""
    known = {model for kind in (True, False) for model in erasers.tables(history=kind)}
    having = {
        model
        for model in apps.get_models(include_auto_created=True)
        if any(field.attname == "subject_id" for field in model._meta.concrete_fields)
    }
    assert having - known == {SubjectKey}
