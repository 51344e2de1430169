"""One support as its officer reads it: how to reach her, what is done, what protects her. No place is opened here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.timezone import localdate

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.protection import actions as protection
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.casefile import openings
from casework.casefile.openings import OpeningLine
from casework.partners.models import Mandate
from casework.sealing import sweep
from casework.vif.victims import extras, facts
from casework.vif.victims.actions import team
from casework.vif.victims.codes import (
    ENDED,
    Answer,
    Asker,
    ConsentKind,
    Contact,
    Elected,
    End,
    Meeting,
    Opinion,
    OrderKind,
    OrderState,
    OrientationOutcome,
    Origin,
    Outcome,
    State,
    Term,
)
from casework.vif.victims.models import RemovalOpinion, VictimSupport
from casework.vif.victims.reads import contact
from casework.vif.victims.reads.contact import SafeContact
from casework.vif.victims.reads.opened import full_name, gate


@dataclass(frozen=True, kw_only=True)
class ConsentLine:
    """What she agreed to or refused."""

    kind: str
    agreed: bool
    said_on: date


@dataclass(frozen=True, kw_only=True)
class AppointmentLine:
    """One meeting. `is_due`: its day has come and nothing was said of it."""

    id: UUID
    revision: int
    kind: str
    day: date
    at: time
    outcome: str
    outcome_code: str
    note: str
    is_due: bool


@dataclass(frozen=True, kw_only=True)
class OrientationLine:
    """One orientation."""

    id: UUID
    revision: int
    to: str
    reason: str
    sent_on: date
    outcome: str


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """One protection order, its terms in words."""

    id: UUID
    revision: int
    kind: str
    is_immediate: bool
    state: OrderState
    asked_on: date
    hearing_on: date | None
    given_on: date | None
    ends_on: date | None
    terms: tuple[str, ...]
    is_asked: bool
    is_given: bool
    is_late: bool


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    """One call to the prosecutor, its note, the answer."""

    id: UUID
    revision: int
    kind: str
    happened_on: date | None
    called_at: datetime
    magistrate: str
    instruction: str
    facts: str
    noted_on: date | None
    answer_by: date
    answer: str
    answered_on: date | None


@dataclass(frozen=True, kw_only=True)
class OpinionLine:
    """Her opinion, for the magistrate who asked."""

    asked_by: str
    asked_on: date
    opinion: str
    words: str
    told_on: date | None


@dataclass(frozen=True, kw_only=True)
class PassedLine:
    """A note handed over."""

    to: str
    passed_on: date


@dataclass(frozen=True, kw_only=True)
class Page:
    """One support, opened. `places`: how many are noted, none of them read."""

    id: UUID
    revision: int
    reference: str
    state: State
    name: str
    last_name: str
    first_name: str
    born_on: date | None
    received_on: date
    closed_on: date | None
    gone_on: date | None
    end_reason: str
    origin: str
    origin_code: str
    children: int | None
    lawyer: str
    contact: SafeContact
    typed_rules: dict[str, Any]
    officers: str
    service: str
    consents: tuple[ConsentLine, ...]
    appointments: tuple[AppointmentLine, ...]
    orientations: tuple[OrientationLine, ...]
    orders: tuple[OrderLine, ...]
    notices: tuple[NoticeLine, ...]
    opinions: tuple[OpinionLine, ...]
    passed: tuple[PassedLine, ...]
    links: tuple[extras.Link, ...]
    places: int
    may_change: bool
    may_see_openings: bool
    may_see_history: bool
    may_see_places: bool
    keeps_address: bool
    address_is_kept: bool

    @property
    def is_over(self) -> bool:
        """Say whether nothing more is done."""
        return self.state in ENDED

    @property
    def order(self) -> OrderLine | None:
        """Return the order in force that ends last."""
        given = [each for each in self.orders if each.is_given]
        return max(given, key=lambda each: each.ends_on or date.max) if given else None

    @property
    def next_meeting(self) -> AppointmentLine | None:
        """Return the meeting whose outcome is asked, or the next to come."""
        return next((each for each in self.appointments if not each.outcome_code), None)


def page(viewer: Viewer, pk: UUID, now: datetime) -> Page:
    """Return one support with its content. Raises AccessRefused, absent or refused alike."""
    return page_of(viewer, facts.find(viewer, pk, now), now)


def page_of(viewer: Viewer, row: VictimSupport, now: datetime) -> Page:
    """Return a support just found by `facts.find`, with its content."""
    link = facts.relation(viewer, row, now)
    consents = list(row.consents.filter(replaced_at=None))
    meetings, sent = list(row.appointments.all()), list(row.orientations.all())
    orders, notices = list(row.orders.all()), list(row.notices.all())
    opinions, passed = list(_opinions(viewer, row)), list(row.passed_notes.all())
    today = localdate(now)
    with gate(viewer, row, [facts.VICTIM]):
        sweep.open_many([row])
        for rows in (meetings, sent, orders, notices, opinions, passed):
            sweep.open_many(rows)
        about, rules = row.facts or {}, dict(row.rules or {})
        if link.kept:
            rules = {}
        return Page(
            id=row.pk, revision=row.revision, reference=row.reference, state=State(row.state),
            name=full_name(row.identity), last_name=str((row.identity or {}).get("last_name", "")),
            first_name=str((row.identity or {}).get("first_name", "")), born_on=row.born_on,
            received_on=row.received_on, closed_on=row.closed_on, gone_on=facts.gone_on(row),
            end_reason=fr.label(End, row.end_reason), origin=fr.label(Origin, about.get("origin")),
            origin_code=str(about.get("origin", "")), children=about.get("children"),
            lawyer=str(about.get("lawyer", "")), contact=contact.of(row, kept=link.kept), typed_rules=rules,
            officers=team.names(row, now), service=row.organisation.name,
            consents=tuple(
                ConsentLine(kind=ConsentKind(each.kind).label, agreed=each.agreed, said_on=each.said_on)
                for each in consents
            ),
            appointments=tuple(
                AppointmentLine(
                    id=each.pk, revision=each.revision, kind=Meeting(each.kind).label, day=each.day, at=each.at,
                    outcome=fr.label(Outcome, each.outcome), outcome_code=each.outcome, note=each.note or "",
                    is_due=not each.outcome and each.day <= today,
                )
                for each in meetings
            ),
            orientations=tuple(
                OrientationLine(
                    id=each.pk, revision=each.revision, to=each.to or "", reason=each.reason or "",
                    sent_on=each.sent_on, outcome=fr.label(OrientationOutcome, each.outcome),
                )
                for each in sent
            ),
            orders=tuple(_order(each, today) for each in orders),
            notices=tuple(_notice(each) for each in notices),
            opinions=tuple(
                OpinionLine(
                    asked_by=Asker(each.asked_by).label, asked_on=each.asked_on, told_on=each.told_on,
                    opinion=fr.label(Opinion, (each.opinion or {}).get("opinion")),
                    words=str((each.opinion or {}).get("words", "")),
                )
                for each in opinions
            ),
            passed=tuple(PassedLine(to=each.to or "", passed_on=each.passed_on) for each in passed),
            links=tuple(extras.links_of(viewer, row, now)), places=row.places.count(),
            may_change=link.may(viewer, Action.CHANGE, facts.VICTIM, now),
            may_see_openings=link.may(viewer, Action.VIEW, DataClass.WHO_OPENED, now),
            may_see_history=link.may(viewer, Action.HISTORY, facts.VICTIM, now),
            may_see_places=link.may(viewer, Action.REVEAL, facts.LOCATION, now),
            keeps_address=protection.is_set_by(viewer, row.subject_id), address_is_kept=link.kept,
        )  # fmt: skip


def _opinions(viewer: Viewer, row: VictimSupport) -> QuerySet[RemovalOpinion]:
    """Return her opinions: the prosecutor's agents read those that the prosecutor asked for, no others (VIC-05)."""
    if facts.reads_all(viewer.role):
        return row.opinions.filter(asked_by=Asker.PROSECUTOR)
    return row.opinions.all()


