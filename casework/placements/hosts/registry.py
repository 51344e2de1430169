"""What hosts and posts give to the other floors."""

from __future__ import annotations

from datetime import datetime

from casework.audit import Writing
from casework.casefile import daily
from casework.partners import hooks
from casework.partners.models import Territory
from casework.placements.hosts.actions import places, structures

daily.register("hosts.release_overdue", places.release_overdue)


def _sectors(w: Writing, territory: Territory, now: datetime) -> None:
    structures.give_sectors(territory, now)


hooks.on_new_territory("hosts.sectors", _sectors)
