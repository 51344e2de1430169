"""Corrections of identity and occupation (GDP-03): the anonymous card and the purge date follow."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.casefile.retention import purge_check_on, purge_date
from casework.errors import InputRefused
from casework.minors.followups import facts
from casework.minors.followups.codes import BirthPrecision
from casework.minors.followups.data import PersonData
from casework.minors.followups.models import FollowedPerson, FollowUp
from casework.sealing import keys

if TYPE_CHECKING:
    from casework.minors.followups.reads.situations import Identity


def change(
    *, by: Viewer, follow_up: FollowUp, data: PersonData, now: datetime, expected: int | None = None
) -> FollowedPerson:
    """Correct a person's identity and occupation. A new birth date moves the end of the record (RET-05).

    Raises AccessRefused, InputRefused (age), ConflictRefused.
    """
    relation = facts.require_on(by, follow_up, Action.CHANGE, DataClass.YOUTH_IDENTITY, now, is_author=True)
    withheld = facts.withheld(by, follow_up, relation)
    if withheld and any((data.address, data.phone, data.email, data.school)):
        raise InputRefused(
            "L’adresse, le téléphone et l’établissement sont protégés : seule la personne qui les protège peut les changer.",
            field="address",
        )
    data.check_age(localdate(now))
    keys.ensure(follow_up.subject_id)
    with audit.writing(by, now=now) as w:
        person = revision.lock(FollowedPerson.objects.all(), follow_up.person_id, expected)
        # Who does not see the whereabouts does not erase them either: the form shows them empty.
        whereabouts = {} if withheld else {
            "address": data.address.strip(), "phone": data.phone.strip(), "email": data.email.strip(),
            "school": data.school.strip(),
        }  # fmt: skip
        revision.save(
            person, last_name=data.last_name.strip(), first_name=data.first_name.strip(), sex=data.sex,
            birth_date=data.birth_date, birth_precision=data.birth_precision, card=data.card(),
            school_level=data.school_level, occupation_status=data.occupation_status, **whereabouts,
        )  # fmt: skip
        w.note(Act.CHANGE, person, classes=[DataClass.YOUTH_IDENTITY, DataClass.YOUTH_OCCUPATION])
        row = revision.lock(FollowUp.objects.all(), follow_up.pk, None)
        purge_on = purge_date(born_on=data.birth_date, ended_on=row.ended_on)
        revision.save(row, purge_on=purge_on, purge_check_on=purge_check_on(purge_on))
        w.note(Act.CHANGE, row, classes=[DataClass.YOUTH_CARD], why="purge")
    return person


def revision_of(follow_up: FollowUp) -> int:
    """Return the revision that the form of identity is opened on."""
    return FollowedPerson.objects.values_list("revision", flat=True).get(pk=follow_up.person_id)


def initial(found: Identity, sector: str) -> dict[str, Any]:
    """Return what the form shows of an identity already read."""
    estimated = found.birth_precision == BirthPrecision.YEAR
    return {
        "last_name": found.last_name,
        "first_name": found.first_name,
        "sex": found.sex,
        "birth_date": None if estimated else found.birth_date,
        "birth_year": found.birth_date.year if estimated and found.birth_date else None,
        "address": found.address,
        "phone": found.phone,
        "email": found.email,
        "sector": sector,
        "school_level": found.school_level,
        "school": found.school,
        "occupation_status": found.occupation_status,
    }
