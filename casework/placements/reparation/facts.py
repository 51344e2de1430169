"""The facts about a réparation handed to access.decide(), and the same rule as a queryset (rows 16 to 18).

The educator and the host's managers hold grants. Only the PJJ and the accredited association have rows 17 and 18: what
changes the file asks for row 17, what a host may write (presence) for row 16.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from casework.access import exclusions, grants
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis, Facts, ceiling, decide, require
from casework.access.queryset import viewable
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.partners.codes import Role
from casework.placements.hosts import facts as host_facts
from casework.placements.reparation import law
from casework.placements.reparation.codes import ENDED
from casework.placements.reparation.models import PlaceRequest, Reparation, ReparationGrant, Victim

OFFICERS = (Role.PJJ, Role.SAH)
# An emergency opens one person: the victim is another, under another key.
NEVER_IN_AN_EMERGENCY = frozenset({DataClass.REPARATION_VICTIM})


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How one viewer stands to one réparation at one instant: what `decide` needs, but the data class."""

    territory_id: UUID
    grants: frozenset[Basis]
    state: str
    excluded: bool
    gone: bool

    def facts(self, data_class: DataClass) -> Facts:
        """Return the facts for one data class."""
        return Facts(
            territory_id=self.territory_id, data_class=data_class, grants=self.grants, excluded=self.excluded,
            rules_in_force=True, state_open=self.state not in ENDED, gone=self.gone,
            break_open=Basis.BREAK_GLASS in self.grants and data_class not in NEVER_IN_AN_EMERGENCY,
        )  # fmt: skip

    def may(self, viewer: Viewer, action: Action, data_class: DataClass, now: datetime) -> bool:
        """Say whether decide() lets this viewer do that here: what a page offers."""
        return decide(viewer, action, self.facts(data_class), now).allow


def gone(now: datetime) -> Q:
    """Return the files whose six months after the outcome are over: nobody opens them (domain.md §12, 9)."""
    return Q(closed_on__lte=law.closed_before(localdate(now)))


def is_gone(reparation: Reparation, now: datetime) -> bool:
    """Say the same of one row."""
    return reparation.closed_on is not None and law.gone_on(reparation.closed_on) <= localdate(now)


def relations(viewer: Viewer, reparations: Iterable[Reparation], now: datetime) -> Mapping[UUID, Relation]:
    """Return the relation of the viewer to each réparation, in a constant number of queries."""
    rows = list(reparations)
    held = grants.bases(ReparationGrant, viewer, [row.pk for row in rows], now)
    shut = exclusions.shut(viewer, now)
    return {
        row.pk: Relation(
            territory_id=row.territory_id, grants=held.get(row.pk, frozenset()), state=row.state,
            excluded=row.subject_id in shut, gone=is_gone(row, now),
        )
        for row in rows
    }  # fmt: skip


def relation(viewer: Viewer, reparation: Reparation, now: datetime) -> Relation:
    """Return the relation of the viewer to one réparation."""
    return relations(viewer, [reparation], now)[reparation.pk]


def visible_to(
    viewer: Viewer, now: datetime, data_class: DataClass = DataClass.REPARATION_ACTIVITY
) -> QuerySet[Reparation]:
    """Return the réparations of which the viewer may open one data class: decide() as a queryset."""
    shut = exclusions.shut(viewer, now)
    return viewable(
        Reparation.objects.all(), viewer, now, grant_model=ReparationGrant, classes=(data_class,), gone=gone(now),
        excluded=Q(subject_id__in=shut) if shut else None,
    )  # fmt: skip


def find(viewer: Viewer, pk: UUID, now: datetime, data_class: DataClass = DataClass.REPARATION_ACTIVITY) -> Reparation:
    """Return one réparation of which the viewer may open this class. Raises AccessRefused, absent or refused alike."""
    rows = visible_to(viewer, now, data_class).select_related("post__host", "organisation", "territory")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="reparation")
    require_on(viewer, found, Action.VIEW, data_class, now)  # a forged grant opens nothing (T-36)
    return found


def hosts(role: str) -> bool:
    """Say whether this role receives young persons: it writes presence and opens nothing of the file (rows 16, 17)."""
    writes = ceiling(role, Action.CHANGE, DataClass.REPARATION_ACTIVITY)
    return writes and not ceiling(role, Action.VIEW, DataClass.REPARATION_CONTENT)


def requests_to(viewer: Viewer, now: datetime) -> QuerySet[PlaceRequest]:
    """Return the requests that wait for this viewer's answer: a host's, on the posts that it manages (row 10).

    No grant on the réparation exists before the yes. Who is shut out of the young person is asked nothing.
    """
    rows = PlaceRequest.objects.filter(answer="").select_related("post__host", "reparation__organisation")
    if not hosts(viewer.role):
        return rows.none()
    managed = host_facts.visible_posts(viewer, now, Action.CHANGE).values("pk")
    return rows.filter(post__in=managed).exclude(subject_id__in=exclusions.shut(viewer, now))


def find_victim(viewer: Viewer, pk: UUID, now: datetime) -> Victim:
    """Return one victim whose réparation the viewer holds (row 18), not shut out of that victim. Raises AccessRefused."""
    seen = visible_to(viewer, now, DataClass.REPARATION_VICTIM)
    rows = Victim.objects.filter(pk=pk, reparation__in=seen.values("pk"))
    row = rows.exclude(subject_id__in=exclusions.shut(viewer, now)).first()
    if row is None:
        raise AccessRefused(code="victim")
    row.reparation = find(viewer, row.reparation_id, now, DataClass.REPARATION_VICTIM)
    return row


def require_on(
    viewer: Viewer, reparation: Reparation, action: Action, data_class: DataClass, now: datetime
) -> Relation:
    """Ask decide() for one act on one data class of one réparation. Raises AccessRefused."""
    link = relation(viewer, reparation, now)
    require(viewer, action, link.facts(data_class), now)
    return link


def require_creation(viewer: Viewer, now: datetime) -> None:
    """Ask decide() whether this viewer may open a réparation. Raises AccessRefused.

    Whoever opens it is in charge of it from the first second: the grant is written in the same transaction.
    """
    facts = Facts(
        territory_id=viewer.territory_id, data_class=DataClass.REPARATION_CONTENT, grants=frozenset({Basis.CIRCLE}),
        excluded=False, rules_in_force=True, state_open=True,
    )  # fmt: skip
    require(viewer, Action.CREATE, facts, now)


def counts_are_open(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer knows that réparations exist, and their state, without a name (row 16 « e »)."""
    facts = Facts(
        territory_id=viewer.territory_id, data_class=DataClass.REPARATION_ACTIVITY, excluded=False, rules_in_force=True,
        state_open=True,
    )  # fmt: skip
    return decide(viewer, Action.EXISTS, facts, now).allow
