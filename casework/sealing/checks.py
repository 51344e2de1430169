"""System checks of sealing: the register of labels, and history that cannot be switched off."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

from casework.sealing.labels import sealed_fields


def check_history(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Refuse a setting that stops history, and a history that would open values."""
    found: list[checks.CheckMessage] = []
    if not getattr(settings, "SIMPLE_HISTORY_ENABLED", True):
        found.append(checks.Error("SIMPLE_HISTORY_ENABLED may not be False.", id="sealing.E020"))
    for model in {field.model for field in sealed_fields()}:
        name = getattr(model._meta, "simple_history_manager_attribute", None)
        if name and not getattr(getattr(model, name).model, "is_sealed_history", False):
            found.append(
                checks.Error("History of a model with sealed fields is a SealedHistory.", obj=model, id="sealing.E021")
            )
    return found


def check_provider(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Refuse to start in production with a key provider that may not be used there."""
    from casework.errors import KeystoreUnavailable
    from casework.sealing.providers import provider

    if not settings.IS_PRODUCTION:
        return []
    try:
        provider()
    except KeystoreUnavailable as problem:
        return [checks.Error(f"Key provider: {problem}", id="sealing.E030")]
    return []
