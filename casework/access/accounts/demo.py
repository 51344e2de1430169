"""The fictitious town: one button per account, and a real sign-in that can be tried. Refused everywhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from casework.audit import Actor
from casework.errors import AccessRefused
from casework.partners import credentials, reads, totp
from casework.partners.codes import Role, TerritoryKind
from casework.partners.models import Agent, Mandate, TotpDevice
from casework.sealing import keys

PASSWORD: Final = "Miramont-2026!"  # noqa: S105 written on the sign-in page of an invented town

PURPOSE: dict[str, str] = {
    Role.COORDINATOR: "Trier les saisines, préparer l’ordre du jour, tenir la réunion.",
    Role.MAYOR: "Décider d’un rappel à l’ordre, une page à la fois ; lire les chiffres.",
    Role.PJJ: "Préparer ses situations, dire si son service intervient.",
    Role.SAH: "Mener des mesures de réparation pour la PJJ.",
    Role.AEMO: "Préparer ses situations, suivre ses décisions.",
    Role.MDS: "Préparer ses situations, suivre ses décisions.",
    Role.OUTREACH: "Saisir la cellule, préparer, suivre les jeunes accompagnés.",
    Role.EDUCATION: "Adresser une saisine en 90 secondes, savoir qu’elle est reçue.",
    Role.SPIP: "Trouver un poste de TIG, affecter, suivre les heures ; ne voit aucun jeune de la cellule.",
    Role.APERS_OFFENDER: "Suivre les personnes sous mesure du ressort, écrire les rapports ; ne voit aucun jeune.",
    Role.APERS_VICTIM: "Accompagner les victimes du ressort, suivre les téléphones ; ne voit aucun jeune.",
    Role.HOST: "Répondre aux demandes d’accueil, reporter les heures ; ne lit ni la peine ni la cellule.",
    Role.NATIONAL_POLICE: "Adresser une saisine, ne rien lire en retour.",
    Role.MUNICIPAL_POLICE: "Adresser une saisine, ne rien lire en retour.",
    Role.PROSECUTOR: "Contrôler l’exécution ; ne lit pas la cellule.",
    Role.DPO: "Contrôler les accès et les durées, répondre aux droits.",
    Role.SYSADMIN: "Gérer les comptes et les clés, ne lire aucune fiche.",
    Role.VALIDEUR: "Donner le second accord, sans voir la fiche.",
}
LEAD_PURPOSE = "Représenter son service, dire qui supplée et qui suit quelle situation."
TUTOR_PURPOSE = "Noter sur son téléphone la présence des personnes du jour, elles seules."
# The five services of the cellule come first on the page.
TABLE = (Role.COORDINATOR, Role.PJJ, Role.AEMO, Role.MDS, Role.OUTREACH)


@dataclass(frozen=True)
class Entrance:
    """A button of the entry page."""

    agent_id: UUID
    service: str
    who: str
    purpose: str


@dataclass(frozen=True)
class Group:
    """Buttons under one title."""

    title: str
    entrances: tuple[Entrance, ...]


def is_on() -> bool:
    """Say whether this is the fictitious town."""
    return bool(settings.IS_DEMO) and not settings.IS_PRODUCTION


def hint() -> str:
    """Return the password of every account of the fictitious town."""
    return PASSWORD


def unlock_hint(agent: Agent, *, meeting: bool) -> str:
    """Return what opens a locked screen in the fictitious town; "" elsewhere, or where the agent chose a password."""
    if not is_on() or meeting or not agent.check_password(PASSWORD):
        return ""
    return f"Le mot de passe est {PASSWORD}"


def entrances(now: datetime) -> list[Group]:
    """Return the buttons: those who sit at the table, then the others."""
    rows = reads.demo_accounts(now)
    elsewhere = reads.second_territories(now)
    table = [row for role in TABLE for row in rows if row.role == role and not _in_ressort(row)]
    others = [row for row in rows if row not in table]
    groups = (("Autour de la table", table), ("Autour de la cellule", others))
    return [
        Group(
            title,
            tuple(
                Entrance(
                    row.agent_id,
                    str(row.organisation),
                    f"{row.agent.full_name}, {_function(row.job_title or row.get_role_display())}"
                    + (" (responsable)" if row.is_service_lead else ""),
                    _purpose(row) + _elsewhere(elsewhere.get(row.agent_id)),
                )
                for row in found
            ),
        )
        for title, found in groups
        if found
    ]


def _purpose(row: Mandate) -> str:
    """Say what this function is for; the one who leads a host manages it, the others receive."""
    if row.role == Role.COORDINATOR and _in_ressort(row):
        return "Tenir l’annuaire du ressort : services, responsables, charte ; ne lit aucun dossier."
    if row.is_service_lead and row.role in TABLE:
        return LEAD_PURPOSE
    return TUTOR_PURPOSE if row.role == Role.HOST and not row.is_service_lead else PURPOSE.get(row.role, "")


def _in_ressort(row: Mandate) -> bool:
    return row.territory.kind == TerritoryKind.COURT_DISTRICT


def _elsewhere(place: str | None) -> str:
    return f" Autre fonction, en haut à droite : {place}." if place else ""


def prepare(agent: Agent, now: datetime) -> TotpDevice:
    """Give an invented agent the demo password and a phone, once; return the phone. Raises outside the demo."""
    if not is_on():
        raise AccessRefused(code="demo")
    device = reads.device(agent)
    if device is None:
        keys.ensure(agent.pk, drawers=("content",))
        device = TotpDevice.objects.create(
            id=uuid4(), subject_id=agent.pk, user=agent, name="totp", confirmed=True, seed=totp.new_seed()
        )
    if not agent.has_usable_password():
        agent.set_password(PASSWORD)
        agent.save(update_fields=["password"])
    return device


def current_code(device: TotpDevice | None, agent: Agent, actor: Actor) -> str:
    """Return the code that an invented phone shows now, so that the real sign-in can be tried."""
    if not is_on() or device is None:
        return ""
    with credentials.opened(actor, agent):
        step = totp.step_at(timezone.now())
        code = totp.code_at(device.seed or "", step if step > device.last_step else step + 1)
    return f"{code[:3]} {code[3:]}"


def _function(label: str) -> str:
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