def _order(row: Any, today: date) -> OrderLine:
    said = row.terms or {}
    words = [fr.label(Term, code) for code in said.get("terms", ())]
    if said.get("elected"):
        words = [f"{w} {fr.label(Elected, said['elected'])}" if w == Term.ELECTED.label else w for w in words]
    if said.get("bar_until"):
        until = fr.long_date(date.fromisoformat(said["bar_until"]))
        words = [f"{w} jusqu’au {until}" if w == Term.BAR.label else w for w in words]
    state = OrderState(row.state)
    return OrderLine(
        id=row.pk, revision=row.revision, kind=OrderKind(row.kind).label, state=state,
        is_immediate=row.kind == OrderKind.IMMEDIATE, asked_on=localdate(row.asked_at), hearing_on=row.hearing_on,
        given_on=row.given_on, ends_on=row.ends_on, terms=tuple(words), is_asked=state == OrderState.ASKED,
        is_given=state == OrderState.GIVEN,
        is_late=state == OrderState.GIVEN and row.ends_on is not None and row.ends_on <= today,
    )  # fmt: skip


def as_day(text: object) -> date | None:
    """Return a day kept in a sealed object, None where there is none."""
    return date.fromisoformat(str(text)) if text else None


def _notice(row: Any) -> NoticeLine:
    call = row.call or {}
    return NoticeLine(
        id=row.pk, revision=row.revision, kind=fr.label(Contact, call.get("kind")), happened_on=as_day(call.get("happened_on")),
        called_at=row.called_at, magistrate=str(call.get("magistrate", "")),
        instruction=str(call.get("instruction", "")), facts=row.facts or "", noted_on=row.noted_on,
        answer_by=row.answer_by, answer=fr.label(Answer, row.answer), answered_on=row.answered_on,
    )  # fmt: skip


