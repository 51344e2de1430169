"""The situations of the hamlet, one per stage, and its two meetings."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localdate

from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.minors.followups.actions import (
    circle,
    duplicates,
    imports,
    information,
    links,
    mayor,
    merge,
    points,
    referrals,
    reserved,
    schemes,
    sorting,
    stages,
    steps,
    who_knows,
)
from casework.minors.followups.codes import (
    ActionType,
    CircleReason,
    EndReason,
    MayorGround,
    NoticeChannel,
    NoticeStatus,
    PointChannel,
    SchemeState,
    Sorting,
    Stage,
    SuspendReason,
)
from casework.minors.followups.data import PersonData, ReferralData, RepresentativeData
from casework.minors.followups.models import FollowUp, Notice, PossibleDuplicate, Referral
from casework.minors.sessions.actions import meeting, minutes, preparation, questions, room
from casework.minors.sessions.codes import QuestionTopic
from casework.minors.sessions.models import AgendaLine, GroupSession
from tests.attack.hamlet.town import HOUR, SEATED, Hamlet, canary


def items(hamlet: Hamlet) -> None:
    since = hamlet.people.since.date()
    for code, label in (
        (ListCode.PROGRAMME, "Parcours"), (ListCode.SCHEME, "Mission locale"), (ListCode.REDIRECT, "GPDS"),
    ):  # fmt: skip
        hamlet.ids[f"item_{code}"] = LocalItem.objects.create(
            territory=hamlet.people.territory, list_code=code, label=label, valid_from=since
        )
    hamlet.ids["item"] = hamlet.ids[f"item_{ListCode.SCHEME}"].pk


def arrive(hamlet: Hamlet, name: str, *, who: str = "pjj_lead", days: int = 45) -> FollowUp:
    """Let a service refer somebody, all of whose texts are canaries."""
    then = hamlet.now - timedelta(days=days)
    identity, parent = canary("youth_identity", name), canary("youth_representatives", name)
    data = ReferralData(
        person=PersonData(
            last_name=identity, first_name=canary("youth_identity", "prenom"), sector="Maille 2",
            birth_date=date(hamlet.now.year - 15, 1 + len(name), 3), address=f"{identity} 4 rue des Ormes",
            phone="06 39 98 77 66", email=f"{identity}@mail.example", school=canary("youth_occupation", name),
        ),
        origin="pjj", gateway="csi_l132_5", reasons=("school_dropout",), referred_by=canary("youth_referral", name),
        representatives=(
            RepresentativeData(
                last_name=parent, first_name=canary("youth_representatives", "mere"), address=f"{parent} 9 allée",
                phone="06 39 98 55 44", email=f"{parent}@mail.example",
            ),
        ),
    )  # fmt: skip
    return referrals.refer(by=hamlet.viewer(who, then), data=data, now=then)


def choose(hamlet: Hamlet, name: str, choice: str, **more: Any) -> None:
    """Let the coordinator sort."""
    then = hamlet.now - timedelta(days=44)
    referral = Referral.objects.get(follow_up=hamlet.follow_ups[name])
    sorting.sort(by=hamlet.viewer("coordinator", then), referral_id=referral.pk, choice=choice, now=then, **more)
    hamlet.follow_ups[name].refresh_from_db()


def inform(hamlet: Hamlet, name: str) -> None:
    """Record that everybody was told."""
    then = hamlet.now - timedelta(days=43)
    row = hamlet.follow_ups[name]
    for notice in Notice.objects.filter(follow_up=row):
        information.record(
            by=hamlet.viewer("coordinator", then), notice_id=notice.pk, follow_up=row, now=then,
            data=information.NoticeData(
                status=NoticeStatus.INFORMED, informed_on=then.date(), channel=NoticeChannel.PHONE
            ),
        )  # fmt: skip
        row.refresh_from_db()


def follow(hamlet: Hamlet, name: str) -> None:
    """Enter into follow-up, the PJJ in charge."""
    then = hamlet.now - timedelta(days=42)
    row = hamlet.follow_ups[name]
    stages.follow(
        by=hamlet.viewer("coordinator", then), follow_up=row, lead=hamlet.people.pjj_service, now=then,
        programme=hamlet.ids[f"item_{ListCode.PROGRAMME}"], next_review_on=localdate(hamlet.now),
        put_off="" if row.state == Stage.INFORMED else "unreachable",
    )  # fmt: skip
    row.refresh_from_db()


def move_on(hamlet: Hamlet) -> None:
    """Bring each situation to the stage it is called by."""
    by, now, rows = hamlet.viewer("coordinator"), hamlet.now, hamlet.follow_ups
    choose(hamlet, "more_asked", Sorting.MORE_ASKED, words=canary("youth_referral", "more_asked"))
    choose(hamlet, "redirected", Sorting.REDIRECTED, redirect_to=hamlet.ids[f"item_{ListCode.REDIRECT}"].pk)
    choose(hamlet, "rejected", Sorting.OUT_OF_SCOPE)
    for name in ("suspended", "ended", "archived", "expired"):
        choose(hamlet, name, Sorting.TO_STUDY)
        follow(hamlet, name)
    stages.suspend(by=by, follow_up=rows["suspended"], reason=SuspendReason.ABSENT, now=now)
    for name in ("ended", "archived"):
        stages.end(by=by, follow_up=rows[name], reason=EndReason.values[0], now=now)
    for name in ("ended", "archived", "expired"):
        FollowUp.objects.filter(pk=rows[name].pk).update(state=Stage(name))


def twins(hamlet: Hamlet) -> None:
    """Refer one person twice: merge one pair, leave another to settle."""
    by, now, rows = hamlet.viewer("coordinator"), hamlet.now, hamlet.follow_ups
    twin = arrive(hamlet, "merged", who="mds_lead", days=44)
    again = arrive(hamlet, "other", who="aemo_lead", days=44)
    duplicates.catch_up(now)
    pair = PossibleDuplicate.objects.get(newer=twin, older=rows["merged"])
    merge.merge(by=by, duplicate_id=pair.pk, keep_id=twin.pk, now=now)
    rows["kept"] = FollowUp.objects.get(pk=twin.pk)
    rows["again"] = again
    hamlet.ids["duplicate"] = PossibleDuplicate.objects.get(newer=again, older=rows["other"]).pk


def rich(hamlet: Hamlet) -> None:
    """Fill the situation « followed » with one of everything, and inform the « informed » one."""
    people, now, by = hamlet.people, hamlet.now, hamlet.viewer("coordinator")
    for name in ("informed", "followed"):
        choose(hamlet, name, Sorting.TO_STUDY)
        inform(hamlet, name)
    follow(hamlet, "followed")
    row, today = hamlet.follow_ups["followed"], localdate(now)
    for key in ("aemo_service", "outreach_service"):
        circle.enter(
            by=by, follow_up=row, organisation=people.organisations[key], reason=CircleReason.KNOWS, now=now - HOUR
        )
    schemes.set_state(
        by=by, follow_up=row, item=hamlet.ids[f"item_{ListCode.SCHEME}"], state=SchemeState.NOT_TRIED, now=now
    )
    step = steps.decide(
        by=by, follow_up=row, kind=ActionType.FAMILY_MEETING, owner=people.pjj_service,
        due_on=today - timedelta(days=2), now=now - timedelta(days=20), precision=canary("youth_review", "followed"),
    )  # fmt: skip
    pjj = hamlet.viewer("pjj_lead")
    reserved.record_measure(
        by=pjj, follow_up=row, kind="mesure_educative_judiciaire", starts_on=date(2021, 2, 23), ends_on=None, now=now
    )
    reserved.record_sensitive(
        by=pjj, follow_up=row, kind="care_proposed", necessity=canary("youth_sensitive", "followed"),
        expires_on=today + timedelta(days=30), now=now,
    )  # fmt: skip
    points.hold(
        by=pjj, follow_up=row, organisation_ids=[people.aemo_service.pk], held_at=now - HOUR / 2,
        channel=PointChannel.PHONE, now=now, precision=canary("youth_review", "followed point"),
    )  # fmt: skip
    who_knows.ask(
        by=by, follow_up_ids=[row.pk], organisation_ids=[people.mds_service.pk], answer_by=today + timedelta(days=9),
        now=now,
    )  # fmt: skip
    page = mayor.prepare(
        by=by, follow_up=row, act="mayor_warning", gateway="csi_l132_3", ground=MayorGround.INCIVILITY, now=now
    )
    if mayor.opinion_required(row, now):
        mayor.record_opinion(by=by, follow_up=row, disclosure_id=page.pk, opinion="favourable", on=today, now=now)
    mayor.send(by=by, follow_up=row, disclosure_id=page.pk, now=now)
    row.refresh_from_db()
    hamlet.ids |= {
        "item_id": row.schemes.get().item_id, "action_id": step.pk, "disclosure": page.pk,
        "notice_id": row.notices.order_by("pk")[0].pk,
        "referral": Referral.objects.get(follow_up=hamlet.follow_ups["referred"]).pk,
    }  # fmt: skip


def _meeting(hamlet: Hamlet, starts_at: datetime, now: datetime) -> GroupSession:
    return meeting.prepare(
        by=hamlet.viewer("coordinator", now), now=now,
        data=meeting.MeetingData(
            starts_at=starts_at, ends_at=starts_at + 2 * HOUR, place="Salle du conseil",
            organisation_ids=tuple(hamlet.people.organisations[key].pk for key in SEATED),
        ),
    )  # fmt: skip


def _fresh(session: GroupSession) -> GroupSession:
    return GroupSession.objects.select_related("group", "territory").get(pk=session.pk)


def lines_of(session: GroupSession) -> list[AgendaLine]:
    """Return the lines of a meeting."""
    return list(session.lines.order_by("position"))


def held(hamlet: Hamlet) -> None:
    """Hold a meeting two days ago on the followed and the informed situations; submit its minutes."""
    now = hamlet.now - timedelta(days=2)
    by = hamlet.viewer("coordinator", now)
    session = _meeting(hamlet, now - HOUR / 2, now - timedelta(days=10))
    for name in ("followed", "informed"):
        meeting.add_line(by=by, session=session, follow_up=hamlet.follow_ups[name], now=now)
    meeting.convene(by=by, session=session, now=now)
    session = _fresh(session)
    everybody = {row.pk: "present" for row in session.members.filter(is_guest=False)}
    room.start(by=by, session=session, now=now, presences=everybody)
    for line in lines_of(session):
        room.open_line(by=by, session=session, line_id=line.pk, now=now)
        if line.follow_up_id == hamlet.follow_ups["followed"].pk:
            room.decide(
                by=by, session=session, line_id=line.pk, now=now,
                data=room.DecisionData(
                    kind=ActionType.SCHOOL_RETURN, owner_id=hamlet.people.pjj_service.pk,
                    due_on=localdate(hamlet.now) + timedelta(days=12),
                    precision=canary("youth_review", "followed decide"),
                ),
            )  # fmt: skip
        room.keep(by=by, session=session, line_id=line.pk, now=now)
    room.close_session(by=by, session=_fresh(session), now=now)
    minutes.submit(by=by, session=_fresh(session), now=now)
    hamlet.held = _fresh(session)
    for row in hamlet.follow_ups.values():
        row.refresh_from_db()


def convene(hamlet: Hamlet) -> None:
    """Call the next meeting: the followed and the referred situations, a question, two preparations."""
    now, by = hamlet.now, hamlet.viewer("coordinator")
    session = _meeting(hamlet, now + timedelta(days=7), now)
    choose(hamlet, "referred", Sorting.TO_STUDY)
    for name in ("followed", "referred"):
        meeting.add_line(by=by, session=session, follow_up=hamlet.follow_ups[name], now=now)
    asked = questions.ask(
        by=hamlet.viewer("aemo_lead"), data=questions.QuestionData(topic=QuestionTopic.values[0]), now=now
    )
    meeting.convene(by=by, session=_fresh(session), now=now)
    session = _fresh(session)
    line = session.lines.get(follow_up=hamlet.follow_ups["followed"])
    for key in ("pjj_lead", "aemo_lead"):
        preparation.save(
            by=hamlet.viewer(key), session=session, now=now,
            lines={line.pk: preparation.PreparationData(state="will_speak")},
        )  # fmt: skip
    hamlet.convened = session
    hamlet.ids |= {
        "question_id": asked.pk, "line_id": line.pk,
        "member_id": session.members.exclude(organisation=hamlet.people.municipality)[0].pk,
    }  # fmt: skip


def around(hamlet: Hamlet) -> None:
    """Write the rest: a single-use link, an import, ids of the directory."""
    people, now, by = hamlet.people, hamlet.now, hamlet.viewer("coordinator")
    link = links.create(by=by, organisation_id=people.school.pk, email="secretariat@college.example", days=7, now=now)
    hamlet.token = link.url.rstrip("/").rsplit("/", 1)[-1]
    word = canary("youth_identity", "tableur")
    batch = imports.deposit(
        by=by, content=f"Nom;Prénom;Date de naissance\n{word};{word};03/01/2012\n".encode(), now=now
    )
    hamlet.ids |= {
        "link": link.id, "batch": batch.pk, "organisation": people.aemo_service.pk, "mandate": people.aemo.pk,
        "agent_id": people.aemo.agent_id, "group_id": people.group.pk,
        "seat_id": people.memberships["aemo_service"].seats.all()[0].pk,
    }  # fmt: skip
