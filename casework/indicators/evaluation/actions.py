"""Writing the evaluation of a year: opened, commented, lines typed, finished. Words about nobody are refused when they name."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import revision
from casework.errors import GuardRefused, InputRefused
from casework.indicators.evaluation import facts, figures
from casework.indicators.evaluation.codes import Chapter, EvaluationState
from casework.indicators.evaluation.models import Evaluation
from casework.indicators.releases import guarded
from casework.partners.models import Organisation, Territory
from casework.sealing import keys

CLASSES = [DataClass.EVALUATION]
MOST = 4_000
"""Characters of a comment."""
LINES = 40
OLDEST = 5
"""Closed years that may still be evaluated."""

NOBODY = (
    "Ce document est lu en Conseil plénier : ni nom, ni adresse, ni numéro, ni santé, ni origine de quelqu’un. Un lieu "
    "s’écrit avec ce qu’il est (« place Gambetta », « gare »)."
)

FINISHED = "Cette évaluation est terminée : reprenez-la pour la changer."


def open_year(*, by: Viewer, year: int, now: datetime) -> Evaluation:
    """Open the evaluation of a year that is over. Raises AccessRefused, InputRefused, GuardRefused (open already)."""
    facts.require_writer(by, now)
    last = localdate(now).year - 1
    if not last - OLDEST < year <= last:
        raise InputRefused("Choisissez une année terminée.", field="year")
    if Evaluation.objects.filter(territory_id=by.territory_id, year=year).exists():
        raise GuardRefused("L’évaluation de cette année est déjà commencée.")
    pk, counted = uuid.uuid4(), _counted(by, year, now)
    keys.ensure(pk)
    with audit.writing(by, now=now) as w:
        row = Evaluation(
            id=pk, subject_id=pk, territory_id=by.territory_id, year=year, opened_at=now, words={}, chapters=counted
        )
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=CLASSES)
    return row


def comment(*, by: Viewer, row: Evaluation, chapter: str, words: str, expected: int | None, now: datetime) -> None:
    """Keep the comment of one chapter. Raises AccessRefused, InputRefused, GuardRefused (finished), ConflictRefused."""
    facts.require_writer(by, now)
    text = _checked(by, words, field="words", most=MOST)

    def change(kept: dict[str, Any]) -> None:
        kept.setdefault("comments", {})[Chapter(chapter).value] = text

    _change(by, row, change, expected, now, why="comment")


def add_line(
    *, by: Viewer, row: Evaluation, action: str, indicator: str, value: str, expected: int | None, now: datetime
) -> None:
    """Add an indicator that this system does not hold. Raises as `comment`."""
    facts.require_writer(by, now)
    line = [_checked(by, words, field=name, most=200) for name, words in (("action", action), ("indicator", indicator))]
    told = _checked(by, value, field="value", most=60)
    if not all((*line, told)):
        raise InputRefused("Complétez les trois cases.", field="value")

    def change(kept: dict[str, Any]) -> None:
        lines = kept.setdefault("lines", [])
        if len(lines) >= LINES:
            raise GuardRefused(f"Au plus {LINES} lignes.")
        lines.append([secrets.token_hex(4), *line, told])

    _change(by, row, change, expected, now, why="line")


def remove_line(*, by: Viewer, row: Evaluation, line: str, expected: int | None, now: datetime) -> None:
    """Take a line off. Raises as `comment`."""
    facts.require_writer(by, now)

    def change(kept: dict[str, Any]) -> None:
        kept["lines"] = [each for each in kept.get("lines", []) if each[0] != line]

    _change(by, row, change, expected, now, why="line_removed")


def refresh(*, by: Viewer, row: Evaluation, expected: int | None, now: datetime) -> None:
    """Count again: what was published or done since. Raises as `comment`."""
    facts.require_writer(by, now)
    counted = _counted(by, row.year, now)
    with audit.writing(by, now=now) as w:
        locked = _locked(by, row, expected)
        if locked.state == EvaluationState.FINISHED:
            raise GuardRefused(FINISHED)
        revision.save(locked, chapters=counted)
        w.note(Act.CHANGE, locked, classes=CLASSES, why="counted")


def finish(*, by: Viewer, row: Evaluation, expected: int | None, now: datetime) -> None:
    """Finish, counted once more: the figures stay so, everybody of row 29a reads the document. Raises as `comment`."""
    facts.require_writer(by, now)
    counted = _counted(by, row.year, now)
    with audit.writing(by, now=now) as w:
        locked = _locked(by, row, expected)
        if locked.state == EvaluationState.FINISHED:
            raise GuardRefused("Cette évaluation est déjà terminée.")
        revision.save(
            locked, state=EvaluationState.FINISHED, finished_at=now, finished_by=by.mandate_id, chapters=counted
        )
        w.note(Act.MOVE, locked, classes=CLASSES, why="finished")


def reopen(*, by: Viewer, row: Evaluation, expected: int | None, now: datetime) -> None:
    """Take a finished evaluation up again: nobody else reads it until it is finished anew. Raises as `comment`."""
    facts.require_writer(by, now)
    with audit.writing(by, now=now) as w:
        locked = _locked(by, row, expected)
        if locked.state != EvaluationState.FINISHED:
            raise GuardRefused("Cette évaluation est en préparation.")
        revision.save(locked, state=EvaluationState.DRAFT, finished_at=None, finished_by=None)
        w.note(Act.MOVE, locked, classes=CLASSES, why="reopened")


def _counted(by: Viewer, year: int, now: datetime) -> dict[str, Any]:
    return {
        "on": localdate(now).isoformat(), "figures": [each.stored() for each in figures.of_year(by, year, now)]
    }  # fmt: skip


def _change(
    by: Viewer, row: Evaluation, change: Callable[[dict[str, Any]], None], expected: int | None, now: datetime, *,
    why: str,
) -> None:  # fmt: skip
    with (
        audit.reading(
            by, subjects=[row.subject_id], classes=CLASSES, purpose=Purpose.REVIEW, module="indicators",
            object_type="evaluation.evaluation", object_ids=[row.pk],
        ),
        audit.writing(by, now=now) as w,
    ):  # fmt: skip
        locked = _locked(by, row, expected)
        if locked.state == EvaluationState.FINISHED:
            raise GuardRefused(FINISHED)
        kept = dict(locked.words or {})
        change(kept)
        revision.save(locked, words=kept)
        w.note(Act.CHANGE, locked, classes=CLASSES, why=why)


def _locked(by: Viewer, row: Evaluation, expected: int | None) -> Evaluation:
    return revision.lock(Evaluation.objects.filter(territory_id=by.territory_id), row.pk, expected)


def _checked(by: Viewer, words: str, *, field: str, most: int) -> str:
    return guarded.check(words, field=field, most=most, neutral=_neutral(by), refusal=NOBODY)


def _neutral(by: Viewer) -> Iterable[str]:
    """Return the words that name no person: the town, its sectors, the services."""
    town = Territory.objects.get(pk=by.territory_id)
    services = Organisation.objects.filter(territory=town).values_list("name", "short_name")
    return [town.name, *town.sectors, *(word for pair in services for word in pair)]
