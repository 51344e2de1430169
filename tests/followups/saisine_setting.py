"""What the tests of saisines share: a way to refer, and to look behind the seal."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from casework import audit
from casework.access.matrix import DataClass
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.minors.followups.actions import referrals
from casework.minors.followups.codes import BirthPrecision, Gateway, ReferralOrigin, ReferralReason
from casework.minors.followups.data import PersonData, ReferralData, RepresentativeData
from casework.minors.followups.models import FollowUp
from tests.people import People, viewer_of

YOUTH = PersonData(
    last_name="Belkacem", first_name="Yanis", birth_date=date(2011, 3, 12), birth_precision=BirthPrecision.DAY,
    sector="Maille 2",
)  # fmt: skip


def data_of(**changes: Any) -> ReferralData:
    """Return a saisine about Yanis, with his mother; `person` fields by name too."""
    names = {name: changes.pop(name) for name in list(changes) if name in PersonData.__dataclass_fields__}
    base = ReferralData(
        person=replace(YOUTH, **names), origin=ReferralOrigin.PJJ, gateway=Gateway.CSI_L132_5,
        reasons=(ReferralReason.SCHOOL_DROPOUT,), representatives=(RepresentativeData(last_name="Belkacem", first_name="Nora"),),
    )  # fmt: skip
    return replace(base, **changes)


def refer(people: People, by: str = "pjj", *, now: datetime | None = None, **changes: Any) -> FollowUp:
    """Refer a young person as one of the cast."""
    return referrals.refer(by=viewer_of(people.mandates[by]), data=data_of(**changes), now=now or timezone.now())


@contextmanager
def opened(*follow_ups: FollowUp) -> Iterator[None]:
    """Open everything of these situations, as the system."""
    with audit.reading(
        audit.system_actor(follow_ups[0].territory_id), subjects=[row.subject_id for row in follow_ups],
        classes=list(DataClass), purpose=audit.Purpose.RIGHTS, act=audit.Act.SYSTEM,
    ):  # fmt: skip
        yield


def redirection(people: People) -> LocalItem:
    """Return a line of the list « réorientations »."""
    return LocalItem.objects.create(
        territory=people.territory, list_code=ListCode.REDIRECT, label="Mission locale", valid_from=date(2020, 1, 1)
    )


def typed(**changes: Any) -> dict[str, Any]:
    """Return what a person types in the form of a saisine."""
    form = {
        "once": str(uuid.uuid4()), "person_id": str(uuid.uuid4()), "last_name": "Belkacem", "first_name": "Yanis",
        "birth_date": "12/03/2011", "reasons": ["school_dropout"], "origin": "pjj", "gateway": "csi_l132_5",
        "urgency": "normal", "rep1-last_name": "Belkacem", "rep1-first_name": "Nora", "rep1-relation": "mother",
        "rep1-phone": "06 39 98 00 00",
    }  # fmt: skip
    return form | changes
