"""`visible_to()` from the same table as `decide()`: lists start from the viewer's grants and never scan.

A list answers only "may view at least one data class"; which ones, `decide` says from the same facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from casework.access.clock import running
from casework.access.grants import GrantBase
from casework.access.matrix import DataClass, works_on
from casework.access.policy import (
    BREAKS,
    EXCHANGE,
    MINORS_ONLY,
    NAMELESS,
    Action,
    Basis,
    Need,
    bases_opening,
    need_of,
)
from casework.access.viewer import Viewer
from casework.partners.codes import Role

Rows = TypeVar("Rows", bound=QuerySet[Any])


def granted_subquery(
    grant_model: type[GrantBase], viewer: Viewer | None, now: datetime, bases: Iterable[Basis]
) -> QuerySet[Any, UUID]:
    """Return the ids of the objects that `viewer` holds by a grant of one of `bases`, running at `now`.

    For `pk__in=`. Half-open dates; the index (mandate, ...) is the way in. Without a live mandate: none.
    Whether a row is genuine, `grants.valid` says on the page that is shown.
    """
    if viewer is None or viewer.mandate_id is None or not viewer.live(now):
        return grant_model.objects.none().values_list("content_object_id", flat=True)
    rows = grant_model.objects.filter(
        running(now), mandate_id=viewer.mandate_id, basis__in=[basis.value for basis in bases]
    )
    return rows.values_list("content_object_id", flat=True)


def viewable(
    queryset: Rows,
    viewer: Viewer | None,
    now: datetime,
    *,
    grant_model: type[GrantBase],
    classes: Iterable[DataClass],
    action: Action = Action.VIEW,
    rules_in_force: Q | None = None,
    closed: Q | None = None,
    archive_reasons: QuerySet[Any, UUID] | None = None,
    gone: Q | None = None,
    excluded: Q | None = None,
    for_minors: Q | None = None,
) -> Rows:
    """Return the rows of which `viewer` may do `action` on at least one of `classes`: decide() as a queryset.

    The model has `territory_id` and, for classes of the group's exchange, `group_id`. `rules_in_force`: rows
    whose group has rules today; `closed`: rows ended or archived (RET-02); `archive_reasons`: ids for which
    the coordinator recorded a reason; `gone`: rows nobody opens; `excluded`: rows shut to this viewer;
    `for_minors`: rows that concern minors, all that some cells of the PJJ open. What depends on one's own part or on
    leading the service opens nothing in a list.
    """
    if viewer is None or viewer.territory_id is None or not viewer.live(now) or not viewer.charter_signed:
        return queryset.none()
    never = Q(pk__in=())
    rules, ended = rules_in_force or never, closed or never
    named = action not in NAMELESS
    doors: Q | None = None
    here = frozenset(data_class for data_class in classes if works_on(viewer.territory_kind, data_class))
    for (need, of_group, minors_only), bases in _doors_of(viewer.role, action, here).items():
        if need is Need.MANDATE:
            door = ~ended if named else ~never
            if viewer.role == Role.COORDINATOR and archive_reasons is not None:
                door |= Q(pk__in=archive_reasons)
        elif need is Need.GRANT:
            door = ~ended & Q(pk__in=granted_subquery(grant_model, viewer, now, bases))
            if of_group:
                door &= Q(group_id__in=viewer.group_ids)
        elif need is Need.BREAK:
            door = Q(pk__in=granted_subquery(grant_model, viewer, now, BREAKS))
            if viewer.role == Role.DPO:  # control is not an exchange between members
                doors = door if doors is None else doors | door
                continue
        else:
            continue
        door = door & rules if of_group and named else door
        door = door & (for_minors or never) if minors_only else door
        doors = door if doors is None else doors | door
    if doors is None:
        return queryset.none()
    never_shown = [~each for each in (gone, excluded) if each is not None]
    return queryset.filter(doors, *never_shown, territory_id=viewer.territory_id)


@lru_cache(maxsize=512)
def _doors_of(
    role: str, action: Action, classes: frozenset[DataClass]
) -> dict[tuple[Need | None, bool, bool], frozenset[Basis]]:
    """Return what opens these classes to a role: classes opened alike share one condition, their bases together."""
    found: dict[tuple[Need | None, bool, bool], frozenset[Basis]] = {}
    for data_class in classes - {DataClass.YOUTH_PREPARATION}:  # one's own part only: never from a list
        need = need_of(role, action, data_class)
        bases = bases_opening(data_class, action) if need is Need.GRANT else frozenset()
        door = need, data_class in EXCHANGE, (role, data_class) in MINORS_ONLY
        found[door] = found.get(door, frozenset()) | bases
    return found
