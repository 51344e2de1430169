"""A tiny protected model with its grants, and its table: the shape of every subject, without its words.

Its app is not installed, so that no other test meets it; `tables()` makes and drops its two tables.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models import Q

from casework.access.grants import GrantBase


class Probe(models.Model):
    """A protected row: where it is, in which state, who is shut out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    territory_id = models.UUIDField()
    group_id = models.UUIDField()
    state = models.CharField(max_length=10, default="open")
    excluded_mandate = models.UUIDField(null=True)
    for_minors = models.BooleanField(default=True)

    class Meta:
        app_label = "access_probe"

    def __str__(self) -> str:
        return "probe"


class ProbeGrant(GrantBase):
    """A grant on a probe."""

    content_object = models.ForeignKey(Probe, on_delete=models.CASCADE, related_name="grants")

    class Meta(GrantBase.Meta):
        abstract = False
        app_label = "access_probe"
        unique_together: ClassVar[list[Any]] = []
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["mandate", "permission", "content_object", "basis"],
                condition=Q(ends_at__isnull=True),
                name="probe_grant_open_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mandate", "sort_key", "content_object"], name="probe_grant_list")
        ]


@contextmanager
def tables() -> Iterator[None]:
    """Make the two tables, drop them afterwards. To be used outside a transaction."""
    with connection.schema_editor() as editor:
        editor.create_model(Probe)
        editor.create_model(ProbeGrant)
    content_type = ContentType.objects.get_for_model(Probe)  # cached by Django: must outlive each test
    try:
        yield
    finally:
        content_type.delete()
        ContentType.objects.clear_cache()
        with connection.schema_editor() as editor:
            editor.delete_model(ProbeGrant)
            editor.delete_model(Probe)
