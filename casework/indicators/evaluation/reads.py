"""What the pages of the evaluation show: figures, words, what is missing. Opened under the read gate, given as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.indicators.evaluation import facts, figures
from casework.indicators.evaluation.actions import OLDEST
from casework.indicators.evaluation.codes import Chapter, EvaluationState
from casework.indicators.evaluation.figures import Block
from casework.indicators.evaluation.models import Evaluation


@dataclass(frozen=True, kw_only=True)
class YearLine:
    """One evaluation of the list."""

    id: UUID
    year: int
    state: str
    finished: bool
    finished_on: date | None


@dataclass(frozen=True, kw_only=True)
class IndexPage:
    """The list. `due`: the year that ended, to begin; `to_open`: older years that this viewer may begin."""

    years: tuple[YearLine, ...]
    due: int | None
    to_open: tuple[int, ...]
    writes: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """One indicator typed by hand."""

    id: str
    action: str
    indicator: str
    value: str


@dataclass(frozen=True, kw_only=True)
class ChapterPage:
    """One chapter: figures, what is missing, the comment."""

    code: str
    title: str
    blocks: tuple[Block, ...]
    missing: tuple[str, ...]
    comment: str
    lines: tuple[Line, ...]

    @property
    def no_line(self) -> str:
        """Say that nothing was typed where lines are awaited; empty elsewhere."""
        return "Aucun indicateur n’a été inscrit." if self.code == Chapter.OTHERS and not self.lines else ""


@dataclass(frozen=True, kw_only=True)
class EvaluationPage:
    """The document of a year. `may_write`: a draft, read by whoever writes it."""

    id: UUID
    revision: int
    year: int
    commune: str
    on: date
    finished: bool
    writes: bool
    chapters: tuple[ChapterPage, ...]
    rounding: str = figures.ROUNDED

    @property
    def may_write(self) -> bool:
        """Say whether this viewer may change it now."""
        return self.writes and not self.finished

    @property
    def missing(self) -> int:
        """Return how many parts are missing, comments left aside."""
        return sum(len(each.missing) for each in self.chapters)


@dataclass(frozen=True, kw_only=True)
class Writing:
    """One chapter being written. `former`: what was written last year, to start from."""

    id: UUID
    revision: int
    year: int
    code: str
    title: str
    comment: str
    former: str


def index(viewer: Viewer, now: datetime) -> IndexPage:
    """Return the evaluations that this viewer may open. One query. Raises AccessRefused."""
    rows = list(facts.visible_to(viewer, now))
    writes, last = facts.writes(viewer, now), localdate(now).year - 1
    opened = {row.year for row in rows}
    return IndexPage(
        writes=writes, due=last if writes and last not in opened else None,
        to_open=tuple(year for year in range(last - 1, last - OLDEST, -1) if year not in opened) if writes else (),
        years=tuple(
            YearLine(
                id=row.pk, year=row.year, state=str(EvaluationState(row.state).label),
                finished=row.state == EvaluationState.FINISHED,
                finished_on=localdate(row.finished_at) if row.finished_at else None,
            )
            for row in rows
        ),
    )  # fmt: skip


def page(viewer: Viewer, pk: UUID, now: datetime, act: Act = Act.VIEW) -> EvaluationPage:
    """Return the document of a year, with the figures as they were last counted. Raises AccessRefused.

    `act`: PRINT or EXPORT where it leaves the screen.
    """
    row = facts.find(viewer, pk, now)
    comments, lines, kept = _opened(viewer, row, act)
    finished = row.state == EvaluationState.FINISHED
    chapters = figures.read(kept["figures"])
    return EvaluationPage(
        id=row.pk, revision=row.revision, year=row.year, commune=row.territory.name, finished=finished,
        on=localdate(row.finished_at) if row.finished_at else date.fromisoformat(kept["on"]), writes=facts.writes(viewer, now),
        chapters=tuple(
            ChapterPage(
                code=each.chapter.value, title=str(each.chapter.label), blocks=each.blocks, missing=each.missing,
                comment=comments.get(each.chapter.value, ""), lines=lines if each.chapter == Chapter.OTHERS else (),
            )
            for each in chapters
        ),
    )  # fmt: skip


def writing(viewer: Viewer, pk: UUID, chapter: Chapter, now: datetime) -> Writing:
    """Return one chapter to write, with what was written the year before. Raises AccessRefused."""
    facts.require_writer(viewer, now)
    row = facts.find(viewer, pk, now)
    before = facts.visible_to(viewer, now).filter(year=row.year - 1).first()
    former = _opened(viewer, before)[0].get(chapter.value, "") if before is not None else ""
    return Writing(
        id=row.pk, revision=row.revision, year=row.year, code=chapter.value, title=str(chapter.label),
        comment=_opened(viewer, row)[0].get(chapter.value, ""), former=former,
    )  # fmt: skip


def _opened(
    viewer: Viewer, row: Evaluation, act: Act = Act.VIEW
) -> tuple[dict[str, str], tuple[Line, ...], dict[str, Any]]:
    with audit.reading(
        viewer, subjects=[row.subject_id], classes=[DataClass.EVALUATION], module="indicators", act=act,
        purpose=Purpose.REVIEW if act == Act.VIEW else Purpose.DOCUMENT, object_type="evaluation.evaluation",
        object_ids=[row.pk],
    ):  # fmt: skip
        words, chapters = row.words or {}, row.chapters or {"on": str(localdate(row.opened_at)), "figures": []}
    lines = tuple(
        Line(id=one, action=action, indicator=indicator, value=value)
        for one, action, indicator, value in words.get("lines", [])
    )
    return dict(words.get("comments", {})), lines, dict(chapters)
