"""Which second factor this session was opened with: asked on every page, so its question is written once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django_otp.middleware import OTPMiddleware
from django_otp.models import Device

from casework.partners.models import Passkey, TotpDevice
from casework.partners.prepared import Prepared


def _question(kind: type[Any]) -> Prepared[Any]:
    return Prepared(lambda device: kind.objects.filter(pk=device), device=UUID)


_DEVICES = {kind._meta.label_lower: _question(kind) for kind in (TotpDevice, Passkey)}


class SecondFactorMiddleware(OTPMiddleware):
    """django-otp's own, which goes on deciding whether the device is confirmed and of this agent."""

    def _device_from_persistent_id(self, persistent_id: str) -> Device | None:
        """Return the device of this name, None for a name that is not one of ours."""
        kind, _, number = persistent_id.rpartition("/")
        try:
            return _DEVICES[kind].first(device=UUID(int=int(number)))
        except (KeyError, ValueError):
            return None
