"""What the Journal is asked: sent by POST, so that no reference stands in an address or a history."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms

from casework.access.days import FrenchDateField
from casework.audit.codes import Act
from casework.audit.journal import Filters
from casework.casefile import watch as rooms
from casework.casefile.choosing import offer
from casework.desk.journal.reads import Staff

GROUPS: dict[str, tuple[str, frozenset[str]]] = {
    "reads": ("lectures", frozenset({Act.VIEW, Act.LIST, Act.SEARCH, Act.HISTORY, Act.REVEAL})),
    "writes": ("saisies et modifications", frozenset({Act.CREATE, Act.CHANGE, Act.MOVE, Act.DELETE, Act.IMPORT})),
    "papers": ("impressions et exports", frozenset({Act.PRINT, Act.EXPORT})),
    "rights": ("accès ouverts et fermés", frozenset({Act.GRANT, Act.REVOKE})),
    "signs": ("connexions", frozenset({Act.SIGN_IN, Act.SIGN_OUT, Act.SIGN_IN_FAILED, Act.LOCK})),
    "refused": ("refus, absences et incidents", frozenset({Act.MISS, Act.DENIED, Act.ERROR, Act.INTEGRITY_FAIL})),
    "journal": ("consultations du journal", frozenset({Act.WHO_READ})),
    "system": ("le logiciel lui-même", frozenset({Act.SYSTEM, Act.PURGE, Act.RESTORE})),
}


class FilterForm(forms.Form):
    """Person, agent, service, period, kind of act."""

    hide_optional = True

    reference = forms.CharField(label="Référence de la fiche", max_length=30, required=False)
    agent = forms.ChoiceField(label="Agent", required=False)
    organisation = forms.ChoiceField(label="Service", required=False)
    act = forms.ChoiceField(
        label="Ce qui a été fait", required=False,
        choices=[("", "tout"), *((key, label) for key, (label, _) in GROUPS.items())],
    )  # fmt: skip
    since = FrenchDateField(label="Du", required=False)
    until = FrenchDateField(label="Au", required=False)
    before = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, territory_id: UUID, people: Staff) -> None:
        super().__init__(data)
        self._territory_id = territory_id
        offer(self, "agent", [("", "tous"), *((str(pk), name) for pk, name in people.names.items())])
        services = sorted(people.services.items(), key=lambda pair: pair[1])
        offer(self, "organisation", [("", "tous"), *((str(pk), name) for pk, name in services)])

    def clean(self) -> dict[str, Any]:
        """Find the file of the reference; refuse a period the wrong way round."""
        data: dict[str, Any] = super().clean() or {}
        data["record"] = None
        if data.get("reference"):
            data["record"] = rooms.subject_of(self._territory_id, data["reference"])
            if data["record"] is None:
                self.add_error(
                    "reference", "Aucune fiche ne porte cette référence. Elle a pu être effacée à son terme."
                )
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", "La fin précède le début.")
        return data

    def filters(self, zone: str) -> Filters:
        """Return what is looked for. The form is valid."""
        data = self.cleaned_data
        return Filters(
            subject_id=data["record"].subject_id if data["record"] else None,
            agent_id=UUID(data["agent"]) if data["agent"] else None,
            organisation_id=UUID(data["organisation"]) if data["organisation"] else None,
            since=_midnight(data["since"], zone), until=_midnight(data["until"], zone, days=1),
            acts=GROUPS[data["act"]][1] if data["act"] else frozenset(), before=data["before"],
        )  # fmt: skip


def _midnight(day: date | None, zone: str, *, days: int = 0) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=days), time(0), ZoneInfo(zone))


class RecordForm(forms.Form):
    """The reference of one file."""

    reference = forms.CharField(
        label="Référence de la fiche", max_length=30, help_text="Comme MIR-2026-K7QF ; elle figure sur la demande."
    )

    def __init__(self, data: Any, *, territory_id: UUID) -> None:
        super().__init__(data)
        self._territory_id = territory_id

    def clean_reference(self) -> rooms.Record:
        """Return the file of the reference."""
        record = rooms.subject_of(self._territory_id, self.cleaned_data["reference"])
        if record is None:
            raise forms.ValidationError("Aucune fiche ne porte cette référence. Elle a pu être effacée à son terme.")
        return record
