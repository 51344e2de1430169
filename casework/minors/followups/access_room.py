"""What situations tell access about themselves: references, who answers, rights given in a hurry. Never a word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from casework import audit
from casework.access import grants, subjects
from casework.access.matrix import DataClass
from casework.access.policy import Action, Basis, need_of
from casework.access.subjects import Target
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose, Writing
from casework.casefile.matching import normalise
from casework.casefile.references import read_reference
from casework.errors import AccessRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import circle
from casework.minors.followups.codes import CircleReason, Stage
from casework.minors.followups.models import CircleMembership, FollowUp, FollowUpGrant, FollowUpQuerySet
from casework.minors.followups.models.situations import OPEN_STAGES
from casework.partners import reads as partners
from casework.partners.codes import Role
from casework.partners.models import Mandate
from casework.sealing import sweep

_READ_TO_MATCH = (DataClass.YOUTH_IDENTITY, DataClass.YOUTH_CARD)


class Situations:
    """The room of situations."""

    module = "followups"
    prefix = ""
    speaks_to = frozenset(Role)

    def by_reference(self, territory_id: UUID, reference: str, now: datetime) -> Target | None:
        """Return the situation of this reference, typed in any way."""
        rows = _there(territory_id).filter(reference=read_reference(reference) or "")
        row = rows.first()
        return None if row is None or facts.past_purge([row], now) else target_of(row)

    def by_subjects(self, territory_id: UUID, subject_ids: Iterable[UUID]) -> Mapping[UUID, Target]:
        """Return the situations of these persons."""
        rows = _there(territory_id).filter(subject_id__in=list(subject_ids))
        return {row.subject_id: target_of(row) for row in rows}

    def by_identity(self, viewer: Viewer, last: str, first: str, born: date, now: datetime) -> Target | None:
        """Return the one open situation of exactly this name and birth date, among those of the viewer's groups.

        Every open name is compared, found or not, so that both cost the same; the journal keeps a search.
        """
        if need_of(viewer.role, Action.VIEW, DataClass.YOUTH_IDENTITY) is None:
            return None
        groups = Q() if not viewer.group_ids else Q(group_id__in=viewer.group_ids)
        rows = list(_there(viewer.territory_id).filter(groups, state__in=OPEN_STAGES).select_related("person"))
        with audit.reading(
            viewer, subjects=[row.subject_id for row in rows], classes=_READ_TO_MATCH, purpose=Purpose.SEARCH,
            act=Act.SEARCH, object_type="follow_up",
        ):  # fmt: skip
            people = [row.person for row in rows]
            sweep.open_many(people, "last_name", "first_name", "birth_date")
            wanted = normalise(last), normalise(first), born
            found = [
                row
                for row in rows
                if (
                    normalise(row.person.last_name or ""),
                    normalise(row.person.first_name or ""),
                    row.person.birth_date,
                )
                == wanted
            ]
            gone = facts.reached(rows, localdate(now))
        kept = [row for row in found if row.pk not in gone]
        return target_of(kept[0]) if len(kept) == 1 else None

    def in_charge(self, target: Target, now: datetime) -> list[Mandate]:
        """Return the lead professional, or those who represent the lead service."""
        row = FollowUp.objects.select_related("group", "lead_organisation").get(pk=target.object_id)
        if row.lead_mandate_id is not None:
            held = list(Mandate.objects.live(now).filter(pk=row.lead_mandate_id).select_related("agent"))
            if held:
                return held
        if row.lead_organisation is None:
            return []
        return partners.seat_holders(row.group, row.lead_organisation, now)

    def owns(self, viewer: Viewer, target: Target, now: datetime) -> bool:
        """Say whether the viewer manages who sees the situation (row 1, W)."""
        row = facts.visible_to(viewer, now).filter(pk=target.object_id).first()
        if row is None:
            return False
        try:
            facts.require_on(viewer, row, Action.MANAGE, DataClass.YOUTH_IDENTITY, now)
        except AccessRefused:
            return False
        return True

    def admit(self, *, by: Viewer, target: Target, mandate: Mandate, now: datetime) -> None:
        """Let the service into the circle with this agent in charge, or name the agent if the service is in."""
        row = facts.find(by, target.object_id, now)
        held = CircleMembership.objects.filter(follow_up=row, organisation_id=mandate.organisation_id, ends_at=None)
        if (membership := held.first()) is not None:
            circle.put_in_charge(
                by=by, membership_id=membership.pk, follow_up=row, mandate_id=mandate.pk, now=now
            )  # fmt: skip
            return
        circle.enter(
            by=by, follow_up=row, organisation=mandate.organisation, reason=CircleReason.KNOWS, now=now,
            in_charge=mandate.pk,
        )  # fmt: skip

    def open(
        self, w: Writing, *, target: Target, mandate: Mandate, basis: Basis, ends_at: datetime, reason: str, by: Viewer
    ) -> None:
        """Give one dated right on the situation."""
        row = FollowUp.objects.get(pk=target.object_id)
        grants.give(
            w, FollowUpGrant, mandate=mandate, obj=row, basis=basis, starts_at=w.now, ends_at=ends_at, reason=reason,
            by=by, sort_key=row.reference,
        )  # fmt: skip

    def close(self, w: Writing, *, target: Target, mandate_id: UUID, bases: Iterable[Basis], at: datetime) -> None:
        """End rights of one function on the situation before their time."""
        held = FollowUpGrant.objects.filter(
            mandate_id=mandate_id, content_object_id=target.object_id, basis__in=[basis.value for basis in bases]
        )
        _close(w, held, at)

    def close_all(self, w: Writing, *, mandate_id: UUID, bases: Iterable[Basis], at: datetime) -> None:
        """End rights of one function on every situation."""
        _close(w, FollowUpGrant.objects.filter(mandate_id=mandate_id, basis__in=[b.value for b in bases]), at)

    def of_service(self, viewer: Viewer, now: datetime) -> list[Target]:
        """Return the open situations whose circle holds the service, in a group with rules in force."""
        running = [group_id for group_id in viewer.group_ids if facts.rules_run(group_id, now)]
        places = CircleMembership.objects.filter(organisation_id=viewer.organisation_id, ends_at=None)
        rows = _there(viewer.territory_id).filter(
            group_id__in=running, state__in=OPEN_STAGES, pk__in=places.values("follow_up_id")
        )
        gone = facts.past_purge(rows, now)
        return [target_of(row) for row in rows if row.pk not in gone]


def target_of(row: FollowUp) -> Target:
    """Return the situation as access knows it."""
    return Target(
        module=Situations.module, object_id=row.pk, subject_id=row.subject_id, territory_id=row.territory_id,
        reference=row.reference, url=reverse("followups:page", args=[row.pk]),
    )  # fmt: skip


def _close(w: Writing, held: QuerySet[FollowUpGrant], at: datetime) -> None:
    for grant in grants.live(held, at):
        grants.close(w, grant, at=at, reason="closed")


def _there(territory_id: UUID) -> FollowUpQuerySet:
    rows: FollowUpQuerySet = FollowUp.objects.all()
    return rows.filter(territory_id=territory_id).exclude(state__in=(*facts.GONE, Stage.MERGED))


subjects.register(Situations())
