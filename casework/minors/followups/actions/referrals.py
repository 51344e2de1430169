"""Saisines: receiving, sorting (SIT-01, SIT-02, SIT-08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action, require
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Writing
from casework.casefile.references import new_reference
from casework.casefile.retention import purge_check_on, purge_date
from casework.errors import InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import circle, counts, duplicates
from casework.minors.followups.codes import (
    CircleReason,
    Gateway,
    NoticeStatus,
    ReferralOrigin,
    ReferralReason,
    Stage,
    Urgency,
)
from casework.minors.followups.data import PersonData, ReferralData, RepresentativeData
from casework.minors.followups.models import FollowedPerson, FollowUp, LegalRepresentative, Notice, Referral
from casework.minors.followups.states import LIFECYCLE
from casework.partners import reads as partners
from casework.partners.models import Organisation, Territory, WatchGroup
from casework.sealing import keys

MAX_LIST = 30
INFORMATION_DAYS = 30  # DL-02, RGPD 14: at most one month after receipt


def refer(*, by: Viewer, data: ReferralData, now: datetime) -> FollowUp:
    """Receive a saisine from a member or the coordinator; a member service enters the circle.

    Raises AccessRefused, InputRefused (codes, age), GuardRefused (no group rules in force).
    """
    require(by, Action.CREATE, facts.creation_facts(by, DataClass.YOUTH_REFERRAL, now), now)
    group = WatchGroup.objects.select_related("territory").get(pk=facts.group_to_refer(by))
    check(data, now)
    if FollowedPerson.objects.filter(pk=data.person_id).exists():
        data = replace(data, person_id=uuid4())  # the form's id is taken, or not ours: nothing is told (T-20)
    keys.ensure(data.person_id)
    with audit.writing(by, now=now) as w:
        follow_up = receive(w, by=by, group=group, data=data, now=now)
        organisation = Organisation.objects.get(pk=by.organisation_id)
        if organisation in partners.member_organisations(group, now):
            circle.add(
                w, by=by, follow_up=follow_up, organisation=organisation, reason=CircleReason.REFERRED, now=now,
                in_charge=by.mandate_id,
            )  # fmt: skip
    duplicates.after_receipt([follow_up.pk], territory_id=group.territory_id, now=now)
    return follow_up


def refer_list(*, by: Viewer, rows: Sequence[ReferralData], now: datetime) -> UUID:
    """Receive a list of at most 30 saisines, all or none, under one batch id; return it.

    Raises AccessRefused, InputRefused (codes, age, length), GuardRefused.
    """
    require(by, Action.CREATE, facts.creation_facts(by, DataClass.YOUTH_REFERRAL, now), now)
    if not rows:
        raise InputRefused("La liste est vide.", field="rows")
    if len(rows) > MAX_LIST:
        raise InputRefused(f"Une liste compte au plus {MAX_LIST} élèves.", field="rows")
    group = WatchGroup.objects.select_related("territory").get(pk=facts.group_to_refer(by))
    for data in rows:
        check(data, now)
    batch = uuid4()
    keys.ensure(*(data.person_id for data in rows))
    organisation = Organisation.objects.get(pk=by.organisation_id)
    with audit.writing(by, now=now) as w:
        sits = organisation in partners.member_organisations(group, now)
        received = []
        for data in rows:
            follow_up = receive(w, by=by, group=group, data=replace(data, batch=batch), now=now)
            if sits:
                circle.add(
                    w, by=by, follow_up=follow_up, organisation=organisation, reason=CircleReason.REFERRED, now=now,
                    in_charge=by.mandate_id,
                )  # fmt: skip
            received.append(follow_up.pk)
    duplicates.after_receipt(received, territory_id=group.territory_id, now=now)
    return batch


def check(data: ReferralData, now: datetime) -> None:
    """Raise InputRefused on a code that is not in its list, no reason, or an age out of reach."""
    if not data.reasons:
        raise InputRefused("Choisissez au moins un motif.", field="reasons")
    for value, codes, field in (
        *((reason, ReferralReason, "reasons") for reason in data.reasons),
        (data.origin, ReferralOrigin, "origin"),
        (data.gateway, Gateway, "gateway"),
        (data.urgency, Urgency, "urgency"),
    ):
        if value not in codes.values:
            raise InputRefused("Choisissez une valeur de la liste.", field=field)
    if data.origin == ReferralOrigin.STREET_OUTREACH and data.gateway != Gateway.PERSON_AGREEMENT:
        # SEC-09: street outreach works by free adherence; a name comes only with the youth's agreement.
        raise InputRefused(
            "La prévention spécialisée ne nomme un jeune qu’avec son accord : recueillez-le, ou posez une question"
            " sans nom.",
            field="gateway",
        )
    data.person.check_age(localdate(now))


def receive(
    w: Writing,
    *,
    by: Actor,
    group: WatchGroup,
    data: ReferralData,
    now: datetime,
) -> FollowUp:
    """Write person, representatives, situation, referral and the information to give, in an open transaction."""
    territory = group.territory
    person = person_row(data.person, data.person_id, territory)
    person.save(force_insert=True)
    w.note(Act.CREATE, person, subjects=[person.pk], classes=[DataClass.YOUTH_IDENTITY])
    born_on = data.person.birth_date
    purge_on = purge_date(born_on=born_on, ended_on=None)
    follow_up = FollowUp(
        subject_id=person.pk,
        territory=territory,
        group=group,
        person=person,
        reference=free_references(territory, now, 1)[0],
        received_at=now,
        information_due_on=localdate(now) + timedelta(days=INFORMATION_DAYS),
        purge_on=purge_on,
        purge_check_on=purge_check_on(purge_on),
        assessment={},
    )
    LIFECYCLE.apply(follow_up, Stage.REFERRED, w=w, by=by, now=now)
    referral = Referral(
        subject_id=person.pk,
        territory=territory,
        follow_up=follow_up,
        origin=data.origin,
        gateway=data.gateway,
        urgency=data.urgency,
        reasons=list(data.reasons),
        referred_by=data.referred_by,
        organisation_id=data.organisation_id or by.organisation_id,
        author_mandate_id=by.mandate_id,
        received_at=now,
        more_asked="",
        batch=data.batch,
    )
    referral.save()
    w.note(Act.CREATE, referral, subjects=[person.pk], classes=[DataClass.YOUTH_REFERRAL], why=data.origin)
    counts.received(w, territory.pk, data.origin, now)
    representatives = representative_rows(data.representatives, person)
    for row in representatives:
        row.save(force_insert=True)
        w.note(Act.CREATE, row, subjects=[person.pk], classes=[DataClass.YOUTH_REPRESENTATIVES])
    for representative in (None, *representatives):
        add_notice(follow_up, representative, data)
    return follow_up


def free_references(territory: Territory, now: datetime, wanted: int) -> list[str]:
    """Return random references that no situation carries, by one query whatever their number.

    The unique constraint still has the last word.
    """
    free: set[str] = set()
    while len(free) < wanted:
        drawn = {new_reference(territory.prefix, localdate(now).year) for _ in range(wanted - len(free))}
        free |= drawn - set(FollowUp.objects.filter(reference__in=drawn).values_list("reference", flat=True))
    return list(free)


def person_row(data: PersonData, person_id: UUID, territory: Territory) -> FollowedPerson:
    """Return a person on the whitelist, not written yet (WL-01 to WL-07)."""
    return FollowedPerson(
        id=person_id,
        subject_id=person_id,
        territory=territory,
        last_name=data.last_name.strip(),
        first_name=data.first_name.strip(),
        sex=data.sex,
        birth_date=data.birth_date,
        birth_precision=data.birth_precision,
        address=data.address.strip(),
        phone=data.phone.strip(),
        email=data.email.strip(),
        card=data.card(),
        school_level=data.school_level,
        school=data.school.strip(),
        occupation_status=data.occupation_status,
    )


def representative_rows(rows: tuple[RepresentativeData, ...], person: FollowedPerson) -> list[LegalRepresentative]:
    """Return the representatives, not written yet, to be sealed under the young person's key (WL-06)."""
    return [
        LegalRepresentative(
            subject_id=person.pk,
            territory_id=person.territory_id,
            person=person,
            last_name=data.last_name.strip(),
            first_name=data.first_name.strip(),
            relation=data.relation,
            holds_authority=data.holds_authority,
            address=data.address.strip(),
            phone=data.phone.strip(),
            email=data.email.strip(),
            position=position,
        )
        for position, data in enumerate(rows)
    ]


def add_notice(follow_up: FollowUp, representative: LegalRepresentative | None, data: ReferralData) -> Notice:
    """Open the information of one recipient; what the referring service did still waits to be confirmed."""
    notice = Notice(
        subject_id=follow_up.subject_id,
        territory_id=follow_up.territory_id,
        follow_up=follow_up,
        representative=representative,
        attempts=[],
    )
    if data.informed is not None and representative is not None:
        notice.status = NoticeStatus.INFORMED
        notice.informed_on = data.informed.on
        notice.channel = data.informed.channel
        notice.informed_by_id = data.informed.organisation_id
    notice.save()
    return notice
