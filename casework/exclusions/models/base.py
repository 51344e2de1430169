"""What every sealed row of this subject keeps in clear, and why."""

from __future__ import annotations

BASE = {
    "id": "technical",
    "subject_id": "key reference",
    "revision": "technical",
    "territory": "reference",
}
EXCLUSION, FAMILY, RETURN, REASON = "exclusion", "exclusion_family", "exclusion_return", "exclusion_reason"
