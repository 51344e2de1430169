"""What the coordinator prepares, and what the second person reads before agreeing: the same tables, the same words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access.approvals import ApprovalAct
from casework.access.approvals import reads as approvals
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.errors import AccessRefused, GuardRefused
from casework.indicators.releases import facts, reading, vector
from casework.indicators.releases.actions import editions as actions
from casework.indicators.releases.building import Drawn, Variant
from casework.indicators.releases.codes import ReleaseState
from casework.indicators.releases.models import Release
from casework.indicators.releases.reads import atoms

YEARS = 5
"""How many closed years may still be prepared: sheets of known returns come late."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One way to draw a table: what is put together, and how many of its cells would not be shown."""

    said: str
    hidden: int
    cells: int
    taken: bool


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One table of the edition to come. `shown` None: `why` it is not drawn yet. `kept`: printed again as it was."""

    title: str
    shown: reading.Shown | None
    why: str
    kept: bool
    hidden: int
    tried: tuple[Tried, ...]


@dataclass(frozen=True, kw_only=True)
class PreparePage:
    """The page « Préparer l’édition ». `drafts` None: not drawn yet, one click away. `waiting`: a proposal of mine waits."""

    year: int
    years: tuple[int, ...]
    drafts: tuple[Draft, ...] | None
    waiting: str
    stopped: str

    @property
    def may_propose(self) -> bool:
        """Say whether something new may be proposed."""
        return not self.waiting and any(each.shown and not each.kept for each in self.drafts or ())


@dataclass(frozen=True, kw_only=True)
class ProposalPage:
    """One proposal, for the two persons. `answer`: where the second one answers. `hidden`: cells that are not shown."""

    id: UUID
    revision: int
    year: int
    version: int
    proposed_on: date
    tables: tuple[reading.Shown, ...]
    hidden: int
    print_words: str
    prepares: bool
    agreed: bool
    refused: bool
    answer: str
    published: bool


def prepare(viewer: Viewer, year: int | None, now: datetime, *, drawn: bool) -> PreparePage:
    """Return the page; `drawn`: with the tables as they would be printed, which takes some seconds.

    Raises AccessRefused (role, year not over or too old).
    """
    facts.require_evaluation(viewer, Action.CREATE, now)
    last = localdate(now).year - 1
    years = tuple(range(last, last - YEARS, -1))
    if (year := last if year is None else year) not in years:
        raise AccessRefused(code="year")
    row = Release.objects.filter(territory_id=viewer.territory_id, state=ReleaseState.PROPOSED).first()
    drafts, stopped = None, ""
    if drawn:
        try:
            drafts = tuple(_draft(each) for each in atoms.draw(viewer.territory_id, year))
        except GuardRefused as refused:
            stopped = str(refused)
    return PreparePage(
        year=year, years=years, drafts=drafts, stopped=stopped,
        waiting=reverse("releases:proposal", args=[row.pk]) if row is not None else "",
    )  # fmt: skip


def proposal(viewer: Viewer, pk: UUID, now: datetime) -> ProposalPage:
    """Return a proposal to whoever prepares editions, and to whoever may agree to this one. Raises AccessRefused."""
    row = Release.objects.filter(territory_id=viewer.territory_id, pk=pk).exclude(state=ReleaseState.WITHDRAWN).first()
    prepares = facts.may(viewer, Action.CREATE, now)
    line = approvals.asked_of(viewer, ApprovalAct.STATS_RELEASE, pk, now)
    if row is None or not (prepares or line):
        raise AccessRefused(code="release")
    mine = approvals.mine_about(viewer, ApprovalAct.STATS_RELEASE, pk, now) if prepares else None
    tables = vector.read(row.vector)
    answer = reverse("approvals:page", args=[line.id]) if line is not None and line.may_answer else ""
    published = row.state == ReleaseState.PUBLISHED
    return ProposalPage(
        id=row.pk, revision=row.revision, year=row.year, version=row.version, proposed_on=localdate(row.proposed_at),
        tables=tuple(map(reading.shown, tables)),
        hidden=sum(each.n is None for table in tables for each in table.numbers),
        print_words=" ".join(row.digest[start : start + 4] for start in range(0, 16, 4)), prepares=prepares,
        agreed=prepares and actions.is_agreed(by=viewer, release=row, now=now), answer=answer, published=published,
        refused=prepares and not published and mine is None,
    )  # fmt: skip


def _draft(drawn: Drawn) -> Draft:
    variant = drawn.taken
    why = ""
    if variant is None:
        why = (
            "Trop peu de personnes, même en réunissant des catégories : le tableau attend une période plus longue."
            if drawn.tried
            else "Pas encore de chiffres comptés pour cette période, ou elle est déjà publiée dans une autre."
        )
    return Draft(
        title=drawn.table.title, shown=reading.shown(variant.table) if variant else None, why=why, kept=drawn.kept,
        hidden=len(variant.hidden) if variant else 0, tried=tuple(_tried(each, variant) for each in drawn.tried),
    )  # fmt: skip


def _tried(each: Variant, taken: Variant | None) -> Tried:
    years = "une année" if each.span == 1 else f"{each.span} années ensemble"
    said = f"{years}, {each.said}" if each.said else f"{years}, sans rien réunir"
    return Tried(said=said, hidden=len(each.hidden), cells=len(each.table.numbers), taken=each is taken)
