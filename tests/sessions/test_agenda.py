"""Building, ordering, inviting: what is written, what opens, what leaves by mail."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from casework.casefile import calendar, mailer
from casework.casefile.models import OutboxMail
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.minors.followups import facts as followup_facts
from casework.minors.followups.actions import circle
from casework.minors.followups.codes import CircleReason, SchemeState, Sorting
from casework.minors.followups.models import FollowUp, RestrictedPoint, SchemeStatus
from casework.minors.sessions import candidates
from casework.minors.sessions.actions import meeting, room
from casework.minors.sessions.models import AgendaLine, AgendaRequest, GroupSession
from casework.minors.sessions.reads import agenda as reads
from casework.partners.models import WatchGroup
from tests.followups.circle import rules_say
from tests.people import viewer_of
from tests.sessions.agenda_setting import SEATED, Month, data, month

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def this(people) -> Month:
    return month(people)


def reasons(this: Month, row: FollowUp) -> list[tuple[str, int]]:
    return [(one["reason"], one["n"]) for one in AgendaLine.objects.get(session=this.session, follow_up=row).reasons]


@pytest.mark.rule("CLV-22")
def test_the_rule_reads_every_reason_from_the_database(this):
    new = this.referred("Zznew")
    waiting = this.referred("Zzwaiting", sorting=Sorting.WAITING)
    due = this.followed("Zzdue", review_in=7)
    late = this.followed("Zzlate")
    this.decision(late, waited=1)
    stale = this.followed("Zzstale", sessions_missed=3)
    quiet = this.followed("Zzquiet")
    point = this.followed("Zzpoint")
    RestrictedPoint.objects.create(
        subject_id=point.subject_id, territory=this.people.territory, follow_up=point, held_at=this.now,
        channel="phone", called_by=this.people.pjj.pk, precision="",
    )  # fmt: skip
    scheme = this.followed("Zzscheme")
    SchemeStatus.objects.create(
        subject_id=scheme.subject_id, territory=this.people.territory, follow_up=scheme, item=scheme.programme,
        state=SchemeState.ACTIVE, since=localdate(this.now), ends_on=localdate(this.now) + timedelta(days=20),
    )  # fmt: skip
    asked = this.followed("Zzasked")
    meeting.ask_for(by=this.viewer("pjj_lead"), follow_up=asked, now=this.now)
    assert this.build() == meeting.Built(7, 0)
    assert reasons(this, new) == [("new_referral", 0)]
    assert reasons(this, due) == [("review_due", 0)]
    assert reasons(this, late) == [("decision_late", 2)]
    assert reasons(this, stale) == [("not_discussed", 3)]
    assert reasons(this, point) == [("restricted_point", 0)]
    assert reasons(this, scheme) == [("scheme_ending", 0)]
    assert reasons(this, asked) == [("asked", 0)]
    assert not AgendaLine.objects.filter(follow_up__in=[waiting, quiet]).exists()
    assert this.people.pjj_service in AgendaLine.objects.get(follow_up=due).asked.all()


def test_the_database_is_asked_a_constant_number_of_times(this, django_assert_num_queries):
    for n in range(2):
        this.decision(this.followed(f"Zz{n}"))
    with django_assert_num_queries(6):
        candidates.of(this.session, localdate(this.session.starts_at))
    for n in range(4):
        this.decision(this.followed(f"Zzmore{n}"))
    with django_assert_num_queries(6):
        assert len(candidates.of(this.session, localdate(this.session.starts_at))) == 6


def test_a_rebuild_keeps_the_hand_order_and_hand_added_lines(this):
    first, second = this.followed("Zza", review_in=1), this.followed("Zzb", review_in=1)
    quiet = this.followed("Zzquiet")
    this.build()
    meeting.add_line(by=this.by, session=this.fresh(), follow_up=quiet, now=this.now)
    order = list(this.session.lines.order_by("-position").values_list("pk", flat=True))
    meeting.reorder(by=this.by, session=this.fresh(), line_ids=order, now=this.now)
    FollowUp.objects.filter(pk=first.pk).update(next_review_on=localdate(this.now) + timedelta(days=300))
    third = this.followed("Zzc", review_in=1)
    assert this.build() == meeting.Built(1, 1)
    kept = list(this.session.lines.order_by("position").values_list("follow_up", flat=True))
    assert kept == [quiet.pk, second.pk, third.pk]
    assert list(this.session.lines.order_by("position").values_list("day_number", flat=True)) == [1, 2, 3]
    assert this.build() == meeting.Built(0, 0)


def test_nobody_told_of_a_line_loses_it(this):
    row = this.followed("Zza", review_in=1)
    this.build()
    this.convened()
    FollowUp.objects.filter(pk=row.pk).update(next_review_on=None)
    assert this.build() == meeting.Built(0, 0)


def test_only_whoever_prepares_builds_and_only_before(this):
    for key in ("pjj_lead", "mayor", "dpo", "stranger"):
        with pytest.raises(AccessRefused):
            meeting.build_agenda(by=this.viewer(key), session=this.session, now=this.now)
    this.convened()
    room.start(
        by=this.by,
        session=this.fresh(),
        presences={row.pk: "present" for row in this.session.members.all()},
        now=this.now,
    )
    with pytest.raises(GuardRefused):
        this.build()


def test_the_order_refuses_another_list(this):
    this.followed("Zza", review_in=1)
    this.build()
    with pytest.raises(InputRefused):
        meeting.reorder(by=this.by, session=this.fresh(), line_ids=[uuid.uuid4()], now=this.now)


def test_a_line_changed_meanwhile_is_not_overwritten(this):
    this.followed("Zza", review_in=1)
    this.build()
    line = this.session.lines.get()
    put = {"by": this.by, "session": this.fresh(), "line_id": line.pk, "asked": [], "now": this.now}
    meeting.set_line(minutes=12, expected=line.revision, **put)
    with pytest.raises(ConflictRefused):
        meeting.set_line(minutes=3, expected=line.revision, **put)
    for minutes in (0, -1, 9999):
        with pytest.raises(InputRefused):
            meeting.set_line(minutes=minutes, **put)


@pytest.mark.rule("CLV-26")
def test_by_circle_the_agenda_comes_in_blocks_and_tells_when_to_arrive(this):
    for n in range(2):
        this.followed(f"Zzp{n}", who="pjj_lead", review_in=1)
        this.followed(f"Zza{n}", who="aemo_lead", review_in=1)
    this.build()
    page = reads.page(this.by, this.fresh(), now=this.now)
    assert [row.block for row in page.rows if row.block] in (["AEMO", "PJJ"], ["PJJ", "AEMO"])
    arrivals = {row.name: row.arrives_at for row in page.members}
    start = this.session.starts_at
    assert {arrivals["PJJ"], arrivals["AEMO"]} == {start, start + timedelta(minutes=10)}
    assert arrivals["Mairie"] == start
    assert arrivals["MDS"] is None
    assert page.room_time == "il reste 2 h 10"


def test_in_one_formation_everybody_comes_at_the_start(this):
    GroupSession.objects.filter(pk=this.session.pk).update(formation="single")
    this.followed("Zza", review_in=1)
    this.build()
    assert set(this.session.members.values_list("arrives_at", flat=True)) == {this.session.starts_at}


def test_the_time_says_what_it_exceeds(people):
    this = month(people, minutes=5)
    this.followed("Zza", review_in=1)
    this.referred("Zzb")
    this.build()
    assert reads.page(this.by, this.fresh(), now=this.now).room_time == "dépasse de 10 min"


@pytest.mark.rule("CLV-04", "CLV-03")
def test_a_group_of_any_theme_holds_its_own_meetings(people):
    """Groups are data: a territory opens one for recidivism beside the cellule, with its own rules and meetings."""
    this = month(people)
    other = WatchGroup.objects.create(territory=people.territory, name="Groupe prévention de la récidive")
    row = this.followed("Zza", review_in=1)
    FollowUp.objects.filter(pk=row.pk).update(group=other)
    assert this.build() == meeting.Built(0, 0)
    assert this.session.group_id == people.group.pk


@pytest.mark.rule("CLV-10", "CLV-20")
def test_only_services_that_sit_are_invited(people):
    """The prefect and the prosecutor sit in the CLSPD, not in this group: asking for them invites nobody."""
    now = viewer_of(people.coordinator).starts_at + timedelta(days=90)
    wanted = data(people, now, keys=("pjj_service", "court", "state_police", "school"))
    session = meeting.prepare(by=viewer_of(people.coordinator, now=now), data=wanted, now=now)
    assert list(session.members.values_list("organisation__short_name", flat=True)) == ["PJJ"]


def test_minimum_presence_comes_from_the_rules_only(people):
    assert month(people).session.minimum_presence is None
    rules_say(people, minimum_presence=3)
    assert month(people).session.minimum_presence == 3


@pytest.mark.attack("T-50")
def test_the_invitation_says_only_that_a_meeting_is_called(this):
    row = this.followed("Zzcanari", review_in=1)
    this.build()
    this.convened()
    sent = mailer.messages()
    assert {message.to for message in sent} == {
        f"{key}@mireval.example" for key in ("pjj_lead", "aemo_lead", "mds_lead", "outreach_lead")
    }
    for message in sent:
        text = message.subject + message.body
        assert "Une réunion de la cellule est prévue" in text
        assert "https://casework.example/reunions/" in text
        assert not any(word in text for word in ("Zzcanari", "Yanis", row.reference, "Maille", "décision"))


def test_an_invited_meeting_that_moves_is_told_again_and_a_cancelled_one_too(this):
    this.convened()
    before = OutboxMail.objects.count()
    moved = data(this.people, this.now, days=9)
    meeting.change(by=this.by, session=this.fresh(), data=moved, now=this.now, expected=this.fresh().revision)
    assert OutboxMail.objects.count() == 2 * before
    assert this.fresh().window_ends_at == meeting.window_end(this.fresh(), this.now)
    meeting.cancel(by=this.by, session=this.fresh(), now=this.now)
    assert OutboxMail.objects.count() == 3 * before


def test_a_failed_invitation_leaves_no_message(this):
    rules_say(this.people, valid_to=localdate(this.now))
    with pytest.raises(AccessRefused) as refusal:
        this.convened()
    assert refusal.value.code == "rules"
    assert not OutboxMail.objects.exists()


def test_a_service_asks_once_and_only_for_its_circle(this):
    row = this.followed("Zza")
    pjj = this.viewer("pjj_lead")
    meeting.ask_for(by=pjj, follow_up=row, now=this.now)
    with pytest.raises(GuardRefused):
        meeting.ask_for(by=pjj, follow_up=row, now=this.now)
    with pytest.raises(AccessRefused):
        meeting.ask_for(by=this.viewer("mds_lead"), follow_up=row, now=this.now)
    meeting.take_back(by=pjj, follow_up=row, now=this.now)
    assert not AgendaRequest.objects.exists()


def test_a_request_waits_until_it_is_examined(this):
    row = this.followed("Zza")
    meeting.ask_for(by=this.viewer("pjj_lead"), follow_up=row, now=this.now)
    this.build()
    meeting.cancel(by=this.by, session=this.fresh(), now=this.now)
    again = Month(
        this.people, this.now, this.by, meeting.prepare(by=this.by, data=data(this.people, this.now), now=this.now)
    )
    again.build()
    assert reasons(again, row) == [("asked", 0)]
    AgendaLine.objects.update(state="postponed")
    third = Month(
        this.people, this.now, this.by, meeting.prepare(by=this.by, data=data(this.people, this.now), now=this.now)
    )
    third.build()
    assert reasons(third, row) == [("asked", 0)]


@pytest.mark.attack("T-38")
@pytest.mark.rule("CLV-26")
def test_a_line_opens_inside_the_window_to_the_services_asked_and_closes_when_removed(this):
    row = this.followed("Zza", review_in=1)
    this.build()
    line = this.session.lines.get()
    asked = [this.people.pjj_service.pk, this.people.mds_service.pk]
    meeting.set_line(by=this.by, session=this.fresh(), line_id=line.pk, minutes=8, asked=asked, now=this.now)

    def bases(key: str, at=None) -> set[str]:
        at = at or this.now
        return {str(basis) for basis in followup_facts.relation(this.viewer(key, at), row, at).grants}

    assert bases("mds_lead") == bases("aemo_lead") == set()
    this.convened()
    assert bases("mds_lead") == {"session_window", "invited"}
    assert bases("aemo_lead") == {"invited"}
    assert bases("mds") == bases("sah") == set()
    end = calendar.end_instant(
        calendar.add_working_days(localdate(this.session.starts_at), 15), this.people.territory.time_zone
    )
    assert bases("mds_lead", end - timedelta(microseconds=1)) == {"session_window", "invited"}
    assert bases("mds_lead", end) == set()
    meeting.set_line(by=this.by, session=this.fresh(), line_id=line.pk, minutes=8, asked=asked[:1], now=this.now)
    later = this.now + timedelta(seconds=1)
    assert bases("mds_lead", later) == {"invited"}
    meeting.remove_line(by=this.by, session=this.fresh(), line_id=line.pk, now=later)
    assert bases("mds_lead", later) == bases("aemo_lead", later) == set()
    assert "circle" in bases("pjj_lead", later)


@pytest.mark.attack("T-38")
def test_a_line_added_after_the_invitation_opens_at_once(this):
    this.convened()
    row = this.followed("Zzlate")
    meeting.add_line(by=this.by, session=this.fresh(), follow_up=row, now=this.now)
    assert followup_facts.relation(this.viewer("aemo_lead"), row, this.now).grants == {"invited"}


@pytest.mark.rule("CLV-24", "ACL-02")
def test_a_service_that_leaves_the_group_loses_the_window_the_same_day(this):
    row = this.followed("Zza", review_in=1)
    this.build()
    this.convened()
    gone = this.people.memberships["mds_service"]
    gone.ends_at = this.now + timedelta(hours=1)
    gone.save()
    before, after = gone.ends_at - timedelta(microseconds=1), gone.ends_at
    assert followup_facts.visible_to(this.viewer("mds_lead", before), before).filter(pk=row.pk).exists()
    assert not followup_facts.visible_to(this.viewer("mds_lead", after), after).filter(pk=row.pk).exists()


def test_a_service_no_longer_invited_loses_what_the_invitation_opened(this):
    row = this.followed("Zza", review_in=1)
    this.build()
    this.convened()
    fewer = data(this.people, this.now, keys=("municipality", "pjj_service"))
    meeting.change(by=this.by, session=this.fresh(), data=fewer, now=this.now, expected=None)
    later = this.now + timedelta(seconds=1)
    assert not followup_facts.relation(this.viewer("aemo_lead", later), row, later).grants
    assert "circle" in followup_facts.relation(this.viewer("pjj_lead", later), row, later).grants


def asked_by(act: Any) -> int:
    """Return the number of queries of one act, marks of transactions left out.

    SQLite takes a bulk write in parts of 999 values: the parts of one write count as one.
    """
    with CaptureQueriesContext(connection) as captured:
        act()
    marks = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
    told = [query["sql"] for query in captured if not query["sql"].startswith(marks)]
    parts = [sql[:60] if sql.startswith("INSERT") else f"{n}" for n, sql in enumerate(told)]
    return sum(1 for _ in groupby(parts))


@pytest.mark.rule("CLV-21")
@pytest.mark.parametrize("formation", ["single", "by_circle"])
def test_no_act_on_the_agenda_asks_more_for_more_lines(this: Month, formation: str) -> None:
    counts: list[dict[str, int]] = []
    for n in (3, 6, 12):  # the first round fills what the process keeps
        while FollowUp.objects.count() < n:
            row = this.followed(review_in=1)
            by = this.viewer("coordinator")
            circle.enter(
                by=by, follow_up=row, organisation=this.people.mds_service, reason=CircleReason.KNOWS, now=this.now
            )
        this.session = meeting.prepare(by=this.by, data=data(this.people, this.now, days=7 + n), now=this.now)
        GroupSession.objects.filter(pk=this.session.pk).update(formation=formation)
        seen = {"build": asked_by(this.build), "build again": asked_by(this.build)}
        assert AgendaLine.objects.filter(session=this.session).count() == n
        ids = list(this.session.lines.order_by("-position").values_list("pk", flat=True))
        for name, act, options in (
            ("reorder", meeting.reorder, {"line_ids": ids}),
            ("arrange", meeting.arrange, {}),
            ("convene", meeting.convene, {}),
            (
                "change",
                meeting.change,
                {"data": data(this.people, this.now, days=9 + n, keys=SEATED[:-1]), "expected": None},
            ),
            ("cancel", meeting.cancel, {}),
        ):
            session = this.fresh()
            seen[name] = asked_by(partial(act, by=this.by, session=session, now=this.now, **options))
        counts.append(seen)
    assert counts[2] == counts[1]
    assert max(counts[2].values()) < 80


def test_lines_that_leave_together_cost_as_much_as_one(this: Month) -> None:
    counts = []
    for n in (3, 12):
        this.session = meeting.prepare(by=this.by, data=data(this.people, this.now, days=7 + n), now=this.now)
        rows = [this.followed(review_in=1) for _ in range(n)]
        this.build()
        FollowUp.objects.filter(pk__in=[row.pk for row in rows]).update(next_review_on=None)
        counts.append(asked_by(this.build))
        assert not this.fresh().lines.exists()
    assert counts[1] == counts[0]
