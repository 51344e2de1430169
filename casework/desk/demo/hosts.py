"""Who receives in Miramont: twelve hosts at every stage, thirty posts with their half-days, accreditations and tutors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.timezone import localdate

from casework.casefile.calendar import next_working_day
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.desk.demo.story import Story
from casework.placements.hosts.actions import accreditations, posts, structures
from casework.placements.hosts.codes import PROSPECTED, AccreditationState, AccreditedFor, Half, HostStage, NextStep
from casework.placements.hosts.data import HalfDayData, HostData, OutOfUseData, PostData
from casework.placements.hosts.models import HostStructure, Post, Supervisor

AM, PM = Half.AM, Half.PM
HOURS = {AM: (time(8, 30), time(12)), PM: (time(13, 30), time(17))}
WORK = ((0, AM), (0, PM), (1, AM), (1, PM), (2, AM), (3, AM), (3, PM), (4, AM))
MORNINGS = tuple((day, AM) for day in range(5))
AFTERNOONS = tuple((day, PM) for day in (0, 1, 3))
WEEKEND = ((2, PM), (5, AM), (5, PM))
A, M, B = "adults", "minors", "both"


@dataclass(frozen=True)
class Work:
    """One post of the fiction."""

    nature: str
    activity: str
    audience: str
    week: tuple[tuple[int, Half], ...]
    places: int = 1
    needs: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    collective: bool = False
    state: str = "listed"


@dataclass(frozen=True)
class House:
    """One host of the fiction. `account`: key of its organisation and of the function that manages its posts."""

    name: str
    kind: str
    sector: str
    stage: HostStage
    contact: str
    tutors: tuple[str, ...] = ()
    works: tuple[Work, ...] = ()
    account: tuple[str, str] | None = None
    accredited: tuple[tuple[str, int], ...] = ()  # public, days since the decision
    funding: str = "none"


TOWN = ("town", "tig_referent")
ACCOUNTS = ("tig_referent", "host", "tutor")  # the functions that receive
HOUSES = (
    House("Ville de Miramont – espaces verts", "public", "Centre", HostStage.AGREED, "Nicole Brun", ("Alain Roca", "Sofia Marin"), (
        Work("Entretien des massifs et des allées", "green_spaces", B, WORK, 2, ("outdoors", "standing")),
        Work("Arrosage et désherbage du parc des Salins", "green_spaces", A, MORNINGS, 2, ("outdoors", "heavy_loads")),
        Work("Taille des haies", "green_spaces", A, MORNINGS, 1, ("outdoors", "heights"), ("machines", "falls")),
    ), TOWN, funding="municipal"),
    House("Ville de Miramont – propreté", "public", "Maille 2", HostStage.AGREED, "Nicole Brun", ("Kader Slimani",), (
        Work("Nettoyage des abords des écoles", "cleaning", B, MORNINGS, 2, ("outdoors",)),
        Work("Enlèvement des affiches et des tags", "cleaning", A, WORK, 1, ("outdoors", "standing"), ("chemicals",)),
        Work("Tri au centre technique", "environment", A, AFTERNOONS, 2, ("heavy_loads",), state="suspended"),
    ), TOWN, funding="municipal"),
    House("Ville de Miramont – bâtiments", "public", "Centre", HostStage.AGREED, "Nicole Brun", ("Luc Ferrer",), (
        Work("Peinture des salles municipales", "building", A, WORK, 2, ("standing",), collective=True),
        Work("Petites réparations dans les écoles", "building", A, AFTERNOONS, 1, ("heights",), ("falls",)),
        Work("Montage des salles pour les associations", "culture", B, WEEKEND, 2, ("heavy_loads",)),
    ), TOWN, funding="municipal"),
    House("Médiathèque des Molières", "public", "Les Molières", HostStage.AGREED, "Judith Amar", ("Judith Amar",), (
        Work("Rangement et couverture des livres", "culture", B, AFTERNOONS, 1, ("reading",)),
        Work("Préparation des ateliers du mercredi", "culture", M, ((2, AM), (2, PM)), 1, ("public_contact",)),
    ), TOWN),
    House("Régie de quartier des Molières", "association", "Les Molières", HostStage.AGREED, "Serge Pinel", ("Serge Pinel", "Mona Kaci"), (
        Work("Entretien des halls et des paliers", "cleaning", A, MORNINGS, 2, ("standing",)),
        Work("Remise en état de logements", "building", A, WORK, 2, ("heavy_loads", "standing"), collective=True),
        Work("Jardin partagé", "green_spaces", B, ((2, AM), (2, PM), (4, AM)), 3, ("outdoors",), collective=True),
        Work("Petits travaux chez les locataires âgés", "solidarity", A, WORK, 1, ("public_contact",)),
        Work("Collecte des encombrants", "environment", A, ((1, AM), (4, PM)), 1, ("heavy_loads", "driving")),
    ), ("host", "host"), (("adults", 1700), ("minors", 200)), "fipd"),
    House("Épicerie solidaire La Passerelle", "association", "Centre", HostStage.AGREED, "Odette Vial", ("Odette Vial",), (
        Work("Mise en rayon et accueil", "solidarity", A, AFTERNOONS, 1, ("public_contact", "heavy_loads")),
        Work("Préparation des colis", "solidarity", B, MORNINGS, 2, ()),
    ), None, (("adults", 400), ("minors", 390)), "town_policy"),
    House("Ressourcerie du Delta", "ess", "Maille 2", HostStage.AGREED, "Bastien Roux", ("Bastien Roux", "Inès Paoli"), (
        Work("Tri et nettoyage des dons", "environment", A, WORK, 3, ("standing",)),
        Work("Réparation de vélos", "environment", A, AFTERNOONS, 1, (), ("machines",)),
        Work("Vente en boutique", "administration", A, WEEKEND, 1, ("public_contact", "reading"), state="draft"),
    ), None, (("adults", 1780),), "fipd"),
    House("Hôpital local de Miramont", "private_public_service", "Centre", HostStage.AGREED, "Florence Guy", ("Florence Guy",), (
        Work("Aide en cuisine", "catering", A, WORK, 1, ("standing",), ("infection",)),
        Work("Lingerie", "cleaning", A, MORNINGS, 1, ("standing", "heavy_loads"), ("infection", "chemicals")),
        Work("Brancardage", "administration", A, AFTERNOONS, 1, ("heavy_loads",), ("infection",), state="opinions_asked"),
    ), None, (("adults", 900),)),
    House("Office de tourisme", "public", "Centre", HostStage.AGREED, "Jean-Marc Lhote", ("Jean-Marc Lhote",), (
        Work("Préparation des expositions", "culture", A, AFTERNOONS, 1, ("standing",)),
        Work("Balisage des sentiers", "environment", B, WEEKEND, 2, ("outdoors", "no_transport")),
    ), TOWN),
    House("Club sportif des Salins", "association", "Maille 2", HostStage.AGREED, "Nordine Hami", ("Nordine Hami",), (
        Work("Entretien des vestiaires et du terrain", "sport", B, WEEKEND, 2, ("outdoors",)),
        Work("Entretien du matériel", "sport", A, AFTERNOONS, 1, ("standing",)),
        Work("Préparation des tournois", "sport", M, ((2, PM),), 2, ("public_contact", "children"), collective=True),
    ), None, (("adults", 300), ("minors", 300)), "town_policy"),
    House("Refuge animalier du Grès", "association", "Les Molières", HostStage.AGREED, "Hélène Dury", ("Hélène Dury",), (
        Work("Nettoyage des boxes", "environment", A, WEEKEND, 1, ("outdoors", "no_transport"), state="opinions_asked"),
    ), None, (("adults", 20),)),
    House("Secours catholique", "association", "Centre", HostStage.INTERESTED, "Monique Testa"),
)  # fmt: skip
PROSPECTS = (
    ("Bailleur Provence Logis", "ess", HostStage.CONTACTED, ""),
    ("Cinéma associatif L’Étoile", "association", HostStage.TO_CONTACT, ""),
    ("Maison de retraite Les Pins", "private_public_service", HostStage.DECLINED, "no_supervisor"),
)
# What comes next with whom, and in how many days: one is late.
STEPS = (
    ("Bailleur Provence Logis", NextStep.MEET, 6),
    ("Cinéma associatif L’Étoile", NextStep.CALL, -3),
    ("Secours catholique", NextStep.SIGN, 12),
)
SAID = (
    "La direction rappelle après le conseil d’administration.",
    "Intéressée par deux places le mercredi, cherche qui encadrerait.",
    "Présentation envoyée, à relancer.",
)
# Accreditations on their way: host, public, how far, days since the request.
REQUESTS = (
    ("Secours catholique", A, AccreditationState.ASKED, 4),
    ("Refuge animalier du Grès", M, AccreditationState.OPINIONS_ASKED, 12),
    ("Ressourcerie du Delta", M, AccreditationState.REFUSED, 75),
)


def receive(story: Story) -> None:
    """Tell it, each through the same acts as on screen."""
    structures.give_sectors(story.town.territory, story.at(story.today - timedelta(days=400)))
    fiction = _Fiction(story)
    for number, house in enumerate(HOUSES):
        fiction.house(house, number)
    fiction.requests()
    fiction.prospects()
    fiction.out_of_use()


class _Fiction:
    def __init__(self, story: Story) -> None:
        self.story = story
        self.then = story.at(story.today - timedelta(days=330), 9)
        items = LocalItem.objects.filter(territory=story.town.territory)
        self.activities = {row.national_code: row for row in items.filter(list_code=ListCode.ACTIVITY_SECTOR)}
        self.sectors = {row.label: row for row in items.filter(list_code=ListCode.PLACE_SECTOR)}

    def house(self, house: House, number: int) -> None:
        """One host: prospected, under agreement, accredited, its tutors, its posts."""
        now = self.then + timedelta(days=number)
        with self.story.moment("coordinator", now) as viewer:
            host = structures.inscribe(by=viewer, data=self._data(house, number), now=now)
            structures.move(by=viewer, host=host, to=HostStage.CONTACTED, now=now)
        if house.stage is not HostStage.AGREED:
            with self.story.moment("coordinator", now) as viewer:
                structures.move(by=viewer, host=host, to=house.stage, now=now)
            return
        now += timedelta(days=10)
        with self.story.moment("spip", now) as viewer:
            structures.move(
                by=viewer, host=host, to=HostStage.AGREED, now=now, agreement_from=localdate(now),
                agreement_to=localdate(now) + timedelta(days=3 * 365),
            )  # fmt: skip
        host = HostStructure.objects.get(pk=host.pk)
        for public, days in house.accredited:
            self._accredit(host, public, days)
        tutors = [self._tutor(host, house, name, n, now) for n, name in enumerate(self._names(house))]
        for n, work in enumerate(house.works):
            manager = tutors[0] if house.account else tutors[n % len(tutors)]
            self._post(host, work, manager, now + timedelta(days=3 + n))
        for tutor in tutors:
            if tutor.mandate_id is not None and not tutor.is_manager:
                enrolled = self.story.at(self.story.today - timedelta(days=200), 9)
                with self.story.moment("host", enrolled) as viewer:
                    structures.set_phone(by=viewer, supervisor=tutor, allowed=True, now=enrolled)

    def _names(self, house: House) -> list[str]:
        """Who receives; where the host has an account, the person who holds it first."""
        if house.account is None:
            return list(house.tutors)
        manager = self.story.town.mandates[house.account[1]].agent.full_name
        return [manager, *(name for name in house.tutors if name != manager)]

    def _data(self, house: House, number: int) -> HostData:
        key = house.account[0] if house.account else ""
        account = self.story.town.organisations[key].pk if key else None
        return HostData(
            name=house.name, legal_kind=house.kind, contact=house.contact, phone=f"06 39 98 10 {number:02d}",
            email=f"accueil{number}@miramont.example", address=f"{number + 3} rue des Platanes, Miramont",
            sector=self.sectors[house.sector].pk, funding_line=house.funding, organisation=account,
        )  # fmt: skip

    def _accredit(self, host: HostStructure, public: str, days: int) -> None:
        """One decision of long ago, taken over; on screen it is near its end, or just given."""
        key = "pjj_lead" if public == AccreditedFor.MINORS else "spip"
        now = self.story.at(self.story.today - timedelta(days=12), 10)
        decided = self.story.today - timedelta(days=max(days, 12))
        with self.story.moment(key, now) as viewer:
            accreditations.record(
                by=viewer, host=host, audience=public, decided_on=decided, now=now,
                number=f"H{decided.year}-{host.name[:3].upper()}",
            )  # fmt: skip

    def _tutor(self, host: HostStructure, house: House, name: str, n: int, now: datetime) -> Supervisor:
        accounts = {row.agent.full_name: row.pk for row in (self.story.town.mandates[key] for key in ACCOUNTS)}
        mandate = accounts.get(name) if house.account else None
        with self.story.moment("spip", now) as viewer:
            tutor = structures.add_supervisor(
                by=viewer, host=host, name=name, is_manager=n == 0 or house.account is None, mandate_id=mandate, now=now
            )
            if n == 0:
                structures.add_training(
                    by=viewer,
                    supervisor=tutor,
                    held_on=localdate(now) - timedelta(days=20),
                    topic="welcome",
                    given_by="spip",
                    now=now,
                )
        return tutor

    def _post(self, host: HostStructure, work: Work, tutor: Supervisor, now: datetime) -> None:
        lists = ["pjj_lead"] if work.audience == M else ["spip", "pjj_lead"] if work.audience == B else ["spip"]
        data = PostData(
            nature=work.nature, activity=self.activities[work.activity].pk, audience=work.audience, needs=work.needs,
            risks=work.risks, collective=work.collective, sector=host.sector_id, address=host.address,
            method="Par équipes de deux, avec un agent de la structure.", access_note="Se présenter à l’accueil à 8 h 15.",
        )  # fmt: skip
        week = [
            HalfDayData(weekday=day, half=half, starts_at=HOURS[half][0], ends_at=HOURS[half][1], places=work.places)
            for day, half in work.week
        ]
        with self.story.moment(lists[0], now) as viewer:
            post = posts.describe(by=viewer, host=host, data=data, half_days=week, now=now)
            posts.set_managers(by=viewer, post=post, supervisors=[tutor.pk], now=now)
        if work.state == "draft":
            return
        asked = self.story.at(self.story.today - timedelta(days=6 if work.state == "opinions_asked" else 11), 11)
        with self.story.moment(lists[0], asked) as viewer:
            posts.ask_opinions(by=viewer, post=post, now=asked)
        if work.state == "opinions_asked":
            return
        listed = self.story.at(self.story.today - timedelta(days=1), 9)
        for key in lists:
            with self.story.moment(key, listed) as viewer:
                posts.enlist(by=viewer, post=post, now=listed)
        if work.state == "suspended":
            with self.story.moment("spip", listed) as viewer:
                posts.suspend(by=viewer, post=post, reason="works", now=listed)

    def requests(self) -> None:
        """Accreditations asked for: just received, waiting for the opinions, refused after them."""
        for name, public, state, days in REQUESTS:
            key = "pjj_lead" if public == AccreditedFor.MINORS else "spip"
            now = self.story.at(self.story.today - timedelta(days=days), 15)
            host = HostStructure.objects.get(name=name)
            with self.story.moment(key, now) as viewer:
                row = accreditations.ask(by=viewer, host=host, audience=public, now=now)
                if state != AccreditationState.ASKED:
                    accreditations.ask_opinions(by=viewer, accreditation=row, now=now)
            if state == AccreditationState.REFUSED:
                later = self.story.at(self.story.today - timedelta(days=days - 30), 15)
                with self.story.moment(key, later) as viewer:
                    accreditations.receive_opinions(by=viewer, accreditation=row, now=later)
                    accreditations.refuse(by=viewer, accreditation=row, decided_on=localdate(later), now=later)

    def prospects(self) -> None:
        """Those that are asked, and what they answered."""
        now = self.story.at(self.story.today - timedelta(days=25), 14)
        with self.story.moment("coordinator", now) as viewer:
            for name, kind, stage, reason in PROSPECTS:
                host = structures.inscribe(by=viewer, data=HostData(name=name, legal_kind=kind), now=now)
                if stage is not HostStage.TO_CONTACT:
                    structures.move(by=viewer, host=host, to=stage, now=now, decline_reason=reason)
                if stage in PROSPECTED:
                    structures.add_note(by=viewer, host=host, text=SAID[len(name) % len(SAID)], now=now)

        asked = self.story.at(self.story.today - timedelta(days=9), 15)
        with self.story.moment("coordinator", asked) as viewer:
            for name, step, days in STEPS:
                structures.plan_step(
                    by=viewer, host=HostStructure.objects.get(name=name), step=step,
                    on=next_working_day(self.story.today + timedelta(days=days)), now=asked,
                )  # fmt: skip

    def out_of_use(self) -> None:
        """Closings of the weeks to come, on every fifth post."""
        now = self.story.at(self.story.today - timedelta(days=1), 17)
        start: date = next_working_day(self.story.today + timedelta(days=9))
        rows = list(Post.objects.select_related("host").filter(state="listed").order_by("host__name", "nature"))
        with self.story.moment("spip", now) as viewer:
            for n, post in enumerate(rows[::5]):
                first = start + timedelta(days=7 * n)
                posts.close_places(
                    by=viewer, post=post, now=now,
                    data=OutOfUseData(
                        starts_on=first, ends_on=first + timedelta(days=4), reason=("supervision", "works", "closed")[n % 3],
                        places=1 if n % 2 else None,
                    ),
                )  # fmt: skip
