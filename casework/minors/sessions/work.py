"""Lines of « Mon travail » around a meeting: prepare it, follow it, send it, hold it. No line names a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.timezone import localdate

from casework.access.viewer import Viewer
from casework.casefile import format as fr
from casework.casefile.deadlines import Deadline
from casework.casefile.work import WorkItem, register
from casework.minors.followups import facts as followup_facts
from casework.minors.sessions import deadlines, facts
from casework.minors.sessions.codes import SessionState
from casework.minors.sessions.models import AgendaRequest, GroupSession
from casework.minors.sessions.reads.preparation import to_prepare

SEND_BEFORE = timedelta(days=7)


def items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the lines of this viewer."""
    if not viewer.live(now) or not viewer.charter_signed or viewer.group_id is None:
        return []
    rows = list(
        facts.visible_to(viewer, now)
        .filter(state__in=(SessionState.PREPARED, SessionState.CONVENED, SessionState.OPEN))
        .annotate(n=Count("lines"))
        .order_by("starts_at")
    )
    if facts.coordinates(viewer):
        return [*(_to_run(row, now) for row in rows), *_watched(viewer, now)]
    return [*_to_follow(rows), *_to_prepare(viewer, rows, now), *_asked(viewer, now)]


def _title(row: GroupSession) -> str:
    day = localdate(row.starts_at)
    return f"Réunion du {fr.long_date(day).rsplit(' ', 1)[0]}"


def _to_run(row: GroupSession, now: datetime) -> WorkItem:
    page = reverse("meetings:page", args=[row.pk])
    day = localdate(row.starts_at)
    if row.state == SessionState.PREPARED:
        built = row.n  # type: ignore[attr-defined]
        what = "invitation à envoyer" if built else "ordre du jour à construire"
        return WorkItem(
            group_when=day - SEND_BEFORE, kind="mine", reference="", label=f"{_title(row)} : {what}", url=page,
            act_label="Ordre du jour", act_url=reverse("meetings:agenda", args=[row.pk]), rule="CLV-21",
        )  # fmt: skip
    label = "en cours" if row.state == SessionState.OPEN else "à tenir"
    return WorkItem(
        group_when=day, kind="mine", reference="", label=f"{_title(row)} : {label}", url=page,
        act_label="Salle" if day <= localdate(now) else "Ouvrir", act_url=page if day > localdate(now) else
        reverse("meetings:room", args=[row.pk]), rule="CLV-21",
    )  # fmt: skip


def _watched(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """The deadlines of the group that are near or passed (DL-05)."""
    return [
        _as_item(row) for row in deadlines.for_coordinator(viewer, now) if row.rule == "DL-05" and row.state != "ok"
    ]


def _as_item(row: Deadline) -> WorkItem:
    return WorkItem(
        group_when=row.due, kind="mine", reference="", label=row.label, url=row.url, act_label="Voir", act_url=row.url,
        rule=row.rule,
    )  # fmt: skip


def _to_follow(rows: Sequence[GroupSession]) -> list[WorkItem]:
    return [
        WorkItem(
            group_when=localdate(row.starts_at), kind="mine", reference="", label=f"{_title(row)} : en cours",
            url=reverse("meetings:page", args=[row.pk]), act_label="Suivre",
            act_url=reverse("meetings:follow", args=[row.pk]), rule="CLV-23",
        )
        for row in rows
        if row.state == SessionState.OPEN
    ]  # fmt: skip


def _to_prepare(viewer: Viewer, rows: Sequence[GroupSession], now: datetime) -> list[WorkItem]:
    left = list(
        to_prepare(viewer, now)
        .exclude(preparations__organisation_id=viewer.organisation_id)
        .values_list("session_id", "follow_up_id", "follow_up__purge_check_on")
    )
    over = followup_facts.over([(pk, check_on) for _, pk, check_on in left if pk and check_on], now)
    counted = Counter(session for session, pk, _ in left if pk not in over)
    found = []
    for row in rows:
        n = counted[row.pk]
        if row.state == SessionState.CONVENED and n:
            found.append(
                WorkItem(
                    group_when=localdate(row.starts_at), kind="mine", reference="",
                    label=f"{_title(row)} : {fr.plural(n, 'situation')} à préparer (facultatif)",
                    url=reverse("meetings:page", args=[row.pk]), act_label="Préparer",
                    act_url=reverse("meetings:prepare", args=[row.pk]), rule="CLV-21",
                )
            )  # fmt: skip
    return found


def _asked(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """What my service asked to be examined and that no meeting took yet, of the situations it still sees."""
    asked = AgendaRequest.objects.filter(
        organisation_id=viewer.organisation_id, asked_by=viewer.mandate_id, taken_in=None,
        follow_up__in=followup_facts.visible_to(viewer, now),
    )  # fmt: skip
    rows = list(asked.select_related("follow_up").order_by("asked_at"))
    over = followup_facts.past_purge({row.follow_up_id: row.follow_up for row in rows}.values(), now)
    return [
        WorkItem(
            group_when=None, kind="waiting", reference=row.follow_up.reference,
            label="examen demandé à la prochaine réunion", url=reverse("followups:page", args=[row.follow_up_id]),
        )
        for row in rows
        if row.follow_up_id not in over
    ]  # fmt: skip


register(items)
