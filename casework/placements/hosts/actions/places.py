"""Places held, given and given back. The other rooms of placements call these inside their own write.

Two officers cannot take the last place: the database refuses a second row for the same place (R-06).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act, Writing
from casework.casefile import format as fr
from casework.errors import CaseworkError, GuardRefused
from casework.partners.models import Organisation
from casework.placements.hosts.codes import BookingState, Half, PostState
from casework.placements.hosts.models import Booking, Post
from casework.placements.hosts.reads import calendar

Slot = tuple[date, Half]
_TRIES = 50  # a half-day has at most fifty places


def hold(
    w: Writing,
    *,
    post: Post,
    slots: Sequence[Slot],
    holder: UUID,
    service: Organisation,
    until: datetime,
    now: datetime,
) -> list[Booking]:
    """Reserve one place on each half-day for `holder` until `until`; return the rows.

    `holder` is the id of a placement or of a réparation, opaque here. Raises GuardRefused naming the half-days that
    are no longer free, or when the post is not on the list: then nothing is held.
    """
    if Post._base_manager.values_list("state", flat=True).get(pk=post.pk) != PostState.LISTED:
        raise GuardRefused("Ce poste n’est plus ouvert : choisissez-en un autre.")
    if until <= now:
        raise GuardRefused("La date limite de réponse est passée.")
    wanted = sorted({(day, Half(half)) for day, half in slots})
    if not wanted or wanted[0][0] < localdate(now):
        raise GuardRefused("Choisissez des demi-journées à venir.")
    # Nobody waits for the nightly job: a reservation past its time holds nothing.
    Booking.objects.filter(post=post, state=BookingState.RESERVED, until__lte=now).delete()
    rows = [
        Booking(
            territory_id=post.territory_id, subject_id=post.subject_id, post=post, day=day, half=half,
            state=BookingState.RESERVED, holder=holder, service=service, until=until,
        )
        for day, half in wanted
    ]  # fmt: skip
    _insert(post, rows)
    w.note(Act.CREATE, post, why="hold", n=len(rows))
    return rows


def _insert(post: Post, rows: list[Booking]) -> None:
    """Insert all rows, each on the lowest free place; when somebody was quicker, look again."""
    for _ in range(_TRIES):
        _choose_places(post, rows)
        try:
            with transaction.atomic():
                Booking.objects.bulk_create(rows)
            return
        except IntegrityError:
            continue
    raise GuardRefused(_gone([(row.day, Half(row.half)) for row in rows]))


def _choose_places(post: Post, rows: list[Booking]) -> None:
    """Set `slot` of each row. Raises GuardRefused naming the half-days that cannot be had."""
    days = [row.day for row in rows]
    taken: dict[Slot, set[int]] = defaultdict(set)
    mine: set[Slot] = set()
    here = Q(post=post, day__in=days) | Q(holder=rows[0].holder, day__in=days)
    for post_id, holder, day, half, slot in Booking.objects.filter(here).values_list(
        "post_id", "holder", "day", "half", "slot"
    ):
        if holder == rows[0].holder:
            mine.add((day, Half(half)))
        if post_id == post.pk:
            taken[day, Half(half)].add(slot)
    if twice := [at for row in rows if (at := (row.day, Half(row.half))) in mine]:
        raise GuardRefused(f"Une place est déjà prise pour la même personne : {_names(twice)}.")
    counted = calendar.places([post.pk], min(days), max(days))[post.pk]
    full = []
    for row in rows:
        at = row.day, Half(row.half)
        places = counted.get(at)
        # A place may be given back between the two readings: each of them alone may say that nothing is left.
        left = set(range(1, places.capacity + 1)) - taken[at] if places and places.free > 0 else set()
        if left:
            row.slot = min(left)
        else:
            full.append(at)
    if full:
        raise GuardRefused(_gone(full))


def _gone(slots: Collection[Slot]) -> str:
    if len(slots) > 1:
        return f"Ces places viennent d’être prises ou ne sont plus proposées : {_names(slots)}."
    return f"Cette place vient d’être prise ou n’est plus proposée : {_names(slots)}."


def _names(slots: Collection[Slot]) -> str:
    said = [f"{fr.WEEKDAYS[day.weekday()]} {fr.short_day(day)} {half.label}" for day, half in sorted(slots)]
    return ", ".join(said[:6]) + (f" et {len(said) - 6} autres demi-journées" if len(said) > 6 else "")


def confirm(w: Writing, *, holder: UUID, now: datetime, to: UUID | None = None) -> int:
    """Turn what `holder` had reserved into given places, `to` another holder where said; return how many.

    Raises GuardRefused when none is left.
    """
    rows = list(Booking.objects.select_for_update(of=("self",)).filter(holder=holder, state=BookingState.RESERVED))
    if not rows or any(row.until is not None and row.until <= now for row in rows):
        raise GuardRefused("La réservation est arrivée à son terme : les places ont été libérées.")
    Booking.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=BookingState.USED, until=None, holder=to or holder
    )
    _note(w, rows, "confirm")
    return len(rows)


def release(w: Writing, *, holder: UUID, from_day: date | None = None) -> int:
    """Give back the places of `holder`, from `from_day` on (all of them by default); return how many.

    Given back, a place is deleted: it is free at once.
    """
    rows = Booking.objects.select_for_update(of=("self",)).filter(holder=holder)
    if from_day is not None:
        rows = rows.filter(day__gte=from_day)
    found = list(rows)
    Booking.objects.filter(pk__in=[row.pk for row in found]).delete()
    _note(w, found, "release")
    return len(found)


def release_overdue(now: datetime) -> int:
    """Give back the places whose time to answer is over: silence is never a yes. Daily job; return how many."""
    freed = 0
    late = Booking.objects.filter(state=BookingState.RESERVED, until__lte=now)
    for territory_id in set(late.values_list("territory_id", flat=True)):
        with audit.writing(audit.system_actor(territory_id), now=now) as w:
            found = list(late.select_for_update(of=("self",)).filter(territory_id=territory_id))
            Booking.objects.filter(pk__in=[row.pk for row in found]).delete()
            _note(w, found, "overdue")
            freed += len(found)
    return freed


def _note(w: Writing, rows: list[Booking], why: str) -> None:
    """Tell the journal, once a post. Raises CaseworkError outside a write."""
    if w is not audit.current():
        raise CaseworkError("places are written inside the write of the act")
    counted: dict[UUID, int] = defaultdict(int)
    for row in rows:
        counted[row.post_id] += 1
    for post in Post.objects.filter(pk__in=counted):
        w.note(Act.CHANGE, post, why=why, n=counted[post.pk])
