"""The list of situations and the page of one: who may see what of it, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Aggregate, Count, F, Min, OuterRef, QuerySet, Subquery
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.casefile.endings import holds
from casework.casefile.retention import age_on
from casework.minors.followups import facts, sections
from casework.minors.followups.codes import OPEN_RESULTS, ReferralReason, SchemeState, Stage
from casework.minors.followups.models import Action as Step
from casework.minors.followups.models import FollowedPerson, FollowUp, FollowUpQuerySet, Referral, SchemeStatus
from casework.partners.models import Organisation
from casework.sealing import sweep

PAGE = 50
MOST: Final = 1000
FURTHEST: Final = 100_000
_NAMES = ("last_name", "first_name")
_HEADER = frozenset({DataClass.YOUTH_CARD, DataClass.YOUTH_IDENTITY})


@dataclass(frozen=True, kw_only=True)
class Card:
    """The anonymous card (row 1a): what may be projected."""

    initials: str
    age: int | None
    age_band: str
    sector: str

    @property
    def short(self) -> str:
        """« Y. B. · 15 ans », what « Masquer les noms » leaves."""
        return " · ".join(part for part in (self.initials, self.age_band) if part)


@dataclass(frozen=True, kw_only=True)
class SituationRow:
    """One line of the list. `name` is empty for who may only see the anonymous card."""

    id: UUID
    reference: str
    name: str
    card: Card
    stage: str
    stage_label: str
    stage_kind: str
    lead: str
    next_review_on: date | None
    next_due_on: date | None
    late_actions: int
    gaps: int


@dataclass(frozen=True, kw_only=True)
class SituationList:
    """A page of the list, with the count of what this viewer may see only (T-21).

    Nobody reads thousands: a count stops just above `most`, or just after the page asked for.
    """

    rows: tuple[SituationRow, ...]
    total: int
    most: int
    has_more: bool
    page: Page[int]
    counts: tuple[tuple[str, str, int], ...]


def card_of(content: dict[str, str] | None, today: date, *, show_age: bool = True) -> Card:
    """Return the anonymous card from its sealed content."""
    content = content or {}
    born = date.fromisoformat(content["birth"]) if content.get("birth") else None
    years = age_on(born, today) if born is not None else None
    return Card(
        initials=content.get("initials", ""),
        age=years if show_age else None,
        age_band=fr.age_band(years) if years is not None else "",
        sector=content.get("sector", ""),
    )


KINDS = {
    Stage.REFERRED: "wait",
    Stage.MORE_ASKED: "wait",
    Stage.INFORMED: "info",
    Stage.FOLLOWED: "ok",
    Stage.SUSPENDED: "off",
}
# The filters of the list, in the order of the work; no stage named: all of them.
FILTERS: dict[str, tuple[str, tuple[Stage, ...]]] = {
    "suivies": ("Suivies", (Stage.FOLLOWED,)),
    "nouvelles": ("Nouvelles", (Stage.REFERRED, Stage.MORE_ASKED, Stage.INFORMED)),
    "suspendues": ("Suspendues", (Stage.SUSPENDED,)),
    "toutes": ("Toutes", ()),
}
_ALL: Final = "toutes"
# What is counted, each stage once: « toutes » is the sum of them all.
KINDS_COUNTED: dict[str, tuple[Stage, ...]] = {
    **{key: stages for key, (_, stages) in FILTERS.items() if stages},
    _ALL: tuple(stage for stage in Stage if not any(stage in stages for _, stages in FILTERS.values())),
}
# What a line of the list shows; the rest of the two rows stays in the database.
_OF_SITUATION = (
    "id", "subject_id", "territory_id", "group_id", "reference", "state", "next_review_on", "purge_check_on",
    "purge_on", "person_id", "lead_organisation_id",
)  # fmt: skip
_OF_PERSON = ("id", "subject_id", "card", "last_name", "first_name")
_OF_LEAD = ("id", "name", "short_name")
_FIGURES = ("late", "next_due", "gaps")
_SHOWN = (
    *_OF_SITUATION, *(f"person__{name}" for name in _OF_PERSON),
    *(f"lead_organisation__{name}" for name in _OF_LEAD), *_FIGURES,
)  # fmt: skip


def listing(viewer: Viewer, *, now: datetime, kind: str = "suivies", page: int = 1) -> SituationList:
    """Return one page of the situations this viewer may see, names opened where its rights allow."""
    today = localdate(now)
    kind = kind if kind in FILTERS else "suivies"
    up_to = max(MOST, min(page, FURTHEST) * PAGE) + 1
    counted = facts.count_visible(viewer, now, KINDS_COUNTED, up_to)
    counted[_ALL] = min(up_to, sum(counted.values()))
    total = counted[kind]
    shown = Paginator(range(total), PAGE).get_page(page)
    stages = FILTERS[kind][1]
    visible = facts.visible_to(viewer, now)
    found = _page(visible.filter(state__in=stages) if stages else visible, today, shown.number)
    rows = tuple(_rows(viewer, found, now, purpose=Purpose.LISTING))
    gone = len(found) - len(rows)
    return SituationList(
        rows=rows,
        total=total - gone,
        most=MOST,
        has_more=total == up_to,
        page=shown,
        counts=tuple((key, label, counted[key] - (gone if key == kind else 0)) for key, (label, _) in FILTERS.items()),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as loaded: the situation, its person still sealed, its lead, what was counted around it."""

    row: FollowUp
    person: FollowedPerson
    lead: str
    late: int
    next_due: date | None
    gaps: int


