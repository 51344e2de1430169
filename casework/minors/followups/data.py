"""What the acts on situations take: small frozen records, built by forms, imports and the demo."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date

from casework.casefile.retention import age_on
from casework.errors import InputRefused
from casework.minors.followups import codes

MAX_AGE = 25


@dataclass(frozen=True, kw_only=True)
class PersonData:
    """A young person on the whitelist (WL-01 to WL-07). `birth_date` is 1 January where only the year is known."""

    last_name: str
    first_name: str
    birth_date: date
    birth_precision: str = codes.BirthPrecision.DAY
    sex: str = codes.Sex.UNKNOWN
    address: str = ""
    phone: str = ""
    email: str = ""
    sector: str = ""
    school_level: str = codes.SchoolLevel.UNKNOWN
    school: str = ""
    occupation_status: str = codes.OccupationStatus.UNKNOWN

    @property
    def initials(self) -> str:
        """« Y. B. », for the anonymous card; compound names keep one letter a part."""
        return " ".join(_initial(name) for name in (self.first_name, self.last_name) if name.strip())

    def card(self) -> dict[str, str]:
        """Return the anonymous card (row 1a): initials, birth date for the age band, sector."""
        return {"initials": self.initials, "birth": self.birth_date.isoformat(), "sector": self.sector}

    def check_age(self, today: date) -> None:
        """Raise InputRefused when the birth date is ahead, or the person is 25 or more (RET-03)."""
        if self.birth_date > today:
            raise InputRefused("La date de naissance est dans le futur.", field="birth_date")
        if age_on(self.birth_date, today) >= MAX_AGE:
            raise InputRefused(
                "Cette personne a 25 ans ou plus : la cellule ne peut pas la suivre.", field="birth_date"
            )


def _initial(name: str) -> str:
    parts = [part for part in name.replace("-", " ").replace("’", " ").replace("'", " ").split() if part]
    return "".join(f"{part[0].upper()}." for part in parts[:2])


@dataclass(frozen=True, kw_only=True)
class RepresentativeData:
    """A legal representative (WL-06)."""

    last_name: str
    first_name: str = ""
    relation: str = codes.Relation.MOTHER
    holds_authority: bool = True
    address: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class FamilyInformed:
    """What the referring service says: the family was told by whom, when, how; the coordinator confirms."""

    on: date
    channel: str
    organisation_id: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ReferralData:
    """A saisine, ninety seconds of typing. `person_id` is made when the form opens: drafts are sealed under it."""

    person: PersonData
    origin: str
    gateway: str
    reasons: tuple[str, ...]
    urgency: str = codes.Urgency.NORMAL
    referred_by: str = ""
    organisation_id: uuid.UUID | None = None
    representatives: tuple[RepresentativeData, ...] = ()
    informed: FamilyInformed | None = None
    person_id: uuid.UUID = field(default_factory=uuid.uuid4)
    batch: uuid.UUID | None = None
