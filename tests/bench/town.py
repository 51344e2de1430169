"""Twenty thousand situations past the actions, in bulk: ours sealed, plain in clear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.timezone import localdate

from casework.access import grants
from casework.access.policy import Basis
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.minors.followups.codes import ActionType, CircleReason, SchemeState, Stage
from casework.minors.followups.models import (
    Action,
    CircleMembership,
    FollowedPerson,
    FollowUp,
    FollowUpGrant,
    SchemeStatus,
)
from casework.partners.models import Mandate
from casework.sealing import keys
from tests.bench import plain
from tests.people import People, build

BATCH = 1000
SYLLABLES = ("ba", "ke", "li", "mo", "ra", "ne", "sou", "ti", "va", "del", "mar", "cha", "ber", "gui", "lam", "per")
FIRST = ("Yanis", "Léa", "Noé", "Inès", "Karim", "Jade", "Hugo", "Maëlys", "Ilyes", "Zoé", "Adam", "Lou")


@dataclass
class Town:
    """What the benches walk on."""

    people: People
    now: datetime
    programme: LocalItem
    due: list[FollowUp]
    visible: int


def name_of(n: int) -> str:
    """Return a surname of its own for each number."""
    parts = []
    for _ in range(4):
        n, at = divmod(n, len(SYLLABLES))
        parts.append(SYLLABLES[at])
    return "".join(parts).capitalize()


def load(total: int, visible: int, due: int) -> Town:
    """Write `total` followed situations, `visible` of them granted to one agent, `due` of them for review today."""
    people, now = build(), timezone.now()
    today, since = localdate(now), now - timedelta(days=80)
    plain.make_tables()
    programme = _item(people, ListCode.PROGRAMME, "Parcours")
    items = [_item(people, ListCode.SCHEME, f"Dispositif {n}") for n in range(5)]
    found: list[FollowUp] = []
    numbers = iter(range(total))
    while batch := list(islice(numbers, BATCH)):
        found += _situations(people, batch, programme, today, since, due)
    _around(people, found[:due], items, today, since)
    grant(people, people.outreach, found[:visible], since)
    _plain(total, visible, due, today)
    return Town(people, now, programme, found[:due], visible)


def _item(people: People, code: str, label: str) -> LocalItem:
    return LocalItem.objects.create(
        territory=people.territory, list_code=code, label=label, valid_from=date(2020, 1, 1)
    )


def _born(n: int, today: date) -> date:
    return today - timedelta(days=365 * 13 + n % 1800)


def _situations(
    people: People, numbers: list[int], programme: LocalItem, today: date, since: datetime, due: int
) -> list[FollowUp]:
    ids = [uuid4() for _ in numbers]
    keys.ensure(*ids)
    persons, rows = [], []
    for n, key in zip(numbers, ids, strict=True):
        last, first, born = name_of(n), FIRST[n % len(FIRST)], _born(n, today)
        persons.append(
            FollowedPerson(
                id=key, subject_id=key, territory=people.territory, last_name=last, first_name=first, birth_date=born,
                birth_precision="day", address="4 rue des Ormes", school="Collège des Griffons",
                card={"initials": f"{first[0]}. {last[0]}.", "birth": born.isoformat(), "sector": "Maille 2"},
            )
        )  # fmt: skip
        rows.append(
            FollowUp(
                id=uuid4(), subject_id=key, territory=people.territory, group=people.group, person_id=key,
                reference=f"MIR-2026-{n:06d}", state=Stage.FOLLOWED, received_at=since, sorted_at=since,
                started_on=since.date(), lead_organisation=people.outreach_service, programme=programme,
                next_review_on=today if n < due else today + timedelta(days=100 + n % 50),
                last_reviewed_on=today - timedelta(days=30), purge_on=date(born.year + 25, 1, 1),
                purge_check_on=date(born.year + 25, 1, 1),
            )
        )  # fmt: skip
    FollowedPerson.objects.bulk_create(persons)
    return list(FollowUp.objects.bulk_create(rows))


def _around(people: People, rows: list[FollowUp], items: list[LocalItem], today: date, since: datetime) -> None:
    steps, schemes, circle = [], [], []
    for row in rows:
        common: dict[str, Any] = {
            "subject_id": row.subject_id, "territory": people.territory, "follow_up": row
        }  # fmt: skip
        steps += [
            Action(
                **common, kind=ActionType.FAMILY_MEETING, owner=people.outreach_service, precision="au service",
                due_on=today + timedelta(days=n + 3), decided_on=today - timedelta(days=20), result="",
            )
            for n in range(6)
        ]  # fmt: skip
        schemes += [
            SchemeStatus(
                **common, item=item, state=SchemeState.ACTIVE, since=since.date(), owner=people.outreach_service
            )
            for item in items
        ]
        circle += [
            CircleMembership(**common, organisation=people.organisations[key], starts_at=since,
                             reason=CircleReason.KNOWS)
            for key in ("outreach_service", "mds_service", "pjj_service")
        ]  # fmt: skip
    Action.objects.bulk_create(steps)
    SchemeStatus.objects.bulk_create(schemes)
    CircleMembership.objects.bulk_create(circle)


def grant(people: People, mandate: Mandate, rows: list[FollowUp], since: datetime) -> None:
    """Write sealed grants in bulk, past the refusal of `access.grants`: a bench only."""
    permission, _ = Permission.objects.get_or_create(
        content_type=ContentType.objects.get_for_model(FollowUp), codename="view_followup"
    )
    made = [
        FollowUpGrant(
            user_id=mandate.agent_id, mandate=mandate, organisation_id=mandate.organisation_id,
            territory=people.territory, permission=permission, content_object=row, basis=Basis.CIRCLE.value,
            starts_at=since, ends_at=None, reason="referred",
        )
        for row in rows
    ]  # fmt: skip
    with transaction.atomic():
        models.QuerySet.bulk_create(FollowUpGrant.objects.all(), made, batch_size=BATCH)
    assert len(grants.valid(FollowUpGrant.objects.all()[:10])) == min(10, len(made))


def _plain(total: int, visible: int, due: int, today: date) -> None:
    rows = plain.Situation.objects.bulk_create(
        [
            plain.Situation(
                reference=f"MIR-2026-{n:06d}", last_name=name_of(n), first_name=FIRST[n % len(FIRST)],
                birth_date=_born(n, today), sector="Maille 2", address="4 rue des Ormes",
                school="Collège des Griffons", state="followed", lead="Rue",
                next_review_on=today if n < due else today + timedelta(days=100 + n % 50),
                agent=1 if n < visible else 0,
            )
            for n in range(total)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    plain.Step.objects.bulk_create(
        plain.Step(situation=row, nature=nature, owner="Rue", text="au service", due_on=today, result="")
        for row in rows[:due]
        for nature in ("action",) * 6 + ("scheme",) * 5 + ("circle",) * 3
    )
