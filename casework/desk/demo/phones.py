"""Eight « téléphones grave danger » and whoever waits for one, for victims of the demo: every stage at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from casework import audit
from casework.desk.demo.story import Story
from casework.desk.demo.supports import OFFICER
from casework.vif.phones import court_paper, documents, law
from casework.vif.phones.actions import assessing, deciding, holding, sheets, stock, totals
from casework.vif.phones.actions.assessing import AssessmentData
from casework.vif.phones.actions.deciding import DecisionData
from casework.vif.phones.codes import (
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
    Urgency,
    Withdrawal,
)
from casework.vif.phones.law import Checklist, Condition
from casework.vif.phones.models import Allocation, Device
from casework.vif.phones.reads import page
from casework.vif.victims.models import SupportGrant, VictimSupport

COURT, MAGISTRATE = "ressort_prosecutor", "L. Aubert, substitut"
DEVICES = 8
# How far each went, days ago that it was asked for; whoever came first has the oldest.
STAGES: tuple[tuple[str, int], ...] = (
    ("past", 205), ("renewed", 186), ("near", 160), ("missed", 120), ("late", 100), ("returned", 90), ("returning", 80),
    ("oral", 2), ("urgent", 3), ("waiting", 4), ("assessing", 3), ("signalled", 1), ("refused", 30),
)  # fmt: skip
HELD = ("past", "renewed", "near", "missed", "late", "returned", "returning")
DANGERS = ((Danger.THREATS, Danger.BREACH), (Danger.WORSENING, Danger.CHILDREN), (Danger.WATCHING, Danger.SEPARATION))


@dataclass
class _Phone:
    """One allocation being told."""

    story: Story
    asked_on: date
    row: Allocation

    def on(self, days: int, hour: int) -> datetime:
        """Return an instant that many days after it was asked for, never after this morning."""
        return self.story.at(min(self.asked_on + timedelta(days=days), self.story.today), hour)

    def act(self, days: int, hour: int, do: Callable[..., object], *, who: str = OFFICER, **given: object) -> None:
        """Carry out one act; the row is read again before."""
        now = self.on(days, hour)
        self.row = _fresh(self.row)
        with self.story.moment(who, now) as viewer:
            do(by=viewer, allocation=self.row, now=now, expected=self.row.revision, **given)
        self.row = _fresh(self.row)


def _fresh(row: Allocation) -> Allocation:
    return Allocation.objects.select_related("support", "territory", "device", "organisation").get(pk=row.pk)


def tell(story: Story) -> None:
    """Tell the stock, then each stage for one more victim, as far as there are some."""
    received = story.today - timedelta(days=330)
    for number in range(DEVICES):
        now = story.at(received, 9, number)
        with story.moment(COURT, now) as viewer:
            stock.receive(by=viewer, serial=f"35 7041 09 88{number}6{number}2 4", received_on=received, now=now)
    _passed_on(story)
    held = SupportGrant.objects.filter(mandate=story.town.mandates[OFFICER], ends_at=None)
    rows = VictimSupport.objects.filter(pk__in=held.values("content_object_id"), state="open")
    for number, (support, (stage, ago)) in enumerate(
        zip(rows.select_related("territory").order_by("received_on", "reference"), STAGES, strict=False)
    ):
        _tell(story, number, support, stage, story.today - timedelta(days=ago))


def _passed_on(story: Story) -> None:
    """Let the ressort tell Miramont how many devices it has, a month after they came."""
    town, now = story.town, story.at(story.today - timedelta(days=300), 10)
    with audit.pinned_clock(now):
        totals.serve(by=audit.system_actor(town.ressort.pk), ressort=town.ressort, commune=town.territory, now=now)
    with story.moment(COURT, now) as viewer:
        totals.pass_on(by=viewer, now=now)


def _tell(story: Story, number: int, support: VictimSupport, stage: str, asked_on: date) -> None:
    asked_on = max(asked_on, support.received_on)
    now = story.at(asked_on, 9)
    origin = (Origin.POLICE, Origin.JUDGE, Origin.SOCIAL_SERVICE, Origin.HERSELF)[number % 4]
    with story.moment(OFFICER, now) as viewer:
        row = assessing.signal(by=viewer, support=support, origin=origin, signalled_on=asked_on, now=now)
    phone = _Phone(story, asked_on, row)
    if stage == "signalled":
        return
    data = AssessmentData(
        assessed_by=Assessor.ASSOCIATION, danger=DANGERS[number % 3],
        urgency=Urgency.NOW if stage in ("urgent", "oral") else (Urgency.DAYS, Urgency.USUAL)[number % 2],
    )  # fmt: skip
    phone.act(1, 9, assessing.assess, data=data, origin=origin)
    if stage == "assessing":
        return
    phone.act(1, 10, assessing.ask_decision, checked=_checked(story, number))
    if stage in ("urgent", "waiting"):
        return
    day = phone.on(1, 11).date()
    if stage == "oral":
        said = DecisionData(
            kind=DecisionKind.ALLOT, how=How.ORAL, magistrate=MAGISTRATE, decided_on=day, said_at=phone.on(1, 11)
        )
        phone.act(1, 11, deciding.decide, data=said)
        return
    kind = DecisionKind.REFUSE if stage == "refused" else DecisionKind.ALLOT
    phone.act(1, 11, deciding.decide, who=COURT, data=_decision(kind, day))
    if stage in HELD:
        _held(phone, stage)


def _checked(story: Story, number: int) -> Checklist:
    ban = (Ban.PROTECTION_ORDER, Ban.JUDICIAL_CONTROL, Ban.SENTENCE)[number % 3]
    return Checklist(
        ground=(Ground.FORMER, Ground.PARTNER)[number % 2], ground_proof=Proof.POLICE,
        apart=Condition(met=True, proof=Proof.SAID), ban=ban, ban_proof=Proof.DECISION,
        ban_ends_on=story.today + timedelta(days=120 + 7 * number), consent=Condition(met=True, proof=Proof.SIGNED),
        location=number % 4 != 3,
    )  # fmt: skip


def _decision(kind: DecisionKind, day: date) -> DecisionData:
    return DecisionData(kind=kind, how=How.PAGE, magistrate=MAGISTRATE, decided_on=day)


def _held(phone: _Phone, stage: str) -> None:
    device = Device.objects.filter(state=DeviceState.IN_STOCK).order_by("mark")[0]
    phone.act(1, 14, holding.hand_over, device_id=device.pk, handed_on=phone.on(1, 14).date())
    _sheet(phone)
    _tests(phone, stage)
    today = (phone.story.today - phone.asked_on).days
    if stage in ("renewed", "near"):
        asked = today - 14
        phone.act(asked, 10, deciding.record_consent, said_on=phone.on(asked, 10).date())
    if stage == "renewed":
        day = phone.on(today - 9, 15).date()
        phone.act(today - 9, 15, deciding.decide, who=COURT, data=_decision(DecisionKind.RENEW, day))
    if stage in ("returned", "returning"):
        day = phone.on(today - 6, 10).date()
        phone.act(today - 6, 10, holding.withdraw, reason=Withdrawal.JAILED, withdrawn_on=day)
    if stage == "returned":
        phone.act(
            today - 2, 10, holding.give_back, returned_on=phone.on(today - 2, 10).date(), given_to=MAGISTRATE,
            present="É. Nguyen", reason=Withdrawal.JAILED, is_lost=False,
        )  # fmt: skip


def _sheet(phone: _Phone) -> None:
    now = phone.on(1, 15)
    with phone.story.moment(OFFICER, now) as viewer:
        found = page.page(viewer, phone.row.pk, now)
        lines = documents.sheet_lines(found, court_paper.in_force(phone.row.territory_id, now))
        made = sheets.make(by=viewer, allocation=phone.row, lines=lines, now=now)
        sheets.sent(
            by=viewer, allocation=phone.row, sheet_id=made.pk, recipients=(Recipient.OPERATOR, Recipient.PROSECUTOR),
            channel=Channel.SECURE_MAIL, sent_on=now.date(), now=now,
        )  # fmt: skip


def _tests(phone: _Phone, stage: str) -> None:
    """Test every fortnight until the last days; two misses at the end of one, a test forgotten on another."""
    last = (phone.story.today - phone.asked_on).days - (18 if stage == "late" else 4)
    days = list(range(last, 2, 1 - law.TEST_DAYS))[::-1]
    for number, day in enumerate(days):
        missed = stage == "missed" and number >= len(days) - 2
        now = phone.on(day, 10)
        with phone.story.moment(OFFICER, now) as viewer:
            result = Result.NOT_REACHED if missed else Result.PASSED
            holding.test(by=viewer, allocation=_fresh(phone.row), result=result, now=now)
