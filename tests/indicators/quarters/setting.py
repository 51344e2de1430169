"""A town that asks five bodies for counts, at any moment of a quarter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile import mailer
from casework.indicators.quarters import counts, periods
from casework.indicators.quarters.actions import asking, contributors, publishing
from casework.indicators.quarters.actions.contributors import ContributorData
from casework.indicators.quarters.codes import Giver, of_giver
from casework.indicators.quarters.models import Asking, Contributor, Quarter
from casework.indicators.quarters.periods import Period
from tests.people import People, viewer_of

ONCE = re.compile(r'name="once" value="([^"]+)"')
REVISION = re.compile(r'name="revision" value="(\d+)"')
LINK = re.compile(r"/repondre/([\w-]+)/")
BODIES = {
    "police": (Giver.NATIONAL_POLICE, "Commissariat central"),
    "town_police": (Giver.MUNICIPAL_POLICE, "Police municipale"),
    "school": (Giver.SCHOOL, "Collège des Platanes"),
    "landlord": (Giver.LANDLORD, "Habitat du Sud"),
    "carrier": (Giver.CARRIER, "Régie des transports"),
}


@dataclass
class Setting:
    """What a test starts from."""

    people: People
    now: datetime

    @property
    def last(self) -> Period:
        """The quarter that has just ended."""
        return periods.of(localdate(self.now)).back(1)

    def viewer(self, who: str = "coordinator", now: datetime | None = None) -> Viewer:
        return viewer_of(self.people.mandates[who], now=now or self.now)

    def add(self, key: str, **changes: Any) -> Contributor:
        giver, name = BODIES[key]
        values = {
            "giver": giver, "name": name, "email": f"{key}@example.org",
            "indicators": [each.code for each in of_giver(giver)],
        }  # fmt: skip
        return contributors.add(by=self.viewer(), data=ContributorData(**(values | changes)), now=self.now)

    def opened(self, *keys: str, period: Period | None = None) -> Quarter:
        for key in keys or ("police",):
            if not Contributor.objects.filter(name=BODIES[key][1], ended_on=None).exists():
                self.add(key)
        return self.fresh(asking.open_quarter(by=self.viewer(), period=period or self.last, now=self.now))

    def asked(self, quarter: Quarter, key: str = "police") -> Asking:
        rows = Asking.objects.select_related("quarter", "contributor", "territory")
        return rows.get(quarter=quarter, contributor__name=BODIES[key][1])

    def typed(self, row: Asking, n: int = 12, **changes: Any) -> dict[str, Any]:
        """Return an answer: `n` everywhere, save what is said."""
        found: dict[str, Any] = {
            code: dict.fromkeys(counts.places(code, row.quarter.sectors), n) for code in row.indicators
        }
        return found | changes

    def answered(self, quarter: Quarter, key: str = "police", n: int = 12, **changes: Any) -> Asking:
        row = self.asked(quarter, key)
        asking.answer_by_link(asking=row, answer=self.typed(row, n, **changes), remark="", now=self.now)
        return self.asked(quarter, key)

    def published(self, *keys: str, period: Period | None = None, n: int = 12, **changes: Any) -> Quarter:
        """Return a quarter published, everybody having answered `n` everywhere, the police what is said."""
        quarter = self.opened(*keys, period=period)
        for row in Asking.objects.filter(quarter=quarter).select_related("contributor"):
            key = next(key for key, (_, name) in BODIES.items() if name == row.contributor.name)
            self.answered(quarter, key, n, **(changes if key == "police" else {}))
        return self.publish(quarter)

    def publish(self, quarter: Quarter) -> Quarter:
        publishing.publish(by=self.viewer(), quarter=self.fresh(quarter), expected=None, now=self.now)
        return self.fresh(quarter)

    def fresh(self, quarter: Quarter) -> Quarter:
        return Quarter.objects.select_related("territory").get(pk=quarter.pk)

    def later(self, days: int) -> datetime:
        return self.now + timedelta(days=days)


def links() -> list[str]:
    """Return the tokens that left by mail, oldest first."""
    return [LINK.search(each.body).group(1) for each in reversed(mailer.messages()) if LINK.search(each.body)]


def link(row: Asking) -> str:
    """Return the address that was mailed last for this asking."""
    return next(url(token) for token in links() if asking.hash_of(token) == row.token_hash)


def url(token: str) -> str:
    return reverse("quarters:counts_link", args=[token])


def filled(row: Asking, n: int | str = 12, **changes: Any) -> dict[str, Any]:
    """Return what a browser sends for an answer."""
    found = {
        f"{code}_{place}": str(n)
        for code in row.indicators
        for place in range(len(counts.places(code, row.quarter.sectors)))
    }
    return {key: value for key, value in (found | changes).items() if value is not None}


def send(client: Any, page: str, to: str = "", **data: Any) -> Any:
    """Fill the form of a page and send it; return the answer."""
    found = client.get(page).content.decode()
    data = {"once": ONCE.search(found).group(1)} | data
    if match := REVISION.search(found):
        data = {"revision": match.group(1)} | data
    return client.post(to or page, data)
