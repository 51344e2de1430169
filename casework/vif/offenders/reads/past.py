"""Who opened a measure, and its earlier versions: the rights of the live row (ACL-10, row 30a)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import openings
from casework.casefile.openings import OpeningLine
from casework.partners.models import Mandate
from casework.vif.offenders import facts
from casework.vif.offenders.codes import Frame, State
from casework.vif.offenders.reads.page import gate


def who_opened(viewer: Viewer, pk: UUID, now: datetime) -> tuple[str, tuple[OpeningLine, ...]]:
    """Return the reference and who opened this file (row 30a). Raises AccessRefused."""
    row = facts.find(viewer, pk, now)
    facts.require_on(viewer, row, Action.VIEW, DataClass.WHO_OPENED, now)
    return row.reference, openings.page(viewer, row, module="vif")


@dataclass(frozen=True)
class Version:
    """One earlier state of the file."""

    at: datetime
    state: str
    frame: str
    term_on: date
    hearing_on: date | None
    by: str


def history(viewer: Viewer, pk: UUID, now: datetime) -> tuple[str, tuple[Version, ...]]:
    """Return the reference and the earlier versions, latest first. Raises AccessRefused."""
    row = facts.find(viewer, pk, now)
    facts.require_on(viewer, row, Action.HISTORY, DataClass.VIF_PERSON, now)
    with gate(viewer, row, [DataClass.VIF_PERSON], purpose=Purpose.HISTORY, act=Act.HISTORY):
        versions = list(row.history.order_by("-history_date", "-history_id"))
    mandates = {version.history_mandate for version in versions if version.history_mandate}
    services = {
        each.pk: each.organisation.short_name
        for each in Mandate.objects.filter(pk__in=mandates).select_related("organisation")
    }
    return row.reference, tuple(
        Version(
            version.history_date, State(version.state).label, Frame(version.frame).label, version.term_on,
            version.hearing_on, services.get(version.history_mandate, "le logiciel"),
        )
        for version in versions
    )  # fmt: skip
