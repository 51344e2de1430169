"""What the host does on the page of one support: educator, programme, the day of return. The page carries the acts out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.utils.timezone import localdate

from casework.access.http import AgentRequest
from casework.access.policy import Action
from casework.casefile import calendar, revision
from casework.exclusions import facts
from casework.exclusions.actions import meeting, programme, team
from casework.exclusions.codes import ENDED, Presence
from casework.exclusions.forms import host as kinds
from casework.exclusions.forms.school import EmptyForm
from casework.exclusions.models import ExclusionSupport
from casework.exclusions.reads import returned, week
from casework.exclusions.reads.page import Page
from casework.exclusions.reads.week import Cell
from casework.exclusions.views.common import page_url

Given = dict[str, Any]


def _moved(request: AgentRequest, row: ExclusionSupport) -> Given:
    return {
        "by": request.viewer, "support": row, "now": request.now, "expected": revision.expected(request.POST)
    }  # fmt: skip


def _educator(request: AgentRequest, row: ExclusionSupport, given: Given) -> str:
    team.name_educator(**_moved(request, row), mandate_id=UUID(given["mandate"]))
    return page_url(row.pk, "demi-journees")


def _arrange(request: AgentRequest, row: ExclusionSupport, given: Given) -> str:
    programme.arrange(by=request.viewer, support=row, plans=kinds.plans(given), now=request.now)
    return page_url(row.pk, "demi-journees")


def _swap(request: AgentRequest, row: ExclusionSupport, given: Given) -> str:
    programme.swap(
        by=request.viewer, support=row, half_day=UUID(given["half_day"]), to=UUID(given["to"]), now=request.now
    )
    return page_url(row.pk, f"d-{given['to']}")


def _plan(request: AgentRequest, row: ExclusionSupport, given: Given) -> str:
    at = kinds.moment(given["day"], given["at"])
    meeting.plan(**_moved(request, row), return_at=at, attendees=given["attendees"])
    return page_url(row.pk, "retour")


def _hold(request: AgentRequest, row: ExclusionSupport, given: Given) -> str:
    meeting.hold(**_moved(request, row), held_on=given["held_on"], attendees=given["attendees"])
    return page_url(row.pk, "retour")


def _conclude(request: AgentRequest, row: ExclusionSupport, given: Given) -> str:
    meeting.conclude(
        **_moved(request, row), agreed=given["agreed"], feedback=given["feedback"], family_read=given["family_read"]
    )
    return page_url(row.pk, "retour")


def _close(request: AgentRequest, row: ExclusionSupport, given: Given) -> None:
    meeting.close(**_moved(request, row))


def _close_without(request: AgentRequest, row: ExclusionSupport, given: Given) -> None:
    meeting.close_without(**_moved(request, row), reason=given["reason"])


ACTS: dict[str, tuple[type[forms.Form], Callable[..., object]]] = {
    "educateur": (kinds.EducatorForm, _educator),
    "programme": (kinds.ProgrammeForm, _arrange),
    "deplacer": (kinds.MoveForm, _swap),
    "retour": (kinds.MeetingForm, _plan),
    "rencontre": (kinds.HeldForm, _hold),
    "convenu": (kinds.AgreedForm, _conclude),
    "clore": (EmptyForm, _close),
    "sans-rencontre": (kinds.NoMeetingForm, _close_without),
}


def form(request: AgentRequest, row: ExclusionSupport, name: str, data: Any = None) -> forms.Form:
    """Return the form of one act, as the page shows it or as it was sent."""
    kind: Callable[..., forms.Form] = ACTS[name][0]
    auto_id = f"{name}-%s"
    if name == "programme":
        return kind(data, auto_id=auto_id, **_programme(request, row))
    if name == "deplacer":
        return kind(data, auto_id=auto_id, cells=_cells(request, row))
    if name == "educateur":
        members = [(str(each.pk), each.agent.full_name) for each in programme.leaders(row, request.now)]
        return kind(data, auto_id=auto_id, members=members, initial={"mandate": str(row.educator_id or "")})
    return kind(data, auto_id=auto_id)


def context(request: AgentRequest, row: ExclusionSupport, page: Page, bound: dict[str, forms.Form] | None) -> Given:
    """Return what the parts « Demi-journées » and « Retour » show, and their forms where the viewer may act."""
    cells, back = page.cells, page.back
    arranges = _arranges(request, row)
    offered: dict[str, forms.Form] = {}
    if arranges:
        known = _programme(request, row, cells)
        offered["programme"] = kinds.ProgrammeForm(**known, auto_id="programme-%s")
        offered["deplacer"] = kinds.MoveForm(cells=cells, auto_id="deplacer-%s")
        offered["educateur"] = kinds.EducatorForm(
            members=known["leaders"], initial={"mandate": str(row.educator_id or "")}, auto_id="educateur-%s"
        )
    if back is not None:
        offered |= _of_return(request, row, back)
    offered |= {name: each for name, each in (bound or {}).items() if name in ACTS}
    return {
        "days": [(day, list(each)) for day, each in groupby(cells, key=lambda cell: cell.day)], "back": back,
        "arranges": arranges, "presences": Presence.choices,
        "to_arrange": arranges and any(not cell.theme and not cell.is_past for cell in cells),
        "host_forms": {name.replace("-", "_"): each for name, each in offered.items()},
    }  # fmt: skip


def _of_return(request: AgentRequest, row: ExclusionSupport, back: returned.Return) -> dict[str, forms.Form]:
    day = calendar.next_working_day(row.ends_on + timedelta(days=1)) if row.ends_on else None
    planned = {"day": back.at or day, "at": back.at, "attendees": back.attendee_codes}
    held = {"held_on": localdate(back.at) if back.at else localdate(request.now), "attendees": back.attendee_codes}
    said = {"agreed": back.agreed_codes, "feedback": back.feedback, "family_read": bool(back.feedback)}
    return {
        "retour": kinds.MeetingForm(initial=planned, auto_id="retour-%s"),
        "rencontre": kinds.HeldForm(initial=held, auto_id="rencontre-%s"),
        "convenu": kinds.AgreedForm(initial=said, auto_id="convenu-%s"),
        "sans-rencontre": kinds.NoMeetingForm(auto_id="sans-rencontre-%s"),
    }


def _arranges(request: AgentRequest, row: ExclusionSupport) -> bool:
    link = facts.relation(request.viewer, row, request.now)
    may = link.may(request.viewer, Action.CHANGE, facts.PUPIL, request.now)
    return may and link.receives and row.host_id == request.viewer.organisation_id and row.state not in ENDED


def _programme(request: AgentRequest, row: ExclusionSupport, cells: tuple[Cell, ...] | None = None) -> Given:
    """Return what the programme is chosen from."""
    leads = [(str(each.pk), each.agent.full_name) for each in programme.leaders(row, request.now)]
    return {
        "cells": _cells(request, row) if cells is None else cells,
        "activities": programme.activities(row), "themes": programme.themes(row), "leaders": leads,
    }  # fmt: skip


def _cells(request: AgentRequest, row: ExclusionSupport) -> tuple[Cell, ...]:
    """Return the half-days without opening whose they are: enough to judge a form."""
    rows = row.half_days.select_related("activity", "opening")
    return week.of_support(request.viewer, row, rows, request.now)
