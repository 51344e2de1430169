"""Two files, one person: what goes where, and that nothing is lost."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.access.matrix import DataClass
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.errors import GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import merge
from casework.minors.followups.codes import ActionType, PointChannel, SchemeState, Sorting, Stage
from casework.minors.followups.data import RepresentativeData
from casework.minors.followups.models import (
    Action,
    CircleMembership,
    FollowUp,
    FollowUpGrant,
    LegalRepresentative,
    Notice,
    PossibleDuplicate,
    Referral,
    RestrictedPoint,
    SchemeStatus,
)
from casework.minors.sessions.models import AgendaLine, GroupSession, Preparation, Review
from tests.followups.saisine_setting import opened, refer
from tests.people import client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def two(people):
    """The same youth, followed by the PJJ, then referred by the MDS with a father and work under way."""
    older = refer(people, by="pjj", now=timezone.now() - timedelta(days=60))
    newer = refer(
        people, by="mds", origin="social_service",
        representatives=(
            RepresentativeData(last_name="BELKACEM", first_name="Nora"),
            RepresentativeData(last_name="Belkacem", first_name="Samir", relation="father", phone="06 39 98 00 02"),
        ),
    )  # fmt: skip
    return older, newer


def work_on(people, row: FollowUp, *, precision: str, day) -> Action:
    """Write two chained actions, a scheme and a point on one file."""
    keep = {"subject_id": row.subject_id, "territory": row.territory, "follow_up": row}
    first = Action(**keep, kind=ActionType.FAMILY_MEETING, owner=people.mds_service, precision=precision,
                   decided_on=day, due_on=day)  # fmt: skip
    first.save()
    second = Action(**keep, kind=ActionType.SCHOOL_RETURN, owner=people.mds_service, precision="", decided_on=day,
                    due_on=day, after=first)  # fmt: skip
    second.save()
    point = RestrictedPoint(**keep, held_at=timezone.now(), channel=PointChannel.PHONE, called_by=people.mds.pk,
                            precision="appel du matin")  # fmt: skip
    point.save()
    point.organisations.set([people.mds_service, people.pjj_service])
    item, _ = LocalItem.objects.get_or_create(
        territory=people.territory, list_code=ListCode.SCHEME, label="Mission locale", valid_from=day
    )
    SchemeStatus(**keep, item=item, state=SchemeState.REQUESTED, since=day).save()
    return second


def meeting(people, row: FollowUp, *, days: int, session: GroupSession | None = None) -> AgendaLine:
    """Write one line with its preparation and review, in a meeting of its own or in a given one."""
    start = timezone.now() - timedelta(days=days)
    if session is None:
        session = GroupSession(
            territory=people.territory, group=people.group, state="held", starts_at=start,
            ends_at=start + timedelta(hours=2), place="Mairie", formation="by_circle", logistics="",
        )  # fmt: skip
        session.subject_id = session.id
        from casework.sealing import keys

        keys.ensure(session.id)
        session.save()
    number = session.lines.count() + 1
    line = AgendaLine(subject_id=row.subject_id, territory=people.territory, session=session, follow_up=row,
                      position=number, day_number=number)  # fmt: skip
    line.save()
    Preparation(subject_id=row.subject_id, territory=people.territory, line=line, organisation=people.mds_service,
                author_mandate_id=people.mds.pk, content={"state": "nothing_new"}, saved_at=start).save()  # fmt: skip
    Review(subject_id=row.subject_id, territory=people.territory, line=line, follow_up=row, held_on=start.date(),
           steps={"outcome": "continue"}).save()  # fmt: skip
    return line


def run(people, keep: FollowUp) -> FollowUp:
    pair = PossibleDuplicate.objects.get(resolved_at=None)
    return merge.merge(by=viewer_of(people.coordinator), duplicate_id=pair.pk, keep_id=keep.pk, now=timezone.now())


@pytest.mark.rule("SIT-03")
@pytest.mark.attack("T-20")
def test_everything_goes_under_the_file_that_stays(people, two):
    older, newer = two
    day = timezone.localdate()
    work_on(people, newer, precision="avant les vacances", day=day)
    line = meeting(people, newer, days=20)
    kept = meeting(people, older, days=50)
    referral = newer.referrals.get()
    assert run(people, older).pk == older.pk
    newer.refresh_from_db()
    assert (newer.state, newer.merged_into_id) == (Stage.MERGED, older.pk)
    for model in (Referral, Action, SchemeStatus, RestrictedPoint, Notice, Review):
        assert not model.objects.filter(follow_up=newer).exists(), model
        assert not model.objects.exclude(subject_id=older.subject_id).exists(), model
    assert {row.pk for row in AgendaLine.objects.filter(follow_up=older)} == {line.pk, kept.pk}
    assert Review.objects.filter(follow_up=older).count() == 2
    assert Preparation.objects.count() == 2
    # Only the key of the person who stays is needed to read all of it.
    with opened(older):
        second = Action.objects.get(kind=ActionType.SCHOOL_RETURN)
        assert second.after is not None
        assert second.after.precision == "avant les vacances"
        assert [row.precision for row in RestrictedPoint.objects.all()] == ["appel du matin"]
        assert {row.first_name: row.phone for row in LegalRepresentative.objects.all()} == {
            "Nora": "", "Samir": "06 39 98 00 02",
        }  # fmt: skip
        assert all(row.content == {"state": "nothing_new"} for row in Preparation.objects.all())
        assert all(row.steps == {"outcome": "continue"} for row in Review.objects.all())
        moved = Referral.objects.get(origin="social_service")
        assert (moved.received_at, moved.author_mandate_id) == (referral.received_at, people.mds.pk)
        assert moved.reasons == ["school_dropout"]
    assert RestrictedPoint.objects.get().organisations.count() == 2
    assert Notice.objects.filter(follow_up=older).count() == 3  # the youth, both parents


@pytest.mark.rule("ACL-01")
def test_both_circles_read_the_file_that_stays_and_nobody_the_shell(people, two):
    older, newer = two
    now = timezone.now()
    assert not facts.visible_to(viewer_of(people.mds), now).filter(pk=older.pk).exists()
    run(people, older)
    now = timezone.now()
    services = CircleMembership.objects.filter(follow_up=older, ends_at=None).values_list("organisation_id", flat=True)
    assert set(services) == {people.pjj_service.pk, people.mds_service.pk}
    assert not FollowUpGrant.objects.filter(content_object=newer, ends_at=None).exists()
    for who in ("pjj", "mds", "mds_lead", "coordinator"):
        client = client_for(people.mandates[who])
        assert client.get(reverse("followups:page", args=[older.pk])).status_code == 200, who
        assert client.get(reverse("followups:page", args=[newer.pk])).status_code == 404, who
    assert not facts.visible_to(viewer_of(people.aemo), now).exists()
    relation = facts.relation(viewer_of(people.coordinator), FollowUp.objects.get(pk=newer.pk), now)
    assert not relation.classes(viewer_of(people.coordinator), now) & {DataClass.YOUTH_IDENTITY}


def test_on_one_agenda_the_line_that_stays_keeps_both(people, two):
    older, newer = two
    mine = meeting(people, older, days=10)
    Preparation.objects.filter(line=mine).delete()
    Review.objects.filter(line=mine).delete()
    other = meeting(people, newer, days=10, session=mine.session)
    other.asked.add(people.mds_service)
    run(people, older)
    assert AgendaLine.objects.get(follow_up=older).pk == mine.pk
    assert mine.review.follow_up_id == older.pk
    assert mine.preparations.count() == 1
    assert list(mine.asked.all()) == [people.mds_service]


def test_a_referral_that_joins_a_studied_file_has_nothing_left_to_sort(people, two):
    older, _newer = two
    FollowUp.objects.filter(pk=older.pk).update(state=Stage.FOLLOWED, started_on=timezone.localdate())
    run(people, older)
    assert Referral.objects.get(origin="social_service").sorting == Sorting.TO_STUDY


def test_an_archived_file_stays_and_takes_the_new_referral(people, two):
    older, newer = two
    FollowUp.objects.filter(pk=older.pk).update(
        state=Stage.ARCHIVED, ended_on=timezone.localdate() - timedelta(days=10), end_reason="moved"
    )
    with pytest.raises(GuardRefused):
        run(people, newer)
    run(people, older)
    older.refresh_from_db()
    assert older.state == Stage.ARCHIVED
    assert older.referrals.count() == 2
    assert not facts.visible_to(viewer_of(people.mds), timezone.now()).exists()


def test_a_merge_is_done_once_and_only_on_one_of_the_two(people, two):
    older, _ = two
    pair = PossibleDuplicate.objects.get()
    with pytest.raises(InputRefused):
        merge.merge(by=viewer_of(people.coordinator), duplicate_id=pair.pk, keep_id=uuid.uuid4(), now=timezone.now())
    client, sent = client_for(people.coordinator), {"once": str(uuid.uuid4()), "keep": str(older.pk)}
    answers = [client.post(reverse("followups:duplicate", args=[pair.pk]), sent) for _ in range(2)]
    assert {(a.status_code, a.url) for a in answers} == {(302, reverse("followups:page", args=[older.pk]))}
    assert Referral.objects.filter(follow_up=older).count() == 2
    assert (
        client.post(
            reverse("followups:duplicate", args=[pair.pk]), {"once": str(uuid.uuid4()), "keep": "both"}
        ).status_code
        == 404
    )
