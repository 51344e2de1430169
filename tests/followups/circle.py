"""A situation ready for the circle: referred by the MDS, sorted, the family informed, followed by the street service."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.minors.followups.actions import circle, information, referrals, sorting, stages
from casework.minors.followups.codes import (
    CircleReason,
    Gateway,
    NoticeChannel,
    NoticeStatus,
    ReferralOrigin,
    ReferralReason,
    Sorting,
)
from casework.minors.followups.data import PersonData, ReferralData, RepresentativeData
from casework.minors.followups.models import FollowUp, Notice, Referral
from casework.partners.models import GroupRules, Mandate
from tests.people import People, viewer_of

NAME, FIRST = "Belkacem", "Yanis"


def situation(people: People, *, born: date | None = None, author: str = "mds_lead", last_name: str = NAME) -> FollowUp:
    """Refer a young person and return the situation, as received."""
    now = timezone.now()
    return referrals.refer(
        by=viewer_of(people.mandates[author]),
        data=ReferralData(
            person=PersonData(
                last_name=last_name, first_name=FIRST, birth_date=born or date(now.year - 15, 3, 12), sector="Maille 2",
                address="4 rue des Ormes",
            ),
            origin=ReferralOrigin.SOCIAL_SERVICE, gateway=Gateway.CSI_L132_5, reasons=(ReferralReason.RUNAWAY,),
            representatives=(
                RepresentativeData(last_name=last_name, first_name="Samia", address="4 rue des Ormes"),
                RepresentativeData(last_name="Perrin", first_name="Luc", relation="father", holds_authority=False),
            ),
        ),
        now=now,
    )  # fmt: skip


def followed(people: People, *others: str, **data: Any) -> FollowUp:
    """Return a followed situation: MDS and street service in the circle, then `others` (keys of SERVICES)."""
    follow_up = informed(people, **data)
    now = timezone.now()
    coordinator = viewer_of(people.coordinator)
    programme = LocalItem.objects.create(
        territory=people.territory, list_code=ListCode.PROGRAMME, label="Parcours", valid_from=date(2020, 1, 1)
    )
    stages.follow(
        by=coordinator, follow_up=follow_up, lead=people.outreach_service, programme=programme,
        next_review_on=now.date() + timedelta(days=30), now=now,
    )  # fmt: skip
    for key in others:
        circle.enter(
            by=coordinator, follow_up=follow_up, organisation=people.organisations[key], reason=CircleReason.KNOWS,
            now=now,
        )  # fmt: skip
    return follow_up


def informed(people: People, **data: Any) -> FollowUp:
    """Return a situation sorted, everybody informed."""
    follow_up = situation(people, **data)
    now = timezone.now()
    sort(people, follow_up, now)
    for notice in Notice.objects.filter(follow_up=follow_up):
        information.record(
            by=viewer_of(people.coordinator), notice_id=notice.pk, follow_up=follow_up, now=now,
            data=information.NoticeData(
                status=NoticeStatus.INFORMED, informed_on=now.date(), channel=NoticeChannel.PHONE
            ),
        )  # fmt: skip
        follow_up.refresh_from_db()
    follow_up.refresh_from_db()
    return follow_up


def sort(people: People, follow_up: FollowUp, now: datetime) -> None:
    """Sort the saisine as « à étudier »."""
    referral = Referral.objects.get(follow_up=follow_up)
    sorting.sort(by=viewer_of(people.coordinator), referral_id=referral.pk, choice=Sorting.TO_STUDY, now=now)
    assert Referral.objects.get(pk=referral.pk).sorting == Sorting.TO_STUDY
    follow_up.refresh_from_db()


def rules_say(people: People, **changes: Any) -> None:
    """Change the rules of the group as the application does: sealed again."""
    row = GroupRules.objects.get(pk=people.rules.pk)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()


def post(client: Any, url: str, **data: Any) -> Any:
    """Send a form with a fresh token."""
    return client.post(url, {"once": str(uuid.uuid4()), **data})


def events(act: str) -> int:
    """Return how many events of one act the journal holds."""
    from casework.audit.models import AuditEvent

    return AuditEvent.objects.filter(act=act).count()


def mandate_of(people: People, key: str) -> Mandate:
    """Return a mandate, read again."""
    return Mandate.objects.select_related("agent", "organisation").get(pk=people.mandates[key].pk)


__all__ = ["FIRST", "NAME", "events", "followed", "informed", "mandate_of", "post", "rules_say", "situation", "sort"]
