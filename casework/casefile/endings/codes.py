"""Why a record is kept although it could go."""

from __future__ import annotations

from django.db import models


class HoldReason(models.TextChoices):
    """Who asks that nothing be destroyed (RGPD 17.3, 18)."""

    COURT = "court", "procédure judiciaire en cours"
    DISPUTE = "dispute", "recours ou contentieux de la commune"
    RIGHTS = "rights", "limitation demandée par la personne"
    INSPECTION = "inspection", "contrôle en cours (CNIL, inspection)"
    ARCHIVES = "archives", "demande du service d’archives"
