"""The work of the office: two files of one person, the old spreadsheet, what is counted after erasure."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from casework.casefile.revision import Revised
from casework.minors.followups import anonymous_codes
from casework.minors.followups.models.base import BASE
from casework.minors.followups.models.situations import FollowUp
from casework.partners.models import Territory, WatchGroup
from casework.sealing.fields import SealedJSON
from casework.sealing.models import SealedModel


class PossibleDuplicate(models.Model):
    """A silent task for the coordinator: two situations may be one person (T-20). Nobody else learns of it."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    newer = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="+")
    older = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="+")
    found_at = models.DateTimeField("trouvé le")
    resolved_at = models.DateTimeField("traité le", null=True, blank=True)
    merged = models.BooleanField("réunies", null=True, blank=True)

    class Meta:
        verbose_name = "doublon possible"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["newer", "older"], name="duplicate_pair_once")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "newer": "reference",
            "older": "reference",
            "found_at": "workflow date",
            "resolved_at": "workflow date",
            "merged": "state",
        }

    def __str__(self) -> str:
        return f"possible duplicate {self.pk}"


class ImportBatch(SealedModel, Revised):
    """A spreadsheet being taken over: rows stay sealed under this batch's key until imported or discarded."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(WatchGroup, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("déposé le")
    created_by = models.UUIDField("déposé par (fonction)")
    table = SealedJSON(label="minors.import_batch.table", drawer="content", data_class="youth_identity")
    mapping = SealedJSON(label="minors.import_batch.mapping", drawer="content", data_class="youth_identity")
    refused = SealedJSON(label="minors.import_batch.refused", drawer="content", data_class="youth_identity")
    written = models.PositiveIntegerField("lignes importées", default=0)
    counted = models.JSONField("lignes comptées", default=dict)
    imported_at = models.DateTimeField("importé le", null=True, blank=True)
    deletion_signed_at = models.DateTimeField("suppression attestée le", null=True, blank=True)
    deletion_signed_by = models.UUIDField("attestée par (fonction)", null=True, blank=True)

    class Meta:
        verbose_name = "reprise d’un tableau"

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = BASE | {
            "group": "reference",
            "created_at": "workflow date",
            "created_by": "reference",
            "written": "a count",
            "counted": "counts",
            "imported_at": "workflow date",
            "deletion_signed_at": "workflow date",
            "deletion_signed_by": "reference",
        }

    def __str__(self) -> str:
        return f"import {self.pk}"


class AnonymousCount(models.Model):
    """What stays when rows are erased, and what was received: a number per month and kind."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("nature", max_length=20, choices=anonymous_codes.CountKind.choices)
    month = models.DateField("mois")
    total = models.PositiveIntegerField("nombre", default=0)

    class Meta:
        verbose_name = "compte anonyme"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["territory", "kind", "month"], name="count_once_a_month")
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "territory": "reference",
            "kind": "closed list",
            "month": "a month, not a person",
            "total": "a count, not a person",
        }

    def __str__(self) -> str:
        return f"count {self.pk}"