def _page(queryset: FollowUpQuerySet, today: date, page: int) -> list[_Line]:
    """Return the situations of one page, nearest review first, with their late actions and gaps counted.

    The page is cut first, inside: what is counted is then counted for its rows only.
    """
    start = (page - 1) * PAGE
    order = (F("next_review_on").asc(nulls_last=True), "reference")
    rows = (
        FollowUp.objects.filter(pk__in=queryset.order_by(*order).values("pk")[start : start + PAGE])
        .annotate(
            late=_around(Step.objects.filter(result__in=OPEN_RESULTS, due_on__lt=today), Count("*")),
            next_due=_around(Step.objects.filter(result__in=OPEN_RESULTS), Min("due_on")),
            gaps=_around(SchemeStatus.objects.filter(state=SchemeState.NOT_TRIED), Count("*")),
        )
        .order_by(*order)
    )
    return [_line(iter(values)) for values in rows.values_list(*_SHOWN)]


def _line(values: Iterator[Any]) -> _Line:
    """Share out the columns of one line, in the order of _SHOWN."""
    row = sweep.bare(FollowUp, **{name: next(values) for name in _OF_SITUATION})
    person = sweep.bare(FollowedPerson, **{name: next(values) for name in _OF_PERSON})
    lead = {name: next(values) for name in _OF_LEAD}
    late, next_due, gaps = values
    return _Line(
        row=row, person=person, lead=str(Organisation(**lead)) if lead["id"] else "", late=late or 0,
        next_due=next_due, gaps=gaps or 0,
    )  # fmt: skip


def _around(rows: QuerySet[Any], counted: Aggregate) -> Subquery:
    """Return one figure about what hangs on each situation: a look by its key, no join that multiplies the lines."""
    mine = rows.filter(follow_up=OuterRef("pk")).order_by().values("follow_up")
    return Subquery(mine.annotate(figure=counted).values("figure"))


def _rows(
    viewer: Viewer, lines: Sequence[_Line], now: datetime, *, purpose: Purpose, act: Act = Act.LIST
) -> Iterable[SituationRow]:
    """Open names and cards of a page in one sweep, under one event; who reached their purge date is not shown."""
    today = localdate(now)
    rows = [line.row for line in lines]
    named = {row.pk for row in facts.those_open(viewer, rows, DataClass.YOUTH_IDENTITY, now)}
    classes = {DataClass.YOUTH_CARD, *({DataClass.YOUTH_IDENTITY} if named else ())}
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=classes, purpose=purpose, act=act,
        object_type="follow_up", object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        gone = facts.reached(rows, today)
        kept = [line for line in lines if line.row.pk not in gone]
        # One pass where all the page is open alike, as it nearly always is.
        alike = named.issuperset(line.row.pk for line in kept)
        sweep.open_many([line.person for line in kept], *(("card", *_NAMES) if alike else ("card",)))
        if not alike:
            sweep.open_many([line.person for line in kept if line.row.pk in named], *_NAMES)
        return [_row(line, line.row.pk in named, today) for line in kept]


