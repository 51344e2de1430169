"""The situations of one's own service, by reference only: its lead names who follows them, unread (row 31a)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from casework.access import exclusions
from casework.access.viewer import Viewer
from casework.errors import AccessRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import handover
from casework.minors.followups.codes import Stage
from casework.minors.followups.models import CircleMembership
from casework.minors.followups.reads.situations import KINDS
from casework.partners import reads as partners
from casework.partners.models import Organisation


@dataclass(frozen=True, kw_only=True)
class CaseloadRow:
    """One situation of the service: reference, state, since when, who follows it. No name, no content."""

    membership_id: UUID
    reference: str
    stage: str
    kind: str
    since: date
    in_charge: str
    in_charge_id: UUID | None
    is_lead: bool
    revision: int


@dataclass(frozen=True, kw_only=True)
class Caseload:
    """The whole service: rows without an intervenant first."""

    service: str
    rows: tuple[CaseloadRow, ...]
    agents: tuple[tuple[UUID, str], ...]
    unassigned: int


def caseload(viewer: Viewer, *, now: datetime) -> Caseload:
    """Return the service's situations for its lead, or for its representative. Raises AccessRefused otherwise."""
    own = Organisation.objects.get(pk=viewer.organisation_id)
    places = (
        CircleMembership.objects.filter(organisation=own, ends_at=None, territory_id=viewer.territory_id)
        .exclude(follow_up__state__in=(*facts.GONE, *facts.CLOSED, *facts.SORTED_OUT))
        .exclude(subject_id__in=exclusions.shut(viewer, now))
        .select_related("follow_up__group")
        .order_by("follow_up__reference")
    )
    found = list(places)
    over = facts.past_purge([row.follow_up for row in found], now)
    found = [row for row in found if row.follow_up_id not in over]
    if not handover.leads(viewer, now):
        represented = _represented(viewer, now)
        if not represented or not viewer.charter_signed:
            raise AccessRefused(code="caseload")
        found = [row for row in found if row.follow_up.group_id in represented]
    agents = list(partners.service_agents(own, now))
    names = {mandate.pk: mandate.agent.full_name for mandate in agents}
    rows = [
        CaseloadRow(
            membership_id=row.pk, reference=row.follow_up.reference, stage=row.follow_up.get_state_display(),
            kind=KINDS.get(Stage(row.follow_up.state), "off"), since=localdate(row.starts_at),
            in_charge=names.get(row.in_charge, "") if row.in_charge else "", in_charge_id=row.in_charge,
            is_lead=row.follow_up.lead_organisation_id == own.pk, revision=row.revision,
        )
        for row in found
    ]  # fmt: skip
    rows.sort(key=lambda row: (bool(row.in_charge), row.reference))
    return Caseload(
        service=str(own), rows=tuple(rows), agents=tuple((key, name) for key, name in names.items()),
        unassigned=sum(not row.in_charge for row in rows),
    )  # fmt: skip


def represents(viewer: Viewer, now: datetime) -> bool:
    """Say whether the viewer represents its service somewhere: the page is offered to it beside the lead."""
    if not viewer.group_ids or not viewer.charter_signed:
        return False
    return bool(_represented(viewer, now))


def _represented(viewer: Viewer, now: datetime) -> set[UUID]:
    """Return the groups in which the viewer represents its service now."""
    return partners.groups_represented(viewer.mandate_id, viewer.organisation_id, now) & viewer.group_ids
