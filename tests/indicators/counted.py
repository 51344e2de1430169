"""Anonymous lines and signed sheets, written as the nightly steps and the services would, for tests of figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from casework.exclusions.models import EndedSupport
from casework.indicators.releases.models import ATOMS, AtomSheet
from casework.minors.followups.models import EndedFollowUp
from casework.partners.models import Territory
from casework.placements.returns.actions import sheets
from casework.placements.returns.codes import Answer
from casework.placements.returns.reads import sheets as reads
from tests.instants import noon
from tests.people import viewer_of


def follow_ups(territory: Territory, year: int, n: int, **changes: Any) -> None:
    """Write `n` lines of follow-ups that ended in a year."""
    values: dict[str, Any] = {
        "month": date(year, 6, 1), "reason": "goal", "age_band": "13_15", "sex": "m", "origin": "school",
        "lead_kind": "street_outreach", "duration": "6_12", "meetings": "2_3", "is_first": True,
    }  # fmt: skip
    EndedFollowUp.objects.bulk_create(EndedFollowUp(territory=territory, **(values | changes)) for _ in range(n))


def pupils(territory: Territory, school_year: int, n: int, **changes: Any) -> None:
    """Write `n` lines of pupils received in a school year."""
    values: dict[str, Any] = {
        "kind": "exclusion", "result": "received", "is_first": True, "half_days": 6, "activities": 4,
        "return_held": True, "since": "no",
    }  # fmt: skip
    EndedSupport.objects.bulk_create(
        EndedSupport(territory=territory, school_year=school_year, **(values | changes)) for _ in range(n)
    )


def signed(people: Any, key: str, year: int, share: Mapping[Answer, int], *, sign: bool = True) -> None:
    """Open, fill and sign the sheet of a year; `share`: how many of each answer, the rest not known of anybody."""
    now = timezone.now()
    by = viewer_of(people.mandates[key], now=now)
    sheet = sheets.open_sheet(by=by, year=year, now=now)
    typed = [
        (line.ended, dict(share) | {Answer.NONE_KNOWN: line.ended - sum(share.values())} if line.ended else {})
        for line in reads.lines(by, sheet)
    ]
    sheets.fill(by=by, sheet=sheet, typed=typed, expected=None, now=now)
    sheet.refresh_from_db()
    if sign:
        sheets.sign(by=by, sheet=sheet, expected=None, now=now)


def atoms(territory: Territory, population: str, period: int) -> dict[tuple[str, ...], int]:
    """Return what was frozen, opened as the system."""
    from casework import audit

    row = AtomSheet.objects.get(territory=territory, population=population, period=period)
    with audit.reading(
        audit.system_actor(territory.pk), subjects=[row.subject_id], classes=[ATOMS], purpose=audit.Purpose.SYSTEM,
        act=audit.Act.SYSTEM,
    ):  # fmt: skip
        return {tuple(key): n for key, n in row.counts}


def night(day: date | None = None) -> datetime:
    """Return the instant of a nightly run."""
    return noon(day) if day else timezone.now()
