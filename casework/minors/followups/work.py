"""What waits for somebody on « Mon travail », and the dates to watch: actions, information, questions, mayor, end.

Every line is one click from its act, and names nobody: a reference, a code, a date.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.timezone import localdate

from casework import audit
from casework.access import memo
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.policy import Facts, Need, ceiling, decide, need_of
from casework.access.viewer import Viewer
from casework.audit import Act, Purpose
from casework.casefile import format as fr
from casework.casefile.deadlines import Deadline, state_on
from casework.casefile.work import WorkItem
from casework.minors.followups import facts
from casework.minors.followups.actions import who_knows
from casework.minors.followups.codes import OPEN_RESULTS, NoticeStatus, Stage
from casework.minors.followups.models import Action, FollowUp, MayorDisclosure, Notice
from casework.sealing import sweep

LETTERS_STAGES = (Stage.REFERRED, Stage.INFORMED, Stage.FOLLOWED, Stage.SUSPENDED)
DONE_DAYS = 7
INFORMATION_WARN = timedelta(days=7)  # DL-02
PURGE_WARN = timedelta(days=30)  # DL-01
MOST = 60


def actions(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return my service's actions, those that wait for another, those closed this week; only on open situations."""
    if not ceiling(viewer.role, Ask.CHANGE, DataClass.YOUTH_REVIEW):
        return []
    today = localdate(now)
    visible = facts.visible_to(viewer, now)
    rows = Action.objects.filter(
        follow_up__in=visible, owner_id=viewer.organisation_id
    ).select_related("follow_up", "after__owner")  # fmt: skip
    mine = [row for row in rows.filter(result__in=OPEN_RESULTS).order_by("due_on")[:MOST] if _is_mine(row, viewer)]
    closed = rows.filter(closed_on__gt=today - timedelta(days=DONE_DAYS)).order_by("-closed_on")[:20]
    done = [row for row in closed if _is_mine(row, viewer)]
    over = facts.past_purge({row.follow_up_id: row.follow_up for row in (*mine, *done)}.values(), now)
    return [
        *(_open_action(row) for row in mine if row.follow_up_id not in over),
        *(_action_item(row, "done", row.closed_on or today) for row in done if row.follow_up_id not in over),
    ]


def _is_mine(row: Action, viewer: Viewer) -> bool:
    return row.owner_mandate_id in (None, viewer.mandate_id)


def _open_action(row: Action) -> WorkItem:
    before = row.after
    if before is not None and before.result in OPEN_RESULTS:
        return WorkItem(
            group_when=row.due_on, kind="waiting", reference=row.follow_up.reference,
            label=f"{row.get_kind_display().capitalize()}, après « {before.get_kind_display()} » ({before.owner})",
            url=_page(row.follow_up, "actions"), rule="WL-15",
        )  # fmt: skip
    return _action_item(row, "mine", row.due_on)


def _action_item(row: Action, kind: str, when: date) -> WorkItem:
    waits = f", attend depuis {fr.plural(row.waited_sessions, 'réunion')}" if row.waited_sessions else ""
    still = kind == "mine"
    return WorkItem(
        group_when=when, kind=kind, reference=row.follow_up.reference,
        label=f"{row.get_kind_display().capitalize()}{waits if still else ''}", url=_page(row.follow_up, "actions"),
        act_label="Résultat" if still else "",
        act_url=reverse("followups:action_done", args=[row.pk]) if still else "", rule="WL-15",
    )  # fmt: skip


def _page(follow_up: FollowUp, tab: str) -> str:
    return reverse("followups:page", args=[follow_up.pk]) + f"?onglet={tab}"


def _uninformed(viewer: Viewer, now: datetime) -> list[FollowUp]:
    """Return the situations whose information runs (DL-02), for the coordinator; asked once a page."""
    return memo.once(("uninformed", viewer, now), lambda: _ask_uninformed(viewer, now))


def _ask_uninformed(viewer: Viewer, now: datetime) -> list[FollowUp]:
    rows = facts.visible_to(viewer, now).filter(
        state__in=LETTERS_STAGES, sorted_at__isnull=False, information_due_on__isnull=False,
        notices__status=NoticeStatus.TO_DO,
    )  # fmt: skip
    return facts.not_over(rows.distinct().order_by("information_due_on")[:MOST], now)


