"""T-54 at the length of the text: the fictitious town replayed month by month for three years, as it is and 100 times larger.

Its own lines and sheets, its nights that freeze, its editions by two persons as soon as anything may be published.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Model
from django.utils.timezone import localdate

from casework import audit
from casework.access import approvals
from casework.access.approvals.models import Approval
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.desk.demo import town
from casework.errors import GuardRefused
from casework.exclusions.models import EndedSupport
from casework.indicators.releases.actions import editions, freezing
from casework.indicators.releases.models import AtomSheet, Release
from casework.indicators.releases.reads import atoms
from casework.minors.followups.models import AnonymousCount, EndedFollowUp
from casework.partners.codes import Role
from casework.partners.models import Mandate, Territory
from casework.placements.returns.models import EndedMeasure, ReturnSheet
from casework.sealing import sweep
from tests.attack.printed import DRILL
from tests.attack.test_t54_years_of_the_catalogue import gaps_of
from tests.people import viewer_of

pytestmark = [
    pytest.mark.attack("T-54"), pytest.mark.rule("SDC-07"), pytest.mark.django_db(databases="__all__"),
    pytest.mark.skipif(not DRILL, reason="builds the whole fictitious town twice: make drill-releases"),
]  # fmt: skip
MONTHS = 36
MODELS: tuple[type[Model], ...] = (EndedMeasure, EndedFollowUp, EndedSupport, AnonymousCount)


@pytest.mark.parametrize("scale", [1, 100])
def test_each_month_of_three_years(scale: int) -> None:
    town.build(seed=1, size=60, meetings=12)
    territory = Territory.objects.get(pk=AtomSheet.objects.values_list("territory_id", flat=True).first())
    for mandate in Mandate.objects.filter(territory=territory, role__in=[Role.COORDINATOR, Role.DPO]):
        mandate.starts_at = mandate.charter_signed_at = _first_night(2015, 1)  # their seal goes with it
        mandate.save()
    Release.objects.all().delete()
    AtomSheet.objects.all().delete()
    with _hidden(scale) as let_come:
        nights = list(_nights(localdate()))
        published = sum(_one_month(territory, let_come, night) for night in nights)
    assert published >= MONTHS // 12, "each year has its edition"
    printed = atoms.released(territory.pk)
    numbers = [number.n for table in printed for number in table.numbers]
    assert len([n for n in numbers if n is not None]) > len(numbers) / 2, "the editions still say something"
    assert gaps_of(printed) == []


def _nights(today: date) -> Iterator[datetime]:
    """Give the first night of each of the last months."""
    for back in range(MONTHS - 1, -1, -1):
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        yield _first_night(year, month + 1)


def _first_night(year: int, month: int) -> datetime:
    return datetime(year, month, 1, 4, tzinfo=ZoneInfo("Europe/Paris"))


@contextmanager
def _hidden(scale: int) -> Iterator:
    """Take every line and signature away; give what lets those come that a night would have found."""
    lines = [row for model in MODELS for row in model._default_manager.all()]
    signed = list(ReturnSheet.objects.filter(signed_at__isnull=False))
    for model in MODELS:
        model._default_manager.all().delete()
    _enlarge(signed, scale)
    ReturnSheet.objects.filter(pk__in=[row.pk for row in signed]).update(signed_at=None, signed_by=None)
    come: set[int] = set()

    def let_come(night: datetime) -> None:
        here = [n for n, row in enumerate(lines) if n not in come and _known_from(row) <= night.date()]
        come.update(here)
        for model in MODELS:
            rows = [lines[n] for n in here if isinstance(lines[n], model)]
            model._default_manager.bulk_create([copy for row in rows for copy in _copies(row, scale)], batch_size=5000)
        for row in signed:
            if date(row.year, 3, 12) <= night.date():
                ReturnSheet.objects.filter(pk=row.pk).update(signed_at=night, signed_by=row.signed_by)

    yield let_come


def _known_from(row: Model) -> date:
    """Return the day from which a line stands: after its month, or after its school year."""
    if isinstance(row, EndedSupport):
        return date(row.school_year + 1, 8, 31)
    year, month = divmod(row.month.year * 12 + row.month.month, 12)
    return date(year, month + 1, 1)


def _copies(row: Model, scale: int) -> Iterator[Model]:
    plain = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    if isinstance(row, AnonymousCount):
        yield type(row)(**plain | {"total": row.total * scale})
        return
    for _ in range(scale):
        yield type(row)(**plain)


def _enlarge(sheets: list[ReturnSheet], scale: int) -> None:
    """Multiply what services signed."""
    words, system = {"kind", "horizon", "first", "last", "source"}, audit.system_actor(sheets[0].territory_id)
    with audit.reading(
        system, subjects={row.subject_id for row in sheets}, classes=[DataClass.KNOWN_RETURN], purpose=Purpose.SYSTEM,
        module="placements", object_type="returns.returnsheet",
    ):  # fmt: skip
        sweep.open_many(sheets, "counts")
        larger = [
            [{key: n if key in words else n * scale for key, n in line.items()} for line in row.counts or ()]
            for row in sheets
        ]
    with audit.writing(system, now=_first_night(2020, 1)):
        for row, counts in zip(sheets, larger, strict=True):
            row.counts = counts
            row.save()


def _one_month(territory: Territory, let_come, night: datetime) -> int:
    """Play a night, then publish what may be; return how many editions came out."""
    let_come(night)
    freezing.freeze(night)
    out = 0
    for year in range(night.year - 3, night.year):
        with audit.pinned_clock(night):
            out += _publish(territory, year, night)
    return out


def _publish(territory: Territory, year: int, night: datetime) -> int:
    coordinator, second = (_viewer(territory, role, night) for role in (Role.COORDINATOR, Role.DPO))
    try:
        release = editions.propose(by=coordinator, year=year, now=night)
    except GuardRefused:
        return 0  # nothing new is counted
    asked = Approval.objects.get(target_id=release.pk)
    approvals.approve(by=second, approval_id=asked.pk, now=night)
    editions.publish(by=coordinator, release=release, expected=release.revision, now=night)
    return 1


def _viewer(territory: Territory, role: Role, now: datetime) -> Viewer:
    return viewer_of(Mandate.objects.filter(territory=territory, role=role).earliest("starts_at"), now=now)
