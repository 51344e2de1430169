"""A watch: left when a measure ends, answered twice, then destroyed (SDC-05a, REC-20, REC-21)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from casework import audit
from casework.access import grants
from casework.access.grants import Door
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Writing
from casework.casefile import erasers, erasure, revision
from casework.casefile.calendar import month_of
from casework.casefile.erasers import Target
from casework.errors import GuardRefused, InputRefused
from casework.partners import genuine
from casework.partners.models import Mandate
from casework.placements.returns import cohorts, facts
from casework.placements.returns.actions.ends import Ended
from casework.placements.returns.codes import IN_COHORT, WITH_MONTH, Answer, Horizon
from casework.placements.returns.models import ReturnAnswer, ReturnWatch, ReturnWatchGrant, WatchSwitch
from casework.sealing import keys

_CLASSES = [DataClass.KNOWN_RETURN]
REASON = "return_answered"


@dataclass(frozen=True, kw_only=True)
class Known:
    """How the service recognises the person: a name where one was given here, and its own mark."""

    last_name: str = ""
    first_name: str = ""
    mark: str = ""


def is_watched(ended: Ended) -> bool:
    """Say whether a measure that ends leaves a watch: its service asked for it, and somebody is in the cohort."""
    if ended.result not in IN_COHORT:
        return False
    rows = WatchSwitch.objects.filter(organisation_id=ended.organisation_id, starts_on__lte=ended.on)
    return bool(genuine.kept(rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=ended.on))))


def make_key() -> UUID:
    """Return the id of a watch to come, its keys made; to be called before the transaction of the end."""
    watch_id = uuid.uuid4()
    keys.ensure(watch_id)
    return watch_id


def leave(
    w: Writing, *, watch_id: UUID, ended: Ended, known: Known, officers: Iterable[UUID], by: Actor, now: datetime
) -> ReturnWatch:
    """Write the watch and give it to the officers in charge, in the transaction of the end."""
    row = ReturnWatch(
        id=watch_id, subject_id=watch_id, territory_id=ended.territory_id, organisation_id=ended.organisation_id,
        kind=ended.kind, month=month_of(ended.on),
        identity={"last_name": known.last_name, "first_name": known.first_name, "mark": known.mark},
    )  # fmt: skip
    row.save(force_insert=True)
    w.note(Act.CREATE, row, classes=_CLASSES, why="ended")
    _give(w, [row], Mandate.objects.filter(pk__in=list(officers)), by=by, now=now, reason="in_charge")
    return row


def _give(
    w: Writing, rows: Iterable[ReturnWatch], mandates: Iterable[Mandate], *, by: Actor, now: datetime, reason: str
) -> None:
    people = list(mandates)
    doors = [
        Door(mandate=mandate, obj=row, basis=Basis.CIRCLE, starts_at=now, ends_at=None, sort_key=row.month.isoformat())
        for row in rows for mandate in people
    ]  # fmt: skip
    grants.give_many(w, ReturnWatchGrant, doors, reason=reason, by=by)


def answer(
    *, by: Viewer, watch: ReturnWatch, code: str, month: date | None, now: datetime, expected: int | None
) -> None:
    """Write what is known since the end, of nobody; after the second answer the watch is destroyed.

    Raises AccessRefused, InputRefused (`code`, `month`), GuardRefused (nothing is asked today), ConflictRefused.
    """
    facts.require_on(by, watch, Action.CHANGE, now)
    today = localdate(now)
    if code not in Answer.values:
        raise InputRefused("Choisissez une réponse.", field="code")
    month = _month(code, month, watch, today)
    keys.ensure(watch.organisation_id)
    with audit.writing(by, now=now) as w:
        row = revision.lock(ReturnWatch.objects.all(), watch.pk, expected)
        horizon = cohorts.due(row.month, row.answered, today)
        if horizon is None:
            raise GuardRefused("Aucune question n’est posée aujourd’hui sur cette personne.")
        said = ReturnAnswer(
            subject_id=row.organisation_id, territory_id=row.territory_id, organisation_id=row.organisation_id,
            kind=row.kind, month=row.month, horizon=horizon,
            said={"answer": code, "month": month.isoformat() if month else ""},
        )  # fmt: skip
        said.save(force_insert=True)
        w.note(Act.CREATE, said, classes=_CLASSES, why="answer")
        revision.save(row, answered=horizon)
        w.note(Act.CHANGE, row, classes=_CLASSES, why="answered")
    if horizon == Horizon.TWO_YEARS:
        begin_destruction([watch], now)


def _month(code: str, month: date | None, watch: ReturnWatch, today: date) -> date | None:
    if code not in WITH_MONTH:
        return None
    if month is None:
        raise InputRefused("Indiquez le mois.", field="month")
    month = month_of(month)
    if not watch.month <= month <= today:
        raise InputRefused("Ce mois est avant la fin de la mesure, ou à venir.", field="month")
    return month


# The end of a watch: destroyed as a person is, with its key


def begin_destruction(rows: Iterable[ReturnWatch], now: datetime) -> None:
    """Begin the destruction of these watches: nothing stops it, and the nightly job finishes it. A legal hold keeps one."""
    erasure.begin_due(((row.subject_id, row.territory_id) for row in rows), reason=REASON, now=now)


def destroy_due(now: datetime) -> int:
    """Destroy every watch answered twice or 27 months old; return how many erasures ended. Once a day."""
    begin_destruction(ReturnWatch.objects.filter(facts.gone(now)), now)
    return erasure.nightly(now)


def _find(territory_id: UUID, reference: str) -> Target | None:
    return None  # nobody speaks of a watch by a reference


def _of(territory_id: UUID, subject_id: UUID) -> Target | None:
    row = ReturnWatch.objects.filter(territory_id=territory_id, subject_id=subject_id).first()
    return Target(subject_id=subject_id, territory_id=territory_id, reference="") if row else None


def _nobody(subject_id: UUID) -> Iterable[UUID]:
    return ()


def _nothing(subject_id: UUID, w: Writing, why: str, now: datetime) -> None:
    return None


erasers.register(erasers.Eraser(name="placements.returns", find=_find, of=_of, with_it=_nobody, clear=_nothing))


# Whose question it is


def unheld(viewer: Viewer, now: datetime) -> QuerySet[ReturnWatch]:
    """Return the watches of the viewer's service that no agent in function holds any more. Nothing is opened."""
    held = ReturnWatchGrant.objects.live(now).filter(Q(mandate__ends_at__isnull=True) | Q(mandate__ends_at__gt=now))
    rows = ReturnWatch.objects.filter(organisation_id=viewer.organisation_id, territory_id=viewer.territory_id)
    return rows.exclude(facts.gone(now)).exclude(pk__in=held.values("content_object_id"))


def left_to_head(viewer: Viewer, now: datetime) -> QuerySet[ReturnWatch]:
    """Return the same to whoever leads the service, nothing to others."""
    return unheld(viewer, now) if facts.leads(viewer, now) else ReturnWatch.objects.none()


def entrust(*, by: Viewer, mandate_id: UUID, now: datetime) -> int:
    """Give the questions that nobody holds to an agent of the service, by its head, who reads none. Return how many.

    Raises AccessRefused, InputRefused.
    """
    facts.require_lead(by, now)
    own = Mandate.objects.live(now).filter(
        organisation_id=by.organisation_id, territory_id=by.territory_id, role=by.role
    )
    mandate = own.filter(pk=mandate_id).first()
    if mandate is None:
        raise InputRefused("Choisissez quelqu’un de votre service.", field="mandate")
    rows = list(unheld(by, now))
    with audit.writing(by, now=now) as w:
        _give(w, rows, [mandate], by=by, now=now, reason="handed_over")
    return len(rows)
