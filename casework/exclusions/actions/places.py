"""Half-days taken and given back. Two schools cannot take the last place: the database refuses a second row (R-06)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from casework.audit import Act, Writing
from casework.casefile import format as fr
from casework.errors import GuardRefused, InputRefused
from casework.exclusions import facts, law
from casework.exclusions.codes import Kind
from casework.exclusions.models import ExclusionSupport, OpenHalfDay, SupportHalfDay
from casework.exclusions.reads import places as reads
from casework.sealing import history

_TRIES = 30  # a half-day has at most thirty places


def take(w: Writing, *, support: ExclusionSupport, openings: Sequence[UUID], now: datetime) -> list[SupportHalfDay]:
    """Take one place on each of these announced half-days, all or none (R-06).

    Raises InputRefused without a half-day, for one that is past, not offered under the convention, or beyond the hours
    of a mesure de responsabilisation (EXC-05); GuardRefused naming the half-days that somebody has just taken.
    """
    wanted = list(dict.fromkeys(openings))
    rows = list(OpenHalfDay.objects.filter(pk__in=wanted, host_id=support.host_id).order_by("day", "half"))
    if not rows or len(rows) != len(wanted):
        raise InputRefused("Choisissez au moins une demi-journée proposée.", field="half_days")
    if rows[0].day < localdate(now):
        raise InputRefused("Choisissez des demi-journées à venir.", field="half_days")
    if any(reads.is_over(row.day, row.ends_at, now) for row in rows):
        raise InputRefused("Une de ces demi-journées est déjà finie.", field="half_days")
    _check_days(support, rows)
    for _ in range(_TRIES):
        made = _on_free_slots(support, rows)
        try:
            with transaction.atomic():
                history.insert_many(made)
        except IntegrityError:
            continue  # somebody was quicker: look again
        w.note(Act.CREATE, support, classes=[facts.PUPIL], why="half_days", n=len(made))
        return made
    raise GuardRefused(_gone(rows))


def release(
    w: Writing, *, support: ExclusionSupport, only: Collection[UUID] | None = None, from_day: date | None = None
) -> int:
    """Give places back: half-days on which nothing was recorded, all or `only` these, from a day on. Return how many."""
    rows = support.half_days.filter(presence="")
    if only is not None:
        rows = rows.filter(pk__in=only)
    if from_day is not None:
        rows = rows.filter(day__gte=from_day)
    found = list(rows)
    for row in found:
        row.delete()
    if found:
        w.note(Act.DELETE, support, classes=[facts.PUPIL], why="half_days", n=len(found))
    return len(found)


def _check_days(support: ExclusionSupport, rows: Sequence[OpenHalfDay]) -> None:
    outside = [
        row for row in rows
        if support.starts_on and support.ends_on and not support.starts_on <= row.day <= support.ends_on
    ]  # fmt: skip
    if outside:
        raise InputRefused(f"Hors des dates de la sanction : {_names(outside)}.", field="half_days")
    if any(law.school_year(row.day) != support.school_year for row in rows):
        raise InputRefused("Les demi-journées tiennent dans une seule année scolaire.", field="half_days")
    taken = list(support.half_days.select_related("opening"))
    if {(row.day, row.half) for row in rows} & {(row.day, row.half) for row in taken}:
        raise InputRefused("Une de ces demi-journées est déjà prévue.", field="half_days")
    if support.kind == Kind.RESPONSIBILITY:
        every = [*rows, *(row.opening for row in taken)]
        total = sum(reads.minutes(row.starts_at, row.ends_at) for row in every)
        if total > law.MAX_MINUTES:
            raise InputRefused(
                f"Une mesure de responsabilisation dure 20 heures au plus (R511-13) : ici {fr.duration(total)}.",
                field="half_days",
            )
    else:
        days = {row.day for row in rows} | {row.day for row in taken}
        if len(days) > law.MAX_DAYS:
            raise InputRefused("Huit jours au plus (R511-13).", field="half_days")


def _on_free_slots(support: ExclusionSupport, rows: Sequence[OpenHalfDay]) -> list[SupportHalfDay]:
    """Return unsaved rows, each on the lowest free place. Raises GuardRefused naming the half-days that are full."""
    first, last = rows[0].day, rows[-1].day
    offered = reads.places([support.convention], support.kind, first, last, reads.calendar_of(support.territory_id))
    free = {place.id: place.free for place in offered.get(support.convention_id, [])}
    if unknown := [row for row in rows if row.pk not in free]:
        raise InputRefused(f"La convention ne prévoit pas d’accueil : {_names(unknown)}.", field="half_days")
    taken: dict[UUID, set[int]] = {row.pk: set() for row in rows}
    for opening_id, slot in SupportHalfDay.objects.filter(opening__in=rows).values_list("opening_id", "slot"):
        taken[opening_id].add(slot)
    # Somebody may take the last slot between the two readings: each of them alone may say that nothing is left.
    left = {row.pk: set(range(1, row.places + 1)) - taken[row.pk] for row in rows}
    if full := [row for row in rows if free[row.pk] < 1 or not left[row.pk]]:
        raise GuardRefused(_gone(full))
    return [
        SupportHalfDay(
            subject_id=support.subject_id, territory_id=support.territory_id, support=support, opening=row, day=row.day,
            half=row.half, slot=min(left[row.pk]),
        )
        for row in rows
    ]  # fmt: skip


def _names(rows: Sequence[OpenHalfDay]) -> str:
    return ", ".join(f"{fr.day(row.day)} {row.get_half_display()}" for row in rows)


def _gone(rows: Sequence[OpenHalfDay]) -> str:
    if len(rows) > 1:
        return f"Ces places viennent d’être prises : {_names(rows)}."
    return f"Cette place vient d’être prise : {_names(rows)}."
