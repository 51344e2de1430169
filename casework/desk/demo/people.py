"""Invented young people and parents (Faker, French), one town's worth, always the same for a seed."""

from __future__ import annotations

import random
from datetime import date, timedelta

from faker import Faker

from casework.desk.demo.directory import SECTORS
from casework.minors.followups import codes
from casework.minors.followups.data import PersonData, RepresentativeData

# A southern town has names from everywhere; these join Faker's own.
SURNAMES = (
    "Belkacem", "Martinez", "Giordano", "Diallo", "Ben Salah", "N’Diaye", "Ferreira", "Saïd", "Ahamada", "Petrosyan",
    "Colombani", "Le Goff", "De Oliveira", "Mbaye", "Rossi", "Benoît", "Haddad", "Traoré", "Saint-Martin", "Gauthier",
)  # fmt: skip
# Faker's French first names are a generation older than the people of a cellule.
BOYS = (
    "Yanis", "Enzo", "Rayan", "Lucas", "Ilyès", "Noah", "Mathis", "Sofiane", "Nathan", "Adam", "Kylian", "Amine", "Théo",
    "Mehdi", "Léo", "Bilal", "Hugo", "Samy", "Tom", "Ibrahima", "Jules", "Nassim", "Gabriel", "Killian", "Djibril",
)  # fmt: skip
GIRLS = (
    "Inès", "Léa", "Lina", "Chloé", "Sarah", "Manon", "Aya", "Emma", "Océane", "Maëlys", "Assia", "Jade", "Camille",
    "Nour", "Louane", "Fatou", "Zoé", "Anaïs",
)  # fmt: skip
LEVELS = {11: "6e", 12: "5e", 13: "4e", 14: "3e", 15: "3e", 16: "2de", 17: "vocational"}


class Inventor:
    """Invents people, reproducibly."""

    def __init__(self, seed: int, today: date) -> None:
        self.random = random.Random(seed)  # noqa: S311 invented people, no secret
        self.faker = Faker("fr_FR")
        self.faker.seed_instance(seed)
        self.today = today

    def person(self) -> PersonData:
        """Return a young person of 11 to 20, most of them between 13 and 17."""
        pick = self.random
        age = pick.choices(range(11, 21), weights=(3, 5, 9, 12, 14, 14, 12, 6, 3, 2))[0]
        born = self.today - timedelta(days=age * 365 + age // 4 + pick.randrange(1, 360))
        sex = pick.choices((codes.Sex.MALE, codes.Sex.FEMALE), weights=(7, 4))[0]
        first = pick.choice(BOYS if sex == codes.Sex.MALE else GIRLS)
        last = pick.choice(SURNAMES) if pick.random() < 0.5 else self.faker.last_name()
        schooled = age < 16 or pick.random() < 0.7
        return PersonData(
            last_name=last,
            first_name=first,
            birth_date=born,
            sex=sex,
            sector=pick.choice(SECTORS),
            address=f"{self.faker.building_number()} {self.faker.street_name()}, Miramont",
            phone=self._phone() if age > 13 else "",
            school_level=LEVELS.get(age, codes.SchoolLevel.UNKNOWN) if schooled else codes.SchoolLevel.NONE,
            school=pick.choice(("Collège Albert-Camus", "Collège Jean-Moulin")) if age < 15 else "Lycée des Salins",
            occupation_status=codes.OccupationStatus.SCHOOL if schooled else codes.OccupationStatus.DROPPED_OUT,
        )

    def parents(self, child: PersonData) -> tuple[RepresentativeData, ...]:
        """Return one or two holders of parental authority; some live apart."""
        pick = self.random
        mother = RepresentativeData(
            last_name=child.last_name if pick.random() < 0.6 else self.faker.last_name(),
            first_name=self.faker.first_name_female(),
            relation=codes.Relation.MOTHER,
            phone=self._phone(),
            address=child.address,
        )
        if pick.random() < 0.45:
            return (mother,)
        apart = pick.random() < 0.4
        father = RepresentativeData(
            last_name=child.last_name,
            first_name=self.faker.first_name_male(),
            relation=codes.Relation.FATHER,
            phone=self._phone(),
            address=f"{self.faker.building_number()} {self.faker.street_name()}, Miramont" if apart else child.address,
        )
        return (mother, father)

    def _phone(self) -> str:
        # A range kept for fiction by the French regulator.
        return f"06 39 98 {self.random.randrange(100):02d} {self.random.randrange(100):02d}"
