"""Posts for one person: what is asked comes from the request, what is said back is about posts only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from casework import audit
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import Purpose
from casework.casefile.codes import ListCode
from casework.casefile.models import LocalItem
from casework.placements.hosts import facts as host_facts
from casework.placements.hosts.codes import AccreditedFor, Half
from casework.placements.hosts.models import Post, Supervisor
from casework.placements.hosts.reads import search
from casework.placements.hosts.reads.search import Criteria, PostMatch
from casework.placements.tig.models import TigPlacement
from casework.placements.tig.reads import hours
from casework.placements.tig.reads.placements import availability_words, supervisor_names
from casework.sealing import sweep


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was asked, in words, and every post with why it fits or not."""

    asked: str
    minutes: int
    until: date
    matches: list[PostMatch]


def for_placement(viewer: Viewer, placement: TigPlacement, now: datetime) -> Found:
    """Return the posts for one placement. No score of the person: facts about posts, with their reason."""
    with audit.reading(
        viewer, subjects=[placement.subject_id],
        classes=[DataClass.PLACEMENT, DataClass.FITNESS, DataClass.SENTENCE],
        purpose=Purpose.REVIEW, object_type="tig_placement", object_ids=[placement.pk],
    ):  # fmt: skip
        chosen = list(placement.availability or [])
        limits = frozenset(placement.limits or [])
        away = frozenset(UUID(each) for each in away_of(placement))
    left = placement.minutes_here - hours.done(placement)
    criteria = Criteria(
        half_days=frozenset((int(each.partition("-")[0]), Half(each.partition("-")[2])) for each in chosen),
        audience=AccreditedFor(placement.audience), limits=limits, away=away, ends_on=placement.last_useful_on,
        minutes=left,
    )  # fmt: skip
    return Found(
        asked=availability_words(chosen), minutes=left, until=placement.last_useful_on,
        matches=search.find(viewer, criteria, now),
    )  # fmt: skip


def away_of(placement: TigPlacement) -> list[str]:
    """Return the ids of the hosts and sectors where somebody is not sent; inside the caller's reading."""
    return list((placement.situation or {}).get("away") or [])


def places(viewer: Viewer, now: datetime) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the sectors and the hosts with a post, in two groups, to say where somebody is not to be sent.

    A closed sector and an ended host stay: a post may still be there, and what was ticked is not lost.
    """
    hosts = host_facts.visible_hosts(viewer, now, Action.LIST).filter(posts__isnull=False).distinct()
    areas = LocalItem.objects.of(viewer.territory_id, ListCode.PLACE_SECTOR)
    groups = [
        ("Secteurs", [(str(item.pk), item.label) for item in areas]),
        ("Structures", [(str(pk), name) for pk, name in hosts.order_by("name").values_list("pk", "name")]),
    ]
    return [group for group in groups if group[1]]


def tutors(viewer: Viewer, post: Post) -> list[tuple[str, str]]:
    """Return the tuteurs of the host of a post, to choose from."""
    rows = list(Supervisor.objects.filter(host_id=post.host_id, left_on__isnull=True))
    names = supervisor_names(viewer, rows)
    return sorted(((str(pk), name) for pk, name in names.items()), key=lambda each: each[1])


def demand_initial(viewer: Viewer, placement: TigPlacement, now: datetime) -> dict[str, Any]:
    """Return what a request says now, to be changed."""
    with audit.reading(
        viewer, subjects=[placement.subject_id],
        classes=[DataClass.PLACEMENT, DataClass.FITNESS, DataClass.SENTENCE], purpose=Purpose.REVIEW,
        object_type="tig_placement", object_ids=[placement.pk],
    ):  # fmt: skip
        sweep.open_many([placement], "case_mark", "availability", "limits", "situation")
        known = placement.situation or {}
        adult_on = known.get("adult_on") or ""
        return {
            "case_mark": placement.case_mark, "measure": placement.measure, "hours": placement.minutes_here // 60,
            "last_useful_on": placement.last_useful_on, "weekly": placement.weekly,
            "availability": placement.availability, "limits": placement.limits, "away": known.get("away"),
            "job_hours": int(known.get("job_minutes") or 0) // 60, "exam_stated": known.get("exam_stated"),
            "adult_on": date.fromisoformat(adult_on) if adult_on else None,
        }  # fmt: skip
