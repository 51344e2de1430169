"""Years of ended measures of one service, and its head."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.casefile.retention import months_after
from casework.partners.models import Mandate
from casework.placements.returns.actions import ends, sheets
from casework.placements.returns.codes import Answer, Kind, Result
from casework.placements.returns.models import ReturnSheet
from casework.placements.returns.reads import sheets as reads
from tests.instants import noon
from tests.people import viewer_of


def head(people: Any, key: str) -> Mandate:
    """Make somebody of the cast the head of its service."""
    mandate: Mandate = people.mandates[key]
    mandate.is_service_lead = True
    mandate.save()
    return mandate


def ended(people: Any, service: str, year: int, n: int, *, kind: Kind = Kind.TIG, result: Result = Result.DONE) -> None:
    """Let `n` measures of a service end in June of a year."""
    organisation = people.organisations[service]
    with audit.writing(audit.system_actor(people.territory.pk), now=timezone.now() - timedelta(days=40)) as w:
        for _ in range(n):
            ends.record(
                w,
                ends.Ended(
                    territory_id=people.territory.pk, organisation_id=organisation.pk, kind=kind, result=result,
                    received_on=date(year, 1, 5), on=date(year, 6, 14), minutes=70 * 60,
                ),
            )  # fmt: skip
    ends.write_lines(timezone.now())


def next_month(now: datetime | None = None) -> datetime:
    """Return an instant of the month after: when what ended in this one is counted."""
    return noon(months_after(localdate(now).replace(day=1), 1))


def filled(
    people: Any,
    key: str = "spip",
    *,
    year: int | None = None,
    counts: Mapping[Answer, int],
    now: datetime | None = None,
) -> ReturnSheet:
    """Open the sheet of a year and give every line these answers."""
    now = now or timezone.now()
    by = viewer_of(people.mandates[key], now=now)
    sheet = sheets.open_sheet(by=by, year=year or localdate(now).year, now=now)
    typed = [(sum(counts.values()), dict(counts)) for _ in reads.lines(by, sheet)]
    sheets.fill(by=by, sheet=sheet, typed=typed, expected=None, now=now)
    return ReturnSheet.objects.select_related("organisation", "territory").get(pk=sheet.pk)