def who_opened(viewer: Viewer, pk: UUID, now: datetime) -> tuple[str, tuple[OpeningLine, ...]]:
    """Return the reference and who opened this file (row 30a). Raises AccessRefused."""
    row = facts.find(viewer, pk, now)
    facts.require_on(viewer, row, Action.VIEW, DataClass.WHO_OPENED, now)
    return row.reference, openings.page(viewer, row, module="vif")


@dataclass(frozen=True)
class Version:
    """One earlier state of the file."""

    at: datetime
    state: str
    rules: tuple[str, ...]
    by: str


def history(viewer: Viewer, pk: UUID, now: datetime) -> tuple[str, tuple[Version, ...]]:
    """Return the reference and the earlier versions, latest first: same rights as the live row (ACL-10)."""
    row = facts.find(viewer, pk, now)
    facts.require_on(viewer, row, Action.HISTORY, facts.VICTIM, now)
    versions = list(row.history.order_by("-history_date", "-history_id"))
    services = _services([version.history_mandate for version in versions])
    with gate(viewer, row, [facts.VICTIM], purpose=Purpose.HISTORY, act=Act.HISTORY):
        sweep.open_many(versions, "rules")
        return row.reference, tuple(
            Version(
                version.history_date, State(version.state).label, contact.words(version.rules or {}),
                services.get(version.history_mandate, "le logiciel"),
            )
            for version in versions
        )  # fmt: skip


def _services(mandates: list[UUID | None]) -> dict[UUID | None, str]:
    rows = Mandate.objects.filter(pk__in=[each for each in mandates if each]).select_related("organisation")
    return {row.pk: row.organisation.short_name for row in rows}
