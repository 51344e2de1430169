"""Every night, each row that gives or takes access is asked for its seal: a forged one is told even if nobody met it (T-36)."""

from __future__ import annotations

from datetime import datetime

from django.apps import apps
from django.db.models import Model

from casework.partners import genuine
from casework.partners.macs import RowMacField

PAGE = 2_000


def models() -> list[type[Model]]:
    """Return every model whose rows carry a seal."""
    return [
        model
        for model in apps.get_models()
        if any(isinstance(field, RowMacField) for field in model._meta.concrete_fields)
    ]


def check(now: datetime) -> int:
    """Report each forged row in the journal; return how many there are."""
    forged = 0
    for model in models():
        for row in model._default_manager.order_by("pk").iterator(chunk_size=PAGE):
            forged += genuine.checked(row) is None
    return forged
