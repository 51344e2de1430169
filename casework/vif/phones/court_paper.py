"""How a court's own papers of phones look: letterhead, foot, lines of the « fiche navette », usual recipients, in versions.

A paper takes the version in force the second it was made, and keeps it: versions are written once, never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from casework.vif.phones.codes import Recipient, SheetField
from casework.vif.phones.models import SheetTemplate


@dataclass(frozen=True, kw_only=True)
class CourtPaper:
    """One version; the usual presentation where the court wrote none. `order`: the lines printed; empty, all of them."""

    letterhead: tuple[str, ...] = ()
    mention: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[SheetField, ...]:
        """Return the lines of the sheet, in their order."""
        return tuple(SheetField(code) for code in self.order or SheetField.values)

    def title(self, line: SheetField) -> str:
        """Return the title of one line: the court's, or the usual one."""
        return self.titles.get(line) or str(line.label)

    @property
    def recipient_names(self) -> tuple[str, ...]:
        """Return to whom the sheet usually goes, in words."""
        return tuple(str(Recipient(code).label) for code in self.recipients)


def of(row: SheetTemplate | None) -> CourtPaper:
    """Return what one version says."""
    words = row.words if row is not None else {}
    return CourtPaper(
        letterhead=tuple(str(words.get("letterhead", "")).splitlines()), mention=str(words.get("mention", "")),
        titles=dict(words.get("titles", {})), order=tuple(words.get("order", ())),
        recipients=tuple(words.get("recipients", ())),
    )  # fmt: skip


def in_force(territory_id: UUID, at: datetime) -> CourtPaper:
    """Return what was in force at `at` in a ressort. One query."""
    return of(SheetTemplate.objects.filter(territory_id=territory_id, written_at__lte=at).order_by("-version").first())
