"""A town whose counts are frozen: pupils received, by what followed. Two persons let them out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pytest

from casework import audit
from casework.access import approvals
from casework.access.approvals.models import Approval
from casework.access.viewer import Viewer
from casework.indicators.releases import tables
from casework.indicators.releases.actions import editions
from casework.indicators.releases.codes import ReleaseState
from casework.indicators.releases.models import AtomSheet, Release
from casework.indicators.releases.tables import Dimension, Population
from casework.sealing import keys
from tests.people import People, viewer_of

SINCE = Dimension(
    key="since", label="Nouvelle exclusion",
    codes=(("no", "sans nouvelle exclusion"), ("yes", "avec une nouvelle exclusion"), ("unknown", "on ne sait pas")),
)  # fmt: skip
RETURNED = Dimension(key="return", label="Retour", codes=(("held", "rencontre tenue"), ("not_held", "sans rencontre")))
PUPILS = Population(
    key="pupils", unit="élèves", dimensions=(SINCE, RETURNED), k=5, closes=(1, 9, 1), lag=1,
    school=True, count=lambda _territory, _period, _after, _today: None,
)  # fmt: skip
LARGE: Mapping[tuple[str, str], int] = {
    ("no", "held"): 22, ("no", "not_held"): 8, ("yes", "held"): 7, ("yes", "not_held"): 9, ("unknown", "held"): 6,
    ("unknown", "not_held"): 12,
}  # fmt: skip


@dataclass(frozen=True)
class Town:
    """The cast, an instant, and the last year that is over."""

    people: People
    now: datetime

    @property
    def year(self) -> int:
        """Return the year of the edition."""
        return self.now.year - 1

    def viewer(self, who: str) -> Viewer:
        """Return the viewer of one of the cast."""
        return viewer_of(self.people.mandates[who], now=self.now)

    def freeze(
        self, counts: Mapping[tuple[str, ...], int] = LARGE, *, period: int | None = None, key: str = "pupils"
    ) -> None:
        """Keep counts as the nightly step would."""
        period = self.year - 1 if period is None else period
        sheet = uuid.uuid4()
        keys.ensure(sheet)
        territory = self.people.coordinator.territory_id
        with audit.writing(audit.system_actor(territory), now=self.now) as w:
            row = AtomSheet(
                id=sheet, subject_id=sheet, territory_id=territory, population=key, period=period, first=period,
                frozen_at=self.now, counts=[[list(codes), n] for codes, n in counts.items()],
            )  # fmt: skip
            row.save(force_insert=True)
            w.note(audit.Act.CREATE, row, why="frozen")

    def propose(self) -> Release:
        """Propose the edition, as the coordinator."""
        return editions.propose(by=self.viewer("coordinator"), year=self.year, now=self.now)

    def agree(self, release: Release, *, who: str = "dpo") -> Approval:
        """Agree, as the second person."""
        asked = Approval.objects.get(target_id=release.pk)
        return approvals.approve(by=self.viewer(who), approval_id=asked.pk, now=self.now)

    def publish(self, release: Release) -> Release:
        """Publish, as the coordinator."""
        editions.publish(by=self.viewer("coordinator"), release=release, expected=release.revision, now=self.now)
        release.refresh_from_db()
        return release

    def edition(self) -> Release:
        """Propose, agree, publish."""
        release = self.propose()
        self.agree(release)
        return self.publish(release)


def only_pupils(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave one population in the installation."""
    monkeypatch.setattr(tables, "_POPULATIONS", {"pupils": PUPILS})


__all__ = ["LARGE", "PUPILS", "ReleaseState", "Town", "only_pupils"]
