"""Closed lists of releases."""

from __future__ import annotations

from django.db import models


class ReleaseState(models.TextChoices):
    """Where a release stands: nothing of it is read before the second agreement."""

    PROPOSED = "proposed", "proposée"
    PUBLISHED = "published", "publiée"
    WITHDRAWN = "withdrawn", "retirée avant publication"
