"""The sheets of a service: what is asked, what was counted here, what was signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, QuerySet
from django.db.models.functions import ExtractYear
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.partners.models import Mandate
from casework.placements.returns import cohorts, facts
from casework.placements.returns.codes import (
    CARRIES,
    IN_COHORT,
    Answer,
    CorrectionReason,
    Horizon,
    Kind,
    Source,
)
from casework.placements.returns.cohorts import Cohort, Line
from casework.placements.returns.models import EndedMeasure, ReturnSheet
from casework.placements.returns.reads import watches

DUE = (3, 31)  # the last day of March, before the plenary of the council
FIRST_YEARS_BACK = 3


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    """One version of one year, in the list and in the history of a sheet."""

    id: UUID
    year: int
    version: int
    state: str
    state_kind: str
    signed_on: date | None
    signed_by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One cohort as the page shows it."""

    number: int
    kind: str
    horizon: str
    years: str
    ended: int
    answers: tuple[tuple[str, int], ...]
    source: str
    is_typed: bool
    is_small: bool


@dataclass(frozen=True, kw_only=True)
class SheetPage:
    """What the page and the paper of a sheet show."""

    id: UUID
    revision: int
    year: int
    version: int
    service: str
    commune: str
    is_signed: bool
    signed_on: date | None
    signed_by: str
    reason: str
    is_latest: bool
    rows: tuple[Row, ...]
    lines: tuple[Line, ...]
    versions: tuple[SheetLine, ...]


@dataclass(frozen=True, kw_only=True)
class Index:
    """The sheets of a service, and the years that may still be opened."""

    sheets: tuple[SheetLine, ...]
    to_open: tuple[int, ...]
    due_on: date


def due_on(year: int) -> date:
    """Return the day by which the sheet of a year is expected."""
    return date(year, *DUE)


def _own(viewer: Viewer) -> dict[str, object]:
    return {"organisation_id": viewer.organisation_id, "territory_id": viewer.territory_id}


def latest(viewer: Viewer, year: int) -> ReturnSheet | None:
    """Return the last version of the viewer's own service for a year, signed or not."""
    return ReturnSheet.objects.filter(year=year, **_own(viewer)).order_by("-version").first()


def expected(viewer: Viewer, now: datetime) -> QuerySet[EndedMeasure]:
    """Return what the head still has to answer about this year: measures that ended in a cohort, no sheet signed."""
    if not facts.leads(viewer, now):
        return EndedMeasure.objects.none()
    year = localdate(now).year
    last = max(cohorts.last_observed(year, horizon) for horizon in Horizon)
    signed = ReturnSheet.objects.filter(year=year, signed_at__isnull=False, **_own(viewer))
    drafts = ReturnSheet.objects.filter(year=year, signed_at__isnull=True, **_own(viewer))
    rows = EndedMeasure.objects.filter(result__in=IN_COHORT, kind__in=CARRIES.get(viewer.role, ()), **_own(viewer))
    rows = rows.filter(month__year__lte=last, month__year__gte=last - FIRST_YEARS_BACK)
    return rows.filter(~Exists(signed) | Exists(drafts))


def ended_by_year(viewer: Viewer) -> Counter[tuple[Kind, int]]:
    """Return how many measures of each kind ended in each year at the viewer's service, in one query."""
    rows = EndedMeasure.objects.filter(result__in=IN_COHORT, **_own(viewer))
    grouped = rows.values_list("kind", ExtractYear("month")).annotate(n=Count("pk")).order_by()
    return Counter({(Kind(kind), year): n for kind, year, n in grouped})


def proposed(viewer: Viewer, year: int) -> list[Line]:
    """Return the lines of a new sheet: the cohorts, how many ended as counted here, what officers answered (REC-23).

    A cohort that was watched from its first day to its last comes from the answers; any other is typed: one source.
    """
    ended = ended_by_year(viewer)
    return [_line(viewer, cohort, ended) for cohort in cohorts.asked(year, CARRIES.get(viewer.role, ()), ended)]


