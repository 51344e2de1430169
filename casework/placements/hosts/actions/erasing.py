"""The end of what is kept of hosts: their contacts and tutors are people, who gave their name for a reception.

Three years after the last exchange with a prospect or a refusal (the CNIL's term for prospects), two years after the end
of an agreement, the whole record goes with its key: contact, tutors, posts. A tutor who left a host that goes on goes
two years later; the key of the host stays, so older backups name that tutor until they are destroyed in their turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from casework import audit
from casework.audit import Writing
from casework.casefile import erasers, erasure
from casework.casefile.calendar import end_instant
from casework.casefile.retention import ended_before, months_after
from casework.placements.hosts.codes import PROSPECTED, HostStage
from casework.placements.hosts.models import Booking, HostStructure, Post, ProspectNote, Supervisor

TERM = "host_term"  # the reason on the certificate of the erasure
TUTOR_TERM = "tutor_term"
PROSPECT_MONTHS = 36
ENDED_MONTHS = 24
TUTOR_MONTHS = 24
_KEPT = {HostStage.ENDED: ENDED_MONTHS, **dict.fromkeys((*PROSPECTED, HostStage.DECLINED), PROSPECT_MONTHS)}


def erased_on(host: HostStructure, noted: date | None = None) -> date | None:
    """Return the day a host goes, None while it receives.

    Counted from its last stage, the step planned for later, or `noted`, the day of its last note.
    """
    months = _KEPT.get(HostStage(host.stage))
    last = max(day for day in (host.stage_on, host.next_on, noted) if day is not None)
    return None if months is None else months_after(last, months)


def erase_over(now: datetime) -> int:
    """Begin to erase the hosts whose term has come, carry on; forget the tutors who left. Daily.

    Return how many erasures ended. A host that a file still names waits for the end of that file.
    """
    erasure.begin_due(_over(now).values_list("subject_id", "territory_id"), reason=TERM, now=now)
    _forget_tutors(now)
    return erasure.nightly(now)


def _over(now: datetime) -> QuerySet[HostStructure]:
    term = Q(pk__in=())
    for stage, months in _KEPT.items():
        last = ended_before(localdate(now), months)
        noted = ProspectNote.objects.filter(written_at__gte=end_instant(last)).values("host_id")
        silent = (Q(next_on__isnull=True) | Q(next_on__lte=last)) & ~Q(pk__in=noted)
        term |= Q(stage=stage, stage_on__lte=last) & silent
    rows = HostStructure.objects.filter(term).order_by("stage_on", "pk")
    for model, field in _naming(Post):
        named = model._base_manager.filter(**{f"{field}__isnull": False})
        rows = rows.exclude(pk__in=named.values(f"{field}__host_id"))
    return rows


def _forget_tutors(now: datetime) -> None:
    rows = Supervisor.objects.filter(left_on__lte=ended_before(localdate(now), TUTOR_MONTHS))
    for model, field in _naming(Supervisor):
        rows = rows.exclude(pk__in=model._base_manager.filter(**{f"{field}__isnull": False}).values(field))
    for row in rows:
        with audit.writing(audit.system_actor(row.territory_id), now=now) as w:
            erasers.delete_told(Supervisor.objects.filter(pk=row.pk), w, TUTOR_TERM)
            Supervisor.history.filter(id=row.pk).delete()  # after: a deletion leaves a last version


def _naming(target: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Yield the tables of other records that name a row of `target`, with their column: not what goes with a host."""
    for link in target._meta.get_fields(include_hidden=True):
        if not isinstance(link, models.ManyToOneRel) or link.related_model is Booking:
            continue
        if link.on_delete in (models.PROTECT, models.SET_NULL):
            yield link.related_model, link.field.name


def _nothing(territory_id: UUID, given: object) -> None:
    """Return no record: a host has no reference, nobody asks for its end before its time."""


def _nobody(subject_id: UUID) -> Iterable[UUID]:
    return ()


def _clear(subject_id: UUID, w: Writing, why: str, now: datetime) -> int:
    """Delete what protects a host, in order: its places, then its posts; return how many rows."""
    places = erasers.delete_told(Booking.objects.filter(post__host_id=subject_id), w, why)
    return places + erasers.delete_told(Post.objects.filter(host_id=subject_id), w, why)


erasers.register(erasers.Eraser(name="placements.hosts", find=_nothing, of=_nothing, with_it=_nobody, clear=_clear))
