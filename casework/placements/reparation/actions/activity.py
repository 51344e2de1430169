"""The activity: towards whom, where, on which half-days; and what changes of it (REP-03, REP-07, REP-09, REP-11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.people import tell
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.casefile import revision
from casework.errors import GuardRefused, InputRefused
from casework.placements.hosts import facts as host_facts
from casework.placements.hosts.actions import places
from casework.placements.hosts.codes import AccreditedFor, Half, PostState
from casework.placements.hosts.models import Post, PostHalfDay
from casework.placements.hosts.states import is_accredited
from casework.placements.reparation import facts
from casework.placements.reparation.actions import team
from casework.placements.reparation.codes import FORMS, RUNNING, TOWARDS_VICTIM, Form, SessionKind, State
from casework.placements.reparation.models import Reparation, Session
from casework.placements.reparation.states import LIFECYCLE

Slot = tuple[date, Half]
HOLD = timedelta(minutes=10)  # held and given in the same act
READY = (State.AGREED, State.ORDERED)


@dataclass(frozen=True, kw_only=True)
class PlaceData:
    """A host found: its post, the half-days, the day it said yes (REP-11: a local agreement)."""

    post_id: UUID
    slots: Sequence[Slot]
    host_agreed_on: date


def assign_community(
    *, by: Viewer, reparation: Reparation, data: PlaceData, now: datetime, expected: int | None
) -> None:
    """Record the activity at a host of the town, its half-days taken; the host's managers read the name from now on.

    First activity, a new one after the victim's refusal, or another host in the course of it: what was planned from
    tomorrow at the host before is given back. Raises AccessRefused, InputRefused, GuardRefused (place just taken).
    """
    facts.require_on(by, reparation, Action.MOVE, DataClass.REPARATION_CONTENT, now)
    if reparation.state not in (*READY, State.ASSIGNED, *RUNNING):
        raise GuardRefused("L’activité ne se choisit pas à cette étape.")
    if reparation.state in RUNNING and reparation.form != Form.COMMUNITY:
        raise GuardRefused("La réparation a commencé envers la victime.")
    post = open_to_minors(by, data.post_id, now)
    if not reparation.ordered_on <= data.host_agreed_on <= localdate(now):
        raise InputRefused("Cette date est avant la décision, ou à venir.", field="host_agreed_on")
    if not data.slots:
        raise InputRefused("Cochez au moins une demi-journée.", field="slots")
    if any(day > reparation.term_on for day, _ in data.slots):
        raise InputRefused("Une demi-journée dépasse le terme.", field="slots")
    changes = {
        "form": Form.COMMUNITY, "mediator": "", "post": post, "host_agreed_on": data.host_agreed_on
    }  # fmt: skip
    with audit.writing(by, now=now) as w:
        if reparation.state in RUNNING:
            row = revision.lock(Reparation.objects.all(), reparation.pk, expected)
            revision.save(row, **changes)
            w.note(Act.CHANGE, row, classes=[DataClass.REPARATION_ACTIVITY], why="place")
        else:
            LIFECYCLE.apply(reparation, State.ASSIGNED, w=w, by=by, now=now, expected_revision=expected, **changes)
        drop_planned(w, reparation, from_day=localdate(now), now=now)
        team.let_host_out(w, reparation=reparation, at=now, reason="place_changed")
        take(w, reparation=reparation, post=post, slots=data.slots, now=now)
        managers = team.let_host_in(w, by=by, reparation=reparation, post_id=post.pk, now=now)
        tell(managers, subject="Quelque chose vous attend", line=team.WAITS, now=now)


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
    with audit.writing(by, now=now) as w:
        drop_planned(w, reparation, from_day=localdate(now), now=now)
        team.let_host_out(w, reparation=reparation, at=now, reason="place_changed")
        LIFECYCLE.apply(reparation, State.ASSIGNED, w=w, by=by, now=now, expected_revision=expected, **changes)
        LIFECYCLE.apply(reparation, State.VICTIM_PENDING, w=w, by=by, now=now)


def open_to_minors(by: Viewer, post_id: UUID, now: datetime) -> Post:
    """Return a post of the list of the PJJ whose host may receive minors today (TIGM-06). Raises GuardRefused."""
    post = host_facts.find_post(by, post_id, now)
    listed = post.state == PostState.LISTED and post.listed_minors_on is not None
    if not listed or not is_accredited(post.host, AccreditedFor.MINORS, localdate(now)):
        raise GuardRefused("Ce poste n’est pas ouvert aux mineurs aujourd’hui.")
    return post


def take(w: Writing, *, reparation: Reparation, post: Post, slots: Sequence[Slot], now: datetime) -> None:
    """Take half-days of a post, all or none (R-06), and write their sessions."""
    places.hold(
        w, post=post, slots=slots, holder=reparation.pk, service=reparation.organisation, until=now + HOLD, now=now
    )
    places.confirm(w, holder=reparation.pk, now=now)
    hours = _hours(post)
    for day, half in sorted(set(slots)):
        starts_at, ends_at = hours[day.weekday(), half.value]
        _write(w, reparation, SessionKind.ACTIVITY, day, half, starts_at, ends_at, post=post)


def _hours(post: Post) -> dict[tuple[int, str], tuple[time, time]]:
    return {(row.weekday, row.half): (row.starts_at, row.ends_at) for row in PostHalfDay.objects.filter(post=post)}


def _write(
    w: Writing, reparation: Reparation, kind: str, day: date, half: Half, starts_at: time, ends_at: time, *,
    post: Post | None,
) -> Session:  # fmt: skip
    if Session.objects.filter(reparation=reparation, day=day, half=half).exists():
        raise InputRefused("Une séance est déjà prévue sur cette demi-journée.", field="day")
    row = Session(
        subject_id=reparation.subject_id, territory_id=reparation.territory_id, reparation=reparation, kind=kind,
        post=post, day=day, half=half, starts_at=starts_at, ends_at=ends_at,
    )  # fmt: skip
    row.save(force_insert=True)
    w.note(Act.CREATE, row, classes=[DataClass.REPARATION_ACTIVITY])
    return row


def drop_planned(w: Writing, reparation: Reparation, *, from_day: date, now: datetime) -> None:
    """Delete the half-days at the host from `from_day` that nothing was recorded on, and give their places back."""
    rows = list(reparation.sessions.filter(presence="", day__gte=from_day, post__isnull=False))
    kept = [
        (row.post, (row.day, Half(row.half)))
        for row in reparation.sessions.filter(day__gte=from_day, post__isnull=False)
        .exclude(presence="")
        .select_related("post")
    ]
    for row in rows:
        w.note(Act.DELETE, row, classes=[DataClass.REPARATION_ACTIVITY])
        row.delete()
    places.release(w, holder=reparation.pk, now=now, from_day=from_day)
    _retake(w, reparation, kept, now)


def _retake(w: Writing, reparation: Reparation, kept: Sequence[tuple[Post | None, Slot]], now: datetime) -> None:
    """Take back the places of half-days that stay: the places of a holder are given back from a day on."""
    by_post: dict[UUID, tuple[Post, list[Slot]]] = {}
    for post, slot in kept:
        if post is not None:
            by_post.setdefault(post.pk, (post, []))[1].append(slot)
    for post, slots in by_post.values():
        places.hold(
            w, post=post, slots=slots, holder=reparation.pk, service=reparation.organisation, until=now + HOLD, now=now
        )
    if by_post:
        places.confirm(w, holder=reparation.pk, now=now)


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
    with audit.writing(by, now=now) as w:
        return _write(w, reparation, kind, day, half, starts_at, ends_at, post=None)


def add_half_days(*, by: Viewer, reparation: Reparation, slots: Sequence[Slot], now: datetime) -> None:
    """Take more half-days at the same host. Raises AccessRefused, InputRefused, GuardRefused."""
    facts.require_on(by, reparation, Action.CHANGE, DataClass.REPARATION_CONTENT, now)
    if reparation.post_id is None or reparation.state not in (State.ASSIGNED, *RUNNING):
        raise GuardRefused("Choisissez d’abord le lieu d’accueil.")
    if not slots:
        raise InputRefused("Cochez au moins une demi-journée.", field="slots")
    if any(day > reparation.term_on for day, _ in slots):
        raise InputRefused("Une demi-journée dépasse le terme.", field="slots")
    post = open_to_minors(by, reparation.post_id, now)
    with audit.writing(by, now=now) as w:
        revision.lock(Reparation.objects.all(), reparation.pk, None)
        take(w, reparation=reparation, post=post, slots=slots, now=now)


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
            places.release(w, holder=reparation.pk, now=now, from_day=row.day)
            _retake(w, reparation, kept, now)
