"""The facts about known returns handed to access.decide().

The sheet is the business of who leads a mandated service (rows 28 and 31a): two questions, both must say yes. A watch
is opened by the grant of its officer alone (row 28 « oW »): its head hands it over without reading it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from casework.access import exclusions, grants
from casework.access.matrix import DataClass
from casework.access.policy import Action, Facts, ceiling, decide, require
from casework.access.queryset import viewable
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.placements.returns.codes import Horizon
from casework.placements.returns.cohorts import kept_from
from casework.placements.returns.models import ReturnSheet, ReturnWatch, ReturnWatchGrant


def _own_service(viewer: Viewer) -> Facts:
    return Facts(
        territory_id=viewer.territory_id, data_class=DataClass.OWN_SERVICE, own_service=True, excluded=False,
        rules_in_force=True, state_open=True,
    )  # fmt: skip


def leads(viewer: Viewer, now: datetime) -> bool:
    """Say whether the viewer leads a service that answers about known returns."""
    mandated = ceiling(viewer.role, Action.CREATE, DataClass.KNOWN_RETURN)
    return mandated and decide(viewer, Action.MANAGE, _own_service(viewer), now).allow


def require_lead(viewer: Viewer, now: datetime) -> None:
    """Refuse whoever does not lead a mandated service. Raises AccessRefused."""
    if not ceiling(viewer.role, Action.CREATE, DataClass.KNOWN_RETURN):
        raise AccessRefused(code="role")
    require(viewer, Action.MANAGE, _own_service(viewer), now)


def find_sheet(viewer: Viewer, pk: UUID, now: datetime) -> ReturnSheet:
    """Return one sheet of the service that the viewer leads. Raises AccessRefused, absent or refused alike."""
    require_lead(viewer, now)
    rows = ReturnSheet.objects.filter(organisation_id=viewer.organisation_id, territory_id=viewer.territory_id)
    found = rows.select_related("organisation", "territory").filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="return_sheet")
    return found


# One watch, one person (row 28)


def gone(now: datetime) -> Q:
    """Return the watches that nobody opens any more: answered twice, or 27 months after the end (SDC-05a)."""
    return Q(answered=Horizon.TWO_YEARS) | Q(month__lt=kept_from(localdate(now)))


def is_gone(watch: ReturnWatch, now: datetime) -> bool:
    """Say the same of one row."""
    return watch.answered == Horizon.TWO_YEARS or watch.month < kept_from(localdate(now))


def visible_to(viewer: Viewer, now: datetime) -> QuerySet[ReturnWatch]:
    """Return the watches that the viewer may open: decide() as a queryset."""
    rows = ReturnWatch.objects.filter(organisation_id=viewer.organisation_id)
    shut = exclusions.shut(viewer, now)
    return viewable(
        rows, viewer, now, grant_model=ReturnWatchGrant, classes=(DataClass.KNOWN_RETURN,), gone=gone(now),
        excluded=Q(subject_id__in=shut) if shut else None,
    )  # fmt: skip


def require_on(viewer: Viewer, watch: ReturnWatch, action: Action, now: datetime) -> None:
    """Ask decide() for one act on one watch. Raises AccessRefused."""
    held = grants.bases(ReturnWatchGrant, viewer, [watch.pk], now).get(watch.pk, frozenset())
    facts = Facts(
        territory_id=watch.territory_id, data_class=DataClass.KNOWN_RETURN, grants=held,
        excluded=watch.subject_id in exclusions.shut(viewer, now) or watch.organisation_id != viewer.organisation_id,
        rules_in_force=True, state_open=True, gone=is_gone(watch, now),
    )  # fmt: skip
    require(viewer, action, facts, now)


def find_watch(viewer: Viewer, pk: UUID, now: datetime) -> ReturnWatch:
    """Return one watch of the viewer. Raises AccessRefused, absent or refused alike."""
    found = visible_to(viewer, now).filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="return_watch")
    require_on(viewer, found, Action.VIEW, now)  # a forged grant opens nothing (T-36)
    return found
