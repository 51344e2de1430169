"""Who gives counts: added, changed, taken off the list."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.timezone import localdate

from casework import audit
from casework.access.matrix import DataClass
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import revision
from casework.errors import InputRefused
from casework.indicators.quarters import codes, facts
from casework.indicators.quarters.actions.asking import addresses
from casework.indicators.quarters.models import Asking, Contributor
from casework.partners.models import Organisation
from casework.sealing import keys

CLASSES = [DataClass.EVALUATION]


@dataclass(frozen=True, kw_only=True)
class ContributorData:
    """What the coordinator says of a contributor; without `email` its counts are typed here."""

    giver: str
    name: str
    email: str = ""
    indicators: Sequence[str] = ()
    organisation_id: uuid.UUID | None = None


def _checked(by: Viewer, data: ContributorData, but: Contributor | None = None) -> dict[str, object]:
    if data.giver not in codes.PARTNERS:
        raise InputRefused("Choisissez une nature de la liste.", field="giver")
    offered = [each.code for each in codes.of_giver(data.giver)]
    asked = [code for code in offered if code in data.indicators]
    if not asked:
        raise InputRefused(
            f"Cochez au moins un chiffre de la rubrique « {codes.Giver(data.giver).label} ».", field="indicators"
        )
    if len(asked) != len(set(data.indicators)):
        raise InputRefused(f"Ne cochez que la rubrique « {codes.Giver(data.giver).label} ».", field="indicators")
    name = data.name.strip()
    others = Contributor.objects.filter(territory_id=by.territory_id, ended_on=None, name__iexact=name)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise InputRefused("Ce contributeur est déjà dans la liste.", field="name")
    if data.email:
        try:
            validate_email(data.email)
        except ValidationError:
            raise InputRefused("Cette adresse n’est pas complète : relisez-la.", field="email") from None
    bodies = Organisation.objects.filter(territory_id=by.territory_id)
    if data.organisation_id is not None and not bodies.filter(pk=data.organisation_id).exists():
        raise InputRefused("Choisissez un service de la liste.", field="organisation")
    return {
        "giver": data.giver, "name": name, "email": data.email.strip(), "indicators": asked,
        "organisation_id": data.organisation_id,
    }  # fmt: skip


def add(*, by: Viewer, data: ContributorData, now: datetime) -> Contributor:
    """Add a contributor. Raises AccessRefused, InputRefused."""
    facts.require_keeper(by, now)
    values = _checked(by, data)
    pk = uuid.uuid4()
    keys.ensure(pk)
    with audit.writing(by, now=now) as w:
        row = Contributor(id=pk, subject_id=pk, territory_id=by.territory_id, **values)
        row.save(force_insert=True)
        w.note(Act.CREATE, row, classes=CLASSES)
    return row


def change(*, by: Viewer, contributor: Contributor, data: ContributorData, expected: int | None, now: datetime) -> None:
    """Change a contributor; what it was already asked stays, but a link sent to another address dies.

    Raises AccessRefused, InputRefused, ConflictRefused.
    """
    facts.require_keeper(by, now)
    values = _checked(by, data, contributor)
    moved = addresses(by, [contributor])[contributor.pk] != values["email"]
    with audit.writing(by, now=now) as w:
        row = revision.lock(_live(by), contributor.pk, expected)
        revision.save(row, **values)
        w.note(Act.CHANGE, row, classes=CLASSES)
        waiting = Asking.objects.select_for_update(of=("self",)).filter(contributor=row, answered_at=None)
        for each in waiting.exclude(token_hash="") if moved else ():
            revision.save(each, token_hash="")
            w.note(Act.CHANGE, each, classes=CLASSES, why="address")


def end(*, by: Viewer, contributor: Contributor, expected: int | None, now: datetime) -> None:
    """Take a contributor off the list: its address goes, its links die, its counts stay.

    Raises AccessRefused, ConflictRefused.
    """
    facts.require_keeper(by, now)
    with audit.writing(by, now=now) as w:
        row = revision.lock(_live(by), contributor.pk, expected)
        revision.save(row, ended_on=localdate(now), email=None)
        w.note(Act.CHANGE, row, classes=CLASSES, why="left_list")


def _live(by: Viewer) -> QuerySet[Contributor]:
    return Contributor.objects.filter(territory_id=by.territory_id, ended_on=None)
