"""The half-days of a réparation: taken at a post, written as sessions, given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Writing
from casework.errors import GuardRefused, InputRefused
from casework.placements.hosts import facts as host_facts
from casework.placements.hosts.actions import places
from casework.placements.hosts.codes import AccreditedFor, Half, PostState
from casework.placements.hosts.models import Post, PostHalfDay
from casework.placements.hosts.states import is_accredited
from casework.placements.reparation.codes import SessionKind
from casework.placements.reparation.models import Reparation, Session

Slot = tuple[date, Half]
HOLD = timedelta(minutes=10)  # held and given in the same act


def check(reparation: Reparation, slots: Sequence[Slot]) -> None:
    """Raise InputRefused without a half-day, or with one past the term."""
    if not slots:
        raise InputRefused("Cochez au moins une demi-journée.", field="slots")
    if any(day > reparation.term_on for day, _ in slots):
        raise InputRefused("Une demi-journée dépasse le terme.", field="slots")


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
    write_sessions(w, reparation, post, slots)


def write_sessions(w: Writing, reparation: Reparation, post: Post, slots: Sequence[Slot]) -> None:
    """Write the sessions of half-days that are already taken."""
    hours = hours_of(post)
    for day, half in sorted(set(slots)):
        if (day.weekday(), half.value) not in hours:
            raise GuardRefused("Les horaires de ce poste ont changé entre-temps : appelez le service.")
        starts_at, ends_at = hours[day.weekday(), half.value]
        write(w, reparation, SessionKind.ACTIVITY, day, half, starts_at, ends_at, post=post)


def hours_of(post: Post) -> dict[tuple[int, str], tuple[time, time]]:
    """Return when each half-day of a post begins and ends."""
    return {(row.weekday, row.half): (row.starts_at, row.ends_at) for row in PostHalfDay.objects.filter(post=post)}


def write(
    w: Writing, reparation: Reparation, kind: str, day: date, half: Half, starts_at: time, ends_at: time, *,
    post: Post | None,
) -> Session:  # fmt: skip
    """Write one session. Raises InputRefused where one is planned on that half-day."""
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
    places.release(w, holder=reparation.pk, from_day=from_day)
    retake(w, reparation, kept, now)


def retake(w: Writing, reparation: Reparation, kept: Sequence[tuple[Post | None, Slot]], now: datetime) -> None:
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