def _line(viewer: Viewer, cohort: Cohort, ended: Counter[tuple[Kind, int]]) -> Line:
    total = sum(ended[cohort.kind, year] for year in cohort.years)
    service = viewer.organisation_id
    if service is None or not watches.covers(service, cohort):
        return Line(cohort=cohort, ended=total, answers={})
    said = watches.answers(viewer, service, cohort)
    said[Answer.UNKNOWN] += max(0, total - sum(said.values()))  # nobody answered: it is not known
    return Line(cohort=cohort, ended=sum(said.values()), answers=said, source=Source.WATCH)


def lines(viewer: Viewer, sheet: ReturnSheet) -> list[Line]:
    """Return the lines of a sheet that `facts.find_sheet` found, opened under the read gate."""
    with audit.reading(
        viewer, subjects=[sheet.subject_id], classes=[DataClass.KNOWN_RETURN], purpose=Purpose.REVIEW,
        module="placements", object_type="returns.returnsheet", object_ids=[sheet.pk],
    ):  # fmt: skip
        return [cohorts.read(stored) for stored in sheet.counts or ()]


def index(viewer: Viewer, now: datetime) -> Index:
    """Return the sheets of the service that the viewer leads. Raises AccessRefused."""
    facts.require_lead(viewer, now)
    year = localdate(now).year
    rows = list(ReturnSheet.objects.filter(**_own(viewer)).order_by("-year", "-version"))
    known = {row.year for row in rows}
    return Index(
        sheets=_versions(rows), to_open=tuple(each for each in (year, year - 1) if each not in known),
        due_on=due_on(year),
    )  # fmt: skip


def page(viewer: Viewer, sheet: ReturnSheet, now: datetime) -> SheetPage:
    """Return the page of a sheet that `facts.find_sheet` found."""
    found = lines(viewer, sheet)
    rows = list(ReturnSheet.objects.filter(year=sheet.year, **_own(viewer)).order_by("-version"))
    versions = _versions(rows)
    shown = next(each for each in versions if each.id == sheet.pk)
    return SheetPage(
        id=sheet.pk, revision=sheet.revision, year=sheet.year, version=sheet.version, service=sheet.organisation.name,
        commune=sheet.territory.name, is_signed=sheet.signed_at is not None, signed_on=shown.signed_on,
        signed_by=shown.signed_by, reason=shown.reason, is_latest=rows[0].pk == sheet.pk,
        rows=tuple(_row(number, line) for number, line in enumerate(found)), lines=tuple(found), versions=versions,
    )  # fmt: skip


def printed(viewer: Viewer, sheet: ReturnSheet, now: datetime) -> SheetPage:
    """Return the same for the paper: a print is told by itself."""
    with audit.reading(
        viewer, subjects=[sheet.subject_id], classes=[DataClass.KNOWN_RETURN], purpose=Purpose.DOCUMENT, act=Act.PRINT,
        module="placements", object_type="returns.returnsheet", object_ids=[sheet.pk],
    ):  # fmt: skip
        return page(viewer, sheet, now)


def _row(number: int, line: Line) -> Row:
    return Row(
        number=number, kind=str(line.cohort.kind.label), horizon=str(line.cohort.horizon.label),
        years=line.cohort.label, ended=line.ended,
        answers=tuple((str(answer.label), line.answers.get(answer, 0)) for answer in Answer),
        source=str(line.source.label), is_typed=line.source == Source.SHEET, is_small=line.ended < cohorts.LEAST,
    )  # fmt: skip


def _versions(rows: Sequence[ReturnSheet]) -> tuple[SheetLine, ...]:
    people = {
        row.pk: row
        for row in Mandate.objects.filter(pk__in=[each.signed_by for each in rows if each.signed_by]).select_related(
            "agent"
        )
    }
    found = []
    for row in rows:
        if row.signed_at is None:
            state, kind = "à remplir et à signer", "wait"
        elif row.replaced_at is not None:
            state, kind = "remplacée", "off"
        else:
            state, kind = "signée", "ok"
        signer = people.get(row.signed_by) if row.signed_by else None
        found.append(
            SheetLine(
                id=row.pk, year=row.year, version=row.version, state=state, state_kind=kind,
                signed_on=localdate(row.signed_at) if row.signed_at else None,
                signed_by=signer.agent.full_name if signer else "", reason=fr.label(CorrectionReason, row.reason),
            )
        )  # fmt: skip
    return tuple(found)
