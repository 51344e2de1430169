"""Finding colleagues by what they do: who is told, who may review. Genuine, running functions only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from casework.access import lent
from casework.access.exclusions.reads import each_shut
from casework.access.viewer import Viewer
from casework.partners import genuine
from casework.partners.models import Mandate


def holding(territory_id: UUID, roles: Iterable[str], now: datetime) -> list[Mandate]:
    """Return the running functions of these roles, charter signed, oldest first."""
    rows = Mandate.objects.live(now).filter(
        territory_id=territory_id, role__in=list(roles), agent__is_active=True, charter_signed_at__lte=now
    )
    return genuine.kept(rows.select_related("agent", "organisation").order_by("starts_at", "id"))


def leads_elsewhere(territory_id: UUID, organisation_id: UUID, now: datetime) -> list[Mandate]:
    """Return the service leads of other organisations that sit in a group of the territory."""
    rows = (
        Mandate.objects.live(now)
        .filter(territory_id=territory_id, is_service_lead=True, agent__is_active=True, charter_signed_at__lte=now)
        .filter(organisation__memberships__ends_at=None, organisation__memberships__group__territory_id=territory_id)
        .exclude(organisation_id=organisation_id)
    )
    return genuine.kept(rows.select_related("agent", "organisation").distinct().order_by("starts_at", "id"))


def not_shut(mandates: Iterable[Mandate], subject_id: UUID, now: datetime) -> list[Mandate]:
    """Return those who are not shut out of a subject: nobody is told of what does not exist for them; one query."""
    held = list(mandates)
    return [row for row, shut in zip(held, each_shut(held, now), strict=True) if subject_id not in shut]


def colleagues(viewer: Viewer, subject_id: UUID, now: datetime) -> list[Mandate]:
    """Return who of the viewer's service and function could take a person's file over; those shut out are left out."""
    rows = Mandate.objects.live(now).filter(
        organisation_id=viewer.organisation_id, territory_id=viewer.territory_id, role=viewer.role,
        agent__is_active=True, charter_signed_at__lte=now,
    )  # fmt: skip
    found = genuine.kept(rows.exclude(pk=viewer.mandate_id).select_related("agent", "organisation").order_by("id"))
    return not_shut(found, subject_id, now)


def tell(mandates: Iterable[Mandate], *, subject: str, line: str, now: datetime, but: UUID | None = None) -> None:
    """Queue one message to each person, `but` one agent: that something is to be read, never what."""
    body = "\n".join(("Bonjour,", "", line, "", "Ce message ne contient aucune information sur une situation."))
    for mandate in {row.agent_id: row for row in mandates}.values():
        if mandate.agent_id != but:
            lent.send(to=mandate.agent.email, subject=subject, body=body, now=now)
