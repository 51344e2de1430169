"""Who holds a support: at the school whoever sent the pupil and its leads, at the host its leads and the named educator."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from casework import audit
from casework.access import grants
from casework.access.grants import Door
from casework.access.matrix import DataClass
from casework.access.people import colleagues, not_shut, tell
from casework.access.policy import Action, Basis
from casework.access.viewer import Viewer
from casework.audit import Act, Actor, Writing
from casework.casefile import revision
from casework.casefile.calendar import end_instant
from casework.errors import InputRefused
from casework.exclusions import facts
from casework.exclusions.models import ExclusionGrant, ExclusionSupport
from casework.partners import genuine
from casework.partners.codes import Role
from casework.partners.models import Mandate

WAITS = "Un élément vous attend dans « Mon travail »."
SUBJECT = "Quelque chose vous attend"
LEADS = "leader"
"""Why a grant was given: its holder leads a half-day."""
NOT_HELD = "Un accueil prévu n’aura pas lieu : ses demi-journées sont libres de nouveau."
GIVEN_BACK = (
    "Une place tenue sans nom pour un élève est rendue : la structure ne peut pas recevoir, ou les cinq jours sont "
    "passés. Vous pouvez en chercher une autre."
)


def members(organisation_id: UUID, roles: Iterable[str], now: datetime, *, leads: bool = False) -> list[Mandate]:
    """Return the running functions of one body in these roles, charter signed; `leads`: its service leads alone."""
    rows = Mandate.objects.live(now).filter(
        organisation_id=organisation_id, role__in=list(roles), agent__is_active=True, charter_signed_at__lte=now
    )
    if leads:
        rows = rows.filter(is_service_lead=True)
    return genuine.kept(rows.select_related("agent", "organisation").order_by("starts_at", "id"))


def school_leads(support: ExclusionSupport, now: datetime) -> list[Mandate]:
    """Return who speaks for the school, those shut out of the pupil left out."""
    return not_shut(members(support.organisation_id, (Role.EDUCATION,), now, leads=True), support.subject_id, now)


def host_leads(support: ExclusionSupport, now: datetime) -> list[Mandate]:
    """Return who speaks for the host, those shut out of the pupil left out."""
    return not_shut(members(support.host_id, facts.HOSTS, now, leads=True), support.subject_id, now)


def let_in(
    w: Writing, support: ExclusionSupport, mandates: Iterable[Mandate], *, by: Actor, now: datetime, reason: str
) -> None:
    """Give these functions the support, without an end; who holds it already keeps it."""
    doors = [
        Door(
            mandate=mandate, obj=support, basis=Basis.CIRCLE, starts_at=now, ends_at=None, sort_key=support.reference
        )
        for mandate in {row.pk: row for row in mandates}.values()
    ]  # fmt: skip
    if doors:
        grants.give_many(w, ExclusionGrant, doors, reason=reason, by=by)


def settle_leaders(w: Writing, support: ExclusionSupport, *, by: Actor, now: datetime) -> list[Mandate]:
    """Let who leads a half-day read the support until the evening of the last one led, and nobody else by that right.

    To be called whenever leaders or half-days change. Who holds it by another right keeps that. Return those just let in.
    """
    until = {row.leader_id: end_instant(row.day) for row in support.half_days.order_by("day") if row.leader_id}
    rows = grants.valid(ExclusionGrant.objects.on([support.pk]).live(now).select_related("content_object"))
    held = {row.mandate_id: row for row in rows if row.reason == LEADS}
    kept = {row.mandate_id for row in rows if row.reason != LEADS}
    moved = [row for pk, row in held.items() if row.ends_at != until.get(pk)]
    grants.close_many(w, ExclusionGrant, moved, at=now, reason="programme")
    same = held.keys() - {row.mandate_id for row in moved}
    wanted = {pk: end for pk, end in until.items() if end > now and pk not in kept | same}
    mandates = genuine.kept(
        Mandate.objects.filter(pk__in=wanted).select_related("agent", "organisation").order_by("pk")
    )
    doors = [
        Door(
            mandate=mandate, obj=support, basis=Basis.CIRCLE, starts_at=now, ends_at=wanted[mandate.pk],
            sort_key=support.reference,
        )
        for mandate in mandates
    ]  # fmt: skip
    grants.give_many(w, ExclusionGrant, doors, reason=LEADS, by=by)
    return [mandate for mandate in mandates if mandate.pk not in held]


def let_host_out(w: Writing, support: ExclusionSupport, *, at: datetime, reason: str) -> None:
    """End what the host holds."""
    rows = ExclusionGrant.objects.on([support.pk]).filter(mandate__role__in=facts.HOSTS)
    grants.close_many(w, ExclusionGrant, grants.valid(rows.select_related("content_object")), at=at, reason=reason)


def in_charge(support_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[Mandate]]:
    """Return who holds each support, school first; one query."""
    rows = ExclusionGrant.objects.on(support_ids).live(now).filter(basis=Basis.CIRCLE)
    found: dict[UUID, list[Mandate]] = {}
    for row in grants.valid(rows.select_related("mandate__agent", "mandate__organisation").order_by("starts_at", "id")):
        found.setdefault(row.content_object_id, []).append(row.mandate)
    return found


def tell_holders(support: ExclusionSupport, now: datetime, *, but: Viewer | None = None, line: str = WAITS) -> None:
    """Mail whoever holds the support, `but` the one who acts, in words that name nobody."""
    holders = in_charge([support.pk], now).get(support.pk, [])
    tell(holders, subject=SUBJECT, line=line, now=now, but=but.agent_id if but else None)


def of_house(viewer: Viewer, support: ExclusionSupport, now: datetime) -> list[Mandate]:
    """Return those of the viewer's own body who could share this support, the viewer left out."""
    return colleagues(viewer, support.subject_id, now)


