"""Territories, services, working groups, their rules and charter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max, Q
from django.utils.timezone import localdate

from casework import audit
from casework.audit import Act, Actor
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.partners import hooks
from casework.partners.codes import MEMBER_KINDS, Formation, OrganisationKind, TerritoryKind
from casework.partners.macs import mandate_is_genuine
from casework.partners.models import (
    EthicsCharter,
    GroupMembership,
    GroupRules,
    Mandate,
    Organisation,
    Seat,
    Territory,
    WatchGroup,
)
from casework.partners.rights import is_system, require_coordinator

MAX_SECTORS = 3


def create_territory(
    *,
    by: Actor,
    kind: str,
    name: str,
    prefix: str,
    now: datetime,
    sectors: Sequence[str] = (),
    school_zone: str = "B",
) -> Territory:
    """Open a territory, a commune or an EPCI among others (CLV-07). Commands only.

    Raises AccessRefused for a person, InputRefused for an unknown kind or too many sectors (SDC-09).
    """
    if not is_system(by):
        raise AccessRefused(code="role")
    if kind not in TerritoryKind.values:
        raise InputRefused("Choisissez une nature de territoire.", field="kind")
    if len(sectors) > MAX_SECTORS:
        raise InputRefused("Trois secteurs au plus, pour que personne ne soit reconnu.", field="sectors")
    with audit.writing(by, now=now) as w:
        territory = Territory.objects.create(
            kind=kind, name=name.strip(), prefix=prefix.strip().upper(), sectors=list(sectors), school_zone=school_zone
        )
        w.note(Act.CREATE, territory, territory_id=territory.pk)
        hooks.territory_opened(w, territory, now)
    return territory


def create_organisation(
    *,
    by: Actor,
    territory: Territory,
    kind: str,
    name: str,
    now: datetime,
    short_name: str = "",
    letter: str = "",
) -> Organisation:
    """Add a service to the directory (row 31: the coordinator). Raises AccessRefused, InputRefused."""
    letter = letter.strip().upper()
    with audit.writing(by, now=now) as w:
        require_coordinator(by, territory.pk, now)
        _check_organisation(territory, kind=kind, name=name, letter=letter)
        organisation = Organisation.objects.create(
            territory=territory, kind=kind, name=name.strip(), short_name=short_name.strip(), letter=letter
        )
        w.note(Act.CREATE, organisation)
    return organisation


def change_organisation(
    *, by: Actor, organisation_id: UUID, name: str, short_name: str, letter: str, is_active: bool, now: datetime
) -> Organisation:
    """Correct a service or close it; one with running mandates cannot close. Raises GuardRefused too."""
    letter = letter.strip().upper()
    with audit.writing(by, now=now) as w:
        organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
        require_coordinator(by, organisation.territory_id, now)
        _check_organisation(
            organisation.territory, kind=organisation.kind, name=name, letter=letter, apart_from=organisation.pk
        )
        if not is_active and Mandate.objects.live(now).filter(organisation=organisation).exists():
            raise GuardRefused(
                "Des personnes travaillent encore au titre de ce service : terminez d’abord leurs fonctions."
            )
        organisation.name, organisation.short_name = name.strip(), short_name.strip()
        organisation.letter, organisation.is_active = letter, is_active
        organisation.save()
        w.note(Act.CHANGE, organisation)
    return organisation


def _check_organisation(
    territory: Territory, *, kind: str, name: str, letter: str, apart_from: UUID | None = None
) -> None:
    if kind not in OrganisationKind.values:
        raise InputRefused("Choisissez une nature de service.", field="kind")
    if not name.strip():
        raise InputRefused("Indiquez le nom du service.", field="name")
    if letter and (len(letter) != 1 or not letter.isalnum()):
        raise InputRefused("Une seule lettre ou un seul chiffre.", field="letter")
    taken = Organisation.objects.filter(territory=territory, letter=letter)
    if apart_from is not None:
        taken = taken.exclude(pk=apart_from)
    if letter and taken.exists():
        raise InputRefused("Cette lettre est déjà prise par un autre service.", field="letter")


def create_group(*, by: Actor, territory: Territory, name: str, now: datetime) -> WatchGroup:
    """Create a working group of the CLSPD for exchanging information, the cellule or another (CLV-03)."""
    if not name.strip():
        raise InputRefused("Indiquez le nom du groupe.", field="name")
    with audit.writing(by, now=now) as w:
        require_coordinator(by, territory.pk, now)
        group = WatchGroup.objects.create(territory=territory, name=name.strip())
        w.note(Act.CREATE, group)
    return group


def join_group(
    *, by: Actor, group: WatchGroup, organisation: Organisation, now: datetime, starts_at: datetime | None = None
) -> GroupMembership:
    """Seat a service in the group from now, or from `starts_at` (CLV-20, CLV-24).

    Raises GuardRefused for a kind of service that does not sit: police, school, landlord, court.
    """
    with audit.writing(by, now=now) as w:
        require_coordinator(by, group.territory_id, now)
        if organisation.territory_id != group.territory_id or not organisation.is_active:
            raise AccessRefused(code="territory")
        if organisation.kind not in MEMBER_KINDS:
            raise GuardRefused(
                "Ce service ne siège pas dans la cellule : ni la police, ni l’école, ni un bailleur. Il peut "
                "adresser des saisines."
            )
        if GroupMembership.objects.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=now), group=group, organisation=organisation
        ).exists():
            raise InputRefused("Ce service siège déjà.", field="organisation")
        membership = GroupMembership.objects.create(group=group, organisation=organisation, starts_at=starts_at or now)
        w.note(Act.GRANT, membership, territory_id=group.territory_id)
    return membership


def leave_group(*, by: Actor, membership_id: int, now: datetime) -> None:
    """End the seat of a service: its access ends at this instant, its named persons leave with it (CLV-24)."""
    with audit.writing(by, now=now) as w:
        membership = (
            GroupMembership.objects.select_for_update(of=("self",))
            .select_related("group", "organisation")
            .get(pk=membership_id)
        )
        require_coordinator(by, membership.group.territory_id, now)
        if membership.ends_at is not None and membership.ends_at <= now:
            return
        membership.ends_at = max(now, membership.starts_at)
        membership.save()
        for seat in Seat.objects.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=membership.ends_at), membership=membership
        ):
            seat.ends_at = max(membership.ends_at, seat.starts_at)
            seat.save()
        w.note(Act.REVOKE, membership, territory_id=membership.group.territory_id)
    hooks.seats_changed(membership.organisation, by, now)


def adopt_group_rules(
    *,
    by: Actor,
    group: WatchGroup,
    adopted_on: date,
    valid_from: date,
    now: datetime,
    valid_to: date | None = None,
    who_knows_enabled: bool = False,
    formation: str = Formation.BY_CIRCLE,
    dpo_note_on: date | None = None,
    minimum_presence: int | None = None,
    prosecutor_opinion_required: bool = False,
    silence_days: int = 5,
) -> GroupRules:
    """Record a new version of the règlement intérieur; the previous one ends where it begins (CLV-06).

    Raises InputRefused on dates out of order or a single formation without the DPO's dated note.
    """
    if adopted_on > localdate(now):
        raise InputRefused("La date d’adoption est à venir.", field="adopted_on")
    if valid_from < adopted_on:
        raise InputRefused("L’entrée en vigueur ne peut pas précéder l’adoption.", field="valid_from")
    if valid_to is not None and valid_to <= valid_from:
        raise InputRefused("La fin doit suivre l’entrée en vigueur.", field="valid_to")
    if formation == Formation.SINGLE and dpo_note_on is None:
        raise InputRefused("La formation unique demande une note datée du DPO.", field="dpo_note_on")
    with audit.writing(by, now=now) as w:
        require_coordinator(by, group.territory_id, now)
        WatchGroup.objects.select_for_update().get(pk=group.pk)
        last = GroupRules.objects.filter(group=group).aggregate(version=Max("version"))["version"] or 0
        for earlier in GroupRules.objects.filter(group=group).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
        ):
            if earlier.valid_from > valid_from:
                raise InputRefused(
                    "Une version plus récente est déjà prévue : choisissez une date postérieure.", field="valid_from"
                )
            earlier.valid_to = valid_from
            earlier.save()
        rules = GroupRules.objects.create(
            group=group,
            version=last + 1,
            adopted_on=adopted_on,
            valid_from=valid_from,
            valid_to=valid_to,
            who_knows_enabled=who_knows_enabled,
            formation=formation,
            dpo_note_on=dpo_note_on,
            minimum_presence=minimum_presence,
            prosecutor_opinion_required=prosecutor_opinion_required,
            silence_days=silence_days,
        )
        w.note(Act.CREATE, rules, territory_id=group.territory_id)
    return rules


def end_group_rules(*, by: Actor, rules_id: int, now: datetime) -> None:
    """Take a version out of force from today: no nominative exchange until another is adopted (CLV-06)."""
    with audit.writing(by, now=now) as w:
        rules = GroupRules.objects.select_for_update(of=("self",)).select_related("group").get(pk=rules_id)
        require_coordinator(by, rules.group.territory_id, now)
        if not rules.in_force(localdate(now)):
            raise GuardRefused("Cette version n’est pas en vigueur.")
        rules.valid_to = localdate(now)
        rules.save()
        w.note(Act.CHANGE, rules, territory_id=rules.group.territory_id, why="rules_ended")


def adopt_charter(*, by: Actor, territory: Territory, text: str, adopted_on: date, now: datetime) -> EthicsCharter:
    """Adopt a new version of the charter: everybody signs it before opening a record again (CLV-25, CHA-05).

    Earlier signatures are kept. Raises InputRefused on an empty text or a coming date.
    """
    if len(text.strip()) < 40:
        raise InputRefused("Collez ici le texte entier de la charte.", field="text")
    if adopted_on > localdate(now):
        raise InputRefused("La date d’adoption est à venir.", field="adopted_on")
    with audit.writing(by, now=now) as w:
        require_coordinator(by, territory.pk, now)
        Territory.objects.select_for_update().get(pk=territory.pk)
        last = EthicsCharter.objects.filter(territory=territory).aggregate(version=Max("version"))["version"] or 0
        charter = EthicsCharter.objects.create(
            territory=territory, version=last + 1, text=text.strip(), adopted_on=adopted_on
        )
        signed = Mandate.objects.select_for_update().filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=now), territory=territory, charter_signed_at__isnull=False
        )
        count = 0
        for mandate in signed:
            if not mandate_is_genuine(mandate):
                continue  # a forged row is never sealed again (T-36)
            mandate.charter_signed_at = None
            mandate.charter_version = None
            mandate.revision += 1
            mandate.save()
            count += 1
        w.note(Act.CREATE, charter, n=count)
    return charter
