"""What « Mon travail » says when nothing waits: what this function does here, and its next act.

A role whose subject is not open in this town reads so, instead of « Tout est à jour ».
"""

from __future__ import annotations

from dataclasses import dataclass

from casework.access.viewer import Viewer
from casework.partners.codes import Role


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


def _later(service: str, what: str) -> Welcome:
    return Welcome(
        title="Votre espace n’est pas encore ouvert.",
        text=(
            f"Pour l’instant, la commune suit ici les situations de la cellule de veille, où {service} ne siège pas : "
            f"aucun jeune ne vous est visible. {what} quand la commune ouvrira cette partie."
        ),
        icon="info",
    )


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
    Role.SPIP: _later("le SPIP", "Les affectations en TIG apparaîtront ici"),
    Role.SAH: _later("votre association", "Les mesures de réparation apparaîtront ici"),
    Role.HOST: _later("votre structure", "Les personnes que vous accueillez apparaîtront ici"),
    Role.APERS_OFFENDER: _later("votre association", "Les mesures que vous suivez apparaîtront ici"),
    Role.APERS_VICTIM: _later("votre association", "Les personnes que vous accompagnez apparaîtront ici"),
}


def welcome(viewer: Viewer) -> Welcome:
    """Return what to say to this function when nothing waits."""
    return _BY_ROLE.get(viewer.role, UP_TO_DATE)