def share(*, by: Viewer, support: ExclusionSupport, mandate_id: UUID, now: datetime) -> None:
    """Let a colleague of one's own body read and write this support too. Raises AccessRefused, InputRefused."""
    facts.require_on(by, support, Action.CHANGE, facts.PUPIL, now)
    chosen = {row.pk: row for row in of_house(by, support, now)}.get(mandate_id)
    if chosen is None:
        raise InputRefused("Choisissez un collègue de la liste.", field="mandate")
    with audit.writing(by, now=now) as w:
        let_in(w, support, [chosen], by=by, now=now, reason="shared")
    tell([chosen], subject=SUBJECT, line=WAITS, now=now)


def name_educator(
    *, by: Viewer, support: ExclusionSupport, mandate_id: UUID, now: datetime, expected: int | None
) -> None:
    """Name who accompanies the pupil at the host: alone there, that person reads the reason code (row 27).

    Raises AccessRefused, InputRefused, ConflictRefused.
    """
    facts.require_on(by, support, Action.CHANGE, facts.PUPIL, now)
    if support.host_id != by.organisation_id or not facts.receives(by.role):
        raise InputRefused("L’éducateur référent est nommé par la structure d’accueil.", field="mandate")
    of_host = not_shut(members(support.host_id, facts.HOSTS, now), support.subject_id, now)
    chosen = {row.pk: row for row in of_host}.get(mandate_id)
    if chosen is None:
        raise InputRefused("Choisissez une personne de votre équipe.", field="mandate")
    with audit.writing(by, now=now) as w:
        row = revision.lock(ExclusionSupport.objects.all(), support.pk, expected)
        revision.save(row, educator_id=chosen.pk)
        let_in(w, row, [chosen], by=by, now=now, reason="educator")
        w.note(Act.CHANGE, row, classes=[DataClass.EXCLUSION], why="educator")
    tell([chosen], subject=SUBJECT, line=WAITS, now=now, but=by.agent_id)
