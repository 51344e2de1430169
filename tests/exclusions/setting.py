"""A pupil received during an exclusion, at any moment of it. Every text is a canary."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile import calendar
from casework.exclusions import law
from casework.exclusions.actions import holding, houses, notice
from casework.exclusions.actions.holding import HoldData
from casework.exclusions.actions.houses import ConventionData, HalfDayData
from casework.exclusions.actions.notice import NoticeData
from casework.exclusions.codes import Half, Kind, Theme
from casework.exclusions.models import Convention, ExclusionSupport, OpenHalfDay
from casework.partners.codes import OrganisationKind, Role
from casework.partners.models import Agent, Mandate, Organisation
from tests.people import People, viewer_of

NAME, WORDS, PHONE = "Zzcanarieleve", "Zzcanariscolaire", "0639980066"
BODY_PHONE = "0465712199"  # of a school or a host: of nobody
SCHOOL, SCHOOL_LEAD, HOST_LEAD, EDUCATOR = "education", "school_lead", "host_lead", "host"
# key: (role, body, service lead)
MORE: dict[str, tuple[Role, str, bool]] = {
    "school_lead": (Role.EDUCATION, "school", True),
    "school_colleague": (Role.EDUCATION, "school", False),
    "host_lead": (Role.HOST, "host_body", True),
    "host_colleague": (Role.HOST, "host_body", False),
    "other_school_lead": (Role.EDUCATION, "other_school", True),
    "other_host_lead": (Role.HOST, "other_host", True),
}
BODIES = {
    "other_school": (OrganisationKind.SCHOOL, "Collège des Tilleuls"),
    "other_host": (OrganisationKind.HOST, "Centre social des Tilleuls"),
}


@dataclass
class Setting:
    """What a test starts from."""

    people: People
    now: datetime
    monday: date
    convention: Convention = field(init=False)
    school: str = SCHOOL

    @property
    def today(self) -> date:
        return localdate(self.now)

    def viewer(self, who: str, now: datetime | None = None) -> Viewer:
        return viewer_of(self.people.mandates[who], now=now or self.now)

    def half_days(self, n: int = 4, host: str = "host_body") -> list[UUID]:
        """The first half-days announced by a host from the Monday on."""
        rows = OpenHalfDay.objects.filter(host=self.people.organisations[host], day__gte=self.monday)
        return list(rows.order_by("day", "half").values_list("pk", flat=True)[:n])

    def hold_data(self, **changes: Any) -> HoldData:
        values: dict[str, Any] = {
            "convention": self.convention.pk, "kind": Kind.EXCLUSION, "level": "4e", "half_days": self.half_days(),
        }  # fmt: skip
        return HoldData(**(values | changes))

    def notice_data(self, **changes: Any) -> NoticeData:
        values: dict[str, Any] = {
            "last_name": NAME, "first_name": "Ilan", "starts_on": self.monday,
            "ends_on": self.monday + timedelta(days=4), "decided_on": self.today,
            "procedure_on": calendar.add_working_days(self.today, -4), "reason": "insult",
            "parent": f"{WORDS} mere", "phone": PHONE,
        }  # fmt: skip
        return NoticeData(**(values | changes))

    def held(self, who: str = "", **changes: Any) -> ExclusionSupport:
        return holding.hold(by=self.viewer(who or self.school), data=self.hold_data(**changes), now=self.now)

    def notified(self, who: str = "", **changes: Any) -> ExclusionSupport:
        """Named, the host not asked yet for its yes."""
        return self.named(self.hold_data(), self.notice_data(**changes), who)

    def named(self, hold: HoldData, data: NoticeData, who: str = "") -> ExclusionSupport:
        """A place held, then named at once."""
        by = self.viewer(who or self.school)
        support = holding.hold(by=by, data=hold, now=self.now)
        notice.notify(by=by, support=support, data=data, now=self.now, expected=None)
        return support

    def accepted(self, support: ExclusionSupport | None = None) -> ExclusionSupport:
        """Named, and the host said yes."""
        support = support or self.notified()
        holding.answer(by=self.viewer(HOST_LEAD), support=support, accepts=True, now=self.now)
        return fresh(support)

    def agreed(self, support: ExclusionSupport | None = None) -> ExclusionSupport:
        """Host, pupil and parents agree."""
        support = self.accepted(support)
        notice.record_family(
            by=self.viewer(self.school), support=support, party="both", answer="agreed", said_on=self.today,
            copy_given_on=self.today, now=self.now, expected=None,
        )  # fmt: skip
        return fresh(support)


def build(people: People, now: datetime) -> Setting:
    """Write the bodies and people of this room, a convention in force and four announced weeks."""
    for key, (kind, name) in BODIES.items():
        people.organisations[key] = Organisation.objects.create(
            territory=people.territory, kind=kind, name=name, short_name=name
        )
    for key, (role, body, lead) in MORE.items():
        people.mandates[key] = _mandate(people, key, role, people.organisations[body], lead)
    monday = first_monday(localdate(now) + timedelta(days=7))
    setting = Setting(people, now, monday)
    setting.convention = convention(setting)
    announce(setting)
    return setting


def first_monday(day: date) -> date:
    """Return the first Monday from `day` on of a whole week of class within one school year."""
    day += timedelta(days=-day.weekday() % 7)
    while not _whole(day):
        day += timedelta(days=7)
    return day


def _whole(monday: date) -> bool:
    days = [monday + timedelta(days=n) for n in range(5)]
    same = law.school_year(monday) == law.school_year(monday + timedelta(days=30))
    return same and all(calendar.is_working_day(day) for day in days)


def convention(setting: Setting, *, school: str = SCHOOL_LEAD, host: str = HOST_LEAD, **changes: Any) -> Convention:
    """A convention proposed by the school and confirmed by the host."""
    values: dict[str, Any] = {
        "other": setting.people.mandates[host].organisation_id, "signed_on": setting.today,
        "starts_on": setting.today - timedelta(days=30), "ends_on": setting.today + timedelta(days=600),
        "kinds": list(Kind.values), "themes": list(Theme.values), "places": 3,
        "contacts": {
            "school_phone": BODY_PHONE, "school_email": "vie.scolaire@college.example", "host_phone": BODY_PHONE,
            "host_contact": "Accueil des jeunes",
        },
    }  # fmt: skip
    row = houses.propose(by=setting.viewer(school), data=ConventionData(**(values | changes)), now=setting.now)
    houses.confirm(by=setting.viewer(host), convention=row, now=setting.now, expected=None)
    return Convention.objects.select_related("school", "host").get(pk=row.pk)


def announce(setting: Setting, host: str = HOST_LEAD, places: int = 2) -> None:
    """Mornings and afternoons of four weeks, from the Monday on."""
    week = [
        HalfDayData(
            weekday=day, half=half, starts_at=time(9 if half == Half.MORNING else 14),
            ends_at=time(12 if half == Half.MORNING else 17), places=places,
        )
        for day in range(5)
        for half in Half
    ]  # fmt: skip
    houses.announce(by=setting.viewer(host), monday=setting.monday, weeks=4, half_days=week, now=setting.now)


def _mandate(people: People, key: str, role: Role, body: Organisation, lead: bool) -> Mandate:
    agent = Agent(email=f"{key}@mireval.example", first_name=key.split("_")[0].title(), last_name="Zzcollegue")
    agent.set_unusable_password()
    agent.save()
    row = Mandate(
        agent=agent, organisation=body, territory=people.territory, role=role, starts_at=people.since,
        charter_signed_at=people.since, charter_version=people.charter.version, is_service_lead=lead,
    )  # fmt: skip
    row.save()
    return row


def fresh(support: ExclusionSupport) -> ExclusionSupport:
    """Return the support as stored now."""
    rows = ExclusionSupport.objects.select_related("organisation", "host", "convention", "territory")
    return rows.get(pk=support.pk)
