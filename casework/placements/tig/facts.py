"""The facts about a placement handed to access.decide(), and the same rule as a queryset.

The officer and the host's managers hold grants. The tutor holds none: naming and today's plan open today's people, and
the next day closes them (ACL-04). SPIP reads adults only, the PJJ minors only, whatever a row says (ACL-03).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from casework.access import exclusions, grants, memo
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis, Facts, ceiling, decide, require
from casework.access.queryset import viewable
from casework.access.viewer import Viewer
from casework.casefile.retention import ended_before
from casework.errors import AccessRefused
from casework.partners.codes import Role
from casework.placements.tig.codes import ENDED, Audience, Measure, ReportKind, State
from casework.placements.tig.models import HalfDay, TigGrant, TigPlacement

# The public that each judicial service follows (ACL-03).
FOLLOWS: Mapping[str, Audience] = {Role.SPIP: Audience.ADULTS, Role.PJJ: Audience.MINORS}
# While a host is only asked, it reads what the work needs, and no name.
UNNAMED_FOR_HOST = frozenset({State.RECEIVED, State.MATCHING, State.MEDICAL_PENDING, State.PROPOSED})
KEPT_MONTHS = 12  # after the end, then nobody reads it and it is erased
AT_WORK = (State.ASSIGNED, State.IN_PROGRESS)


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How one viewer stands to one placement at one instant: what `decide` needs, but the data class."""

    territory_id: UUID
    grants: frozenset[Basis]
    state: str
    excluded: bool
    gone: bool = False

    def facts(self, data_class: DataClass) -> Facts:
        """Return the facts for one data class."""
        return Facts(
            territory_id=self.territory_id, data_class=data_class, grants=self.grants, excluded=self.excluded,
            rules_in_force=True, state_open=self.state not in ENDED, gone=self.gone,
            break_open=Basis.BREAK_GLASS in self.grants,
        )  # fmt: skip

    @property
    def is_for_the_day(self) -> bool:
        """Say whether the plan of the day alone opens it: a tutor, who notes presence and changes nothing else."""
        return self.grants == {Basis.TODAY}

    def may(self, viewer: Viewer, action: Action, data_class: DataClass, now: datetime) -> bool:
        """Say whether decide() lets this viewer do that here: what a page offers."""
        return decide(viewer, action, self.facts(data_class), now).allow


def hosts(role: str) -> bool:
    """Say whether the matrix makes this role a host: it works on row 12 and never reads row 13."""
    return ceiling(role, Action.CHANGE, DataClass.PLACEMENT) and not ceiling(role, Action.VIEW, DataClass.SENTENCE)


def _is_shut_out(viewer: Viewer, audience: str) -> bool:
    """Say whether the viewer's service follows another public (ACL-03)."""
    return viewer.role in FOLLOWS and FOLLOWS[viewer.role] != audience


def gone(now: datetime) -> Q:
    """Return the placements whose year after the end is over: nobody opens them (domain.md §12, 9)."""
    return Q(ended_on__lte=ended_before(localdate(now), KEPT_MONTHS))


def is_gone(placement: TigPlacement, now: datetime) -> bool:
    """Say the same of one row."""
    ended = placement.ended_on
    return ended is not None and ended <= ended_before(localdate(now), KEPT_MONTHS)


def _todays(viewer: Viewer, now: datetime) -> QuerySet[HalfDay, UUID]:
    """Return the placements that this viewer, as named tutor, receives today on an enrolled telephone (ACL-04)."""
    return tutored(viewer, now).filter(day=localdate(now)).values_list("placement_id", flat=True)


def tutored(viewer: Viewer, now: datetime) -> QuerySet[HalfDay]:
    """Return the half-days of whom this viewer is the named tutor, whatever their day: to be counted, never opened."""
    if not hosts(viewer.role) or not viewer.live(now):
        return HalfDay.objects.none()
    return HalfDay.objects.filter(
        placement__supervisor__mandate_id=viewer.mandate_id,
        placement__supervisor__left_on__isnull=True, placement__supervisor__phone_since__lte=now,
        placement__state__in=AT_WORK,
    )  # fmt: skip


def relations(viewer: Viewer, placements: Iterable[TigPlacement], now: datetime) -> Mapping[UUID, Relation]:
    """Return the relation of the viewer to each placement, in a constant number of queries."""
    rows = list(placements)
    held = grants.bases(TigGrant, viewer, [row.pk for row in rows], now)
    today = memo.once(("tig_today", viewer, now), lambda: frozenset(_todays(viewer, now)))
    shut = exclusions.shut(viewer, now)
    found = {}
    for row in rows:
        bases = held.get(row.pk, frozenset())
        if row.pk in today:
            bases |= {Basis.TODAY}
        found[row.pk] = Relation(
            territory_id=row.territory_id, grants=bases, state=row.state,
            excluded=row.subject_id in shut or _is_shut_out(viewer, row.audience), gone=is_gone(row, now),
        )  # fmt: skip
    return found


