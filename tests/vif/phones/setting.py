"""A « téléphone grave danger » at any stage of its life. Every text is a canary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.vif.phones.actions import assessing, deciding, holding, sheets, stock
from casework.vif.phones.actions.assessing import AssessmentData
from casework.vif.phones.actions.deciding import DecisionData
from casework.vif.phones.law import Checklist, Condition
from casework.vif.phones.models import Allocation, Device
from casework.vif.victims.models import VictimSupport
from tests.instants import noon
from tests.people import viewer_of
from tests.vif.victims import setting as victims

OFFICER, COURT = "apers_victim", "prosecutor"
SERIAL, MAGISTRATE = "Zzcanariserie", "Zzcanarimagistrat"


@dataclass
class Setting(victims.Setting):
    """What a test starts from."""

    def on(self, days: int) -> datetime:
        return noon(self.today + timedelta(days=days)) if days else self.now

    def by(self, who: str = OFFICER, now: datetime | None = None) -> Viewer:
        return viewer_of(self.people.mandates[who], now=now or self.now)

    def device(self, serial: str = SERIAL) -> Device:
        return stock.receive(by=self.by(COURT), serial=serial, received_on=self.today, now=self.now)

    def signalled(self, support: VictimSupport | None = None, **changes: Any) -> Allocation:
        values: dict[str, Any] = {"origin": "police", "signalled_on": self.today}
        return assessing.signal(by=self.by(), support=support or self.opened(), now=self.now, **(values | changes))

    def assess(self, row: Allocation, **changes: Any) -> Allocation:
        values: dict[str, Any] = {"assessed_by": "association", "urgency": "days", "danger": ("threats", "breach")}
        data = AssessmentData(**(values | changes))
        assessing.assess(by=self.by(), allocation=row, data=data, origin="police", now=self.now, expected=row.revision)
        return fresh(row)

    def checked(self, **changes: Any) -> Checklist:
        values: dict[str, Any] = {
            "ground": "former", "ground_proof": "police", "apart": Condition(met=True, proof="said"),
            "ban": "protection_order", "ban_proof": "decision", "ban_ends_on": self.today + timedelta(days=200),
            "consent": Condition(met=True, proof="signed"), "location": False,
        }  # fmt: skip
        return Checklist(**(values | changes))

    def asked(self, support: VictimSupport | None = None, **changes: Any) -> Allocation:
        row = self.assess(self.signalled(support), **changes)
        assessing.ask_decision(
            by=self.by(), allocation=row, checked=self.checked(), now=self.now, expected=row.revision
        )
        return fresh(row)

    def decision(self, kind: str = "allot", how: str = "page", **changes: Any) -> DecisionData:
        values: dict[str, Any] = {"kind": kind, "how": how, "magistrate": MAGISTRATE, "decided_on": self.today}
        return DecisionData(**(values | changes))

    def decide(self, row: Allocation, who: str = COURT, now: datetime | None = None, **changes: Any) -> Allocation:
        deciding.decide(
            by=self.by(who, now), allocation=row, data=self.decision(**changes), now=now or self.now,
            expected=row.revision,
        )  # fmt: skip
        return fresh(row)

    def allowed(self, support: VictimSupport | None = None) -> Allocation:
        return self.decide(self.asked(support))

    def hand(self, row: Allocation, device: Device | None = None, handed_on: date | None = None) -> Allocation:
        holding.hand_over(
            by=self.by(), allocation=row, device_id=(device or self.device()).pk, handed_on=handed_on or self.today,
            now=self.now, expected=row.revision,
        )  # fmt: skip
        return fresh(row)

    def used(self, support: VictimSupport | None = None) -> Allocation:
        return self.hand(self.allowed(support))

    def test(self, row: Allocation, result: str = "passed", now: datetime | None = None) -> None:
        holding.test(by=self.by(OFFICER, now), allocation=row, result=result, now=now or self.now)

    def sheet(self, row: Allocation) -> Allocation:
        sheets.make(
            by=self.by(),
            allocation=row,
            lines=[{"code": "term", "label": "Zzcanarifiche", "value": "oui"}],
            now=self.now,
        )
        return fresh(row)

    def consent(self, row: Allocation, now: datetime) -> Allocation:
        deciding.record_consent(
            by=self.by(OFFICER, now), allocation=row, said_on=localdate(now), now=now, expected=row.revision
        )
        return fresh(row)

    def ending(self, row: Allocation, who: str = OFFICER, reason: str = "her_wish") -> Allocation:
        holding.withdraw(
            by=self.by(who), allocation=row, reason=reason, withdrawn_on=self.today, now=self.now,
            expected=row.revision,
        )  # fmt: skip
        return fresh(row)

    def back(self, row: Allocation, *, is_lost: bool = False) -> Allocation:
        holding.give_back(
            by=self.by(), allocation=row, returned_on=self.today, given_to=MAGISTRATE, present="Zzcanaripresente",
            reason="her_wish", is_lost=is_lost, now=self.now, expected=row.revision,
        )  # fmt: skip
        return fresh(row)

    def close(self, row: Allocation, *, wiped: bool = True, kept_until: date | None = None) -> Allocation:
        holding.close(
            by=self.by(), allocation=row, wiped=wiped, kept_until=kept_until or self.today + timedelta(days=30),
            now=self.now, expected=row.revision,
        )  # fmt: skip
        return fresh(row)


def fresh(row: Allocation) -> Allocation:
    """The row as it is stored now, its support and territory with it."""
    return Allocation.objects.select_related("support", "device", "territory", "organisation").get(pk=row.pk)
