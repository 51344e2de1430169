"""What placements give to the other floors: work, dates, what runs every night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TypeVar

from casework.access import inbox
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import daily, deadlines, mailer, navigation, work
from casework.placements.hosts import cases
from casework.placements.hosts import facts as host_facts
from casework.placements.hosts.actions import requests
from casework.placements.tig import facts
from casework.placements.tig import work as lines
from casework.placements.tig.access_room import Affectations
from casework.placements.tig.actions import calls, erasing, incidents, proposals

Line = TypeVar("Line")
Source = Callable[[Viewer, datetime], list[Line]]
Concerns = Callable[[Viewer, datetime], bool]


def _where_any(source: Source[Line]) -> Source[Line]:
    """Ask a source only where the viewer holds something: one question for all rooms, most days for nothing."""

    @wraps(source)
    def asked(viewer: Viewer, now: datetime) -> list[Line]:
        return source(viewer, now) if "tig" in inbox.waiting(viewer, now) else []

    return asked


def _is_host(viewer: Viewer, now: datetime) -> bool:
    return facts.hosts(viewer.role)


def _manages(viewer: Viewer, now: datetime) -> bool:
    return facts.hosts(viewer.role) and (viewer.is_service_lead or host_facts.manages_any(viewer, now))


def _is_officer(viewer: Viewer, now: datetime) -> bool:
    return not facts.hosts(viewer.role)


def _page(label: str, url_name: str, icon: str, order: int, action: Action, concerns: Concerns) -> None:
    navigation.register(
        navigation.Entry(
            label=label, url_name=url_name, icon=icon, order=order, section=navigation.POSTS, action=action,
            data_class=DataClass.PLACEMENT, concerns=concerns,
        )
    )  # fmt: skip


# The host says « accueil », the service « affectation »; who reads no name gets the months (`partnership`).
_page("Aujourd’hui", "tig:today", "calendar", 47, Action.CHANGE, _is_host)
_page("Accueils", "tig:received", "groups", 48, Action.CHANGE, _manages)
_page("Appels du SPIP", "tig:calls", "phone", 48, Action.CREATE, calls.is_referent)
_page("Affectations", "tig:list", "task", 49, Action.LIST, _is_officer)

inbox.probe("tig", facts.visible_to)
for source in (lines.requests, lines.searches, lines.incidents, lines.sheets, lines.watched):
    work.register(_where_any(source))
deadlines.register(_where_any(lines.dates))
mailer.before_sending("tig.remind_accidents", incidents.remind_accidents)
requests.register(proposals.ROOM)
cases.register(Affectations())
daily.register("tig.erase_ended", erasing.erase_ended)
daily.register("tig.release_unconfirmed", calls.release_unconfirmed)
work.register(lines.calls)