def information(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return who has to be informed, what has to be confirmed, letters to print (DL-02, SIT-07)."""
    if not facts.coordinates(viewer):
        return []
    items = [
        WorkItem(
            group_when=row.information_due_on, kind="mine", reference=row.reference, label="Information à donner",
            url=_page(row, "famille"), act_label="Informer", act_url=_page(row, "famille"), rule="DL-02",
        )
        for row in _uninformed(viewer, now)
        if not row.is_takeover  # those of an old table come by the hundred: one line, « courriers à imprimer »
    ]  # fmt: skip
    waiting = Notice.objects.filter(confirmed_at=None).exclude(status=NoticeStatus.TO_DO)
    visible = facts.visible_to(viewer, now).filter(state__in=LETTERS_STAGES, pk__in=waiting.values("follow_up_id"))
    for row in facts.not_over(visible.order_by("reference")[:MOST], now):
        items.append(
            WorkItem(
                group_when=None, kind="mine", reference=row.reference, label="Information à confirmer",
                url=_page(row, "famille"), act_label="Confirmer", act_url=_page(row, "famille") + "#information",
                rule="SIT-07",
            )
        )  # fmt: skip
    return items


def questions(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return one line for all the names my service is asked about (CLV-29)."""
    if not ceiling(viewer.role, Ask.LIST, DataClass.YOUTH_IDENTITY):
        return []
    found = [row for row in who_knows.open_questions(viewer, now) if row.answered_at is None]
    if not found:
        return []
    url = reverse("followups:who_knows")
    return [
        WorkItem(
            group_when=localdate(min(row.closes_at for row in found) - timedelta(seconds=1)), kind="mine", reference="",
            label=f"Qui connaît ? {fr.plural(len(found), 'nom')}", url=url, act_label="Répondre", act_url=url,
            rule="CLV-29",
        )
    ]  # fmt: skip


def mayor(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return what the mayor has to read, one at a time; for the coordinator, what the mayor has not read."""
    if need_of(viewer.role, Ask.VIEW, DataClass.MAYOR_DISCLOSURE) is not Need.MANDATE:  # read, not controlled
        return []
    lists = ceiling(viewer.role, Ask.LIST, DataClass.MAYOR_DISCLOSURE)
    rows = MayorDisclosure.objects.filter(territory_id=viewer.territory_id, outcome="").select_related("follow_up")
    if not lists:
        # No list: the oldest only, without reference; the next one comes when it is closed.
        for row in rows.filter(sent_at__isnull=False).order_by("sent_at"):
            if _may_read(viewer, row, now):
                url = reverse("followups:mayor_page", args=[row.pk])
                return [
                    WorkItem(
                        group_when=localdate(now), kind="mine", reference="", label="Un document à lire",
                        url=url, act_label="Ouvrir", act_url=url, rule="MAY-05",
                    )
                ]  # fmt: skip
        return []
    asked = list(rows.filter(follow_up__in=facts.visible_to(viewer, now)).order_by("sent_at")[:MOST])
    over = facts.past_purge({row.follow_up_id: row.follow_up for row in asked}.values(), now)
    return [
        WorkItem(
            group_when=None, kind="waiting" if row.sent_at else "mine", reference=row.reference,
            label="Demande au maire, suite attendue" if row.sent_at else "Demande au maire à transmettre",
            url=_page(row.follow_up, "documents") + "#maire", rule="MAY-05",
        )
        for row in asked
        if row.follow_up_id not in over
    ]  # fmt: skip


def _may_read(viewer: Viewer, row: MayorDisclosure, now: datetime) -> bool:
    relation = facts.relation(viewer, row.follow_up, now)
    known: Facts = relation.facts(DataClass.MAYOR_DISCLOSURE)
    return decide(viewer, Ask.VIEW, known, now).allow and not facts.past_purge([row.follow_up], now)


def dates(viewer: Viewer, now: datetime) -> list[Deadline]:
    """Return the dates the coordinator watches: information (DL-02), end of the record (DL-01)."""
    if not facts.coordinates(viewer):
        return []
    today = localdate(now)
    found = [
        Deadline(
            rule="DL-02", label=f"{row.reference} : informer la personne", due=due, warn=due - INFORMATION_WARN,
            object_id=row.pk, url=_page(row, "famille"), state=state_on(today, due=due, warn=due - INFORMATION_WARN),
        )
        for row in _uninformed(viewer, now) if (due := row.information_due_on)
    ]  # fmt: skip
    found += [
        Deadline(
            rule="DL-01", label=f"{row.reference} : la fiche disparaît", due=end, warn=end - PURGE_WARN,
            object_id=row.pk, url=_page(row, "suivi"), state=state_on(today, due=end, warn=end - PURGE_WARN),
        )
        for row, end in ending(viewer, now)
    ]  # fmt: skip
    return found


def ending(viewer: Viewer, now: datetime) -> list[tuple[FollowUp, date]]:
    """Return the open situations whose purge date comes within thirty days (DL-01).

    Only rows whose purge year has come, or comes within the warning, are opened, under one event of a list.
    Asked once a page.
    """
    return memo.once(("ending", viewer, now), lambda: _ask_ending(viewer, now))


def _ask_ending(viewer: Viewer, now: datetime) -> list[tuple[FollowUp, date]]:
    limit = localdate(now) + PURGE_WARN
    rows = list(facts.visible_to(viewer, now).filter(purge_check_on__lte=limit).order_by("reference")[:MOST])
    if not rows:
        return []
    with audit.reading(
        viewer, subjects=[row.subject_id for row in rows], classes=[DataClass.YOUTH_CARD], purpose=Purpose.RETENTION,
        act=Act.LIST, object_type="follow_up", object_ids=[row.pk for row in rows],
    ):  # fmt: skip
        sweep.open_many(rows, "purge_on")
        today = localdate(now)  # the day itself, the record is gone already
        return [(row, row.purge_on) for row in rows if row.purge_on is not None and today < row.purge_on <= limit]


def retention(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the records that end within thirty days, for the coordinator (DL-01)."""
    if not facts.coordinates(viewer):
        return []
    return [
        WorkItem(
            group_when=end, kind="info", reference=row.reference, label="Fin de conservation de la fiche",
            url=_page(row, "suivi"), rule="DL-01",
        )
        for row, end in ending(viewer, now)
    ]  # fmt: skip
