"""One allocation as its officer and the prosecutor's agent read it: how to reach her, the conditions, decisions, tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action, decide
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import attached
from casework.casefile import format as fr
from casework.casefile.attached import Paper
from casework.partners.models import Mandate
from casework.sealing import sweep
from casework.vif.phones import facts, law
from casework.vif.phones.actions import papers
from casework.vif.phones.codes import (
    ENDED,
    IN_USE,
    TO_ASSESS,
    WITH_SHEET,
    Assessor,
    Ban,
    Channel,
    Danger,
    DecisionKind,
    DeviceState,
    Ground,
    How,
    Origin,
    Proof,
    Recipient,
    Result,
    SheetField,
    State,
    Urgency,
    Withdrawal,
)
from casework.vif.phones.models import Allocation, Decision, Device
from casework.vif.phones.reads import lists
from casework.vif.victims.actions import team
from casework.vif.victims.reads import contact
from casework.vif.victims.reads.contact import SafeContact
from casework.vif.victims.reads.opened import full_name

RECENT = 6
"""Tests shown on the page: three months."""


@dataclass(frozen=True, kw_only=True)
class ConditionLine:
    """One condition of the law, and what it was seen in."""

    line: SheetField
    label: str
    said: str
    proof: str
    met: bool


@dataclass(frozen=True, kw_only=True)
class DecisionLine:
    """One decision of the prosecutor."""

    id: UUID
    kind: str
    how: str
    magistrate: str
    channel: str
    decided_on: date
    said_at: datetime | None
    written_on: date | None
    ends_on: date | None
    papers: tuple[Paper, ...]
    """Its scans; empty to whom they do not open."""


@dataclass(frozen=True)
class TestLine:
    """One test."""

    at: datetime
    result: str
    passed: bool


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    """One version of the sheet and whom it reached: (recipient, way, day)."""

    id: UUID
    version: int
    made_at: datetime
    sendings: tuple[tuple[str, str, date], ...]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything that one page shows, and what may be done there."""

    id: UUID
    revision: int
    support_id: UUID
    territory_id: UUID
    reference: str
    name: str
    service: str
    officers: str
    state: State
    contact: SafeContact
    origin: str
    origin_code: str
    assessed_by: str
    urgency: str
    danger: tuple[str, ...]
    conditions: tuple[ConditionLine, ...]
    typed: dict[str, Any]
    signalled_on: date
    evaluate_by: date
    assessed_on: date | None
    decided_on: date | None
    written_by: date | None
    handed_on: date | None
    ends_on: date | None
    renewal_consent_on: date | None
    withdrawn_on: date | None
    returned_on: date | None
    closed_on: date | None
    kept_until: date | None
    reason: str
    reason_code: str
    given_to: str
    present: str
    device_id: UUID | None
    mark: str
    device_is_lost: bool
    decisions: tuple[DecisionLine, ...]
    tests: tuple[TestLine, ...]
    next_test: date | None
    test_is_late: bool
    misses: int
    sheets: tuple[SheetLine, ...]
    term_is_past: bool
    term_is_near: bool
    may_change: bool
    may_decide: bool
    court_has_account: bool
    may_reveal: bool

    @property
    def is_over(self) -> bool:
        """Say whether nothing more is done."""
        return self.state in ENDED

    @property
    def is_in_use(self) -> bool:
        """Say whether she has the device and keeps it."""
        return self.state in IN_USE

    @property
    def wants_sheet(self) -> bool:
        """Say whether a version of the sheet may be made now."""
        return self.state in WITH_SHEET

    @property
    def is_to_assess(self) -> bool:
        """Say whether the danger is still to be assessed."""
        return self.state in TO_ASSESS

    @property
    def is_missed(self) -> bool:
        """Say whether two tests in a row were missed."""
        return self.misses >= law.MISSES


