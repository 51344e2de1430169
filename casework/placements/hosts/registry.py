"""What hosts and posts give to the other floors."""

from __future__ import annotations

from datetime import datetime

from casework.access.matrix import DataClass
from casework.access.policy import Action, Need, need_of
from casework.access.viewer import Viewer
from casework.audit import Writing
from casework.casefile import daily, navigation
from casework.partners import hooks
from casework.partners.models import Territory
from casework.placements.hosts import (
    deadlines,  # noqa: F401  it registers on import
    facts,
)
from casework.placements.hosts.actions import erasing, places, requests, structures
from casework.placements.hosts.reads import unplaced


def _holds_posts(viewer: Viewer, now: datetime) -> bool:
    """Show posts to whoever holds some: a tutor, who manages none, has the people of the day."""
    granted = need_of(viewer.role, Action.LIST, DataClass.TIG_POSTS) is Need.GRANT
    return not granted or viewer.is_service_lead or facts.manages_any(viewer, now)


navigation.register(
    navigation.Entry(
        label="Postes",
        url_name="hosts:posts",
        icon="pin",
        order=51,
        section=navigation.POSTS,
        action=Action.LIST,
        data_class=DataClass.TIG_POSTS,
        concerns=_holds_posts,
    )
)
navigation.register(
    navigation.Entry(
        label="Structures d’accueil",
        url_name="hosts:hosts",
        icon="handshake",
        order=52,
        section=navigation.POSTS,
        action=Action.LIST,
        data_class=DataClass.TIG_POSTS,
        concerns=_holds_posts,
    )
)
navigation.register(
    navigation.Entry(
        label="Tuteurs", url_name="hosts:tutors", icon="groups", order=54, section=navigation.POSTS, action=Action.LIST,
        data_class=DataClass.TIG_POSTS, concerns=_holds_posts,
    )
)  # fmt: skip
navigation.register(
    navigation.Entry(
        label="Demandes sans place", url_name="hosts:without_place", icon="search", order=57, section=navigation.POSTS,
        action=Action.COUNT, data_class=DataClass.INDICATORS, concerns=unplaced.concerns,
    )
)  # fmt: skip
navigation.register(
    navigation.Entry(
        label="Références légales",
        url_name="hosts:legal",
        icon="book",
        order=59,
        section=navigation.POSTS,
        action=Action.LIST,
        data_class=DataClass.TIG_POSTS,
        leads_only=True,
    )
)
daily.register("hosts.release_unanswered", requests.release_unanswered)
daily.register("hosts.remind", requests.remind)
daily.register("hosts.release_overdue", places.release_overdue)
daily.register("hosts.erase_over", erasing.erase_over)


def _sectors(w: Writing, territory: Territory, now: datetime) -> None:
    structures.give_sectors(territory, now)


hooks.on_new_territory("hosts.sectors", _sectors)
