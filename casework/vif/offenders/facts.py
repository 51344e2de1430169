"""The facts about a measure handed to access.decide(), and the same rule as a queryset (rows 19 to 21).

The officer in charge holds a grant; a colleague who reads a report holds one for some days; the SPIP after a
conviction, where it takes over; the prosecutor's agents read by their function alone.
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
from casework.access.policy import Action, Basis, Facts, Need, decide, need_of, require
from casework.access.queryset import viewable
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.vif.offenders import law
from casework.vif.offenders.codes import ENDED
from casework.vif.offenders.models import Measure, MeasureGrant

ALL = (DataClass.VIF_PERSON, DataClass.VIF_REPORTS, DataClass.VIF_PROOFS)


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How one viewer stands to one measure at one instant: what `decide` needs, but the data class."""

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
            break_open=Basis.BREAK_GLASS in self.grants,
        )  # fmt: skip

    def may(self, viewer: Viewer, action: Action, data_class: DataClass, now: datetime) -> bool:
        """Say whether decide() lets this viewer do that here: what a page offers."""
        return decide(viewer, action, self.facts(data_class), now).allow


def gone(now: datetime) -> Q:
    """Return the files whose six months after the end are over: nobody opens them (domain.md §12, 9)."""
    return Q(closed_on__lte=law.closed_before(localdate(now)))


def is_gone(measure: Measure, now: datetime) -> bool:
    """Say the same of one row."""
    return measure.closed_on is not None and law.gone_on(measure.closed_on) <= localdate(now)


def relations(viewer: Viewer, measures: Iterable[Measure], now: datetime) -> Mapping[UUID, Relation]:
    """Return the relation of the viewer to each measure, in a constant number of queries."""
    rows = list(measures)
    held = grants.bases(MeasureGrant, viewer, [row.pk for row in rows], now)
    shut = exclusions.shut(viewer, now)
    return {
        row.pk: Relation(
            territory_id=row.territory_id, grants=held.get(row.pk, frozenset()), state=row.state,
            excluded=row.subject_id in shut, gone=is_gone(row, now),
        )
        for row in rows
    }  # fmt: skip


def relation(viewer: Viewer, measure: Measure, now: datetime) -> Relation:
    """Return the relation of the viewer to one measure."""
    return relations(viewer, [measure], now)[measure.pk]


def visible_to(viewer: Viewer, now: datetime, data_class: DataClass = DataClass.VIF_PERSON) -> QuerySet[Measure]:
    """Return the measures of which the viewer may open one data class: decide() as a queryset."""
    shut = exclusions.shut(viewer, now)
    return viewable(
        Measure.objects.all(), viewer, now, grant_model=MeasureGrant, classes=(data_class,), gone=gone(now),
        excluded=Q(subject_id__in=shut) if shut else None,
    )  # fmt: skip


def find(viewer: Viewer, pk: UUID, now: datetime, data_class: DataClass = DataClass.VIF_PERSON) -> Measure:
    """Return one measure of which the viewer may open this class. Raises AccessRefused, absent or refused alike."""
    found = visible_to(viewer, now, data_class).select_related("organisation", "territory").filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="measure")
    require_on(viewer, found, Action.VIEW, data_class, now)  # a forged grant opens nothing (T-36)
    return found


def require_on(viewer: Viewer, measure: Measure, action: Action, data_class: DataClass, now: datetime) -> Relation:
    """Ask decide() for one act on one data class of one measure. Raises AccessRefused."""
    link = relation(viewer, measure, now)
    require(viewer, action, link.facts(data_class), now)
    return link


def require_creation(viewer: Viewer, now: datetime) -> None:
    """Ask decide() whether this viewer may open a measure. Raises AccessRefused.

    Whoever opens it is in charge of it from the first second: the grant is written in the same transaction.
    """
    facts = Facts(
        territory_id=viewer.territory_id, data_class=DataClass.VIF_PERSON, grants=frozenset({Basis.CIRCLE}),
        excluded=False, rules_in_force=True, state_open=True,
    )  # fmt: skip
    require(viewer, Action.CREATE, facts, now)


def reads_all(role: str) -> bool:
    """Say whether a function alone opens every measure of the territory: the prosecutor's agents."""
    return need_of(role, Action.LIST, DataClass.VIF_PERSON) is Need.MANDATE


def writes(role: str) -> bool:
    """Say whether this role follows people under measure."""
    return need_of(role, Action.CREATE, DataClass.VIF_PERSON) is not None


def takes_over(role: str) -> bool:
    """Say whether this role only reads the measures that it was given: the SPIP, after a conviction (CJ-38)."""
    return need_of(role, Action.LIST, DataClass.VIF_PERSON) is Need.GRANT and not writes(role)


def counts_are_open(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer reads the yearly counts of this side (row 29): its officers and the prosecutor's agents.

    Not the other side, nor who reads the counts of the town: a number of measures is not theirs to meet here.
    """
    facts = Facts(
        territory_id=viewer.territory_id, data_class=DataClass.INDICATORS, excluded=False, rules_in_force=True,
        state_open=True,
    )  # fmt: skip
    return (writes(viewer.role) or reads_all(viewer.role)) and decide(viewer, Action.COUNT, facts, now).allow
