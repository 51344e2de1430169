"""Forty-five affectations at every stage, told through the same acts as on screen: asked, decided, worked, ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from casework import audit
from casework.access.viewer import Viewer, viewer_for
from casework.casefile.calendar import next_working_day
from casework.desk.demo.people import BOYS, SURNAMES
from casework.desk.demo.story import Story
from casework.errors import GuardRefused
from casework.partners.codes import Role
from casework.placements.hosts.codes import PostState
from casework.placements.hosts.models import Post, PostGrant, Supervisor
from casework.placements.tig.actions import (
    attendance,
    calls,
    decisions,
    demands,
    ends,
    incidents,
    plans,
    proposals,
    service,
)
from casework.placements.tig.actions.attendance import Entry
from casework.placements.tig.actions.calls import CallData
from casework.placements.tig.actions.demands import DemandData, SentenceData
from casework.placements.tig.actions.incidents import AccidentSheet
from casework.placements.tig.codes import (
    Audience,
    ClockReason,
    DecisionAuthor,
    FitnessResult,
    IncidentAnswer,
    IncidentKind,
    Mode,
    Outcome,
)
from casework.placements.tig.models import TigPlacement

MOST = 45
Host = Callable[[datetime], Viewer]
# One after the other, so that a small town shows every stage too. `weeks`: how long ago it was asked.
STAGES: tuple[tuple[str, int], ...] = (
    ("in_progress", 9), ("proposed", 0), ("completed", 26), ("matching", 0), ("incident", 8), ("accepted", 0),
    ("assigned", 2), ("in_progress", 7), ("work_suspended", 8), ("exam", 0), ("in_progress", 12), ("breach", 5),
    ("clock_suspended", 10), ("completed", 30), ("accident", 6), ("converted", 22), ("declined", 2), ("void", 12),
    ("fallback_executed", 23), ("prosecuted", 21), ("transferred", 11),
)  # fmt: skip
# What the magistrate decided of those reported.
DECIDED = ("converted", "fallback_executed", "prosecuted")
WORKED = {
    "in_progress", "incident", "work_suspended", "breach", "clock_suspended", "completed", "accident", "transferred",
    *DECIDED,
}  # fmt: skip
# One in two goes to the host whose manager and tutor have an account, on two days of the week, each in turn.
SHOWN_HOST = "Régie de quartier des Molières"
AVAILABLE = (
    ("0-am", "1-am", "2-am", "3-am", "4-am"), ("0-pm", "1-pm", "3-pm"), ("0-am", "0-pm", "3-am", "3-pm"),
    ("0-am", "1-am", "2-am", "3-am", "4-am", "0-pm", "1-pm", "3-pm"), ("2-am", "2-pm", "5-am", "5-pm"),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One affectation being told."""

    story: Story
    number: int
    stage: str
    who: str
    asked_on: date

    @property
    def is_shown(self) -> bool:
        """Say whether the host with accounts is asked first."""
        return self.number % 2 == 0

    @property
    def availability(self) -> tuple[str, ...]:
        """Return the half-days that suit this person."""
        if self.is_shown:
            days = (self.number // 2 % 5, (self.number // 2 + 1) % 5)
            return tuple(f"{day}-{half}" for day in days for half in ("am", "pm"))
        return AVAILABLE[self.number % len(AVAILABLE)]

    def officer(self, at: datetime) -> Viewer:
        """Return the officer at an instant."""
        return self.story.viewer(self.who, at)


def _do(act: Callable[..., Any], at: datetime, **given: Any) -> Any:
    """Carry out one act at its instant: the journal writes that instant."""
    with audit.pinned_clock(at):
        return act(now=at, **given)


def tell(story: Story, *, size: int) -> int:
    """Tell them; return how many. A town of sixty situations has all forty-five."""
    listed = list(Post.objects.filter(state=PostState.LISTED).select_related("host").order_by("reference"))
    wanted = max(6, min(MOST, size * MOST // 60))
    if not listed:
        return 0
    _sentence_files(story)
    for number in range(wanted):
        stage, weeks = STAGES[number % len(STAGES)]
        minor = stage == "exam" or (number % 4 == 3 and stage not in (*DECIDED, "clock_suspended"))
        asked_on = next_working_day(story.today - timedelta(weeks=weeks, days=number % 5 + (7 if not weeks else 0)))
        if asked_on >= story.today:
            asked_on = next_working_day(story.today - timedelta(days=10))
        told = Told(story, number, stage, "pjj" if minor else "spip", asked_on)
        turned = listed[number % len(listed) :] + listed[: number % len(listed)]
        _tell(told, sorted(turned, key=lambda post: told.is_shown and post.host.name != SHOWN_HOST))
    _call(story)
    return wanted


def _sentence_files(story: Story) -> None:
    """Let both services keep their sentence file here, before the first request."""
    then = story.at(story.today - timedelta(days=300), 9)
    for who in ("spip", "pjj_lead"):
        _do(service.keep_here, then, by=story.viewer(who, then), signed_on=then.date())


def _call(story: Story) -> None:
    """Let the town's référent note a telephone call of yesterday, which waits for the SPIP."""
    then = story.at(story.today - timedelta(days=1), 15)
    by = story.viewer("tig_referent", then)
    post = next(iter(calls.posts(by, then)), None)
    if post is None:
        return
    data = CallData(
        post_id=post.pk, officer=story.town.mandates["spip"].agent.email, minutes=14 * 60, weekly=2,
        last_useful_on=story.today + timedelta(days=120),
    )  # fmt: skip
    with suppress(GuardRefused):  # no half-day is free there this time
        _do(calls.record, then, by=by, data=data)


def _tell(told: Told, posts: list[Post]) -> None:
    now = told.story.at(told.asked_on, 9, told.number % 60)
    placement = _demand(told, now)
    if told.stage == "matching":
        return
    if told.who == "pjj":
        _do(proposals.ask_exam, now, by=told.officer(now), placement=placement)
        if told.stage == "exam":
            return
        _do(
            proposals.record_exam, now, by=told.officer(now), placement=placement, result=FitnessResult.FIT,
            seen_on=told.asked_on, certificate_seen=True, working_limits=[],
        )  # fmt: skip
    placement = _fresh(placement)
    host = _ask(told, placement, posts, now)
    if host is None or told.stage == "proposed":
        return
    answered = told.story.at(_later(told, told.asked_on + timedelta(days=2)), 11)
    proposal = proposals.find_open(host(answered), placement.proposals.get(answer="").pk, answered)
    if told.stage == "declined":
        _do(proposals.decline, answered, by=host(answered), proposal=proposal, reason="no_supervisor")
        return
    tutor = _tutor_of(placement)
    _do(proposals.accept, answered, by=host(answered), proposal=proposal, supervisor_id=tutor)
    if told.stage == "accepted":
        return
    decided = told.story.at(_later(told, told.asked_on + timedelta(days=4)), 10)
    _decide(told, placement, decided)
    if told.stage == "void":
        at = told.story.at(told.story.today - timedelta(days=5), 10)
        _do(ends.void, at, by=told.officer(at), placement=_fresh(placement), reason="abroad")
    elif told.stage in WORKED:
        _work(told, placement, host)
        _after(told, placement, host)


def _later(told: Told, day: date) -> date:
    return min(day, told.story.today)


def _fresh(placement: TigPlacement) -> TigPlacement:
    rows = TigPlacement.objects.select_related("post__host", "territory", "organisation", "supervisor", "sentence")
    return rows.get(pk=placement.pk)


def _demand(told: Told, now: datetime) -> TigPlacement:
    hours = (21, 35, 35, 49, 70, 105)[told.number % 6] if told.stage != "completed" else (14, 21)[told.number % 2]
    minor = told.who == "pjj"
    data = DemandData(
        case_mark=f"{told.asked_on.year}/{1000 + told.number * 37}", minutes=hours * 60,
        last_useful_on=told.asked_on + timedelta(days=330 - 20 * (told.number % 5)), weekly=2 + told.number % 2,
        availability=told.availability,
        limits=("heavy_loads",) if told.number % 9 == 4 else (), job_minutes=35 * 60 if told.number % 7 == 2 else 0,
        adult_on=told.story.today + timedelta(days=150) if minor else None,
    )  # fmt: skip
    placement = _do(demands.open_demand, now, by=told.officer(now), data=data)
    born_on = date(told.asked_on.year - (17 if minor else 27), 3, 1 + told.number % 25)
    decided_on = told.asked_on - timedelta(days=40)
    sentence = SentenceData(
        basis="tig_minor" if minor else ("tig_main", "probation")[told.number % 2 if told.stage != "converted" else 0],
        court="Tribunal pour enfants d’Aix" if minor else "Tribunal judiciaire d’Aix", offence_code="",
        minutes=max(hours, 20) * 60, months=18, has_fallback=False, born_on=born_on,
        facts_on=decided_on - timedelta(days=200), decided_on=decided_on, enforceable_on=told.asked_on - timedelta(days=20),
        last_useful_on=data.last_useful_on,
    )  # fmt: skip
    _do(demands.record_sentence, now, by=told.officer(now), placement=_fresh(placement), data=sentence)
    return _fresh(placement)


def _ask(told: Told, placement: TigPlacement, posts: list[Post], now: datetime) -> Host | None:
    """Ask the first host that has room; return who answers for it, None when nobody does."""
    for post in posts:
        manager = PostGrant.objects.on([post.pk]).live(now).filter(mandate__role=Role.HOST).first()
        if post.listed_on(placement.audience) is None or manager is None:
            continue
        try:
            _do(
                proposals.ask, now, by=told.officer(now), placement=placement, post_id=post.pk, start=told.asked_on,
                answer_by=None, expected=None,
            )  # fmt: skip
        except GuardRefused:
            continue
        mandate = manager.mandate
        return lambda at: viewer_for(mandate, session_ref="demo-host", request_id="demo", net_prefix="", now=at)
    return None


def _tutor_of(placement: TigPlacement) -> UUID | None:
    post = _fresh(placement).post
    rows = Supervisor.objects.filter(host_id=post.host_id, left_on__isnull=True) if post else Supervisor.objects.none()
    chosen = rows.filter(mandate_id__isnull=False, is_manager=False).first() or rows.first()
    return chosen.pk if chosen else None


def _decide(told: Told, placement: TigPlacement, now: datetime) -> None:
    adult = placement.audience == Audience.ADULTS
    _do(
        decisions.decide, now, by=told.officer(now), placement=_fresh(placement),
        author=(DecisionAuthor.SPIP_DIRECTOR if told.number % 5 else DecisionAuthor.JAP) if adult else DecisionAuthor.PJJ,
        decided_on=now.date(), last_name=SURNAMES[(told.number * 7) % len(SURNAMES)],
        first_name=BOYS[(told.number * 11) % len(BOYS)], phone=f"06 39 98 20 {told.number:02d}",
        expected=None,
    )  # fmt: skip


def _work(told: Told, placement: TigPlacement, host: Host) -> None:
    """Type the sheets of the weeks gone by: as planned, with a few absences."""
    story = told.story
    until = story.today - timedelta(days=1 if told.number % 2 else 3)
    rows = list(placement.half_days.filter(outcome="", day__lte=until).order_by("day", "half"))
    for monday in sorted({row.day - timedelta(days=row.day.weekday()) for row in rows}):
        week = [row for row in rows if monday <= row.day < monday + timedelta(days=7)]
        at = story.at(min(monday + timedelta(days=6), story.today), 7)
        if max(row.day for row in week) > at.date():
            continue
        entries = []
        for row in week:
            luck = story.luck.random()
            if luck < 0.08 and told.stage != "completed":
                entries.append(
                    Entry(half_day_id=row.pk, outcome=Outcome.ABSENT if luck < 0.03 else Outcome.ABSENT_EXCUSED)
                )
            else:
                entries.append(
                    Entry(half_day_id=row.pk, outcome=Outcome.WORKED, starts_at=row.starts_at, ends_at=row.ends_at,
                          break_minutes=row.break_minutes)
                )  # fmt: skip
        mode = Mode.PHONE if told.number % 3 == 0 else Mode.PAPER
        _do(attendance.record, at, by=host(at), entries=entries, mode=mode, signed_by_both=True)


def _after(told: Told, placement: TigPlacement, host: Host) -> None:
    story, stage = told.story, told.stage
    at = story.at(story.today - timedelta(days=1), 15)
    placement = _fresh(placement)
    started = placement.started_on is not None
    if stage == "completed" and placement.started_on:
        _finish(told, placement, host, at)
    elif stage in ("incident", "work_suspended") and started:
        _do(
            incidents.report, at, by=host(at), placement=placement, kind=IncidentKind.LATENESS if stage == "incident" else IncidentKind.VIOLENCE,
            occurred_on=at.date(), precision="", stop_work=stage == "work_suspended",
        )  # fmt: skip
    elif stage == "accident":
        sheet = AccidentSheet(at="10:15", where="Allée du parc", task="Ramassage", emergency=True, witness=True)
        _do(
            incidents.report, at, by=host(at), placement=placement, kind=IncidentKind.ACCIDENT, occurred_on=at.date(), precision="",
            stop_work=False, sheet=sheet,
        )  # fmt: skip
    elif stage == "clock_suspended":
        _do(
            incidents.stop_clock, at, by=told.officer(at), placement=placement, reason=ClockReason.MEDICAL, starts_on=at.date(),
            decided_on=at.date(),
        )  # fmt: skip
    elif stage in ("breach", *DECIDED):
        row = _do(
            incidents.report, at, by=host(at), placement=placement, kind=IncidentKind.ABSENCE, occurred_on=at.date(), precision="",
            stop_work=False,
        )  # fmt: skip
        _do(incidents.answer, at, by=told.officer(at), incident=row, decision=IncidentAnswer.REPORT)
        if stage in DECIDED:
            later = at + timedelta(minutes=30)
            _do(ends.magistrate_decided, later, by=told.officer(later), placement=_fresh(placement), outcome=stage)
    elif stage == "transferred":
        _do(ends.transfer, at, by=told.officer(at), placement=placement)
    else:
        _do(plans.replan, at, by=told.officer(at), placement=placement, weekly=placement.weekly, start=story.today)


def _finish(told: Told, placement: TigPlacement, host: Host, at: datetime) -> None:
    """Give the certificate and close, where all the hours are done."""
    try:
        _do(ends.certify, at, by=host(at), placement=placement)
        _do(ends.complete, at, by=told.officer(at), placement=_fresh(placement))
    except GuardRefused:
        return  # the term of the town came first: it stays in progress
