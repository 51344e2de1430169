"""What must hold of the journal before a production server starts (security.md §3.15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError
from django.utils import timezone


@register(Tags.database)
def journal_is_signed(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a production where events wait for more than an hour to be signed; before the tables exist, say nothing."""
    if not settings.IS_PRODUCTION or "default" not in (databases or ()):
        return []
    from casework.audit import checkpoints

    try:
        late = checkpoints.late(timezone.now())
    except DatabaseError:
        return []
    if not late:
        return []
    return [
        Error(
            f"The last checkpoint of {len(late)} log(s) is older than one hour.",
            hint="Run `manage.py audit_checkpoint`, then every ten minutes by a timer.",
            id="audit.E001",
        )
    ]
