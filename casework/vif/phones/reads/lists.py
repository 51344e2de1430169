"""Every allocation that the viewer may open, by what comes next; those in use, with their next test and their term."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from casework import audit
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.sealing import sweep
from casework.vif.phones import facts, law
from casework.vif.phones.codes import ENDED, IN_USE, TO_ASSESS, Result, State, Urgency
from casework.vif.phones.models import Allocation, DeviceTest
from casework.vif.victims.models import VictimSupport
from casework.vif.victims.reads import contact
from casework.vif.victims.reads.contact import SafeContact
from casework.vif.victims.reads.opened import full_name


@dataclass(frozen=True, kw_only=True)
class Line:
    """One allocation of a list. `misses`: tests missed in a row."""

    id: UUID
    reference: str
    name: str
    state: State
    signalled_on: date
    evaluate_by: date
    urgency: str
    mark: str
    handed_on: date | None
    ends_on: date | None
    next_test: date | None
    last_test: date | None
    last_result: str
    misses: int
    wants_renewal: bool
    written_by: date | None
    contact: SafeContact | None = None
    test_is_late: bool = False
    term_is_past: bool = False
    term_is_near: bool = False

    @property
    def is_missed(self) -> bool:
        """Say whether the prosecutor was told of missed tests."""
        return self.misses >= law.MISSES


@dataclass(frozen=True, kw_only=True)
class Board:
    """The lines by what is to be done."""

    to_assess: tuple[Line, ...]
    waiting: tuple[Line, ...]
    to_hand: tuple[Line, ...]
    in_use: tuple[Line, ...]
    to_return: tuple[Line, ...]
    over: tuple[Line, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing runs."""
        return not (self.to_assess or self.waiting or self.to_hand or self.in_use or self.to_return)

    @property
    def to_decide(self) -> tuple[Line, ...]:
        """Return what waits for the prosecutor: requests, renewals asked for, writings that follow a word."""
        return (*self.waiting, *(line for line in self.in_use if line.wants_renewal))


def last_tests(ids: Iterable[UUID]) -> Mapping[UUID, list[DeviceTest]]:
    """Return the tests of each allocation, latest first; one query, nothing opened."""
    found: dict[UUID, list[DeviceTest]] = defaultdict(list)
    for test in DeviceTest.objects.filter(allocation_id__in=list(ids)).order_by("-tested_at", "-id"):
        found[test.allocation_id].append(test)
    return found


def board(viewer: Viewer, now: datetime) -> Board:
    """Return every allocation that the viewer may list. Constant queries. No number, no place, no serial."""
    rows = _rows(viewer, now)
    lines = _lines(viewer, rows, now, with_contact=False)
    order = [str(each) for each in Urgency.values]

    def of(states: Iterable[State]) -> list[Line]:
        wanted = frozenset(states)
        return [line for line in lines if line.state in wanted]

    def waiting(line: Line) -> tuple[int, date, str]:
        return (order.index(line.urgency) if line.urgency in order else len(order)), line.signalled_on, line.reference

    return Board(
        to_assess=tuple(sorted(of(TO_ASSESS), key=lambda line: (line.evaluate_by, line.reference))),
        waiting=tuple(sorted(of([State.ELIGIBLE]), key=waiting)),
        to_hand=tuple(sorted(of([State.DECIDED_YES]), key=waiting)),
        in_use=tuple(sorted(of(IN_USE), key=_soonest)),
        to_return=tuple(of([State.WITHDRAWAL_PENDING, State.RETURNED])), over=tuple(of(ENDED)),
    )  # fmt: skip


def to_test(viewer: Viewer, now: datetime) -> list[Line]:
    """Return the devices in use that the viewer tests, the oldest test first, with how she may be reached.

    Constant queries: eight devices cost what one costs.
    """
    rows = [row for row in _rows(viewer, now, Action.CHANGE) if row.state in IN_USE]
    return sorted(_lines(viewer, rows, now, with_contact=True), key=_soonest)


def _soonest(line: Line) -> tuple[date, str]:
    return line.next_test or date.max, line.reference


def _rows(viewer: Viewer, now: datetime, action: Action = Action.LIST) -> list[Allocation]:
    rows = list(facts.visible_to(viewer, now).select_related("support", "device"))
    links = facts.relations(viewer, rows, now)
    return [row for row in rows if links[row.support_id].may(viewer, action, facts.TGD, now)]


def _lines(viewer: Viewer, rows: list[Allocation], now: datetime, *, with_contact: bool) -> list[Line]:
    if not rows:
        return []
    today = localdate(now)
    links = facts.relations(viewer, rows, now) if with_contact else {}
    tests = last_tests(row.pk for row in rows if row.state in IN_USE)
    supports = list({row.support_id: row.support for row in rows}.values())
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=[facts.VICTIM, facts.TGD], purpose=Purpose.LISTING,
        act=Act.LIST, module="vif", object_type=Allocation._meta.label_lower,
    ):  # fmt: skip
        names = ("identity", "rules", "contact") if with_contact else ("identity",)
        sweep.open_many(supports, *names)
        sweep.open_many(rows, "assessment")
        opened = {support.pk: support for support in supports}
        return [
            _line(row, opened[row.support_id], tests.get(row.pk, []), today,
                  contact.of(opened[row.support_id], kept=links[row.support_id].kept) if with_contact else None)
            for row in rows
        ]  # fmt: skip


def _line(
    row: Allocation, support: VictimSupport, tests: list[DeviceTest], today: date, how: SafeContact | None
) -> Line:
    in_use = row.state in IN_USE and row.handed_on is not None
    last = localdate(tests[0].tested_at) if tests else None
    due = law.next_test(last or row.handed_on) if in_use and row.handed_on else None
    near = row.ends_on - timedelta(days=max(law.TERM_STEPS)) if in_use and row.ends_on else None
    return Line(
        id=row.pk, reference=support.reference, name=full_name(support.identity), state=State(row.state),
        signalled_on=row.signalled_on, evaluate_by=row.evaluate_by,
        urgency=str((row.assessment or {}).get("urgency", "")), mark=row.device.mark if row.device else "",
        handed_on=row.handed_on, ends_on=row.ends_on, next_test=due, last_test=last,
        last_result=fr.label(Result, tests[0].result) if tests else "", misses=law.misses([t.result for t in tests]),
        wants_renewal=in_use and row.renewal_consent_on is not None, written_by=row.written_by, contact=how,
        test_is_late=due is not None and due < today,
        term_is_past=in_use and row.ends_on is not None and row.ends_on < today,
        term_is_near=near is not None and near <= today,
    )  # fmt: skip
