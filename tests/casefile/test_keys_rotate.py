"""keys_rotate on the real tables: the journal stays right, counts say that nothing old is left."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from casework.audit.models import AuditEvent
from casework.audit.verify import verify_all, verify_rows
from casework.casefile import resealing
from casework.errors import IntegrityFault
from casework.minors.followups.models import FollowedPerson
from casework.sealing import keys, locks, rotation
from casework.sealing.models import KekEpoch, SubjectKey
from casework.sealing.status import status
from tests.followups.saisine_setting import opened, refer

pytestmark = pytest.mark.django_db(databases="__all__")


def is_whole(follow_up):
    keys.forget()
    with opened(follow_up):
        assert FollowedPerson.objects.get(pk=follow_up.subject_id).last_name == "Belkacem"
        assert follow_up.referrals.get().reasons == ["school_dropout"]


def test_the_master_key(people, capsys):
    follow_up = refer(people)
    call_command("keys_rotate")
    assert "Époque 2" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("keys_status")  # the old epoch is still there
    is_whole(follow_up)
    call_command("keys_rotate", "--destroy-old")
    assert "Époques détruites : 1, 2." in capsys.readouterr().out
    call_command("keys_status")
    assert "3 | live |" in capsys.readouterr().out
    is_whole(follow_up)
    assert AuditEvent.objects.filter(why="keys.rotate").count() == 2
    assert all(report.ok for report in verify_all())


def test_one_person(people, capsys):
    follow_up, other = refer(people), refer(people, last_name="Martin")
    old = {
        bytes(kid) for kid in SubjectKey.objects.filter(subject_id=follow_up.subject_id).values_list("kid", flat=True)
    }
    call_command("keys_rotate", "--subject", str(follow_up.subject_id), "--grace", "0")
    assert "rescellée" in capsys.readouterr().out
    new = {
        bytes(kid) for kid in SubjectKey.objects.filter(subject_id=follow_up.subject_id).values_list("kid", flat=True)
    }
    assert len(new) == 2
    assert not (new & old)
    is_whole(follow_up)
    assert status().problems == []
    assert verify_rows()[1] == []
    assert SubjectKey.objects.filter(subject_id=other.subject_id).count() == 2


def test_one_label_and_the_formats(people, capsys):
    follow_up = refer(people)
    call_command("keys_rotate", "--label", "minors.referral.reasons")
    call_command("keys_rotate", "--format")
    assert "0 valeur" in capsys.readouterr().out
    is_whole(follow_up)
    assert verify_rows()[1] == []
    with pytest.raises(CommandError, match="étiquette"):
        call_command("keys_rotate", "--label", "minors.nothing")


def test_the_former_key_outlives_the_pages_being_read(people):
    follow_up = refer(people)
    waited = []

    def pause(seconds):
        waited.append(seconds)
        assert SubjectKey.objects.filter(subject_id=follow_up.subject_id, state="rotating").count() == 2

    resealing.of_subject(follow_up.subject_id, grace=60, pause=pause)
    assert waited == [60]
    assert not SubjectKey.objects.filter(subject_id=follow_up.subject_id, state="rotating").exists()


def test_what_was_written_back_meanwhile_is_sealed_in_another_round(people):
    follow_up = refer(people)
    before = FollowedPerson.objects.get(pk=follow_up.subject_id)
    rounds = []

    def pause(seconds):
        if not rounds:
            from casework.sealing.history import acting

            with acting(None):
                before.save()
        rounds.append(seconds)

    resealing.of_subject(follow_up.subject_id, grace=0, pause=pause)
    assert len(rounds) == 2
    is_whole(follow_up)


def test_what_does_not_open_keeps_its_key_and_says_so(people):
    from tests.sealing.world import overwrite, stored

    follow_up = refer(people)
    person = FollowedPerson.objects.get(pk=follow_up.subject_id)
    *kept, last = stored(person, "phone")
    overwrite(person, "phone", bytes([*kept, last ^ 1]))
    with pytest.raises(IntegrityFault):
        resealing.of_subject(follow_up.subject_id, grace=0)
    with pytest.raises(CommandError, match="keys_status"):
        call_command("keys_rotate", "--subject", str(follow_up.subject_id), "--grace", "0")
    assert SubjectKey.objects.filter(subject_id=follow_up.subject_id, state="rotating").count() == 2


@pytest.mark.attack("R-14")
@pytest.mark.parametrize(
    ("job", "arguments"),
    [(rotation.JOB, ()), (resealing.JOB, ("--format",)), (resealing.JOB, ("--label", "minors.referral.reasons"))],
)
def test_two_at_once_is_once(people, monkeypatch, job, arguments):
    refer(people)
    real, taken = locks.alone, []

    def alone(name, **kwargs):
        taken.append(name)
        if name == job:
            raise locks.AlreadyRunning(name)
        return real(name, **kwargs)

    monkeypatch.setattr(locks, "alone", alone)
    with pytest.raises(CommandError, match="déjà en cours"):
        call_command("keys_rotate", *arguments)
    assert taken == [job]
    assert KekEpoch.objects.count() == 1
    assert timezone.now()


def test_nobody_of_that_key(people):
    refer(people)
    with pytest.raises(CommandError, match="pas de clé"):
        call_command("keys_rotate", "--subject", "6f6d0f0e-6a7a-4a3f-8a2e-1f3a5b6c7d8e", "--grace", "0")
