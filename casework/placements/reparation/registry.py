"""What réparations give to the other floors."""

from __future__ import annotations

from casework.placements.reparation import erasing, states  # noqa: F401  they register on import
