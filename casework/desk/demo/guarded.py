"""What guards the town's files: somebody shut out, an agreement asked, an access asked, an emergency reviewed."""

from __future__ import annotations

from datetime import timedelta

from casework import audit
from casework.access.approvals.codes import ApprovalReason
from casework.access.asking import actions as asking
from casework.access.duty import actions as standings
from casework.access.duty.models import StandingKind
from casework.access.emergencies import actions as emergencies
from casework.access.emergencies.codes import EmergencyReason, Verdict
from casework.access.exclusions import Ground
from casework.access.exclusions import actions as exclusions
from casework.access.matrix import DataClass
from casework.access.protection import actions as protection
from casework.desk.demo.papers import hand_in
from casework.desk.demo.story import Story
from casework.minors.followups.access_room import target_of
from casework.minors.followups.actions import referrals
from casework.minors.followups.codes import BirthPrecision, Gateway, ReferralOrigin, ReferralReason, Stage
from casework.minors.followups.data import PersonData, ReferralData
from casework.minors.followups.models import FollowUp, FollowUpQuerySet
from casework.rights import actions as incidents
from casework.rights.codes import Breach, Cause, Persons, Risk


def guarded(story: Story) -> None:
    """Tell them, each through the same acts as on screen."""
    rows: FollowUpQuerySet = FollowUp.objects.filter(group=story.town.group, state=Stage.FOLLOWED)
    rows = rows.select_related("person").order_by("reference")
    _shut_out_and_asked(story, rows)
    _access_asked(story, rows)
    _emergency(story, rows)
    _left_to_the_dpo(story, rows)
    hand_in(story, rows)
    _violations(story)


def _shut_out_and_asked(story: Story, rows: FollowUpQuerySet) -> None:
    """One educator declared long ago that it knows the family; the coordinator asks to lift it, nobody answered yet."""
    row = rows.filter(circle__organisation=story.town.mandates["addap"].organisation, circle__ends_at=None).first()
    if row is None:
        return
    now = story.at(story.today - timedelta(days=40), 11)
    with story.moment("coordinator", now) as viewer:
        shut = exclusions.shut_out(
            by=viewer, target=target_of(row), agent_id=story.town.mandates["addap"].agent_id, ground=Ground.KIN, now=now
        )
        protection.protect(by=viewer, person_id=row.subject_id, territory_id=row.territory_id, now=now)
    now = story.at(story.today - timedelta(days=1), 16)
    with story.moment("coordinator", now) as viewer:
        exclusions.ask_to_lift(
            by=viewer, exclusion_id=shut.pk, reason=ApprovalReason.CHANGE, now=now,
            words="La famille a déménagé, l’éducateur n’est plus voisin.",
        )  # fmt: skip


def _access_asked(story: Story, rows: FollowUpQuerySet) -> None:
    """A service heard a reference in a corridor."""
    outside = rows.exclude(circle__organisation=story.town.mandates["mds"].organisation, circle__ends_at=None)
    row = outside.last()
    if row is None:
        return
    now = story.at(story.today - timedelta(days=1), 9, 40)
    with story.moment("mds", now) as viewer:
        asking.ask(by=viewer, reference=row.reference, reason="oriented", now=now)


def _emergency(story: Story, rows: FollowUpQuerySet) -> None:
    """Ten days ago an AEMO worker looked for a child; the coordinator found it justified."""
    outside = rows.exclude(circle__organisation=story.town.mandates["aemo"].organisation, circle__ends_at=None)
    row = outside.exclude(reference=rows[0].reference).first()
    if row is None:
        return
    day = story.today - timedelta(days=10)
    now = story.at(day, 9)
    with story.moment("coordinator", now) as viewer:
        standings.name(
            by=viewer, mandate_id=story.town.mandates["aemo"].pk, kind=StandingKind.EMERGENCY, from_day=day,
            to_day=story.today + timedelta(days=60), now=now,
        )  # fmt: skip
    now = story.at(day, 18, 20)
    with story.moment("aemo", now) as viewer:
        with audit.reading(
            audit.system_actor(row.territory_id), subjects=[row.subject_id], classes=[DataClass.YOUTH_IDENTITY],
            purpose=audit.Purpose.SYSTEM, act=audit.Act.SYSTEM,
        ):  # fmt: skip
            last, first, born = row.person.last_name or "", row.person.first_name or "", row.person.birth_date
        if born is None:
            return
        episode = emergencies.open_record(
            by=viewer, last_name=last, first_name=first, born=born, reason=EmergencyReason.DANGER, now=now,
            words="Disparition signalée à la sortie du collège, la famille appelle le service.",
        )  # fmt: skip
    now = story.at(day + timedelta(days=1), 10)
    with story.moment("coordinator", now) as viewer:
        emergencies.review(by=viewer, episode_id=episode.pk, verdict=Verdict.JUSTIFIED, now=now)


