"""The evaluation of a year: what the coordinator adds to the figures, and the document once it is finished. No person."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from casework.access.matrix import DataClass
from casework.casefile.revision import Revised
from casework.indicators.evaluation.codes import EvaluationState
from casework.partners.models import Territory
from casework.sealing.fields import SealedJSON
from casework.sealing.models import SealedModel


class Evaluation(SealedModel, Revised):
    """One year. `subject_id` is its own id. Nobody but whoever writes it reads it before it is finished."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("année")
    state = models.CharField("état", max_length=10, choices=EvaluationState.choices, default=EvaluationState.DRAFT)
    opened_at = models.DateTimeField("commencée le")
    finished_at = models.DateTimeField("terminée le", null=True, blank=True)
    finished_by = models.UUIDField("terminée par (fonction)", null=True, blank=True)
    # {"comments": {chapter: words}, "lines": [[id, action, indicator, value], …]}
    words = SealedJSON(label="evaluation.evaluation.words", drawer="content", data_class=DataClass.EVALUATION)
    # {"on": day, "figures": [chapter, …]}: as they stood that day; meetings and posts go, the document stays.
    chapters = SealedJSON(label="evaluation.evaluation.chapters", drawer="content", data_class=DataClass.EVALUATION)

    class Meta:
        verbose_name = "évaluation annuelle"
        ordering: ClassVar[list[str]] = ["-year"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["territory", "year"], name="evaluation_year_once"),
            models.CheckConstraint(
                condition=Q(state="draft", finished_at__isnull=True, finished_by__isnull=True)
                | Q(state="finished", finished_at__isnull=False, finished_by__isnull=False),
                name="evaluation_finished_by_one",
            ),
        ]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "subject_id": "key reference (its own)",
            "revision": "technical",
            "territory": "reference",
            "year": "a year",
            "state": "state",
            "opened_at": "workflow date",
            "finished_at": "workflow date",
            "finished_by": "reference",
        }

    def __str__(self) -> str:
        return f"evaluation {self.pk}"
