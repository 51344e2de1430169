"""When, where, who: the form of a meeting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.timezone import localtime

from casework.access.days import FrenchDateField
from casework.casefile.choosing import offer
from casework.casefile.guarded import GuardedForm
from casework.minors.sessions.actions.meeting import MeetingData
from casework.minors.sessions.models import GroupSession

# What the action calls its values, and the field that shows the refusal.
FIELDS = {"starts_at": "day", "ends_at": "end", "place": "place", "organisations": "organisations"}


class HourField(forms.TimeField):
    """An hour as people type it: 14:00, 14h, 14h30."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=["%H:%M", "%Hh%M", "%Hh", "%H h %M", "%H h"],
            widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            error_messages={"invalid": "Tapez l’heure comme 14:00."},
            **kwargs,
        )


class MeetingForm(GuardedForm):
    """A meeting: filled from last month's, so that one click is enough."""

    guarded = ("logistics",)

    day = FrenchDateField(label="Date")
    start = HourField(label="De")
    end = HourField(label="À")
    place = forms.CharField(label="Lieu", max_length=120)
    organisations = forms.MultipleChoiceField(
        label="Services invités",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un service."},
    )
    logistics = forms.CharField(
        label="Pour s’y rendre",
        max_length=200,
        required=False,
        help_text="Étage, parking, salle. Rien sur une personne.",
    )

    def __init__(self, *args: Any, services: Sequence[tuple[str, str]], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)
        offer(self, "organisations", services)

    def meeting(self) -> MeetingData:
        """Return what the action takes."""
        data = self.cleaned_data
        return MeetingData(
            starts_at=self._at(data["day"], data["start"]),
            ends_at=self._at(data["day"], data["end"]),
            place=data["place"],
            organisation_ids=tuple(UUID(pk) for pk in data["organisations"]),
            logistics=data["logistics"],
        )

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, tzinfo=self.zone)


def initial_of(session: GroupSession, *, day: date | None = None, logistics: str = "") -> dict[str, Any]:
    """Return the fields of a meeting as the form shows them, on another day if one is given."""
    start, end = localtime(session.starts_at), localtime(session.ends_at)
    return {
        "day": day or start.date(),
        "start": start.time(),
        "end": end.time(),
        "place": session.place,
        "logistics": logistics,
        "organisations": [
            str(pk) for pk in session.members.filter(is_guest=False).values_list("organisation_id", flat=True)
        ],
    }
