"""The facts about an exclusion support handed to access.decide(), and the same rule as a queryset (rows 26 to 27).

The school that sends and the host that receives hold grants. At the host the named educator alone reads the reason code,
from the agreement to the end (row 27). Conventions, announced half-days and activities are of no pupil: whoever works
for one of the two bodies reads them, its service lead writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from casework.access import exclusions as shutting
from casework.access import grants, memo
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis, Facts, ceiling, decide, require
from casework.access.queryset import viewable
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.exclusions import law
from casework.exclusions.codes import ENDED, REASON_READ, State
from casework.exclusions.models import Convention, ExclusionGrant, ExclusionSupport, SupportHalfDay
from casework.partners.codes import Role

PUPIL, FAMILY, RETURN, REASON = (
    DataClass.EXCLUSION, DataClass.EXCLUSION_FAMILY, DataClass.EXCLUSION_RETURN, DataClass.EXCLUSION_REASON,
)  # fmt: skip
HOSTS = (Role.HOST, Role.OUTREACH)


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How one viewer stands to one support at one instant: what `decide` needs, but the data class."""

    territory_id: UUID
    grants: frozenset[Basis]
    state: str
    excluded: bool
    gone: bool
    receives: bool
    """The viewer is of the host, not of the school."""
    is_educator: bool
    """The viewer is the named educator."""

    def facts(self, data_class: DataClass) -> Facts:
        """Return the facts for one data class."""
        held = self.grants
        if data_class is REASON and self.receives and not (self.is_educator and self.state in REASON_READ):
            held = frozenset()
        return Facts(
            territory_id=self.territory_id, data_class=data_class, grants=held, excluded=self.excluded,
            rules_in_force=True, state_open=self.state not in ENDED, gone=self.gone,
            break_open=Basis.BREAK_GLASS in self.grants and data_class is not REASON,
        )  # fmt: skip

    def may(self, viewer: Viewer, action: Action, data_class: DataClass, now: datetime) -> bool:
        """Say whether decide() lets this viewer do that here: what a page offers."""
        return decide(viewer, action, self.facts(data_class), now).allow


def gone(now: datetime) -> Q:
    """Return the supports that nobody opens any more: their school year is over, the family said no, the place is free.

    The sanction's own erasure never comes before the end of its school year, so that year alone decides (EXC-09).
    """
    return Q(school_year__lt=law.school_year(localdate(now))) | Q(state__in=(State.DECLINED, State.FREED))


def is_gone(support: ExclusionSupport, now: datetime) -> bool:
    """Say the same of one row."""
    over = support.school_year < law.school_year(localdate(now))
    return over or support.state in (State.DECLINED, State.FREED)


def relations(viewer: Viewer, supports: Iterable[ExclusionSupport], now: datetime) -> Mapping[UUID, Relation]:
    """Return the relation of the viewer to each support, in a constant number of queries."""
    rows = list(supports)
    held = grants.bases(ExclusionGrant, viewer, [row.pk for row in rows], now)
    shut = shutting.shut(viewer, now)
    return {
        row.pk: Relation(
            territory_id=row.territory_id, grants=held.get(row.pk, frozenset()), state=row.state,
            excluded=row.subject_id in shut, gone=is_gone(row, now), receives=receives(viewer.role),
            is_educator=row.educator_id is not None and row.educator_id == viewer.mandate_id,
        )
        for row in rows
    }  # fmt: skip


def relation(viewer: Viewer, support: ExclusionSupport, now: datetime) -> Relation:
    """Return the relation of the viewer to one support, asked once a page."""
    key = ("exclusion_support.relation", viewer, support.pk, support.state, support.educator_id, now)
    return memo.once(key, lambda: relations(viewer, [support], now)[support.pk])


def visible_to(viewer: Viewer, now: datetime, data_class: DataClass = PUPIL) -> QuerySet[ExclusionSupport]:
    """Return the supports of which the viewer may open one data class, the reason apart: decide() as a queryset."""
    shut = shutting.shut(viewer, now)
    return viewable(
        ExclusionSupport.objects.all(), viewer, now, grant_model=ExclusionGrant, classes=(data_class,), gone=gone(now),
        excluded=Q(subject_id__in=shut) if shut else None,
    )  # fmt: skip


def find(viewer: Viewer, pk: UUID, now: datetime, data_class: DataClass = PUPIL) -> ExclusionSupport:
    """Return one support of which the viewer may open this class. Raises AccessRefused, absent or refused alike."""
    rows = visible_to(viewer, now, data_class).select_related("organisation", "host", "convention", "territory")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="exclusion_support")
    require_on(viewer, found, Action.VIEW, data_class, now)  # a forged grant opens nothing (T-36)
    return found


def find_half_day(viewer: Viewer, pk: UUID, now: datetime) -> SupportHalfDay:
    """Return one half-day of a support that the viewer may open. Raises AccessRefused, absent or refused alike."""
    row = SupportHalfDay.objects.filter(pk=pk, support__in=visible_to(viewer, now).values("pk")).first()
    if row is None:
        raise AccessRefused(code="half_day")
    row.support = find(viewer, row.support_id, now)
    return row


