"""A catalogue to test with: one public host, one association, posts at every state, places to take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.access.viewer import Viewer
from casework.casefile.actions import copy_national_lists
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.placements.hosts.actions import accreditations, places, posts, structures
from casework.placements.hosts.codes import Half, HostStage
from casework.placements.hosts.data import HalfDayData, HostData, PostData
from casework.placements.hosts.models import Booking, HostStructure, Post, Supervisor
from tests.people import People, viewer_of

CONTACT = "Zzcanari Contact"
WORK_WEEK = tuple((day, half) for day in range(5) for half in Half)
HOURS = {Half.AM: (time(8, 30), time(12)), Half.PM: (time(13, 30), time(17))}


@dataclass
class Catalogue:
    """The people of the town and what they wrote."""

    people: People
    now: datetime
    activity: LocalItem
    sectors: dict[str, LocalItem]

    def viewer(self, who: str, now: datetime | None = None) -> Viewer:
        return viewer_of(self.people.mandates[who], now=now or self.now)

    def before(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    def host(self, name: str = "Régie des quais", *, kind: str = "public", who: str = "spip") -> HostStructure:
        """A host under agreement, whose account is the Régie."""
        then = self.before(60)
        data = HostData(
            name=name,
            legal_kind=kind,
            contact=CONTACT,
            phone="0639980001",
            email="contact@regie.example",
            organisation=self.people.host_body.pk,
        )
        host = structures.inscribe(by=self.viewer(who, then), data=data, now=then)
        for stage in (HostStage.CONTACTED, HostStage.AGREED):
            structures.move(by=self.viewer(who, then), host=host, to=stage, now=then, agreement_from=localdate(then))
        return HostStructure.objects.get(pk=host.pk)

    def supervisor(self, host: HostStructure, name: str = "Zzcanari Tuteur", *, account: bool = False) -> Supervisor:
        return structures.add_supervisor(
            by=self.viewer("spip"),
            host=host,
            name=name,
            is_manager=True,
            mandate_id=self.people.host.pk if account else None,
            now=self.now,
        )

    def post_data(self, **changes: Any) -> PostData:
        values: dict[str, Any] = {
            "nature": "Entretien des espaces verts",
            "activity": self.activity.pk,
            "audience": "both",
            "sector": self.sectors["Centre"].pk,
            "method": "Zzcanari manière",
            "access_note": "Zzcanari portail",
        }
        return PostData(**(values | changes))

    def half_days(self, places: int = 1, week: tuple[tuple[int, Half], ...] = WORK_WEEK) -> list[HalfDayData]:
        return [
            HalfDayData(weekday=day, half=half, starts_at=HOURS[half][0], ends_at=HOURS[half][1], places=places)
            for day, half in week
        ]

    def draft(self, host: HostStructure, *, places: int = 1, who: str = "spip", **changes: object) -> Post:
        then = self.before(40)
        post = posts.describe(
            by=self.viewer(who, then),
            host=host,
            data=self.post_data(**changes),
            half_days=self.half_days(places),
            now=then,
        )
        return Post.objects.select_related("host").get(pk=post.pk)

    def listed(self, host: HostStructure | None = None, *, places: int = 1, **changes: object) -> Post:
        """A post on the list of the SPIP (or of the PJJ when it is for minors), managed by the Régie's agent."""
        host = host or self.host()
        manager = host.supervisors.first() or self.supervisor(host, account=True)
        who = "pjj_lead" if changes.get("audience") == "minors" else "spip"
        post = self.draft(host, places=places, who=who, **changes)
        posts.set_managers(by=self.viewer(who), post=post, supervisors=[manager.pk], now=self.now)
        then = self.before(20)
        posts.ask_opinions(by=self.viewer(who, then), post=post, now=then)
        posts.enlist(by=self.viewer(who), post=post, now=self.now)
        return Post.objects.select_related("host").get(pk=post.pk)

    def accredit(self, host: HostStructure, audience: str = "adults", *, days_ago: int = 30) -> None:
        who = "pjj_lead" if audience == "minors" else "spip"
        accreditations.record(
            by=self.viewer(who), host=host, audience=audience, decided_on=localdate(self.before(days_ago)), now=self.now
        )

    def hold(
        self,
        post: Post,
        slots: list[tuple[date, Half]],
        *,
        holder: UUID | None = None,
        hours: int = 48,
        now: datetime | None = None,
    ) -> list[Booking]:
        at = now or self.now
        with audit.writing(self.viewer("spip", at), now=at) as w:
            return places.hold(
                w,
                post=post,
                slots=slots,
                holder=holder or uuid4(),
                service=self.people.probation,
                until=at + timedelta(hours=hours),
                now=at,
            )

    def weekday(self, n: int = 0) -> date:
        """The n-th working day to come, public holidays left out."""
        from casework.casefile.calendar import add_working_days

        return add_working_days(localdate(self.now), n + 1)


def build(people: People, now: datetime | None = None) -> Catalogue:
    """Write the lists that a catalogue needs."""
    now = now or timezone.now()
    copy_national_lists(people.territory, on=people.since.date())
    structures.give_sectors(people.territory, people.since)
    activity = LocalItem.objects.of(people.territory, ListCode.ACTIVITY_SECTOR).get(national_code="green_spaces")
    sectors = {row.label: row for row in LocalItem.objects.of(people.territory, ListCode.PLACE_SECTOR)}
    return Catalogue(people, now, activity, sectors)
