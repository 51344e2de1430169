"""Who opened a measure, and its earlier versions: the rights of the live row (ACL-10, row 30a)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import journal_words
from casework.errors import AccessRefused
from casework.partners.codes import Role
from casework.partners.models import Mandate, Organisation
from casework.vif.offenders import facts
from casework.vif.offenders.codes import Frame, State
from casework.vif.offenders.reads.page import gate


@dataclass(frozen=True)
class OpeningLine:
    """Who opened or changed this file, by organisation and role; never an agent's name."""

    day: date
    organisation: str
    role: str
    act: str
    purpose: str


def who_opened(viewer: Viewer, pk: UUID, now: datetime) -> tuple[str, tuple[OpeningLine, ...]]:
    """Return the reference and who opened this file (row 30a). Raises AccessRefused."""
    row = facts.find(viewer, pk, now)
    if not facts.relation(viewer, row, now).may(viewer, Action.VIEW, DataClass.WHO_OPENED, now):
        raise AccessRefused(code="who_opened")
    openings = audit.who_opened(row.subject_id)
    asked = {item.organisation_id for item in openings if item.organisation_id}
    names = {each.pk: str(each) for each in Organisation.objects.filter(pk__in=asked)}
    roles = dict(Role.choices)
    lines = [
        OpeningLine(
            item.day, names.get(item.organisation_id, "le logiciel") if item.organisation_id else "le logiciel",
            str(roles.get(item.role, "traitement automatique")), journal_words.act(str(item.act)),
            journal_words.purpose(str(item.purpose)),
        )
        for item in openings
    ]  # fmt: skip
    lines.sort(key=lambda each: each.day, reverse=True)
    return row.reference, tuple(dict.fromkeys(lines))


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
