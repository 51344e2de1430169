"""What the shell of every page needs: who acts under which function, the menu, the town. At most two queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.template import loader
from django.urls import NoReverseMatch, get_resolver, get_script_prefix, get_urlconf, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from casework.access.attach import running_mandates
from casework.access.matrix import DataClass
from casework.access.policy import EXCHANGE, Action, reachable
from casework.access.viewer import Viewer
from casework.audit import standing
from casework.casefile import navigation
from casework.desk.release import release
from casework.minors.sessions.facts import coordinates
from casework.partners import session_state
from casework.partners.codes import TerritoryKind
from casework.partners.models import Mandate

SECOND_MENU = 900  # lines from this order on stand under the line: administration, help


@dataclass(frozen=True, kw_only=True)
class MenuPage:
    """One page of the menu. `here`: the page being shown is that very one, not a page below it."""

    label: str
    url: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class MenuLine:
    """One line of the menu, ready to print. `counter` is where the browser asks for a number to do."""

    label: str
    url: str
    icon: str
    order: int
    current: bool
    pages: tuple[MenuPage, ...]
    counter: str = ""


@dataclass(frozen=True, kw_only=True)
class MandateChoice:
    """One of the functions the agent may act under."""

    id: UUID
    label: str
    detail: str
    current: bool


class _Urls(dict[str, str]):
    """Paths of named routes, each found once; "" for those of a subject that is switched off."""

    def __missing__(self, name: str) -> str:
        """Find the path of a route met for the first time."""
        try:
            self[name] = reverse(name)
        except NoReverseMatch:
            self[name] = ""
        return self[name]


def _urls() -> _Urls:
    """Return the paths of this site, kept with its resolver: it is another one when the routes are others."""
    kept: dict[str, _Urls] = get_resolver(get_urlconf()).__dict__.setdefault("_menu_urls", {})
    return kept.setdefault(get_script_prefix(), _Urls())


def url_or_nothing(name: str) -> str:
    """Return the path of a named route, or nothing when that subject is switched off."""
    return _urls()[name]


def mandate_label(mandate: Mandate) -> str:
    """Return « PJJ – milieu ouvert »: the service, then the function held there."""
    return f"{mandate.organisation} – {mandate.job_title or mandate.get_role_display()}"


class Shell:
    """Values of the shell, each made the first time a template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.demo: bool = settings.IS_DEMO
        self.release = release()

    @cached_property
    def now(self) -> datetime:
        """The one instant of this request."""
        return getattr(self.request, "now", None) or timezone.now()

    @cached_property
    def stopped(self) -> str:
        """Why nothing can be saved for now, for whoever is about to type; "" when all is well."""
        stop = standing.look() if self.viewer is not None else None
        return stop.message if stop else ""

    @cached_property
    def viewer(self) -> Viewer | None:
        """Who looks, if somebody is fully signed in under a function."""
        return getattr(self.request, "viewer", None)

    @cached_property
    def _agent(self) -> Any:
        """The signed-in agent once the second factor is given, else nobody."""
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            return None
        return user if self.viewer is not None or user.is_verified() else None

    @cached_property
    def agent_name(self) -> str:
        """Name of the agent, for the account menu."""
        return self._agent.full_name if self._agent is not None else ""

    @cached_property
    def hide_names(self) -> bool:
        """Whether this agent's screens show number, initials and age band instead of names."""
        return bool(self._agent is not None and self._agent.hide_names)

    @cached_property
    def _mandates(self) -> Sequence[Mandate]:
        if self._agent is None:
            return ()
        running = running_mandates(self._agent, self.now)
        return tuple(sorted(running, key=lambda mandate: (mandate.organisation.name, mandate.pk)))

    @cached_property
    def mandates(self) -> tuple[MandateChoice, ...]:
        """The functions this agent may act under now."""
        held = self.viewer.mandate_id if self.viewer else None
        return tuple(
            MandateChoice(
                id=mandate.pk,
                label=mandate_label(mandate),
                detail=mandate.territory.name,
                current=mandate.pk == held,
            )
            for mandate in self._mandates
        )

    @cached_property
    def _current(self) -> MandateChoice | None:
        return next((choice for choice in self.mandates if choice.current), None)

    @cached_property
    def mandate_label(self) -> str:
        """The function acted under, always in sight."""
        return self._current.label if self._current else ""

    @cached_property
    def town(self) -> str:
        """The territory worked in."""
        return self._current.detail if self._current else ""

    @cached_property
    def current(self) -> str:
        """Name of the route being shown."""
        match = self.request.resolver_match
        return match.view_name if match else ""

    @cached_property
    def here(self) -> str:
        """Path of this page, to come back to after a setting is changed."""
        return self.request.path

    @cached_property
    def navigation(self) -> tuple[MenuLine, ...]:
        """The menu by task, cut to what the role may ever open."""
        return tuple(line for line in self._menu if line.order < SECOND_MENU)

    @cached_property
    def administration(self) -> tuple[MenuLine, ...]:
        """The second part of the menu."""
        return tuple(line for line in self._menu if line.order >= SECOND_MENU)

    @cached_property
    def menu(self) -> SafeString:
        """The menu, drawn once: a page holds it twice, for wide and for narrow screens."""
        return loader.render_to_string("shell_nav.html", {"shell": self})

    @cached_property
    def section(self) -> MenuLine | None:
        """The line whose pages stand as tabs over this one; none on a page below, or when it is the only one."""
        return next(
            (line for line in self._menu if len(line.pages) > 1 and any(page.here for page in line.pages)), None
        )

    @cached_property
    def _menu(self) -> tuple[MenuLine, ...]:
        """Every line this viewer gets, pages of one section together."""
        viewer = self.viewer
        if viewer is None or not viewer.charter_signed:
            return ()
        path, urls = self.request.path, _urls()
        open_: list[tuple[str, navigation.Entry]] = []
        for entry in navigation.entries():
            url = urls[entry.url_name]
            if not url or not _within_ceiling(viewer, entry):
                continue
            if entry.concerns is None or entry.concerns(viewer, self.now):
                open_.append((url, entry))
        current = max((url for url, _ in open_ if path.startswith(url)), key=len, default="")
        sections: dict[object, list[tuple[str, navigation.Entry]]] = {}
        for url, entry in open_:
            sections.setdefault(entry.section or entry.url_name, []).append((url, entry))
        lines = []
        for held in sections.values():
            url, entry = held[0]
            named = entry.section if entry.section is not None and len(held) > 1 else entry
            lines.append(
                MenuLine(
                    label=named.label,
                    url=url,
                    icon=named.icon,
                    order=(entry.section or entry).order,
                    current=any(page == current for page, _ in held),
                    pages=tuple(MenuPage(label=each.label, url=page, here=page == path) for page, each in held),
                    counter=reverse("desk:work_count") if entry.url_name == "desk:work" else "",
                )
            )
        return tuple(sorted(lines, key=lambda line: line.order))

    @cached_property
    def idle_seconds(self) -> int:
        """Seconds without activity before the lock: longer while a meeting's timer runs."""
        return int(session_state.idle_limit(self.request.session, self.now).total_seconds())

    @cached_property
    def idle_minutes(self) -> int:
        """The same in minutes, for people."""
        return self.idle_seconds // 60

    @cached_property
    def search_url(self) -> str:
        """Where the search form posts, for those who may see young people."""
        viewer = self.viewer
        if viewer is None or not viewer.charter_signed:
            return ""
        if not reachable(viewer, Action.LIST, DataClass.YOUTH_CARD) or _has_no_group(viewer):
            return ""
        return url_or_nothing("followups:search")

    @property
    def layout(self) -> str:
        """The frame of pages open to all: the desk for a signed-in agent, else the public one."""
        return "base.html" if self.viewer is not None else "public.html"

    charter_url = cached_property(lambda self: url_or_nothing("partners:charter"))
    lock_url = cached_property(lambda self: url_or_nothing("partners:lock"))
    switch_url = cached_property(lambda self: url_or_nothing("partners:switch_mandate"))
    account_url = cached_property(lambda self: url_or_nothing("partners:account"))
    sign_out_url = cached_property(lambda self: url_or_nothing("partners:sign_out"))


def _within_ceiling(viewer: Viewer, entry: navigation.Entry) -> bool:
    if entry.leads_only and not viewer.is_service_lead:
        return False
    if entry.seated_only and not viewer.group_ids:
        return False
    if entry.data_class in EXCHANGE and _has_no_group(viewer):
        return False
    if viewer.territory_kind == TerritoryKind.COURT_DISTRICT and not _in_ressort(entry):
        return False
    if entry.data_class is None:
        return True
    return reachable(viewer, entry.action or Action.LIST, entry.data_class)


def _in_ressort(entry: navigation.Entry) -> bool:
    """Say whether a page is about something that a court's ressort has."""
    return entry.in_ressort and (entry.section is None or entry.section.in_ressort)


def _has_no_group(viewer: Viewer) -> bool:
    """Say whether this coordinator has no cellule to run: that of a court's ressort."""
    return coordinates(viewer) and not viewer.group_ids


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `shell` in every template. Nothing is read until a template asks."""
    return {"shell": Shell(request)}
