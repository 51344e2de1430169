"""What réparations give to the other floors."""

from __future__ import annotations

from casework.placements.reparation import states  # noqa: F401  it registers on import
from casework.placements.reparation.actions import erasing  # noqa: F401  it registers on import
