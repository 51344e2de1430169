"""Why a record is opened in an emergency, and what the review says of it."""

from __future__ import annotations

from datetime import timedelta

from django.db import models


class EmergencyReason(models.TextChoices):
    """Reasons. DURESS looks like any other on screen: its meaning is taught in person, never written there."""

    DANGER = "danger", "danger immédiat"
    REQUISITION = "requisition", "réquisition"
    CONTINUITY = "continuity", "continuité du suivi"
    DURESS = "duress", "contrainte particulière"
    CONTROL = "control", "contrôle par référence"  # the DPO’s, from a task that names the record


# What may be asked by exact name; the other comes from a task that already names the record.
ASKED = tuple(reason for reason in EmergencyReason if reason is not EmergencyReason.CONTROL)


class Verdict(models.TextChoices):
    """What somebody of another organisation says afterwards."""

    JUSTIFIED = "justified", "justifiée"
    NOT_JUSTIFIED = "not_justified", "non justifiée"
    TO_INVESTIGATE = "to_investigate", "à approfondir"


LASTS = timedelta(minutes=30)
REVIEW_WITHIN = timedelta(hours=72)
A_DAY = timedelta(hours=24)
MOST_PER_AGENT = 2
MOST_IN_ALL = 5
MISSES = 3
MIN_WORDS = 30
MAX_WORDS = 1_000
FACTOR_MINUTES = 1