def require_on(
    viewer: Viewer, support: ExclusionSupport, action: Action, data_class: DataClass, now: datetime
) -> Relation:
    """Ask decide() for one act on one data class of one support. Raises AccessRefused."""
    link = relation(viewer, support, now)
    require(viewer, action, link.facts(data_class), now)
    return link


def require_school(viewer: Viewer, support: ExclusionSupport, action: Action, now: datetime) -> None:
    """Raise AccessRefused unless the viewer holds the support for the school that sends the pupil."""
    require_on(viewer, support, action, PUPIL, now)
    if support.organisation_id != viewer.organisation_id or not sends(viewer.role):
        raise AccessRefused(code="exclusion_support")


def sends(role: str) -> bool:
    """Say whether this role sends pupils: it alone writes the reason of a sanction (row 27)."""
    return ceiling(role, Action.CREATE, REASON)


def receives(role: str) -> bool:
    """Say whether this role receives pupils."""
    return ceiling(role, Action.CHANGE, PUPIL) and not sends(role)


def require_creation(viewer: Viewer, now: datetime) -> None:
    """Ask decide() whether this viewer may hold a place for a pupil. Raises AccessRefused.

    Whoever holds it has it from the first second: the grant is written in the same transaction.
    """
    require(viewer, Action.CREATE, _own(viewer, REASON), now)


def asked_of(viewer: Viewer, now: datetime) -> QuerySet[ExclusionSupport]:
    """Return the receptions that wait for the answer of the viewer's house: its leads answer, without a name.

    No grant exists before the yes. Who is shut out of the pupil is asked nothing.
    """
    rows = ExclusionSupport.objects.filter(
        host_id=viewer.organisation_id, territory_id=viewer.territory_id, host_accepted_at=None, host_no="",
        state__in=(State.PLACE_HELD, State.NOTIFIED),
    )  # fmt: skip
    if not (
        receives(viewer.role)
        and viewer.is_service_lead
        and decide(viewer, Action.CHANGE, _own(viewer, PUPIL), now).allow
    ):
        return rows.none()
    return rows.exclude(gone(now)).exclude(subject_id__in=shutting.shut(viewer, now)).select_related("organisation")


def find_asked(viewer: Viewer, pk: UUID, now: datetime) -> ExclusionSupport:
    """Return one reception that waits for the viewer's house. Raises AccessRefused."""
    found = asked_of(viewer, now).filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="exclusion_support")
    return found


def counts_are_open(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer knows that supports exist, without a name (row 26 « e »)."""
    return decide(viewer, Action.EXISTS, _nobody(viewer, PUPIL), now).allow


# What is of no pupil


def works_here(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer works for a school or a host of exclusion support."""
    return decide(viewer, Action.VIEW, _own(viewer, PUPIL), now).allow


def conventions(viewer: Viewer, now: datetime) -> QuerySet[Convention]:
    """Return the conventions of the viewer's own body, those that are over too; all of the territory to who counts."""
    rows = Convention.objects.filter(territory_id=viewer.territory_id).select_related("school", "host", "proposed_by")
    if works_here(viewer, now):
        mine = Q(school_id=viewer.organisation_id) if sends(viewer.role) else Q(host_id=viewer.organisation_id)
        return rows.filter(mine)
    return rows if counts_are_open(viewer, now) else rows.none()


def own_conventions(viewer: Viewer, now: datetime) -> QuerySet[Convention]:
    """Return the conventions of the viewer's own body, whose content it reads; of nobody to who only counts."""
    rows = conventions(viewer, now)
    return rows if works_here(viewer, now) else rows.none()


def find_convention(viewer: Viewer, pk: UUID, now: datetime) -> Convention:
    """Return one convention of the viewer's own body. Raises AccessRefused."""
    found = own_conventions(viewer, now).filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="convention")
    return found


def leads_here(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer speaks for its body: its service lead (row 31a)."""
    own = Facts(
        territory_id=viewer.territory_id, data_class=DataClass.OWN_SERVICE, own_service=True, excluded=False,
        rules_in_force=True, state_open=True,
    )  # fmt: skip
    return works_here(viewer, now) and decide(viewer, Action.CHANGE, own, now).allow


def require_lead(viewer: Viewer, now: datetime) -> None:
    """Raise AccessRefused unless the viewer speaks for its body."""
    if not leads_here(viewer, now):
        raise AccessRefused(code="lead")


def _own(viewer: Viewer, data_class: DataClass) -> Facts:
    return Facts(
        territory_id=viewer.territory_id, data_class=data_class, grants=frozenset({Basis.CIRCLE}), excluded=False,
        rules_in_force=True, state_open=True,
    )  # fmt: skip


def _nobody(viewer: Viewer, data_class: DataClass) -> Facts:
    return Facts(
        territory_id=viewer.territory_id, data_class=data_class, excluded=False, rules_in_force=True, state_open=True,
    )  # fmt: skip
