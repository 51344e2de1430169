"""Why somebody is shut out of a subject (security.md §3.12)."""

from __future__ import annotations

from django.db import models


class Ground(models.TextChoices):
    """Grounds of an exclusion."""

    DECLARED = "declared", "conflit déclaré"
    KIN = "kin", "lien de famille ou de voisinage"
    ORDER = "order", "décision d’un juge"
