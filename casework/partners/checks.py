"""What must hold of the accounts before a server starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError


@register(Tags.database)
def accounts_are_sealed(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a base in which no account bears a seal: it was made before them, and would let nobody in (ADR 54).

    Some with and some without is another matter: rows written by hand, which the nightly job reports.
    """
    if "default" not in (databases or ()):
        return []
    from casework.partners.models import Agent

    try:
        old = Agent.objects.exists() and not Agent.objects.exclude(mac=b"").exists()
    except DatabaseError:
        return []  # the tables or the column are not there yet
    if not old:
        return []
    return [
        Error(
            "This database was made before accounts carried seals: nobody can sign in.",
            hint="Make it again (`migrate` and `first_invitation` on empty databases; `make demo` does it by itself). Nothing "
            "seals old rows, on purpose: docs/decisions/0054-old-rows-are-not-sealed.md.",
            id="partners.E001",
        )
    ]
