"""The seal of a mandate row: a row written past the application gives no access (T-36)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from casework.partners.models import Mandate
from casework.sealing.keys import system_key

_PURPOSE = "mandate-mac"


def instant(value: datetime | None) -> str:
    """Return an instant as one canonical UTC text, "" for None."""
    return "" if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(parts: tuple[object, ...]) -> bytes:
    """Return `parts` as bytes in which no two different tuples meet (each part has its length in front)."""
    out = bytearray()
    for part in parts:
        raw = str(part).encode()
        out += len(raw).to_bytes(4, "big") + raw
    return bytes(out)


def mandate_mac(mandate: Mandate) -> bytes:
    """Return the HMAC over everything of `mandate` that decides access (CLV-24, CLV-25, row 31a)."""
    content = canonical(
        (
            "partners.mandate.v1",
            mandate.pk,
            mandate.agent_id,
            mandate.organisation_id,
            mandate.territory_id,
            str(mandate.role),
            instant(mandate.starts_at),
            instant(mandate.ends_at),
            instant(mandate.charter_signed_at),
            "" if mandate.charter_version is None else mandate.charter_version,
            int(mandate.is_service_lead),
            mandate.appointed_by or "",
        )
    )
    return hmac.new(system_key(_PURPOSE), content, hashlib.sha256).digest()


def seal_mandate(mandate: Mandate) -> None:
    """Set `mandate.mac`; to be called by every action just before it saves a mandate."""
    mandate.mac = mandate_mac(mandate)


def mandate_is_genuine(mandate: Mandate) -> bool:
    """Say whether the row still carries the seal of what it says."""
    return hmac.compare_digest(bytes(mandate.mac), mandate_mac(mandate))
