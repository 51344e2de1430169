"""A host with a post open to both publics, its manager and its tutor, and a placement at any stage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django.utils.timezone import localdate

from casework import audit
from casework.access import grants
from casework.access.policy import Basis
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.partners.codes import Role
from casework.partners.models import Agent, Mandate
from casework.placements.hosts.codes import AccreditationState, Audience, HostStage, LegalKind, PostState
from casework.placements.hosts.models import (
    Accreditation,
    HostStructure,
    Post,
    PostGrant,
    PostHalfDay,
    Supervisor,
)
from casework.placements.tig.actions import attendance, decisions, demands, proposals, service
from casework.placements.tig.actions.attendance import Entry
from casework.placements.tig.actions.demands import DemandData, SentenceData
from casework.placements.tig.codes import DecisionAuthor, FitnessResult, Mode, Outcome
from casework.placements.tig.models import HalfDay, TigPlacement
from casework.sealing import keys
from tests.people import viewer_of

EVERY_HALF_DAY = [f"{day}-{half}" for day in range(5) for half in ("am", "pm")]


@dataclass
class Setting:
    """What a test starts from."""

    people: Any
    host: HostStructure
    post: Post
    manager: Supervisor
    tutor: Supervisor
    tutor_mandate: Mandate

    def viewer(self, key: str, now: datetime | None = None) -> Any:
        """Return somebody of the cast as a viewer."""
        mandate = self.tutor_mandate if key == "tutor" else self.people.mandates[key]
        return viewer_of(mandate, now=now or timezone.now())

    def head(self, key: str, now: datetime | None = None) -> Any:
        """Return somebody of the cast as the head of their service."""
        return replace(self.viewer(key, now), is_service_lead=True)


def build(
    people: Any, *, places: int = 1, risks: list[str] | None = None, legal_kind: str = LegalKind.ASSOCIATION
) -> Setting:
    """Write the host, accredited for both publics, its post on both lists, five mornings and afternoons a week."""
    now = timezone.now()
    today = localdate(now)
    agent = Agent(email="tutor@mireval.example", first_name="Zoé", last_name="Marin")
    agent.set_unusable_password()
    agent.save()
    tutor_mandate = Mandate.objects.create(
        agent=agent, organisation=people.host_body, territory=people.territory, role=Role.HOST,
        starts_at=people.since, charter_signed_at=people.since, charter_version=people.charter.version,
    )  # fmt: skip
    host = HostStructure(
        id=uuid4(), territory=people.territory, organisation=people.host_body, name="Régie des quais",
        legal_kind=legal_kind, stage=HostStage.AGREED, stage_on=today, contact="", phone="", email="",
        agreement_from=today - timedelta(days=400),
    )  # fmt: skip
    host.subject_id = host.pk
    keys.ensure(host.pk)
    activity = LocalItem.objects.create(
        territory=people.territory,
        list_code=ListCode.ACTIVITY_SECTOR,
        label="Espaces verts",
        valid_from=date(2020, 1, 1),
    )
    with audit.writing(audit.system_actor(people.territory.pk), now=now) as w:
        host.save(force_insert=True)
        manager = Supervisor(
            subject_id=host.pk, territory=people.territory, host=host, mandate_id=people.host.pk, name="S. Pinel",
            is_manager=True,
        )  # fmt: skip
        manager.save(force_insert=True)
        tutor = Supervisor(
            subject_id=host.pk, territory=people.territory, host=host, mandate_id=tutor_mandate.pk, name="Z. Marin",
            phone_since=people.since,
        )  # fmt: skip
        tutor.save(force_insert=True)
        for audience in ("adults", "minors"):
            Accreditation(
                subject_id=host.pk, territory=people.territory, host=host, audience=audience,
                state=AccreditationState.GRANTED, asked_on=today - timedelta(days=500),
                decided_on=today - timedelta(days=400), expires_on=today + timedelta(days=1400),
            ).save(force_insert=True)  # fmt: skip
        post = Post(
            subject_id=host.pk, territory=people.territory, host=host, reference="POS-2026-CDFH",
            nature="Entretien des berges", method="", access_note="", activity=activity, audience=Audience.BOTH,
            risks=risks or [], needs=["outdoors"], state=PostState.LISTED, listed_adults_on=today - timedelta(days=300),
            listed_minors_on=today - timedelta(days=300),
        )  # fmt: skip
        post.save(force_insert=True)
        post.managers.add(manager)
        for weekday in range(5):
            for half, start, end in (("am", time(8, 30), time(12)), ("pm", time(13, 30), time(17))):
                PostHalfDay(
                    subject_id=host.pk, territory=people.territory, post=post, weekday=weekday, half=half,
                    starts_at=start, ends_at=end, places=places,
                ).save(force_insert=True)  # fmt: skip
        grants.give(
            w, PostGrant, mandate=people.host, obj=post, basis=Basis.CIRCLE, starts_at=people.since, ends_at=None,
            reason="manager", by=None,
        )  # fmt: skip
    setting = Setting(people, host, post, manager, tutor, tutor_mandate)
    for who in ("spip", "pjj"):
        service.keep_here(by=setting.head(who, now), signed_on=today, now=now)
    return setting


def demand(setting: Setting, who: str = "spip", *, now: datetime | None = None, **changes: Any) -> TigPlacement:
    """Open a request of a place: 21 hours within six months."""
    now = now or timezone.now()
    values: dict[str, Any] = {
        "case_mark": "2026/4471", "minutes": 21 * 60, "last_useful_on": localdate(now) + timedelta(days=180),
        "weekly": 2, "availability": EVERY_HALF_DAY,
    }  # fmt: skip
    return demands.open_demand(by=setting.viewer(who, now), data=DemandData(**(values | changes)), now=now)


def exam(setting: Setting, placement: TigPlacement, who: str = "pjj", now: datetime | None = None) -> None:
    """Pass the exam."""
    now = now or timezone.now()
    proposals.record_exam(
        by=setting.viewer(who, now), placement=placement, result=FitnessResult.FIT, seen_on=localdate(now),
        certificate_seen=True, working_limits=[], now=now,
    )  # fmt: skip


def asked(setting: Setting, who: str = "spip", now: datetime | None = None, **changes: Any) -> TigPlacement:
    """Return a placement whose host is asked."""
    now = now or timezone.now()
    placement = demand(setting, who, now=now, **changes)
    if who == "pjj":
        exam(setting, placement, who, now)
    ask(setting, placement, who, now)
    return placement


def ask(setting: Setting, placement: TigPlacement, who: str = "spip", now: datetime | None = None) -> Any:
    """Ask the host of the post."""
    now = now or timezone.now()
    return proposals.ask(
        by=setting.viewer(who, now), placement=placement, post_id=setting.post.pk, start=localdate(now),
        answer_by=None, now=now, expected=fresh(placement).revision,
    )  # fmt: skip


def accepted(setting: Setting, who: str = "spip", now: datetime | None = None, **changes: Any) -> TigPlacement:
    """Return a placement whose host said yes and named the tutor."""
    now = now or timezone.now()
    placement = asked(setting, who, now, **changes)
    proposal = proposals.find_open(setting.viewer("host", now), placement.proposals.get(answer="").pk, now)
    proposals.accept(by=setting.viewer("host", now), proposal=proposal, supervisor_id=setting.tutor.pk, now=now)
    return fresh(placement)


def assigned(setting: Setting, who: str = "spip", now: datetime | None = None, **changes: Any) -> TigPlacement:
    """Return a placement decided."""
    now = now or timezone.now()
    placement = accepted(setting, who, now, **changes)
    author = DecisionAuthor.SPIP_DIRECTOR if who == "spip" else DecisionAuthor.PJJ
    decisions.decide(
        by=setting.viewer(who, now), placement=placement, author=author, decided_on=localdate(now),
        last_name="Zzmartin", first_name="Léo", phone="", now=now, expected=placement.revision,
    )  # fmt: skip
    return fresh(placement)


def work(
    setting: Setting, placement: TigPlacement, now: datetime, *, by: str = "host", n: int | None = None
) -> TigPlacement:
    """Record the half-days planned up to `now`, as planned, from the signed sheet."""
    rows = {row.pk: row for row in placement.half_days.filter(outcome="", day__lte=localdate(now)).order_by("day")[:n]}
    attendance.record(
        by=setting.viewer(by, now), entries=attendance.as_planned(rows), mode=Mode.PAPER, signed_by_both=True, now=now
    )
    return fresh(placement)


def sentence(**changes: Any) -> SentenceData:
    """A sentence of 105 hours in twelve months, decided sixty days ago."""
    today = localdate()
    values: dict[str, Any] = {
        "basis": "tig_main", "court": "Tribunal judiciaire", "offence_code": "C", "minutes": 105 * 60, "months": 12,
        "has_fallback": True, "born_on": date(1995, 5, 5), "facts_on": today - timedelta(days=200),
        "decided_on": today - timedelta(days=60), "enforceable_on": today - timedelta(days=50),
        "last_useful_on": today + timedelta(days=180),
    }  # fmt: skip
    return SentenceData(**(values | changes))


def one(placement: TigPlacement) -> HalfDay:
    """Return the first half-day planned."""
    return placement.half_days.order_by("day", "half")[0]


def enter(setting: Setting, row: HalfDay, now: datetime, **changes: Any) -> Any:
    """Record one half-day from the signed sheet."""
    values = {"outcome": Outcome.WORKED, "starts_at": row.starts_at, "ends_at": row.ends_at, "break_minutes": 0}
    entry = Entry(half_day_id=row.pk, **(values | changes))
    return attendance.record(
        by=setting.viewer("host", now), entries=[entry], mode=Mode.PAPER, signed_by_both=True, now=now
    )


def fresh(placement: TigPlacement) -> TigPlacement:
    """Return the placement as stored now."""
    return TigPlacement.objects.select_related("post__host", "territory", "organisation", "supervisor").get(
        pk=placement.pk
    )
