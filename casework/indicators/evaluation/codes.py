"""Closed lists of the yearly evaluation (seed §5.2)."""

from __future__ import annotations

from django.db import models


class Chapter(models.TextChoices):
    """The chapters of the document, in order: the cellule, the actions of the strategy that this system holds, the others."""

    CELLULE = "cellule", "La cellule de veille"
    SERVICES = "services", "La présence des services"
    EXCLUSIONS = "exclusions", "Action 3 : l’accueil des élèves exclus"
    VIOLENCE = "violence", "Action 6 : les violences dans le couple"
    MEASURES = "mesures", "Actions 7 et 8 : TIG et réparation"
    RETURNS = "retours", "Ce que les partenaires savent après une mesure"
    OTHERS = "autres", "Les autres actions de la stratégie"


class EvaluationState(models.TextChoices):
    """Where the document of a year stands."""

    DRAFT = "draft", "en préparation"
    FINISHED = "finished", "terminée"
