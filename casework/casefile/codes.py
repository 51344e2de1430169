"""Closed lists shared by every kind of file: kinds of local lists, school zones, national lists to copy."""

from __future__ import annotations

from typing import NamedTuple

from django.db import models


class ListCode(models.TextChoices):
    """Lists that each territory keeps for itself (design.md §11, « Closed lists »)."""

    SCHEME = "scheme", "dispositifs"
    PROGRAMME = "programme", "programmes d’action"  # WL-13
    ACTIVITY_SECTOR = "activity_sector", "secteurs d’activité"
    REDIRECT = "redirect", "réorientations"
    PLACE_SECTOR = "place_sector", "secteurs des postes de TIG"


class SchoolZone(models.TextChoices):
    """Zones of the school calendar; overseas and Corsica keep their own."""

    A = "A", "zone A"
    B = "B", "zone B"
    C = "C", "zone C"
    CORSICA = "corse", "Corse"
    OTHER = "other", "autre calendrier"


class NationalItem(NamedTuple):
    """A line of a national list: a stable code and its French label."""

    code: str
    label: str


# Never a court-ordered measure: whether a service intervenes is for that service alone to say (ACL-03).
NATIONAL_LISTS: dict[ListCode, tuple[NationalItem, ...]] = {
    ListCode.SCHEME: (
        NationalItem("pre", "Programme de réussite éducative (PRE)"),
        NationalItem("gpds", "Groupe de prévention du décrochage scolaire (GPDS)"),
        NationalItem("mission_locale", "Mission locale"),
        NationalItem("clas", "Soutien scolaire (CLAS)"),
        NationalItem("social_centre", "Centre social"),
        NationalItem("street_outreach", "Prévention spécialisée"),
        NationalItem("educational_worksite", "Chantier éducatif"),
        NationalItem("social_mediation", "Médiation sociale"),
        NationalItem("cddf", "Conseil pour les droits et devoirs des familles (CDDF)"),
        NationalItem("parent_support", "Soutien à la parentalité (REAAP)"),
        NationalItem("paej", "Point accueil écoute jeunes (PAEJ) ou Maison des adolescents"),
        NationalItem("school_drop_in", "Accueil des élèves exclus temporairement"),
        NationalItem("second_chance", "École de la 2e chance"),
        NationalItem("youth_contract", "Contrat d’engagement jeune (CEJ)"),
        NationalItem("civic_service", "Service civique"),
        NationalItem("leisure_club", "Club sportif ou association de loisirs"),
        NationalItem("vvv", "Ville Vie Vacances"),
        NationalItem("youth_worker", "Service jeunesse de la commune"),
    ),
    ListCode.PROGRAMME: (
        NationalItem("youth_prevention", "Prévention de la délinquance des jeunes"),
        NationalItem("school_retention", "Prévention du décrochage scolaire"),
        NationalItem("social_integration", "Insertion sociale et professionnelle"),
        NationalItem("public_peace", "Tranquillité publique et présence dans l’espace public"),
        NationalItem("parenting", "Accompagnement de la parentalité"),
        NationalItem("reoffending", "Prévention de la récidive"),
    ),
    ListCode.ACTIVITY_SECTOR: (
        NationalItem("green_spaces", "Espaces verts"),
        NationalItem("cleaning", "Propreté et entretien"),
        NationalItem("building", "Bâtiment et petits travaux"),
        NationalItem("catering", "Restauration collective"),
        NationalItem("administration", "Accueil et administration"),
        NationalItem("culture", "Culture et patrimoine"),
        NationalItem("sport", "Sport et loisirs"),
        NationalItem("solidarity", "Solidarité et aide alimentaire"),
        NationalItem("environment", "Environnement et recyclage"),
        NationalItem("safety", "Secours et prévention des risques"),
    ),
    ListCode.REDIRECT: (
        NationalItem("gpds", "Groupe de prévention du décrochage scolaire (GPDS)"),
        NationalItem("mission_locale", "Mission locale"),
        NationalItem("pre", "Programme de réussite éducative (PRE)"),
        NationalItem("mds", "Maison départementale de la solidarité (MDS)"),
        NationalItem("street_outreach", "Prévention spécialisée"),
        NationalItem("cddf", "Conseil pour les droits et devoirs des familles (CDDF)"),
        NationalItem("paej", "Point accueil écoute jeunes (PAEJ) ou Maison des adolescents"),
        NationalItem("school", "Établissement scolaire"),
        NationalItem("landlord_mediation", "Médiation sociale ou du bailleur"),
        NationalItem("victim_support", "Association d’aide aux victimes"),
        NationalItem("other", "Autre service"),
    ),
}
