"""What is said of the journal when a production server starts (security.md §3.15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError
from django.utils import timezone


@register(Tags.database)
def journal_is_signed(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Warn of events that wait for more than an hour to be witnessed; before the tables exist, say nothing.

    No refusal: such a server starts and only reads (`standing`), so that a worker made anew while the witness is away
    does not turn its outage into ours.
    """
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
        Warning(
            f"{len(late)} log(s) wait for more than one hour to be witnessed: nothing can be written until then.",
            hint="Run `manage.py audit_checkpoint`, then every ten minutes by a timer.",
            id="audit.W001",
        )
    ]
