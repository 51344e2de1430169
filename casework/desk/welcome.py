"""What « Mon travail » says when nothing waits: what this function does here, and its next act.

A role with a subject of its own is led to it, instead of reading « Tout est à jour ».
"""

from __future__ import annotations

from dataclasses import dataclass

from casework.access.matrix import DataClass
from casework.access.policy import Action, reachable
from casework.access.viewer import Viewer
from casework.minors.sessions.facts import coordinates
from casework.partners.codes import Role, TerritoryKind


@dataclass(frozen=True, kw_only=True)
class Welcome:
    """An empty day: what it means, and where to go from there (`url_name` empty: nowhere)."""

    title: str
    text: str
    icon: str = "check"
    url_name: str = ""
    label: str = ""


UP_TO_DATE = Welcome(
    title="Tout est à jour.",
    text="Rien n’est en retard, rien ne vous attend. Ce qui sera décidé en réunion apparaîtra ici aussitôt.",
)
_REFERS = Welcome(
    title="Rien ne vous attend.",
    text=(
        "Vous adressez ici des saisines à la cellule et vous savez où elles en sont : reçue, étudiée ou close. "
        "Ce que la cellule en dit reste entre ses membres."
    ),
    icon="send",
    url_name="followups:refer",
    label="Nouvelle saisine",
)


def _own(text: str, url_name: str, label: str, icon: str = "handshake") -> Welcome:
    """Return the empty day of a function with a subject of its own, and the way to it."""
    return Welcome(title="Rien ne vous attend.", text=text, icon=icon, url_name=url_name, label=label)


_BY_ROLE: dict[str, Welcome] = {
    Role.EDUCATION: _REFERS,
    Role.NATIONAL_POLICE: _REFERS,
    Role.MUNICIPAL_POLICE: _REFERS,
    Role.MAYOR: Welcome(
        title="Aucun document à lire.",
        text=(
            "Quand la coordination vous adresse une demande, un rappel à l’ordre par exemple, elle vous attend ici, "
            "une page à la fois. Rien d’autre de la cellule ne vous est transmis sous un nom."
        ),
        icon="document",
    ),
    Role.VALIDEUR: Welcome(
        title="Aucun accord ne vous est demandé.",
        text="Un second accord à donner apparaîtra ici : l’acte, son motif et sa référence, jamais la fiche.",
    ),
    Role.DPO: Welcome(
        title="Rien ne vous attend.",
        text="Qui siège, qui a un compte et qui a signé la charte se contrôle depuis « Partenaires ».",
        icon="handshake",
        url_name="directory:index",
        label="Ouvrir les partenaires",
    ),
    Role.SYSADMIN: Welcome(
        title="Rien ne vous attend.",
        text=(
            "Les comptes sont dans « Partenaires », les pages en échec dans « Incidents techniques ». "
            "Votre fonction n’ouvre aucune fiche."
        ),
        icon="admin",
        url_name="directory:index",
        label="Ouvrir les comptes",
    ),
    Role.PROSECUTOR: Welcome(
        title="Rien ne vous attend.",
        text="Le parquet ne lit pas les échanges de la cellule. Ce qui lui sera adressé apparaîtra ici.",
        icon="info",
    ),
    Role.SPIP: _own(
        "Vos demandes de place et vos affectations sont dans « Postes et accueils », chacune avec sa date.",
        "tig:list",
        "Ouvrir les affectations",
    ),
    Role.SAH: _own(
        "Vos mesures de réparation sont dans « Postes et accueils », chacune avec la date de son rapport.",
        "reparation:index",
        "Ouvrir les réparations",
    ),
    Role.HOST: _own(
        "Les personnes que vous accueillez aujourd’hui sont sur une page à elles ; une demande d’accueil à laquelle "
        "répondre apparaîtra ici.",
        "tig:today",
        "Ouvrir « Aujourd’hui »",
        "calendar",
    ),
    Role.APERS_OFFENDER: _own(
        "Les mesures que vous suivez sont dans « Mesures VIF ».", "measures:index", "Ouvrir les mesures", "shield"
    ),
    Role.APERS_VICTIM: _own(
        "Les personnes que vous accompagnez sont dans « Personnes accompagnées ».",
        "victims:index",
        "Ouvrir la liste",
        "shield",
    ),
}


# What these follow is of the ressort: in a commune they have no list to open.
_FOLLOWS = {Role.APERS_OFFENDER: DataClass.VIF_PERSON, Role.APERS_VICTIM: DataClass.VIF_VICTIM}
_IN_THE_RESSORT = Welcome(
    title="Rien ne vous attend ici.",
    text="Votre suivi se tient dans le ressort du tribunal. Si vous y avez une fonction, choisissez-la en haut à droite.",
    icon="info",
)


_OFFICE = Welcome(
    title="Rien ne vous attend.",
    text="Les services du ressort, leurs responsables et la charte sont dans « Partenaires ». Votre fonction n’ouvre aucun dossier.",
    icon="handshake",
    url_name="directory:services",
    label="Ouvrir les services",
)


def welcome(viewer: Viewer) -> Welcome:
    """Return what to say to this function, on this territory, when nothing waits."""
    followed = _FOLLOWS.get(Role(viewer.role))
    if followed is not None and not reachable(viewer, Action.LIST, followed):
        return _IN_THE_RESSORT
    if coordinates(viewer) and viewer.territory_kind == TerritoryKind.COURT_DISTRICT:
        return _OFFICE
    return _BY_ROLE.get(viewer.role, UP_TO_DATE)
