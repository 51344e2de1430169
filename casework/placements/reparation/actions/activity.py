"""The activity: towards whom, where, on which half-days; and what changes of it (REP-03, REP-07, REP-09, REP-11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.people import tell
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Writing
from casework.casefile import mailer, revision
from casework.errors import GuardRefused, InputRefused
from casework.placements.hosts.actions import places, requests, unplaced
from casework.placements.hosts.codes import AccreditedFor, Half, ProposalAnswer
from casework.placements.hosts.models import Booking, Post
from casework.placements.reparation import facts
from casework.placements.reparation.actions import half_days, team
from casework.placements.reparation.actions.half_days import Slot
from casework.placements.reparation.codes import FORMS, RUNNING, TOWARDS_VICTIM, Form, SessionKind, State
from casework.placements.reparation.models import Reparation, Session
from casework.placements.reparation.reads import places as reads
from casework.placements.reparation.states import LIFECYCLE

READY = (State.AGREED, State.ORDERED)


@dataclass(frozen=True, kw_only=True)
class PlaceData:
    """A host found: its post, the half-days, the day it said yes (REP-11: a local agreement)."""

    post_id: UUID
    slots: Sequence[Slot]
    host_agreed_on: date


def check_choice(reparation: Reparation) -> None:
    """Raise GuardRefused where a host is not chosen any more, or not yet."""
    if reparation.state not in (*READY, State.ASSIGNED, *RUNNING):
        raise GuardRefused("L’activité ne se choisit pas à cette étape.")
    if reparation.state in RUNNING and reparation.form != Form.COMMUNITY:
        raise GuardRefused("La réparation a commencé envers la victime.")


def assign_community(
    *, by: Viewer, reparation: Reparation, data: PlaceData, now: datetime, expected: int | None
) -> None:
    """Record the activity at a host that said yes by telephone, its half-days taken (REP-11).

    First activity, a new one after the victim's refusal, or another host in the course of it. A request that still
    waits is taken back. Raises AccessRefused, InputRefused, GuardRefused (place just taken).
    """
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    check_choice(reparation)
    post = half_days.open_to_minors(by, data.post_id, now)
    if not reparation.ordered_on <= data.host_agreed_on <= localdate(now):
        raise InputRefused("Cette date est avant la décision, ou à venir.", field="host_agreed_on")
    half_days.check(reparation, data.slots)
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        settle(
            w, by=by, reparation=reparation, post=post, host_agreed_on=data.host_agreed_on, now=now, expected=expected
        )
        half_days.take(w, reparation=reparation, post=post, slots=data.slots, now=now)


def count_without_place(*, by: Viewer, reparation: Reparation, sector: UUID | None, now: datetime) -> None:
    """Count a réparation that finds no place before its term, once a month: what opens posts to minors (seed action 7).

    Raises AccessRefused, GuardRefused (a place fits, not looking for one, counted already this month), InputRefused.
    """
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    if reparation.state not in READY:
        raise GuardRefused("Cette réparation n’attend pas de lieu.")
    if any(match.fits for match in reads.for_reparation(by, reparation, now)):
        raise GuardRefused("Un lieu convient : choisissez-le dans la liste.")
    with audit.writing(by, now=now) as w:
        revision.lock(Reparation.objects.all(), reparation.pk, None)
        unplaced.count(
            w, holder=reparation.pk, territory_id=reparation.territory_id, audience=AccreditedFor.MINORS, sector=sector,
            now=now,
        )  # fmt: skip


def settle(
    w: Writing, *, by: Actor, reparation: Reparation, post: Post, host_agreed_on: date, now: datetime,
    expected: int | None = None,
) -> None:  # fmt: skip
    """Set the host that said yes, inside the write of the act; its managers read the name from now on.

    What was planned from today at the host before is given back, and that host reads nothing more.
    """
    changes = {"form": Form.COMMUNITY, "mediator": "", "post": post, "host_agreed_on": host_agreed_on}
    if reparation.state in RUNNING:
        row = revision.lock(Reparation.objects.all(), reparation.pk, expected)
        revision.save(row, **changes)
        w.note(Act.CHANGE, row, classes=[DataClass.REPARATION_ACTIVITY], why="place")
    else:
        LIFECYCLE.apply(reparation, State.ASSIGNED, w=w, by=by, now=now, expected_revision=expected, **changes)
    leave_host(w, by=by, reparation=reparation, now=now, reason="place_changed")
    managers = team.let_host_in(w, by=by, reparation=reparation, post_id=post.pk, now=now)
    tell(managers, subject="Quelque chose vous attend", line=team.WAITS, now=now)


def leave_host(w: Writing, *, by: Actor, reparation: Reparation, now: datetime, reason: str) -> None:
    """Give back what is to come, end what the host reads, take back the request that waits; inside a write."""
    for row in reparation.requests.select_for_update(of=("self",)).filter(answer=""):
        requests.write_answer(w, row, ProposalAnswer.WITHDRAWN, by=by, now=now)
        places.release(w, holder=row.pk)
        team.tell_managers(row, now)
    half_days.drop_planned(w, reparation, from_day=localdate(now), now=now)
    team.let_host_out(w, reparation=reparation, at=now, reason=reason)


def assign_towards_victim(
    *, by: Viewer, reparation: Reparation, form: str, mediator: str, accredited: bool, now: datetime,
    expected: int | None,
) -> None:  # fmt: skip
    """Record an activity towards the victim, or a mediation: it waits for the victim's agreement (REP-07).

    A mediation names a structure accredited for it (REP-09, D112-31). Raises AccessRefused, InputRefused, GuardRefused.
    """
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    if form not in TOWARDS_VICTIM or form not in FORMS[reparation.track]:
        raise InputRefused("Cette forme n’existe pas dans ce cadre (CJPM L422-1, L112-8).", field="form")
    if form == Form.MEDIATION and not mediator.strip():
        raise InputRefused("Indiquez la structure de médiation.", field="mediator")
    if form == Form.MEDIATION and not accredited:
        raise InputRefused("La médiation est confiée à une structure habilitée (CJPM D112-31).", field="accredited")
    changes = {
        "form": form, "mediator": mediator.strip() if form == Form.MEDIATION else "", "post": None,
        "host_agreed_on": None,
    }  # fmt: skip
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        leave_host(w, by=by, reparation=reparation, now=now, reason="place_changed")
        LIFECYCLE.apply(reparation, State.ASSIGNED, w=w, by=by, now=now, expected_revision=expected, **changes)
        LIFECYCLE.apply(reparation, State.VICTIM_PENDING, w=w, by=by, now=now)


def plan(
    *, by: Viewer, reparation: Reparation, kind: str, day: date, starts_at: time, ends_at: time, now: datetime
) -> Session:
    """Plan an interview, a meeting of mediation or an activity with the educator. Raises AccessRefused, InputRefused."""
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    if kind not in SessionKind.values:
        raise InputRefused("Choisissez la nature de la séance.", field="kind")
    if kind == SessionKind.MEDIATION and reparation.form != Form.MEDIATION:
        raise InputRefused("Cette réparation n’est pas une médiation.", field="kind")
    if kind == SessionKind.MEDIATION and reparation.state not in RUNNING:
        raise InputRefused("Aucune rencontre avant l’accord de la victime (CJPM L112-10).", field="kind")
    if reparation.state == State.REPORTED:
        raise GuardRefused("Le rapport est déjà remis.")
    if ends_at <= starts_at:
        raise InputRefused("L’heure de fin doit suivre l’heure de début.", field="ends_at")
    if not reparation.ordered_on <= day <= reparation.term_on:
        raise InputRefused("La séance se tient entre la décision et le terme.", field="day")
    half = Half.AM if starts_at < time(12, 30) else Half.PM
    waiting = reparation.requests.filter(answer="").values_list("pk", flat=True)
    if Booking.objects.filter(holder__in=list(waiting), day=day, half=half).exists():
        raise InputRefused("Cette demi-journée est demandée à une structure.", field="day")
    with audit.writing(by, now=now) as w:
        return half_days.write(w, reparation, kind, day, half, starts_at, ends_at, post=None)


def add_half_days(*, by: Viewer, reparation: Reparation, slots: Sequence[Slot], now: datetime) -> None:
    """Take more half-days at the same host. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    if reparation.post_id is None or reparation.state not in (State.ASSIGNED, *RUNNING):
        raise GuardRefused("Choisissez d’abord le lieu d’accueil.")
    half_days.check(reparation, slots)
    post = half_days.open_to_minors(by, reparation.post_id, now)
    with audit.writing(by, now=now) as w:
        revision.lock(Reparation.objects.all(), reparation.pk, None)
        half_days.take(w, reparation=reparation, post=post, slots=slots, now=now)


def cancel(*, by: Viewer, session: Session, now: datetime) -> None:
    """Take a session to come off the plan; its place is free at once. Raises AccessRefused, GuardRefused."""
    reparation = session.reparation
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    with audit.writing(by, now=now) as w:
        row = Session.objects.select_for_update(of=("self",)).filter(pk=session.pk).first()
        if row is None or row.presence:
            raise GuardRefused("Une présence est déjà inscrite sur cette séance.")
        w.note(Act.DELETE, row, classes=[DataClass.REPARATION_ACTIVITY], why="cancelled")
        row.delete()
        if row.post_id is not None and row.day >= localdate(now):
            rest = reparation.sessions.filter(day__gte=row.day, post__isnull=False).select_related("post")
            kept = [(each.post, (each.day, Half(each.half))) for each in rest]
            places.release(w, holder=reparation.pk, from_day=row.day)
            half_days.retake(w, reparation, kept, now)
