"""What the desk itself keeps: reports of faults, without a word of what was on screen."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ErrorReport(models.Model):
    """An answer that failed: where in the code, on which route. No message, no values (design.md §11)."""

    at = models.DateTimeField("le")
    request_id = models.CharField("référence", max_length=32)
    exception = models.CharField("nature", max_length=120)
    file = models.CharField("fichier", max_length=200)
    line = models.PositiveIntegerField("ligne")
    route = models.CharField("page", max_length=200, blank=True)
    release = models.CharField("version", max_length=40)

    class Meta:
        verbose_name = "incident technique"
        verbose_name_plural = "incidents techniques"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["-at"], name="error_report_recent")]

    class Confidentiality:
        clear: ClassVar[dict[str, str]] = {
            "id": "technical",
            "at": "technical",
            "request_id": "random, shown on the error page",
            "exception": "name of a class of the code",
            "file": "place in the code",
            "line": "place in the code",
            "route": "URL pattern without its values",
            "release": "version of the code",
        }

    def __str__(self) -> str:
        return f"error {self.request_id}"
