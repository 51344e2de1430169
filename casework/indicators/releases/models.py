"""Frozen counts, sealed; and what was published of them, in clear: it is about nobody any more.

No screen opens an atom: they serve to build a release and to audit all of them together.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from casework.casefile.revision import Revised
from casework.indicators.releases.codes import ReleaseState
from casework.partners.models import Territory
from casework.sealing.fields import SealedJSON
from casework.sealing.models import SealedModel

ATOMS = "indicators"


class AtomSheet(SealedModel):
    """The finest counts of one population over one closed period, counted once (SDC-07). `subject_id` is its own id."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    population = models.CharField("population", max_length=20)
    period = models.PositiveSmallIntegerField("période")
    first = models.PositiveSmallIntegerField("première année comptée")
    source = models.CharField("source", max_length=120, blank=True)
    frozen_at = models.DateTimeField("figée le")
    # [[[codes], n], ...]: strata that hold somebody.
    counts = SealedJSON(label="releases.atom_sheet.counts", drawer="content", data_class=ATOMS)

    class Meta:
        verbose_name = "compte figé"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["territory", "population", "period"], name="atom_sheet_once"),
            models.CheckConstraint(condition=Q(first__lte=F("period")), name="atom_sheet_years_in_order"),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference (its own)",
            "territory": "reference",
            "population": "closed list",
            "period": "a year",
            "first": "a year",
            "source": "where the figures come from: words of the program",
            "frozen_at": "workflow date",
        }

    def __str__(self) -> str:
        return f"atom sheet {self.pk}"


class Release(Revised):
    """One edition: what two persons let out about one year. Published, it never changes; a later one is a new version."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("année")
    version = models.PositiveSmallIntegerField("édition", default=1)
    state = models.CharField("état", max_length=10, choices=ReleaseState.choices, default=ReleaseState.PROPOSED)
    vector = models.JSONField("chiffres")
    digest = models.CharField("empreinte", max_length=64)
    proposed_at = models.DateTimeField("proposée le")
    proposed_by = models.UUIDField("proposée par (fonction)")
    published_at = models.DateTimeField("publiée le", null=True, blank=True)
    agreed_by = models.UUIDField("accord de (fonction)", null=True, blank=True)

    class Meta:
        verbose_name = "édition de chiffres"
        ordering: ClassVar[list[str]] = ["-year", "-version"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["territory", "year", "version"], name="release_version_once"),
            models.UniqueConstraint(
                fields=["territory"], condition=Q(state="proposed"), name="release_one_proposed",
                violation_error_message="Une édition attend déjà le second accord.",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False, agreed_by__isnull=False),
                name="release_is_agreed_to",
            ),
        ]  # fmt: skip

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "revision": "technical",
            "territory": "reference",
            "year": "a year",
            "version": "order of the editions",
            "state": "state",
            "vector": "counts as they are printed: about nobody, small ones absent",
            "digest": "hash of the vector",
            "proposed_at": "workflow date",
            "proposed_by": "reference",
            "published_at": "workflow date",
            "agreed_by": "reference",
        }

    def __str__(self) -> str:
        return f"release {self.pk}"
