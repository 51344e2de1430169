"""What exclusion support gives to the other floors: pages of the menu, lines of « Mon travail », dates, erasure."""

from __future__ import annotations

from casework.casefile import cases, daily
from casework.exclusions import states  # noqa: F401  it registers on import
from casework.exclusions.access_room import Supports
from casework.exclusions.actions import holding, houses

cases.register(Supports())
daily.register("exclusions.free_unconfirmed", holding.free_unconfirmed)
daily.register("exclusions.forget_needs", houses.forget_needs)
