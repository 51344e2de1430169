"""A victim supported by the association, at any moment of the support. Every text is a canary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.vif.victims.actions import follow, notices, opening, orders, whereabouts
from casework.vif.victims.actions.notices import CallData
from casework.vif.victims.actions.opening import ContactData, SupportData
from casework.vif.victims.actions.orders import OrderData
from casework.vif.victims.models import Appointment, ProsecutorNotice, ProtectionOrder, VictimSupport, Whereabouts
from tests.people import People, at_court, viewer_of

NAME, PLACE, WORDS, PHONE = "Zzcanaridame", "Zzcanarirue", "Zzcanarimots", "0639980077"
OFFICER = "apers_victim"


@dataclass
class Setting:
    """What a test starts from."""

    people: People
    now: datetime

    def __post_init__(self) -> None:
        at_court(self.people)

    @property
    def today(self) -> date:
        return localdate(self.now)

    def viewer(self, who: str = OFFICER, now: datetime | None = None) -> Viewer:
        return viewer_of(self.people.mandates[who], now=now or self.now)

    def data(self, **changes: Any) -> SupportData:
        values: dict[str, Any] = {
            "last_name": NAME, "first_name": "Ana", "received_on": self.today - timedelta(days=20),
            "origin": "prosecutor", "children": 2, "lawyer": f"{WORDS} avocate",
            "contact": ContactData(
                channels=("call", "text"), phone=PHONE, when="de 9 h à 11 h", code_word=f"{WORDS} convenu"
            ),
        }  # fmt: skip
        return SupportData(**(values | changes))

    def opened(self, who: str = OFFICER, **changes: Any) -> VictimSupport:
        return opening.open_support(by=self.viewer(who), data=self.data(**changes), now=self.now)

    def place(self, support: VictimSupport, address: str = PLACE, kind: str = "school") -> Whereabouts:
        return whereabouts.add(by=self.viewer(), support=support, kind=kind, address=address, note="", now=self.now)

    def order(self, support: VictimSupport, **changes: Any) -> ProtectionOrder:
        """An order given ten days ago, for six months."""
        values: dict[str, Any] = {
            "given_on": self.today - timedelta(days=10), "ends_on": self.today + timedelta(days=170),
            "terms": ("no_contact", "hidden"),
        }  # fmt: skip
        data = OrderData(**(values | changes))
        return orders.record(by=self.viewer(), support=support, kind="order", data=data, now=self.now)

    def call(self, **changes: Any) -> CallData:
        values: dict[str, Any] = {
            "happened_on": self.today, "kind": "message", "facts": f"{WORDS} faits", "called_at": self.now,
            "magistrate": f"{WORDS} permanence", "instruction": f"{WORDS} instruction",
            "answer_by": self.today + timedelta(days=2),
        }  # fmt: skip
        return CallData(**(values | changes))

    def told(self, support: VictimSupport) -> ProsecutorNotice:
        return notices.tell(by=self.viewer(), support=support, data=self.call(), now=self.now)

    def meeting(self, support: VictimSupport, days: int = 0) -> Appointment:
        day = self.today + timedelta(days=days)
        return follow.plan(by=self.viewer(), support=support, kind="office", day=day, at=time(10), now=self.now)

    def full(self) -> VictimSupport:
        """One with one of everything."""
        support, by = self.opened(), self.viewer()
        self.place(support)
        self.order(support)
        self.told(support)
        self.meeting(support)
        common = {"by": by, "support": support, "now": self.now}
        follow.record_consent(kind="support", agreed=True, said_on=self.today, **common)
        follow.orient(to=f"{WORDS} association", reason=f"{WORDS} motif", sent_on=self.today, **common)
        follow.record_opinion(
            asked_by="liberty_judge", asked_on=self.today, opinion="for", words=f"{WORDS} avis", told_on=None, **common
        )
        whereabouts.pass_note(to=f"{WORDS} referente", passed_on=self.today, **common)
        return fresh(support)

    def ended(self, reason: str = "done") -> VictimSupport:
        support = self.opened()
        follow.end(
            by=self.viewer(), support=support, reason=reason, closed_on=self.today, now=self.now,
            expected=support.revision,
        )  # fmt: skip
        return fresh(support)


def fresh(support: VictimSupport) -> VictimSupport:
    """Return the support as stored now."""
    return VictimSupport.objects.select_related("organisation", "territory").get(pk=support.pk)