def page(viewer: Viewer, pk: UUID, now: datetime, *, act: Act = Act.VIEW, purpose: Purpose = Purpose.REVIEW) -> Page:
    """Return one allocation with its content. Raises AccessRefused, absent or refused alike."""
    row = facts.find(viewer, pk, now)
    support, device = row.support, row.device
    link = facts.relations(viewer, [row], now)[support.pk]
    decisions, sheets = list(row.decisions.all()), list(row.sheets.prefetch_related("sendings"))
    opens = link.may(viewer, Action.PRINT, facts.TGD, now) and not link.kept
    scans = attached.of([each.pk for each in decisions], [papers.KIND]) if opens and decisions else {}
    tests = lists.last_tests([row.pk]).get(row.pk, [])
    court = facts.court_has_account(row.territory_id, now)
    today = localdate(now)
    in_use = row.state in IN_USE
    due = law.next_test(localdate(tests[0].tested_at) if tests else row.handed_on) if in_use and row.handed_on else None
    with audit.reading(
        viewer, subjects=[row.subject_id], classes=[facts.VICTIM, facts.TGD], purpose=purpose, act=act, module="vif",
        object_type=row._meta.label_lower, object_ids=[row.pk], territory_id=row.territory_id,
    ):  # fmt: skip
        sweep.open_many([support], "identity", "rules", "contact")
        sweep.open_many([row])
        sweep.open_many(decisions)
        assessed, ending, typed = row.assessment or {}, row.ending or {}, dict(row.conditions or {})
        return Page(
            id=row.pk, revision=row.revision, support_id=support.pk, territory_id=row.territory_id,
            reference=support.reference, name=full_name(support.identity), service=row.organisation.name, officers=team.names(support, now),
            state=State(row.state), contact=contact.of(support, kept=link.kept),
            origin=fr.label(Origin, assessed.get("origin")), origin_code=str(assessed.get("origin", "")),
            assessed_by=fr.label(Assessor, assessed.get("by")), urgency=fr.label(Urgency, assessed.get("urgency")),
            danger=tuple(fr.label(Danger, code) for code in assessed.get("danger", ())),
            conditions=_conditions(typed), typed=typed, signalled_on=row.signalled_on, evaluate_by=row.evaluate_by,
            assessed_on=row.assessed_on, decided_on=row.decided_on, written_by=row.written_by, handed_on=row.handed_on,
            ends_on=row.ends_on, renewal_consent_on=row.renewal_consent_on, withdrawn_on=row.withdrawn_on,
            returned_on=row.returned_on, closed_on=row.closed_on, kept_until=row.kept_until,
            reason=fr.label(Withdrawal, ending.get("reason")), reason_code=str(ending.get("reason", "")),
            given_to=str(ending.get("given_to", "")), present=str(ending.get("present", "")),
            device_id=device.pk if device else None, mark=device.mark if device else "",
            device_is_lost=device is not None and device.state == DeviceState.LOST,
            decisions=tuple(_decision(each, scans.get(each.pk, ())) for each in decisions),
            tests=tuple(
                TestLine(test.tested_at, fr.label(Result, test.result), test.result == Result.PASSED)
                for test in tests[:RECENT]
            ),
            next_test=due, test_is_late=due is not None and due < today,
            misses=law.misses([test.result for test in tests]) if in_use else 0,
            sheets=tuple(_sheet(each) for each in sheets),
            term_is_past=in_use and row.ends_on is not None and row.ends_on < today,
            term_is_near=in_use and row.ends_on is not None and law.step_to_come(row.ends_on, today) is not None,
            may_change=link.may(viewer, Action.CHANGE, facts.TGD, now),
            may_decide=link.may(viewer, Action.MOVE, facts.TGD, now)
            and (facts.is_court(viewer) or not court),
            court_has_account=court,
            may_reveal=device is not None
            and decide(viewer, Action.REVEAL, facts.serial_facts(viewer, device, now), now).allow,
        )  # fmt: skip


def free_devices(viewer: Viewer, now: datetime) -> list[tuple[str, str]]:
    """Return (id, mark) of each device in stock, as a form offers it."""
    rows = Device.objects.filter(territory_id=viewer.territory_id, state=DeviceState.IN_STOCK)
    return [(str(pk), mark) for pk, mark in rows.values_list("pk", "mark")]


def own_name(viewer: Viewer) -> str:
    """Return the viewer's own name, as a form of the court offers it; "" to an officer, who writes the magistrate's."""
    if not facts.is_court(viewer):
        return ""
    return str(Mandate.objects.select_related("agent").get(pk=viewer.mandate_id).agent.full_name)


def current(viewer: Viewer, support_id: UUID, now: datetime) -> list[Allocation]:
    """Return the allocations of one support that the viewer may open, latest first; nothing is opened."""
    return list(facts.visible_to(viewer, now).filter(support_id=support_id).order_by("-signalled_on", "-pk"))


def _conditions(typed: dict[str, Any]) -> tuple[ConditionLine, ...]:
    """Return the conditions of CPP 41-3-1 in its order, then her separate answer about location."""
    if not typed:
        return ()
    until = date.fromisoformat(typed["ban_ends_on"]) if typed.get("ban_ends_on") else None
    ban = fr.label(Ban, typed.get("ban")) + (f", jusqu’au {fr.day(until)}" if until else "")
    said = [
        (
            SheetField.GROUND,
            fr.label(Ground, typed.get("ground")),
            typed.get("ground_proof"),
            bool(typed.get("ground")),
        ),
        (SheetField.APART, _yes(typed.get("apart")), typed.get("apart_proof"), bool(typed.get("apart"))),
        (SheetField.BAN, ban, typed.get("ban_proof"), bool(typed.get("ban"))),
        (SheetField.CONSENT, _yes(typed.get("consent")), typed.get("consent_proof"), bool(typed.get("consent"))),
        (SheetField.LOCATION, _yes(typed.get("location")), "", True),
    ]
    return tuple(
        ConditionLine(line=line, label=str(line.label), said=value, proof=fr.label(Proof, proof), met=met)
        for line, value, proof, met in said
    )


def _yes(value: object) -> str:
    return "oui" if value else "non"


def recorded_at(decision_id: UUID) -> datetime:
    """Return when a decision that the viewer opened was written down: its paper keeps what was in force then."""
    found: datetime = Decision.history.filter(id=decision_id).order_by("history_date", "history_id")[0].history_date
    return found


def _decision(row: Decision, scans: tuple[Paper, ...]) -> DecisionLine:
    given = row.given or {}
    return DecisionLine(
        id=row.pk, kind=fr.label(DecisionKind, row.kind), how=fr.label(How, row.how),
        magistrate=str(given.get("magistrate", "")), channel=fr.label(Channel, given.get("channel")),
        decided_on=row.decided_on, said_at=row.said_at, written_on=row.written_on, ends_on=row.ends_on,
        papers=scans,
    )  # fmt: skip


def _sheet(row: Any) -> SheetLine:
    sendings = [(fr.label(Recipient, s.recipient), fr.label(Channel, s.channel), s.sent_on) for s in row.sendings.all()]
    return SheetLine(id=row.pk, version=row.version, made_at=row.made_at, sendings=tuple(sendings))