def relation(viewer: Viewer, placement: TigPlacement, now: datetime) -> Relation:
    """Return the relation of the viewer to one placement."""
    return relations(viewer, [placement], now)[placement.pk]


def visible_to(viewer: Viewer, now: datetime) -> QuerySet[TigPlacement]:
    """Return the placements of which the viewer may open row 12: decide() as a queryset."""
    shut = exclusions.shut(viewer, now)
    hidden = Q(subject_id__in=shut) if shut else None
    rows: QuerySet[TigPlacement] = TigPlacement.objects.all()
    if viewer.role in FOLLOWS:
        rows = rows.filter(audience=FOLLOWS[viewer.role])
    seen = viewable(
        rows, viewer, now, grant_model=TigGrant, classes=(DataClass.PLACEMENT,), excluded=hidden, gone=gone(now)
    )
    if not hosts(viewer.role) or not viewer.charter_signed:
        return seen
    todays = rows.filter(pk__in=_todays(viewer, now), territory_id=viewer.territory_id)
    return seen | (todays.exclude(subject_id__in=shut) if shut else todays)


def find(viewer: Viewer, pk: UUID, now: datetime) -> TigPlacement:
    """Return one placement that the viewer may see. Raises AccessRefused: absent and refused look the same."""
    found = visible_to(viewer, now).select_related("post__host", "organisation", "supervisor").filter(pk=pk).first()
    if found is None:
        raise AccessRefused(code="tig_placement")
    require_on(viewer, found, Action.VIEW, DataClass.PLACEMENT, now)  # a forged grant opens nothing (T-36)
    return found


def require_on(
    viewer: Viewer, placement: TigPlacement, action: Action, data_class: DataClass, now: datetime
) -> Relation:
    """Ask decide() for one act on one data class of one placement. Raises AccessRefused."""
    link = relation(viewer, placement, now)
    require(viewer, action, link.facts(data_class), now)
    return link


def require_held(viewer: Viewer, placement: TigPlacement, now: datetime) -> None:
    """Ask decide() for a change of the placement itself: its officer or the manager, not the tutor of the day.

    Raises AccessRefused.
    """
    if require_on(viewer, placement, Action.CHANGE, DataClass.PLACEMENT, now).is_for_the_day:
        raise AccessRefused(code="tig_tutor")


# Ends after which the report of a composition pénale is still owed to the prosecutor, by the month (TNR-05).
REPORTED_AFTER = frozenset({State.COMPLETED, State.PROSECUTED})


def owes_end_report(placement: TigPlacement) -> bool:
    """Say whether the end of a minor's TNR is still to be reported (TNR-05, DL-12)."""
    if placement.measure != Measure.TNR or placement.audience != Audience.MINORS:
        return False
    sent = {row.kind for row in placement.reports.all() if row.sent_on is not None}
    return placement.state in REPORTED_AFTER and ReportKind.END not in sent


def require_report(viewer: Viewer, placement: TigPlacement, now: datetime) -> None:
    """Ask decide() for noting a report: as long as the placement runs, and after its end while one is owed."""
    asked = relation(viewer, placement, now).facts(DataClass.SENTENCE)
    require(viewer, Action.CHANGE, replace(asked, state_open=asked.state_open or owes_end_report(placement)), now)


def may_report(viewer: Viewer, placement: TigPlacement, link: Relation, now: datetime) -> bool:
    """Say the same for a page."""
    asked = link.facts(DataClass.SENTENCE)
    asked = replace(asked, state_open=asked.state_open or owes_end_report(placement))
    return decide(viewer, Action.CHANGE, asked, now).allow


def require_creation(viewer: Viewer, now: datetime) -> Audience:
    """Ask decide() whether this viewer may open a request, and return the public of its service (ACL-03).

    Whoever opens it is in charge of it from the first second: the grant is written in the same transaction.
    """
    audience = FOLLOWS.get(viewer.role)
    facts = Facts(
        territory_id=viewer.territory_id, data_class=DataClass.PLACEMENT, grants=frozenset({Basis.CIRCLE}),
        excluded=audience is None, rules_in_force=True, state_open=True,
    )  # fmt: skip
    require(viewer, Action.CREATE, facts, now)
    if audience is None:
        raise AccessRefused(code="role")
    return audience


def counts_are_open(viewer: Viewer, now: datetime) -> bool:
    """Say whether this viewer knows that placements exist, and their state, without a name (row 12 « e »)."""
    facts = Facts(
        territory_id=viewer.territory_id, data_class=DataClass.PLACEMENT, excluded=False, rules_in_force=True,
        state_open=True,
    )  # fmt: skip
    return decide(viewer, Action.EXISTS, facts, now).allow


def names_are_open(viewer: Viewer, placement: TigPlacement, link: Relation, now: datetime) -> bool:
    """Say whether this viewer reads the name: the host only once the decision is taken."""
    if hosts(viewer.role) and placement.state in UNNAMED_FOR_HOST:
        return False
    return link.may(viewer, Action.VIEW, DataClass.PLACEMENT, now)
