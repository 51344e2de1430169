"""What the pages of the dashboard show: one quarter, who answered, who is asked. Frozen values only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import charts
from casework.casefile import format as fr
from casework.indicators.quarters import codes, dashboard, facts, periods
from casework.indicators.quarters.actions import asking as asking_acts
from casework.indicators.quarters.codes import BY_CODE, ELSEWHERE, Conclusion, Giver, Remark, Tone, Unit
from casework.indicators.quarters.dashboard import Row, Vector, Why
from casework.indicators.quarters.models import AnalysisMeeting, Asking, Contributor, Quarter
from casework.indicators.quarters.reads import kept
from casework.partners.models import Mandate
from casework.sealing import sweep

WHYS = {
    Why.SMALL: charts.HIDDEN, Why.SILENT: "pas encore reçu", Why.UNKNOWN: "non disponible", Why.ABSENT: "non suivi ici",
    Why.LATER: "à la fin du trimestre",
}  # fmt: skip
MOST_MOVES = 4
AFTER = {Unit.SHARE: "\u00a0%", Unit.HOURS: "\u00a0h"}
TONES = {Tone.CALM: "ok", Tone.TENSE: "late", Tone.WATCH: "wait"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One indicator as it is read."""

    code: str
    label: str
    definition: str
    said: str
    said_series: tuple[tuple[str, str], ...]
    """Short name of the quarter and its number, oldest first, this one last."""
    picture: charts.Lines
    cells: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    comment: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """The indicators of one giver."""

    title: str
    lines: tuple[Line, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is true of every line: said once."""
        first, *others = self.lines
        return tuple(note for note in first.notes if others and all(note in line.notes for line in others))

    @property
    def told(self) -> tuple[tuple[Line, tuple[str, ...]], ...]:
        """Return each line with the notes that are its own."""
        return tuple((line, tuple(note for note in line.notes if note not in self.notes)) for line in self.lines)

    @property
    def has_past(self) -> bool:
        """Say whether an earlier quarter stands beside this one: a curve needs two."""
        return len(self.lines[0].said_series) > 1

    @property
    def has_sectors(self) -> bool:
        """Say whether one of its numbers is told by sector."""
        return any(line.cells for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class Mood:
    """How one sector feels."""

    sector: str
    tone: str
    kind: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Met:
    """The meeting of the analysis group."""

    held_on: date
    next_on: date | None
    invited: tuple[str, ...]
    points: tuple[str, ...]
    conclusions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What one contributor was asked, for the keeper."""

    id: UUID
    name: str
    giver: str
    state: str
    kind: str
    answered_on: date | None
    remark: str
    may_send: bool


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One quarter in the list."""

    id: UUID
    label: str
    published_on: date | None


@dataclass(frozen=True, kw_only=True)
class Page:
    """One quarter: its dashboard, and for its keeper who answered."""

    id: UUID
    revision: int
    label: str
    short: str
    commune: str
    first: date
    last: date
    is_over: bool
    published_on: date | None
    published_by: str
    summary: str
    words: str
    mood: tuple[Mood, ...]
    groups: tuple[Group, ...]
    sectors: tuple[str, ...]
    met: Met | None
    keeps: bool
    asked: tuple[Asked, ...] = ()
    newcomers: int = 0

    @property
    def has_past(self) -> bool:
        """Say whether an earlier quarter stands beside this one."""
        return any(group.has_past for group in self.groups)

    @property
    def has_last_year(self) -> bool:
        """Say whether the first column is the same quarter of last year."""
        return any(len(group.lines[0].said_series) == 1 + dashboard.BEFORE for group in self.groups)

    @property
    def silent(self) -> int:
        """Return how many contributors have not answered."""
        return sum(each.answered_on is None for each in self.asked)

    @property
    def answered(self) -> int:
        """Return how many have."""
        return len(self.asked) - self.silent


@dataclass(frozen=True, kw_only=True)
class Index:
    """The quarters that a viewer may open; for the keeper, those that may still be opened."""

    quarters: tuple[Listed, ...]
    to_open: tuple[tuple[str, str], ...]
    is_due: bool
    """The last quarter that is over is not open yet."""
    keeps: bool
    contributors: int


@dataclass(frozen=True, kw_only=True)
class ContributorLine:
    """One contributor in its list, and in the form that changes it."""

    id: UUID
    revision: int
    giver: str
    giver_label: str
    name: str
    email: str
    organisation_id: UUID | None
    indicators: tuple[str, ...]


def index(viewer: Viewer, now: datetime) -> Index:
    """Return the list of quarters. Raises AccessRefused."""
    rows = list(facts.visible_to(viewer, now))
    keeps = facts.keeps(viewer, now)
    known = {row.period for row in rows}
    running = periods.of(localdate(now))
    proposed = [running.back(n) for n in range(1 + asking_acts.OLDEST)] if keeps else []
    # The last one that is over first: that is what the coordinator comes for.
    last = running.back(1)
    to_open = sorted(
        (each for each in proposed if each not in known), key=lambda each: (each == last, each), reverse=True
    )
    return Index(
        quarters=_listed(rows),
        to_open=tuple((each.code, f"{each.label}{' (en cours)' if each == running else ''}") for each in to_open),
        is_due=last not in known, keeps=keeps,
        contributors=Contributor.objects.filter(territory_id=viewer.territory_id, ended_on=None).count() if keeps else 0,
    )  # fmt: skip


def listed(viewer: Viewer, now: datetime) -> tuple[Listed, ...]:
    """Return the quarters that a viewer may open, latest first. Raises AccessRefused."""
    return _listed(facts.visible_to(viewer, now))


def _listed(rows: Iterable[Quarter]) -> tuple[Listed, ...]:
    return tuple(
        Listed(
            id=row.pk, label=row.period.label, published_on=localdate(row.published_at) if row.published_at else None
        )
        for row in rows
    )


def page(viewer: Viewer, quarter: Quarter, now: datetime, act: Act = Act.VIEW) -> Page:
    """Return one quarter that `facts.find` found. `act`: PRINT or EXPORT where it leaves the screen."""
    vector = kept.vector(viewer, quarter, act)
    keeps = facts.keeps(viewer, now)
    mood = vector.words.get("mood", {})
    signer = (
        Mandate.objects.select_related("agent").filter(pk=quarter.published_by).first()
        if quarter.published_by
        else None
    )
    return Page(
        id=quarter.pk, revision=quarter.revision, label=quarter.period.label, short=quarter.period.short,
        commune=quarter.territory.name, first=quarter.period.first, last=quarter.period.last,
        is_over=quarter.period.is_over(localdate(now)),
        published_on=localdate(quarter.published_at) if quarter.published_at else None,
        published_by=signer.agent.full_name if signer else "", summary=_summary(quarter, vector), words=vector.words.get("quarter", ""),
        mood=tuple(
            Mood(sector=sector, tone=str(Tone(mood[sector][0]).label), kind=TONES[Tone(mood[sector][0])], words=mood[sector][1])
            for sector in quarter.sectors
            if sector in mood
        ),
        groups=_groups(quarter, vector), sectors=(*vector.sectors, ELSEWHERE), met=_met(viewer, quarter, act), keeps=keeps,
        asked=_asked(quarter, now) if keeps else (),
        newcomers=asking_acts.newcomers(quarter).count() if keeps and quarter.published_at is None else 0,
    )  # fmt: skip


def _summary(quarter: Quarter, vector: Vector) -> str:
    """Say in a sentence what moved since the same quarter of last year: numbers, no cause (REC-26)."""
    if all(row.before[0] is None or row.total is None for row in vector.rows):
        return ""
    up, down = dashboard.moved(vector)
    said = [
        f"en {way} : {', '.join(_move(row) for row in rows[:MOST_MOVES])}"
        for way, rows in (("hausse", up), ("baisse", down))
        if rows
    ]
    return f"Depuis le {quarter.period.back(4).label}, {fr.nb(' ; '.join(said)) if said else 'aucune ligne ne change nettement'}."


def _move(row: Row) -> str:
    indicator = BY_CODE[row.code]
    return f"{indicator.label[:1].lower()}{indicator.label[1:]} ({_said(row.before[0], indicator.unit)} puis {_said(row.total, indicator.unit)})"


def _groups(quarter: Quarter, vector: Vector) -> tuple[Group, ...]:
    found = []
    start = _first_told(vector)
    for giver in (*codes.PARTNERS, Giver.OWN):  # the town first, what the services do after
        lines = [_line(quarter, vector, row, start) for row in vector.rows if BY_CODE[row.code].giver == giver]
        if lines:
            found.append(Group(title=fr.capital(str(giver.label)), lines=tuple(lines)))
    return tuple(found)


def _first_told(vector: Vector) -> int:
    """Return how many of the quarters before are from before the dashboard began: no line has a number there."""
    earlier = list(zip(*(row.before for row in vector.rows), strict=True))
    return next((at for at, column in enumerate(earlier) if any(n is not None for n in column)), len(earlier))


def _line(quarter: Quarter, vector: Vector, row: Row, start: int) -> Line:
    indicator = BY_CODE[row.code]
    before = [quarter.period.back(n).short for n in range(len(row.before), 0, -1)]
    series = (*zip(before[start:], row.before[start:], strict=True), (quarter.period.short, row.total))
    notes = [f"{fr.plural(row.gave, 'partenaire')} sur {row.asked}"] if row.is_partial else []
    notes += ["saisi par le coordinateur"] if row.by_telephone else []
    notes += ["compté avant la fin du trimestre"] if row.early else []
    notes += [str(Remark(each).label) for each in row.remarks]
    return Line(
        code=row.code, label=indicator.label, definition=indicator.definition,
        said=_said(row.total, indicator.unit) or WHYS[Why(row.why)],
        said_series=tuple((name, _said(n, indicator.unit) or "—") for name, n in series),
        picture=charts.Lines(
            key=f"evolution-{row.code}", title=indicator.label, years=tuple(name for name, _ in series),
            series=(charts.Series(label=indicator.label, values=tuple(n for _, n in series)),), unit=indicator.unit,
        ),
        cells=tuple(
            (sector, charts.said(n)) for sector, n in zip((*vector.sectors, ELSEWHERE), row.cells, strict=False)
        ),
        notes=tuple(notes), comment=vector.words.get("about", {}).get(row.code, ""),
    )  # fmt: skip


def _said(n: int | None, unit: Unit) -> str:
    return "" if n is None else f"{charts.said(n)}{AFTER.get(unit, '')}"


def _met(viewer: Viewer, quarter: Quarter, act: Act) -> Met | None:
    row = AnalysisMeeting.objects.filter(quarter=quarter).first()
    if row is None:
        return None
    content = content_of(viewer, quarter, row, act)
    return Met(
        held_on=row.held_on, next_on=row.next_on, invited=tuple(content["invited"]),
        points=tuple(BY_CODE[code].label for code in content["points"]),
        conclusions=tuple((str(Conclusion(code).label), text) for code, text in content["conclusions"]),
    )  # fmt: skip


def content_of(viewer: Viewer, quarter: Quarter, row: AnalysisMeeting, act: Act = Act.VIEW) -> dict[str, Any]:
    """Return what is written of a meeting."""
    with kept.gate(viewer, [quarter], act):
        return dict(row.content)


def meeting(viewer: Viewer, quarter: Quarter) -> tuple[int, dict[str, Any]]:
    """Return the revision of the meeting of a quarter, 0 where there is none, and what its form begins with."""
    row = AnalysisMeeting.objects.filter(quarter=quarter).first()
    if row is None:
        return 0, {}
    return row.revision, {"held_on": row.held_on, "next_on": row.next_on, **content_of(viewer, quarter, row)}


def _asked(quarter: Quarter, now: datetime) -> tuple[Asked, ...]:
    rows = Asking.objects.filter(quarter=quarter).select_related("contributor")
    return tuple(
        _asking(row, quarter, localdate(now)) for row in rows.order_by("contributor__giver", "contributor__name")
    )


def _asking(row: Asking, quarter: Quarter, today: date) -> Asked:
    open_ = quarter.published_at is None
    if row.answered_at is not None:
        state, kind = ("saisi par le coordinateur" if row.entered_by else "reçu"), "ok"
    elif not open_:
        state, kind = "pas reçu", "off"
    elif row.answer_by < today:
        state, kind = f"en retard, demandé avant le {fr.day(row.answer_by)}", "late"
    elif not row.token_hash:
        state, kind = "aucun lien envoyé", "wait"
    else:
        told = f", {fr.plural(row.reminders, 'rappel')}" if row.reminders else ""
        state, kind = f"attendu avant le {fr.day(row.answer_by)}{told}", "wait"
    return Asked(
        id=row.pk, name=row.contributor.name, giver=str(Giver(row.contributor.giver).label), state=state, kind=kind,
        answered_on=localdate(row.answered_at) if row.answered_at else None, remark=fr.label(Remark, row.remark),
        may_send=open_ and row.answered_at is None and row.contributor.ended_on is None,
    )  # fmt: skip


def contributors(viewer: Viewer, now: datetime) -> tuple[ContributorLine, ...]:
    """Return who is asked, with addresses. Raises AccessRefused."""
    facts.require_keeper(viewer, now)
    rows = Contributor.objects.filter(territory_id=viewer.territory_id, ended_on=None).order_by("giver", "name")
    return _lines(viewer, list(rows))


def contributor(viewer: Viewer, row: Contributor) -> ContributorLine:
    """Return one contributor that `facts.find_contributor` found."""
    return _lines(viewer, [row])[0]


def _lines(viewer: Viewer, rows: Sequence[Contributor]) -> tuple[ContributorLine, ...]:
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=[DataClass.EVALUATION], purpose=Purpose.REVIEW,
        module="indicators", object_type="quarters.contributor", object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        sweep.open_many(list(rows), "email")
        return tuple(
            ContributorLine(
                id=row.pk, revision=row.revision, giver=row.giver, giver_label=str(codes.Giver(row.giver).label),
                name=row.name, email=row.email or "", organisation_id=row.organisation_id,
                indicators=tuple(row.indicators),
            )
            for row in rows
        )  # fmt: skip
