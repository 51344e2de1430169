"""The « fiche navette »: a version fixed the day it is made, then to whom it was sent (TGD-13, TGD-14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.vif.phones import facts
from casework.vif.phones.codes import WITH_SHEET, Channel, Recipient
from casework.vif.phones.models import Allocation, Sending, Sheet


class Line(TypedDict):
    """One line of the sheet as one version fixes it. `code`: which line, whatever its title."""

    code: str
    label: str
    value: str


def make(*, by: Viewer, allocation: Allocation, lines: list[Line], now: datetime) -> Sheet:
    """Fix the lines of the court's template as the next version. Raises AccessRefused, GuardRefused."""
    facts.require_on(by, allocation.support, Action.CHANGE, now)
    with audit.writing(by, now=now) as w:
        held = Allocation.objects.select_for_update(of=("self",)).get(pk=allocation.pk)
        if held.state not in WITH_SHEET:
            raise GuardRefused("La fiche navette se fait une fois le téléphone accordé.")
        row = Sheet(
            subject_id=held.subject_id, territory_id=held.territory_id, allocation=held,
            version=held.sheets.count() + 1, made_at=now, content={"lines": lines}, recorded_by=by.mandate_id,
        )  # fmt: skip
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=[facts.TGD])
    return row


def sent(
    *, by: Viewer, allocation: Allocation, sheet_id: UUID, recipients: Sequence[str], channel: str, sent_on: date,
    now: datetime,
) -> None:  # fmt: skip
    """Record that one version left: to whom, when, by what way. Raises AccessRefused, InputRefused."""
    facts.require_on(by, allocation.support, Action.CHANGE, now)
    sheet = find(allocation, sheet_id)
    if not recipients or not set(recipients) <= set(Recipient.values):
        raise InputRefused("Cochez les destinataires : la loi n’en connaît pas d’autre.", field="recipients")
    if channel not in Channel.values:
        raise InputRefused("Indiquez par quel moyen.", field="channel")
    if not localdate(sheet.made_at) <= sent_on <= localdate(now):
        raise InputRefused("Cette date est avant la fiche, ou à venir.", field="sent_on")
    with audit.writing(by, now=now) as w:
        for recipient in (code for code in Recipient.values if code in recipients):
            row = Sending(
                subject_id=sheet.subject_id, territory_id=sheet.territory_id, sheet=sheet, recipient=recipient,
                channel=channel, sent_on=sent_on, recorded_by=by.mandate_id,
            )  # fmt: skip
            row.save(force_insert=True)
            w.note(Act.CREATE, row, classes=[facts.TGD])


def find(allocation: Allocation, pk: UUID) -> Sheet:
    """Return one version of an allocation that the viewer opened. Raises AccessRefused."""
    row = Sheet.objects.filter(allocation=allocation, pk=pk).first()
    if row is None:
        raise AccessRefused(code="sheet")
    return row
