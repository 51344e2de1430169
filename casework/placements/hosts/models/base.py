"""What every row of this subject keeps in clear, and why."""

from __future__ import annotations

BASE = {
    "id": "technical",
    "subject_id": "key reference",
    "revision": "technical",
    "territory": "reference",
}
