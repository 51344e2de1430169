"""The facts about the support of a victim handed to access.decide(), and the same rule as a queryset (rows 22a, 22b).

The officer in charge holds a grant; the prosecutor's agent reads by a live mandate. Where she is opens one place at a
time (`Action.REVEAL`); « adresse à ne pas communiquer » keeps it, and her number, from all but those who set it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from casework.access import exclusions, grants, memo
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis, Facts, Need, decide, need_of, require
from casework.access.protection import actions as protection
from casework.access.queryset import viewable
from casework.access.viewer import Viewer
from casework.casefile import retention
from casework.errors import AccessRefused
from casework.vif.victims import law
from casework.vif.victims.codes import ENDED
from casework.vif.victims.models import SupportGrant, VictimSupport, Whereabouts

VICTIM, LOCATION = DataClass.VIF_VICTIM, DataClass.VIF_LOCATION


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How one viewer stands to one support at one instant: what `decide` needs, but the data class."""

    territory_id: UUID
    grants: frozenset[Basis]
    state: str
    excluded: bool
    gone: bool
    kept: bool
    """Somebody else keeps her whereabouts to themselves: no place and no number is shown."""

    def facts(self, data_class: DataClass) -> Facts:
        """Return the facts for one data class."""
        return Facts(
            territory_id=self.territory_id, data_class=data_class, grants=self.grants,
            excluded=self.excluded or (self.kept and data_class is LOCATION), rules_in_force=True,
            state_open=self.state not in ENDED, gone=self.gone, break_open=Basis.BREAK_GLASS in self.grants,
        )  # fmt: skip

    def may(self, viewer: Viewer, action: Action, data_class: DataClass, now: datetime) -> bool:
        """Say whether decide() lets this viewer do that here: what a page offers."""
        return decide(viewer, action, self.facts(data_class), now).allow


def gone(now: datetime) -> Q:
    """Return the files whose six months after the end are over: nobody opens them (domain.md §12, 9)."""
    return Q(closed_on__lte=retention.ended_before(localdate(now), law.KEPT_MONTHS))


def gone_on(support: VictimSupport) -> date | None:
    """Return the first day on which the file is no longer there; None while it is open."""
    return None if support.closed_on is None else retention.months_after(support.closed_on, law.KEPT_MONTHS)


def is_gone(support: VictimSupport, now: datetime) -> bool:
    """Say whether nobody opens this file any more."""
    last = gone_on(support)
    return last is not None and last <= localdate(now)


def relations(viewer: Viewer, supports: Iterable[VictimSupport], now: datetime) -> Mapping[UUID, Relation]:
    """Return the relation of the viewer to each support, in a constant number of queries."""
    rows = list(supports)
    held = grants.bases(SupportGrant, viewer, [row.pk for row in rows], now)
    shut = exclusions.shut(viewer, now)
    kept = protection.hidden(viewer, [row.subject_id for row in rows])
    return {
        row.pk: Relation(
            territory_id=row.territory_id, grants=held.get(row.pk, frozenset()), state=row.state,
            excluded=row.subject_id in shut, gone=is_gone(row, now), kept=row.subject_id in kept,
        )
        for row in rows
    }  # fmt: skip


def relation(viewer: Viewer, support: VictimSupport, now: datetime) -> Relation:
    """Return the relation of the viewer to one support, asked once a page."""
    key = ("victims.relation", viewer, support.pk, support.state, now)
    return memo.once(key, lambda: relations(viewer, [support], now)[support.pk])


def visible_to(viewer: Viewer, now: datetime, data_class: DataClass = VICTIM) -> QuerySet[VictimSupport]:
    """Return the supports of which the viewer may open one data class: decide() as a queryset.

    Whether her whereabouts are kept is asked of one support at a time.
    """
    shut = exclusions.shut(viewer, now)
    return viewable(
        VictimSupport.objects.all(), viewer, now, grant_model=SupportGrant, classes=(data_class,), gone=gone(now),
        action=Action.REVEAL if data_class is LOCATION else Action.VIEW,
        excluded=Q(subject_id__in=shut) if shut else None,
    )  # fmt: skip


def find(viewer: Viewer, pk: UUID, now: datetime) -> VictimSupport:
    """Return one support that the viewer may open. Raises AccessRefused, absent or refused alike."""
    found = visible_to(viewer, now).select_related("organisation", "territory").filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="support")
    require_on(viewer, found, Action.VIEW, VICTIM, now)  # a forged grant opens nothing (T-36)
    return found


def find_place(viewer: Viewer, pk: UUID, now: datetime) -> Whereabouts:
    """Return one place, closed: its reader opens it. Raises AccessRefused, absent, refused or kept alike."""
    seen = visible_to(viewer, now, LOCATION)
    row = Whereabouts.objects.select_related("support").filter(pk=pk, support__in=seen.values("pk")).first()
    if row is None:
        raise AccessRefused(code="place")
    require_on(viewer, row.support, Action.REVEAL, LOCATION, now)
    return row


def require_on(
    viewer: Viewer, support: VictimSupport, action: Action, data_class: DataClass, now: datetime
) -> Relation:
    """Ask decide() for one act on one data class of one support. Raises AccessRefused."""
    link = relation(viewer, support, now)
    require(viewer, action, link.facts(data_class), now)
    return link


def require_creation(viewer: Viewer, now: datetime) -> None:
    """Ask decide() whether this viewer may open a support. Raises AccessRefused.

    Whoever opens it is in charge of it from the first second: the grant is written in the same transaction.
    """
    facts = Facts(
        territory_id=viewer.territory_id, data_class=VICTIM, grants=frozenset({Basis.CIRCLE}), excluded=False,
        rules_in_force=True, state_open=True,
    )  # fmt: skip
    require(viewer, Action.CREATE, facts, now)


def reads_all(role: str) -> bool:
    """Say whether a function alone opens every support of the territory: the prosecutor's agents."""
    return need_of(role, Action.LIST, VICTIM) is Need.MANDATE
