"""Saisines without an account: a single-use link for a school, a landlord, the police (SIT-01, SIT-08, SEC-03).

The link writes one saisine and reads nothing back but « reçue », « étudiée » or « close ».
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.timezone import localdate

from casework import audit
from casework.access.viewer import Viewer
from casework.audit import Act
from casework.casefile import format as fr
from casework.casefile import mailer
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import duplicates, referrals, sorting
from casework.minors.followups.codes import Gateway, OutsideStatus, ReferralOrigin
from casework.minors.followups.data import ReferralData
from casework.minors.followups.models import ReferralLink
from casework.partners.codes import OrganisationKind
from casework.partners.models import Organisation, WatchGroup
from casework.sealing import keys

TOKEN_BYTES = 32
VALID_DAYS = (7, 14, 30)
# Who may be given a link, and the origin its saisine carries: never typed, never chosen.
ORIGINS: dict[str, ReferralOrigin] = {
    OrganisationKind.SCHOOL: ReferralOrigin.SCHOOL,
    OrganisationKind.LANDLORD: ReferralOrigin.LANDLORD,
    OrganisationKind.MUNICIPAL_POLICE: ReferralOrigin.MUNICIPAL_POLICE,
    OrganisationKind.NATIONAL_POLICE: ReferralOrigin.NATIONAL_POLICE,
}
# CSI L132-3 binds the national police and the gendarmerie; the others bring a situation to the group (L132-5).
GATEWAYS: dict[str, Gateway] = {ReferralOrigin.NATIONAL_POLICE: Gateway.CSI_L132_3}


@dataclass(frozen=True, kw_only=True)
class NewLink:
    """A link just made. `url` is shown once and never kept in clear."""

    id: UUID
    url: str
    organisation: str
    expires_at: datetime


def hash_of(token: str) -> str:
    """Return what the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def gateway_of(origin: str) -> Gateway:
    """Return the legal gateway of a saisine that comes by a link (SIT-08)."""
    return GATEWAYS.get(origin, Gateway.CSI_L132_5)


def organisations(territory_id: UUID) -> list[Organisation]:
    """Return the services of the territory that may be given a link."""
    rows = Organisation.objects.filter(territory_id=territory_id, kind__in=[str(kind) for kind in ORIGINS])
    return list(rows.order_by("name"))


def create(*, by: Viewer, organisation_id: UUID, email: str, days: int, now: datetime) -> NewLink:
    """Make a link for a service and mail it in neutral words. Raises AccessRefused, InputRefused."""
    facts.require_coordination(by, now)
    organisation = next((row for row in organisations(by.territory_id) if row.pk == organisation_id), None)
    if organisation is None:
        raise InputRefused("Choisissez un service de la liste.", field="organisation")
    if days not in VALID_DAYS:
        raise InputRefused("Choisissez une durée de la liste.", field="days")
    address = email.strip()
    if address:
        try:
            validate_email(address)
        except ValidationError:
            raise InputRefused("Cette adresse n’est pas complète.", field="email") from None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = ReferralLink(
        territory_id=by.territory_id,
        organisation=organisation,
        origin=ORIGINS[organisation.kind],
        token_hash=hash_of(token),
        expires_at=now + timedelta(days=days),
        created_at=now,
        created_by=by.mandate_id,
    )
    url = settings.BASE_URL.rstrip("/") + reverse("followups:link", args=[token])
    mailer.prepare()
    with audit.writing(by, now=now) as w:
        link.save(force_insert=True)
        w.note(Act.CREATE, link, why="referral_link")
        if address:
            mailer.queue(to=address, subject="Formulaire à remplir", body=_mail(url, link.expires_at), now=now)
    return NewLink(id=link.pk, url=url, organisation=organisation.name, expires_at=link.expires_at)


def _mail(url: str, expires_at: datetime) -> str:
    """Return neutral words: nothing says what the form is about, nor that a person is concerned."""
    return (
        "Bonjour,\n\nVoici le lien du formulaire que vous avez demandé. Il sert une seule fois, jusqu’au "
        f"{fr.long_date(localdate(expires_at))}.\n\n{url}\n\n"
        "Après l’envoi, le même lien dit seulement où en est votre demande. Ne le transférez pas.\n"
    )


def revoke(*, by: Viewer, link_id: UUID, now: datetime) -> None:
    """Make a link useless before it is used. Raises AccessRefused."""
    facts.require_coordination(by, now)
    with audit.writing(by, now=now) as w:
        link = ReferralLink.objects.select_for_update().filter(pk=link_id, territory_id=by.territory_id).first()
        if link is None:
            raise AccessRefused(code="link")
        if link.used_at is None and link.revoked_at is None:
            link.revoked_at = now
            link.save()
            w.note(Act.REVOKE, link, why="referral_link")


def find(token: str) -> ReferralLink | None:
    """Return the link of a token that was not revoked, used or expired though it may be."""
    return (
        ReferralLink.objects.select_related("organisation", "territory", "referral__follow_up")
        .filter(token_hash=hash_of(token), revoked_at=None)
        .first()
    )


def status(link: ReferralLink) -> OutsideStatus:
    """Return where the saisine of a used link stands; « close » once its rows are gone."""
    if link.referral is not None:
        return sorting.outside_status(link.referral)
    return OutsideStatus.CLOSED


def refer_by_link(
    *, link: ReferralLink, data: ReferralData, now: datetime, request_id: str = "", net_prefix: str = ""
) -> None:
    """Receive the one saisine of a link: origin, service and gateway come from the link, never from the form.

    Raises GuardRefused (used, expired, revoked, no group rules in force), InputRefused.
    """
    group = (
        WatchGroup.objects.select_related("territory").filter(territory_id=link.territory_id).order_by("name").first()
    )
    if group is None:
        raise GuardRefused("Aucun groupe ne reçoit de saisine pour le moment.")
    told = replace(data.informed, organisation_id=link.organisation_id) if data.informed is not None else None
    data = replace(
        data, origin=link.origin, gateway=gateway_of(link.origin), organisation_id=link.organisation_id,
        informed=told, batch=None,
    )  # fmt: skip
    referrals.check(data, now)
    keys.ensure(data.person_id)
    actor = replace(
        audit.system_actor(link.territory_id), organisation_id=link.organisation_id, request_id=request_id,
        net_prefix=net_prefix,
    )  # fmt: skip
    with audit.writing(actor, now=now) as w:
        row = ReferralLink.objects.select_for_update().get(pk=link.pk)
        if row.used_at is not None or row.revoked_at is not None or row.expires_at <= now:
            raise GuardRefused("Ce lien a déjà servi, ou n’est plus valable.")
        follow_up = referrals.receive(w, by=actor, group=group, data=data, now=now)
        row.used_at, row.outside_status = now, OutsideStatus.RECEIVED
        row.referral = follow_up.referrals.get()
        row.save()
        w.note(Act.CHANGE, row, subjects=[follow_up.subject_id], why="referral_link")
    duplicates.after_receipt([follow_up.pk], territory_id=link.territory_id, now=now)