def _left_to_the_dpo(story: Story, rows: FollowUpQuerySet) -> None:
    """A neighbour of the coordinator is referred again by another service: only the DPO may compare the two files."""
    row = rows.filter(circle__organisation=story.town.mandates["mds"].organisation, circle__ends_at=None).last()
    if row is None:
        return
    now = story.at(story.today - timedelta(days=4), 9, 15)
    with audit.reading(
        audit.system_actor(row.territory_id), subjects=[row.subject_id], classes=[DataClass.YOUTH_IDENTITY],
        purpose=audit.Purpose.SYSTEM, act=audit.Act.SYSTEM,
    ):  # fmt: skip
        person = PersonData(
            last_name=row.person.last_name or "", first_name=row.person.first_name or "",
            birth_date=row.person.birth_date, birth_precision=row.person.birth_precision or BirthPrecision.DAY,
            sector="Maille 2",
        )  # fmt: skip
    with story.moment("coordinator", now) as viewer:
        exclusions.declare(by=viewer, target=target_of(row), now=now)
    now = story.at(story.today - timedelta(days=2), 11, 5)
    with story.moment("addap", now) as viewer:
        referrals.refer(
            by=viewer, now=now,
            data=ReferralData(
                person=person, origin=ReferralOrigin.STREET_OUTREACH, gateway=Gateway.PERSON_AGREEMENT,
                reasons=(ReferralReason.SCHOOL_DROPOUT,),
            ),
        )  # fmt: skip


def _violations(story: Story) -> None:
    """A road map forgotten in a bus two months ago, told and closed; a message gone astray yesterday, to be assessed."""
    day = story.today - timedelta(days=60)
    found, now = story.at(day, 17, 40), story.at(day, 18, 5)
    with story.moment("coordinator", now) as viewer:
        incident = incidents.note(
            by=viewer, now=now,
            data=incidents.Noted(
                breach=Breach.CONFIDENTIALITY, cause=Cause.LOST_PAPER, discovered_at=found, persons=Persons.FEW,
                facts="L’ordre du jour imprimé, sans nom mais avec des initiales, est resté dans le bus.",
            ),
        )  # fmt: skip
    now = story.at(day + timedelta(days=1), 10)
    with story.moment("dpo", now) as viewer:
        incidents.assess(
            by=viewer, incident=incident, risk=Risk.RISK, persons=Persons.FEW, now=now,
            effects="Des initiales et un secteur peuvent se reconnaître dans le quartier.",
            measures="Feuille rendue par le conducteur et détruite. L’ordre du jour ne quitte plus la mairie.",
        )  # fmt: skip
        incidents.notify(by=viewer, incident=incident, notified_at=now, now=now)
    now = story.at(day + timedelta(days=20), 10)
    with story.moment("dpo", now) as viewer:
        incidents.close(by=viewer, incident=incident, now=now)
    now = story.at(story.today - timedelta(days=1), 15, 20)
    with story.moment("coordinator", now) as viewer:
        incidents.note(
            by=viewer, now=now,
            data=incidents.Noted(
                breach=Breach.CONFIDENTIALITY, cause=Cause.WRONG_RECIPIENT, discovered_at=story.at(story.today - timedelta(days=1), 14),
                facts="Une invitation a été envoyée à l’adresse d’un ancien membre du groupe.",
            ),
        )  # fmt: skip