def _row(line: _Line, named: bool, today: date) -> SituationRow:
    row, person = line.row, line.person
    stage = Stage(row.state)
    return SituationRow(
        id=row.pk,
        reference=row.reference,
        name=full_name(person) if named else "",
        card=card_of(person.card, today),
        stage=stage.value,
        stage_label=str(stage.label),
        stage_kind=KINDS.get(stage, "off"),
        lead=line.lead,
        next_review_on=row.next_review_on,
        next_due_on=line.next_due,
        late_actions=line.late,
        gaps=line.gaps,
    )


def full_name(person: FollowedPerson) -> str:
    """Return « Yanis Belkacem »; the caller holds the gate."""
    return f"{person.first_name} {person.last_name}".strip()


@dataclass(frozen=True, kw_only=True)
class Header:
    """The top of the page of a situation, and what this viewer may do there."""

    id: UUID
    reference: str
    revision: int
    name: str
    card: Card
    stage: str
    stage_label: str
    stage_kind: str
    started_on: date | None
    lead: str
    programme: str
    next_review_on: date | None
    last_reviewed_on: date | None
    information_due_on: date | None
    information_put_off: str
    purge_on: date | None
    sessions_missed: int
    classes: frozenset[DataClass]
    held: bool = False  # a legal hold runs: whoever reads the situation sees it


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Identity and occupation (rows 1 and 5)."""

    last_name: str
    first_name: str
    sex: str
    birth_date: date | None
    birth_precision: str
    address: str
    phone: str
    email: str
    school_level: str
    school: str
    occupation_status: str
    withheld: str = ""  # why address, phone and school are not shown: "protected", "duty"


@dataclass(frozen=True, kw_only=True)
class ReferralView:
    """One saisine as its readers see it (row 3)."""

    id: UUID
    origin: str
    gateway: str
    urgency: str
    reasons: tuple[str, ...]
    referred_by: str
    organisation: str
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class SchemeLine:
    """One scheme of the territory for this situation (peers A4)."""

    id: UUID
    item_id: UUID
    label: str
    state: str
    state_label: str
    kind: str
    since: date
    ends_on: date | None
    owner: str
    revision: int


# In the order of the page: what runs first. The room wants the gaps first.
SCHEME_KINDS = {
    SchemeState.ACTIVE: "ok",
    SchemeState.REQUESTED: "wait",
    SchemeState.REFUSED: "off",
    SchemeState.NOT_TRIED: "late",
}


def schemes_of(follow_up: FollowUp, *, gaps_first: bool = False) -> tuple[SchemeLine, ...]:
    """Return the schemes of one situation, what runs first. Coded, plain: part of the anonymous card."""
    rows = SchemeStatus.objects.filter(follow_up=follow_up).select_related("item", "owner")
    order = list(reversed(SCHEME_KINDS) if gaps_first else SCHEME_KINDS)
    return tuple(
        SchemeLine(
            id=row.pk, item_id=row.item_id, label=row.item.label, state=row.state,
            state_label=row.get_state_display(), kind=SCHEME_KINDS[SchemeState(row.state)], since=row.since,
            ends_on=row.ends_on, owner=str(row.owner or ""), revision=row.revision,
        )
        for row in sorted(
            rows, key=lambda row: (order.index(SchemeState(row.state)), row.item.position, row.item.label)
        )
    )  # fmt: skip


def whole_page(
    viewer: Viewer, follow_up: FollowUp, relation: facts.Relation, tab: str, now: datetime
) -> AbstractContextManager[None]:
    """Return the read gate of one tab: its header and its parts, told by one event."""
    classes = relation.classes(viewer, now)
    return audit.reading(
        viewer, subjects=[follow_up.subject_id],
        classes=classes & _HEADER | sections.opened_by(tab, classes), purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    )  # fmt: skip


def header(viewer: Viewer, follow_up: FollowUp, relation: facts.Relation, now: datetime) -> Header:
    """Return the top of the page; the name only where identity is open to this viewer."""
    today = localdate(now)
    classes = relation.classes(viewer, now)
    opened = classes & _HEADER
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=opened, purpose=Purpose.REVIEW, object_type="follow_up",
        object_ids=[follow_up.pk],
    ):  # fmt: skip
        stage = Stage(follow_up.state)
        named = DataClass.YOUTH_IDENTITY in classes
        return Header(
            id=follow_up.pk,
            reference=follow_up.reference,
            revision=follow_up.revision,
            name=full_name(follow_up.person) if named else "",
            card=card_of(follow_up.person.card, today),
            stage=stage.value,
            stage_label=str(stage.label),
            stage_kind=KINDS.get(stage, "off"),
            started_on=follow_up.started_on,
            lead=str(follow_up.lead_organisation or ""),
            programme=follow_up.programme.label if follow_up.programme else "",
            next_review_on=follow_up.next_review_on,
            last_reviewed_on=follow_up.last_reviewed_on,
            information_due_on=follow_up.information_due_on,
            information_put_off=follow_up.get_information_put_off_display(),
            purge_on=follow_up.purge_on if DataClass.YOUTH_CARD in classes else None,
            sessions_missed=follow_up.sessions_missed,
            classes=classes,
            held=bool(holds.said_of(follow_up.subject_id, now)),
        )


def identity(viewer: Viewer, follow_up: FollowUp, *, withheld: str = "") -> Identity:
    """Return identity and occupation; the caller checked that both classes are open.

    `withheld`: what facts.withheld() says; address, phone, mail and school are then left out.
    """
    with audit.reading(
        viewer, subjects=[follow_up.subject_id],
        classes=[DataClass.YOUTH_IDENTITY, DataClass.YOUTH_OCCUPATION], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        person = follow_up.person
        shown = not withheld
        return Identity(
            last_name=person.last_name or "", first_name=person.first_name or "", sex=person.sex or "",
            birth_date=person.birth_date, birth_precision=person.birth_precision or "",
            address=(person.address or "") if shown else "", phone=(person.phone or "") if shown else "",
            email=(person.email or "") if shown else "", school_level=person.school_level or "",
            school=(person.school or "") if shown else "", occupation_status=person.occupation_status or "",
            withheld="" if withheld == facts.DURESS else withheld,
        )  # fmt: skip


def sector(viewer: Viewer, follow_up: FollowUp) -> str:
    """Return the coarse sector, from the anonymous card; the caller checked that it is open."""
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_CARD], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        return str((follow_up.person.card or {}).get("sector", ""))


def referrals_of(viewer: Viewer, follow_up: FollowUp) -> tuple[ReferralView, ...]:
    """Return the saisines of one situation, latest first; the caller checked that the class is open."""
    labels = dict(ReferralReason.choices)
    rows = list(Referral.objects.filter(follow_up=follow_up).select_related("organisation").order_by("-received_at"))
    with audit.reading(
        viewer, subjects=[follow_up.subject_id], classes=[DataClass.YOUTH_REFERRAL], purpose=Purpose.REVIEW,
        object_type="follow_up", object_ids=[follow_up.pk],
    ):  # fmt: skip
        sweep.open_many(rows, "reasons", "referred_by")
        return tuple(
            ReferralView(
                id=row.pk, origin=row.get_origin_display(), gateway=row.get_gateway_display(),
                urgency=row.get_urgency_display(),
                reasons=tuple(str(labels.get(code, code)) for code in row.reasons or ()),
                referred_by=row.referred_by or "", organisation=str(row.organisation or ""),
                received_at=row.received_at,
            )
            for row in rows
        )  # fmt: skip
