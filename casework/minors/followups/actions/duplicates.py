"""The same person referred twice goes silently to the coordinator; who refers learns nothing (T-20).

A coordinator shut out of one side leaves the pair to the DPO, who opens both files with a reason (design.md §11).

Names of the whole territory are compared in memory, in an audited system gate: nobody sees them.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from casework import audit
from casework.access import exclusions, people
from casework.access.emergencies import actions as emergencies
from casework.access.emergencies import reads as opening
from casework.access.exclusions import reads as shutting
from casework.access.matrix import DataClass
from casework.access.policy import Action, require
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import matching
from casework.casefile.matching import Candidate
from casework.errors import AccessRefused
from casework.minors.followups import facts
from casework.minors.followups.access_room import target_of
from casework.minors.followups.codes import BirthPrecision, Stage
from casework.minors.followups.models import FollowedPerson, FollowUp, PossibleDuplicate
from casework.partners.codes import Role
from casework.sealing import sweep

logger = logging.getLogger(__name__)
# Somebody else's shell, or a record that is leaving: nothing to compare with.
_LEFT_OUT = (*facts.GONE, *facts.SORTED_OUT, Stage.MERGED)
LOOK_BACK = timedelta(days=3)


def after_receipt(follow_up_ids: Collection[UUID], *, territory_id: UUID, now: datetime) -> None:
    """Compare what was just received; a fault here is logged, never shown: the nightly job looks again."""
    try:
        look(follow_up_ids, territory_id=territory_id, now=now)
    except Exception as fault:  # noqa: BLE001 the author must see the same page whatever happens here
        logger.warning("duplicates.failed", extra={"code": type(fault).__name__})


def look(follow_up_ids: Collection[UUID], *, territory_id: UUID, now: datetime) -> int:
    """Compare some situations with all those of the territory not expired; write the likely pairs, return how many.

    The work does not depend on the result: the same rows are opened whether somebody is met or not.
    """
    rows = list(
        FollowUp.objects.filter(territory_id=territory_id).exclude(state__in=_LEFT_OUT).select_related("person")
    )
    new = set(follow_up_ids)
    if not any(row.pk in new for row in rows):
        return 0
    actor = audit.system_actor(territory_id)
    # Act.SEARCH: one event holds every subject; « who opened this file » is not filled by comparisons.
    with audit.reading(
        actor, subjects=[row.subject_id for row in rows], classes=[DataClass.YOUTH_IDENTITY],
        purpose=Purpose.DUPLICATES, act=Act.SEARCH, object_type="follow_up",
    ):  # fmt: skip
        sweep.open_many([row.person for row in rows], "last_name", "first_name", "birth_date", "birth_precision")
        pairs = matching.duplicates([candidate(row.pk, row.person) for row in rows])
    met = [(rows[i], rows[j]) for i, j, _ in pairs if rows[i].pk in new or rows[j].pk in new]
    return _write(met, actor=actor, territory_id=territory_id, now=now)


def candidate(key: UUID, person: FollowedPerson) -> Candidate:
    """Return a person as the comparison takes it; the caller holds the gate."""
    return Candidate(
        id=key, surname=person.last_name or "", first_name=person.first_name or "", birth=person.birth_date,
        year_only=person.birth_precision == BirthPrecision.YEAR,
    )  # fmt: skip


def _write(pairs: list[tuple[FollowUp, FollowUp]], *, actor: audit.Actor, territory_id: UUID, now: datetime) -> int:
    if not pairs:
        return 0
    with audit.writing(actor, now=now) as w:
        rows = PossibleDuplicate.objects.filter(territory_id=territory_id)
        known = {frozenset(pair) for pair in rows.values_list("newer_id", "older_id")}
        found: list[PossibleDuplicate] = []
        for one, other in pairs:
            older, newer = sorted((one, other), key=lambda row: (row.received_at, str(row.pk)))
            if frozenset((newer.pk, older.pk)) not in known:
                known.add(frozenset((newer.pk, older.pk)))
                found.append(PossibleDuplicate(territory_id=territory_id, newer=newer, older=older, found_at=now))
        PossibleDuplicate.objects.bulk_create(found, batch_size=500)
        for pair in found:
            w.note(Act.CREATE, pair, subjects=[pair.newer.subject_id, pair.older.subject_id])
    return len(found)


def catch_up(now: datetime) -> int:
    """Look again at what was received lately, if a comparison failed (nightly); return how many pairs were met."""
    recent = FollowUp.objects.filter(received_at__gte=now - LOOK_BACK).exclude(state__in=_LEFT_OUT)
    by_territory: dict[UUID, list[UUID]] = {}
    for key, territory_id in recent.values_list("pk", "territory_id"):
        by_territory.setdefault(territory_id, []).append(key)
    return sum(look(keys, territory_id=territory_id, now=now) for territory_id, keys in by_territory.items())


def pending(viewer: Viewer, now: datetime) -> QuerySet[PossibleDuplicate]:
    """Return the pairs still to be looked at in the territory, without those of which a side is shut to `viewer`."""
    gone = (*facts.GONE, *facts.SORTED_OUT, Stage.MERGED)
    rows = PossibleDuplicate.objects.filter(territory_id=viewer.territory_id, resolved_at=None)
    rows = rows.exclude(newer__state__in=gone).exclude(older__state__in=gone)
    shut = exclusions.shut(viewer, now)
    return rows.exclude(newer__subject_id__in=shut).exclude(older__subject_id__in=shut)


def require_control(viewer: Viewer, now: datetime) -> None:
    """Raise AccessRefused to all but the DPO: decides rights (row 32), opens a file with a reason only (row 1, `!`)."""
    if not facts.controls(viewer):
        raise AccessRefused(code="role")
    require(viewer, Action.MANAGE, shutting.facts(viewer, None, now), now)


def left_to_control(
    pairs: Iterable[PossibleDuplicate], *, territory_id: UUID, now: datetime
) -> list[PossibleDuplicate]:
    """Return the pairs that no coordinator may look at, each shut out of one side or the other (design.md §11)."""
    rows = list(pairs)
    held = shutting.each_shut(people.holding(territory_id, (Role.COORDINATOR,), now), now) if rows else []
    return [row for row in rows if all(shut & {row.newer.subject_id, row.older.subject_id} for shut in held)]


def find(viewer: Viewer, pk: UUID, now: datetime) -> PossibleDuplicate:
    """Return a pair still to be looked at, for the coordinator of its territory, shut out of neither side (ACL-05).

    The pair that every coordinator is shut out of waits for the DPO. Raises AccessRefused.
    """
    coordinates = facts.coordinates(viewer)
    if coordinates:
        facts.require_coordination(viewer, now, DataClass.YOUTH_IDENTITY)
    else:
        require_control(viewer, now)
    pair = (
        PossibleDuplicate.objects.select_related("newer__group__territory", "older__group__territory")
        .filter(pk=pk, territory_id=viewer.territory_id, resolved_at=None)
        .first()
    )
    shut = exclusions.shut(viewer, now)
    if pair is None or pair.newer.subject_id in shut or pair.older.subject_id in shut:
        raise AccessRefused(code="duplicate")
    if not coordinates and not left_to_control([pair], territory_id=pair.territory_id, now=now):
        raise AccessRefused(code="duplicate")
    return pair


def open_pair(*, by: Viewer, duplicate_id: UUID, now: datetime) -> PossibleDuplicate:
    """Open both files to the DPO for thirty minutes, to compare them. Raises AccessRefused, GuardRefused.

    Who reviews the two openings learns neither that they go together nor why: services know nothing of a duplicate.
    """
    require_control(by, now)
    pair = find(by, duplicate_id, now)
    emergencies.open_control(
        by=by, now=now, targets=[target_of(pair.older), target_of(pair.newer)],
        words="Tenue des fiches : une question que la coordination ne peut pas trancher. La décision est au journal.",
    )  # fmt: skip
    return pair


def require_opened(viewer: Viewer, pair: PossibleDuplicate, now: datetime) -> None:
    """Raise AccessRefused to the DPO who has not opened both files with a reason, or no longer."""
    for side in (pair.older, pair.newer):
        facts.require_on(viewer, side, Action.VIEW, DataClass.YOUTH_IDENTITY, now)


def close_pair(*, by: Viewer, pair: PossibleDuplicate, now: datetime) -> None:
    """Close both files again once the DPO has decided: nothing more is to be looked at."""
    opened = {pair.older.reference, pair.newer.reference}
    for line in opening.running(by, now):
        if line.reference in opened:
            emergencies.close(by=by, episode_id=line.id, now=now)


def dismiss(*, by: Viewer, duplicate_id: UUID, now: datetime) -> None:
    """Say that the two are not the same person; the pair is not proposed again. Raises AccessRefused."""
    pair = find(by, duplicate_id, now)
    if not facts.coordinates(by):
        require_opened(by, pair, now)
    with audit.writing(by, now=now) as w:
        row = PossibleDuplicate.objects.select_for_update().get(pk=pair.pk)
        if row.resolved_at is None:
            row.resolved_at, row.merged = now, False
            row.save()
            w.note(
                Act.CHANGE, row, subjects=[pair.newer.subject_id, pair.older.subject_id], why="not_same",
            )  # fmt: skip
    if not facts.coordinates(by):
        close_pair(by=by, pair=pair, now=now)
