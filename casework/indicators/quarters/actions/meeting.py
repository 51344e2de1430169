"""The « groupe d’analyse trimestrielle » over a quarter: who was invited, what it looked at, what it concluded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import InputRefused
from casework.indicators.quarters import facts
from casework.indicators.quarters.actions import words
from casework.indicators.quarters.codes import BY_CODE, Conclusion
from casework.indicators.quarters.models import AnalysisMeeting, Contributor, Quarter
from casework.partners.models import Organisation

MOST = 5
"""Conclusions of one meeting."""


@dataclass(frozen=True, kw_only=True)
class MeetingData:
    """What the coordinator writes of the meeting; `conclusions`: code and words, an empty code for an empty line."""

    held_on: date
    next_on: date | None = None
    invited: Sequence[str] = ()
    points: Sequence[str] = ()
    conclusions: Sequence[tuple[str, str]] = ()


def write(*, by: Viewer, quarter: Quarter, data: MeetingData, expected: int, now: datetime) -> None:
    """Write the meeting of a quarter, before or after it is held, also once the dashboard is published.

    `expected`: the revision of the meeting, 0 where there is none yet. Raises AccessRefused, InputRefused (fields
    `next_on`, `code_<n>`, `said_<n>`…), ConflictRefused.
    """
    facts.require_keeper(by, now)
    content = _content(quarter, data)
    with audit.writing(by, now=now) as w:
        Quarter.objects.select_for_update(of=("self",)).get(pk=quarter.pk)
        row = AnalysisMeeting.objects.filter(quarter=quarter).first() or AnalysisMeeting(
            subject_id=quarter.subject_id, territory_id=quarter.territory_id, quarter=quarter, revision=0
        )
        revision.check(row, expected)
        act = Act.CHANGE if row.revision else Act.CREATE
        revision.save(row, held_on=data.held_on, next_on=data.next_on, content=content)
        w.note(act, row, classes=[DataClass.EVALUATION])


def _content(quarter: Quarter, data: MeetingData) -> dict[str, object]:
    if data.next_on is not None and data.next_on <= data.held_on:
        raise InputRefused("La prochaine réunion doit suivre celle-ci.", field="next_on")
    if data.held_on <= quarter.period.first:
        raise InputRefused("Le groupe se réunit après le début du trimestre.", field="held_on")
    known = set(invitable(quarter))
    if not set(data.invited) <= known:
        raise InputRefused("Choisissez les services dans la liste.", field="invited")
    if not set(data.points) <= set(BY_CODE):
        raise InputRefused("Choisissez les points dans la liste.", field="points")
    if len(data.conclusions) > MOST:
        raise InputRefused(f"Au plus {MOST} conclusions.", field=None)
    allowed = words.neutral(quarter)
    said = []
    for n, (code, text) in enumerate(data.conclusions):
        text = words.checked(text, field=f"said_{n}", neutral=allowed)
        if not code and not text:
            continue
        if code not in Conclusion.values:
            raise InputRefused("Choisissez la suite dans la liste.", field=f"code_{n}")
        said.append([code, text])
    return {"invited": list(data.invited), "points": list(data.points), "conclusions": said}


def invitable(quarter: Quarter) -> list[str]:
    """Return the bodies that may be invited, by name: those of the town and the contributors."""
    bodies = Organisation.objects.filter(territory_id=quarter.territory_id, is_active=True).values_list(
        "name", flat=True
    )
    givers = Contributor.objects.filter(territory_id=quarter.territory_id, ended_on=None).values_list("name", flat=True)
    return sorted({*bodies, *givers})
