"""What a visitor should find on the first day: one of each thing that waits, told through the same acts as on screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from casework.access.accounts import demo
from casework.desk.demo.guarded import guarded
from casework.desk.demo.story import TABLE, Story
from casework.desk.demo.watched import watched
from casework.minors.followups import codes
from casework.minors.followups.actions import circle, imports, links, mayor, points, referrals, steps, who_knows
from casework.minors.followups.data import PersonData, ReferralData
from casework.minors.followups.models import CircleMembership, FollowUp
from casework.minors.sessions.actions import questions
from casework.minors.sessions.codes import AgeBand, QuestionTopic
from casework.partners.actions import mandates
from casework.partners.models import GroupMembership, Organisation

OLD_SPREADSHEET = """Nom;Prénom;Né(e) le;Quartier;Motif;Orienté par;Date d’entrée;Observations
OLIVIERI;Mathéo;14/3/{y15};Centre;décrochage scolaire;collège;12/1/{y0};vu le 3 avec sa mère
SISSOKO;Aminata;2 juin {y16};Maille 2;fugue, incivilités;éducateurs;5 février {y0};
GARCIA;Enzo;{y14};Les Molières;regroupements;bailleur;03/03/{y0};à rappeler
GARCIA;ENZO;{y14};Les Molières;regroupements;bailleur;03/03/{y0};
PONS;Lola;31/02/{y13};Centre;dégradations;police municipale;17/04/{y0};
"""


def tell(story: Story) -> None:
    """Add to the finished town what waits for somebody."""
    accounts(story)
    a_month_of_promises(story)
    a_link_used(story)
    a_duplicate(story)
    who_knows_open(story)
    a_question_without_name(story)
    a_point(story)
    a_page_for_the_mayor(story)
    a_deputy(story)
    an_old_spreadsheet(story)
    guarded(story)
    watched(story)


def accounts(story: Story) -> None:
    """Give everybody of the town a password and a phone: nobody looks uninvited. The demo only, not its tests."""
    if not demo.is_on():
        return
    for mandate in story.town.mandates.values():
        demo.prepare(mandate.agent, story.at(story.today, 8))


def a_month_of_promises(story: Story) -> None:
    """Give each service of the table, and the coordinator, something late and something due this week."""
    used: set[UUID] = set()
    for key in (*TABLE, "coordinator"):
        organisation = story.town.mandates[key].organisation
        rows = (
            FollowUp.objects.filter(
                group=story.town.group,
                state=codes.Stage.FOLLOWED,
                circle__organisation=organisation,
                circle__ends_at=None,
            )
            .exclude(pk__in=used)
            .order_by("reference")[:3]
        )
        used |= {row.pk for row in rows}
        plan = (
            (18, -4, codes.ActionType.FAMILY_MEETING, "passage à la maison"),
            (12, 2, codes.ActionType.SCHOOL_RETURN, "rendez-vous au collège"),
            (10, 4, codes.ActionType.TRAINING_OR_JOB, "dossier à déposer"),
        )
        for follow_up, (ago, due, kind, precision) in zip(rows, plan, strict=False):
            now = story.at(story.today - timedelta(days=ago), 15)
            with story.moment("coordinator", now) as viewer:
                steps.decide(
                    by=viewer, follow_up=follow_up, kind=kind, owner=organisation, precision=precision,
                    due_on=story.today + timedelta(days=due), now=now,
                )  # fmt: skip


def a_link_used(story: Story) -> None:
    """Let the lycée use one single-use link, and leave another unused with the landlord."""
    made = story.at(story.today - timedelta(days=5), 9)
    with story.moment("coordinator", made) as viewer:
        new = [
            links.create(
                by=viewer, organisation_id=story.town.organisations[key].pk, email=f"accueil-{key}@miramont.example",
                days=links.VALID_DAYS[-1], now=made,
            )
            for key in ("lycee", "landlord")
        ]  # fmt: skip
    used = story.at(story.today - timedelta(days=3), 16, 20)
    link = links.find(new[0].url.rstrip("/").rsplit("/", 1)[-1])
    data = _referral(story, story.inventor.person(), codes.ReferralOrigin.SCHOOL, codes.Gateway.CSI_L132_5)
    if link is not None:
        with story.moment("coordinator", used):
            links.refer_by_link(link=link, data=data, now=used)


def _referral(story: Story, child: PersonData, origin: str, gateway: str, key: str = "") -> ReferralData:
    return ReferralData(
        person=child, representatives=story.inventor.parents(child), origin=origin, gateway=gateway,
        reasons=(codes.ReferralReason.SCHOOL_DROPOUT,),
        organisation_id=story.town.mandates[key].organisation_id if key else None,
    )  # fmt: skip


def a_duplicate(story: Story) -> None:
    """Let two services bring the same child, written in two ways."""
    child = story.inventor.person()
    again = replace(child, first_name=child.first_name.upper(), phone="")
    for key, days, person, origin, gateway in (
        ("mds", 4, child, codes.ReferralOrigin.SOCIAL_SERVICE, codes.Gateway.CASF_L121_6_2),
        ("addap", 2, again, codes.ReferralOrigin.STREET_OUTREACH, codes.Gateway.PERSON_AGREEMENT),
    ):
        now = story.at(story.today - timedelta(days=days), 10)
        with story.moment(key, now) as viewer:
            referrals.refer(by=viewer, data=_referral(story, person, origin, gateway, key), now=now)


def who_knows_open(story: Story) -> None:
    """Ask the services about two situations whose families are informed."""
    now = story.at(story.today - timedelta(days=1), 9, 15)
    with story.moment("coordinator", now) as viewer:
        ready = list(who_knows.askable(viewer, now).filter(state=codes.Stage.INFORMED).order_by("reference")[:2])
        who_knows.ask(
            by=viewer, follow_up_ids=[row.pk for row in ready],
            organisation_ids=[story.town.organisations[key].pk for key in TABLE],
            answer_by=story.today + timedelta(days=1), now=now,
        )  # fmt: skip


def a_question_without_name(story: Story) -> None:
    """Let the AEMO ask without naming anybody."""
    now = story.at(story.today - timedelta(days=2), 11)
    with story.moment("aemo", now) as viewer:
        data = questions.QuestionData(topic=QuestionTopic.SCHOOL, age_band=AgeBand.B13, sector="Maille 2")
        questions.ask(by=viewer, data=data, now=now)


def a_point(story: Story) -> None:
    """Let the street educators and another service of the circle hold a point restreint by telephone."""
    town, now = story.town, story.at(story.today - timedelta(days=3), 17)
    inside = CircleMembership.objects.filter(ends_at=None, organisation=town.organisations["addap"])
    follow_up = (
        FollowUp.objects.filter(state=codes.Stage.FOLLOWED, pk__in=inside.values("follow_up_id"))
        .order_by("reference")
        .last()
    )
    if follow_up is None:
        return
    other = (
        Organisation.objects.filter(pk__in=follow_up.circle.filter(ends_at=None).values("organisation_id"))
        .exclude(pk__in=[town.organisations[key].pk for key in ("addap", "town")])
        .first()
    )
    if other is None:
        other = town.organisations["mds"]
        with story.moment("coordinator", now - timedelta(days=1)) as viewer:
            circle.enter(
                by=viewer, follow_up=follow_up, organisation=other, reason=codes.CircleReason.KNOWS,
                now=now - timedelta(days=1),
            )  # fmt: skip
    with story.moment("addap", now) as viewer:
        points.hold(
            by=viewer, follow_up=follow_up, organisation_ids=[other.pk], held_at=now - timedelta(minutes=30),
            channel=codes.PointChannel.PHONE, precision="essai au centre social dès mercredi", now=now,
            decisions=[
                points.Decision(
                    kind=codes.ActionType.LEISURE_OR_SPORT, owner_id=other.pk, due_on=story.today + timedelta(days=3)
                )
            ],
        )  # fmt: skip


def a_page_for_the_mayor(story: Story) -> None:
    """Put one page before the mayor."""
    now = story.at(story.today - timedelta(days=2), 14)
    youngest = story.today.year - 17  # a minor, whose parents are on the page
    row = next(
        (
            follow_up
            for follow_up in FollowUp.objects.filter(state=codes.Stage.FOLLOWED).order_by("-reference")
            if story.born.get(follow_up.pk, story.today).year > youngest
        ),
        None,
    )
    if row is None:
        return
    with story.moment("coordinator", now) as viewer:
        page = mayor.prepare(
            by=viewer, follow_up=row, act=codes.MayorAct.WARNING, gateway=codes.Gateway.CSI_L132_3,
            ground=codes.MayorGround.INCIVILITY, now=now,
        )  # fmt: skip
        mayor.send(by=viewer, follow_up=row, disclosure_id=page.pk, now=now)


def a_deputy(story: Story) -> None:
    """Let the MDS switch a stand-in on for the week."""
    now = story.at(story.today - timedelta(days=1), 8, 30)
    membership = GroupMembership.objects.get(group=story.town.group, organisation=story.town.organisations["mds"])
    with story.moment("mds", now) as viewer:
        mandates.switch_deputy_on(
            by=viewer, membership=membership, mandate_id=story.town.mandates["mds_worker"].pk,
            from_day=story.today - timedelta(days=1), to_day=story.today + timedelta(days=6), now=now,
        )  # fmt: skip


def an_old_spreadsheet(story: Story) -> None:
    """Leave an old spreadsheet deposited, with lines to check, waiting to be imported."""
    now = story.at(story.today - timedelta(days=1), 16)
    year = story.today.year
    text = OLD_SPREADSHEET.format(y0=year, **{f"y{age}": year - age for age in (13, 14, 15, 16)})
    with story.moment("coordinator", now) as viewer:
        imports.deposit(by=viewer, content=text.encode("cp1252"), now=now)
