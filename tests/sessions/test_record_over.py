"""A record past its purge date is nowhere, even when the nightly job is late: a test for each source (RET-03, RET-05)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act
from casework.casefile import revision
from casework.casefile.retention import purge_check_on
from casework.minors.followups.actions import mayor, who_knows
from casework.minors.followups.codes import Gateway, MayorAct, MayorGround, Outcome
from casework.minors.followups.models import FollowUp
from casework.minors.followups.reads import caseload
from casework.minors.followups.reads import mayor as mayor_reads
from casework.minors.followups.reads import who_knows as who_knows_reads
from casework.minors.sessions import deadlines, work
from casework.minors.sessions.actions import meeting, minutes, room
from casework.minors.sessions.reads import agenda, preparation, sheet
from casework.minors.sessions.reads import minutes as minutes_reads
from casework.minors.sessions.reads import room as room_reads
from tests.followups.circle import rules_say
from tests.people import viewer_of
from tests.sessions.room_setting import Setting, build

pytestmark = pytest.mark.django_db(databases="__all__")


def end_today(follow_up: FollowUp) -> None:
    """Let the purge date be today; the nightly job has not run."""
    today: date = localdate()
    actor = audit.system_actor(follow_up.territory_id)
    with audit.writing(actor, now=timezone.now()) as w:
        row = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
        revision.save(row, purge_on=today, purge_check_on=purge_check_on(today))
        w.note(Act.CHANGE, row)


def viewer(setting: Setting, key: str = "coordinator"):
    return viewer_of(setting.people.mandates[key], now=setting.now)


AHEAD: dict[str, Callable[[Setting, FollowUp], bool]] = {
    "work.to_prepare": lambda s, row: "3 situations à préparer" in str(work.items(viewer(s, "pjj_lead"), s.now)),
    "work.asked": lambda s, row: row.reference in str(work.items(viewer(s, "pjj_lead"), s.now)),
    "deadlines.stale": lambda s, row: row.reference in str(deadlines.for_coordinator(viewer(s), s.now)),
    "preparation.page": lambda s, row: row.pk in {
        line.follow_up_id for line in preparation.page(viewer(s, "pjj_lead"), s.session, now=s.now).lines
    },
    "agenda.page": lambda s, row: agenda.page(viewer(s), s.session, now=s.now).rows[0].card is not None,
    "mayor.listing": lambda s, row: row.pk in {line.follow_up_id for line in mayor_reads.listing(viewer(s), s.now)},
    "caseload": lambda s, row: row.reference in str(caseload.caseload(viewer(s, "pjj_lead"), now=s.now)),
    "who_knows.questions": lambda s, row: bool(who_knows_reads.questions(viewer(s, "mds_lead"), s.now)),
    "who_knows.desk": lambda s, row: row.pk in {each.id for each in who_knows_reads.desk(viewer(s), s.now).situations},
    "who_knows.answers": lambda s, row: row.pk in {
        each.follow_up_id for each in who_knows_reads.desk(viewer(s), s.now).results
    },
}  # fmt: skip


@pytest.mark.rule("RET-03", "RET-05")
def test_no_list_nor_line_of_work_holds_a_record_that_is_over(people):
    rules_say(people, who_knows_enabled=True)
    setting = build(people, opened=False)
    row, now = setting.followed[0], setting.now
    FollowUp.objects.filter(pk=row.pk).update(sessions_missed=4, last_reviewed_on=localdate(now) - timedelta(days=200))
    meeting.ask_for(by=viewer(setting, "pjj_lead"), follow_up=row, now=now)
    mayor.prepare(
        by=setting.by, follow_up=row, act=MayorAct.WARNING, gateway=Gateway.PERSON_AGREEMENT,
        ground=MayorGround.INCIVILITY, now=now,
    )  # fmt: skip
    who_knows.ask(
        by=setting.by, follow_up_ids=[row.pk], organisation_ids=[people.mds_service.pk], now=now,
        answer_by=localdate(now) + timedelta(days=7),
    )  # fmt: skip
    assert {name for name, shows in AHEAD.items() if shows(setting, row)} == set(AHEAD)
    end_today(row)
    assert {name for name, shows in AHEAD.items() if shows(setting, row)} == set()


@pytest.mark.rule("RET-03")
def test_no_agenda_takes_a_record_that_is_over(people):
    setting = build(people, opened=False)
    late = setting.now + timedelta(hours=3)
    by = viewer_of(people.coordinator, now=late)
    later = meeting.prepare(
        by=by, now=late,
        data=meeting.MeetingData(
            starts_at=late + timedelta(days=3), ends_at=late + timedelta(days=3, hours=2), place="Mairie",
            organisation_ids=(people.pjj_service.pk,),
        ),
    )  # fmt: skip
    row = setting.followed[0]

    def proposed() -> bool:
        return str(row.pk) in {key for key, _ in agenda.choices_to_add(by, later, now=late)}

    def on_agenda() -> bool:
        meeting.build_agenda(by=by, session=type(later).objects.get(pk=later.pk), now=late)
        return later.lines.filter(follow_up=row).exists()

    assert proposed()
    assert on_agenda()
    end_today(row)
    assert not on_agenda(), "it leaves an agenda nobody was told of"
    assert not proposed()


OPEN: dict[str, Callable[[Setting, FollowUp], bool]] = {
    "room": lambda s, row: room_reads.room(viewer(s), s.session, s.lines[0].pk, now=s.now).line.card is not None,
    "sheet": lambda s, row: bool(sheet.sheet(viewer(s), s.session, now=s.now)[0].card),
}


@pytest.mark.rule("RET-03")
def test_the_room_and_its_sheet_show_nothing_of_a_record_that_is_over(people):
    setting = build(people)
    row = setting.followed[0]
    assert {name for name, shows in OPEN.items() if shows(setting, row)} == set(OPEN)
    end_today(row)
    assert {name for name, shows in OPEN.items() if shows(setting, row)} == set()


@pytest.mark.rule("RET-03")
def test_minutes_say_that_it_was_withdrawn(people):
    setting = build(people)
    for line in setting.lines[:3]:
        room.open_line(by=setting.by, session=setting.session, line_id=line.pk, now=setting.now)
        room.review(
            by=setting.by, session=setting.session, line_id=line.pk, now=setting.now,
            data=room.ReviewData(outcome=Outcome.POSTPONE),
        )  # fmt: skip
    room.close_session(by=setting.by, session=setting.session, now=setting.now)
    session = type(setting.session).objects.get(pk=setting.session.pk)
    minutes.submit(by=setting.by, session=session, now=setting.now)

    def read(key: str) -> list[str]:
        return [item.removed for item in minutes_reads.page(viewer(setting, key), session, setting.now).items]

    assert read("coordinator")[0] == ""
    held = len(read("pjj_lead"))
    end_today(setting.followed[0])
    assert read("coordinator")[0] == minutes_reads.REMOVED
    assert len(read("pjj_lead")) == held - 1
