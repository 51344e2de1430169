"""Dates that services watch: accreditations (DL-09), opinions (DL-10), articles that change (DL-23)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox, memo
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile.deadlines import Deadline, register, state_on
from casework.casefile.retention import months_after
from casework.casefile.work import WorkItem
from casework.casefile.work import register as register_work
from casework.placements.hosts import facts
from casework.placements.hosts.codes import LISTS_FOR, AccreditationState, Audience, PostState
from casework.placements.hosts.models import Accreditation, HostStructure, LegalReference, Post
from casework.placements.hosts.states import LISTING_WAIT

RENEW_BEFORE = 6  # months, DL-09
LAW_BEFORE = timedelta(days=365)  # DL-23


def for_authority(viewer: Viewer, now: datetime) -> list[Deadline]:
    """Return what the service that accredits and lists for one public has to watch; nothing for others."""
    if viewer.role not in LISTS_FOR or inbox.waiting(viewer, now).isdisjoint({"hosts", "law"}):
        return []
    return memo.once(("hosts.deadlines", viewer, now), lambda: _watched(viewer, now))


def _watched(viewer: Viewer, now: datetime) -> list[Deadline]:
    today = localdate(now)
    return [*_accreditations(viewer, today, now), *_listings(viewer, today, now), *_law(viewer, today)]


def _accreditations(viewer: Viewer, today: date, now: datetime) -> list[Deadline]:
    """The last accreditation of a host that receives ends; or its opinions have been waited for one month."""
    rows = Accreditation.objects.filter(
        territory_id=viewer.territory_id, audience=LISTS_FOR[viewer.role], host__stage="agreed"
    ).select_related("host")
    pending = rows.filter(state__in=(AccreditationState.ASKED, AccreditationState.OPINIONS_ASKED))
    renewing = set(pending.values_list("host_id", flat=True))
    last: dict[UUID, Accreditation] = {}
    for row in rows.filter(state=AccreditationState.GRANTED).order_by("expires_on"):
        last[row.host_id] = row
    found = [
        _deadline(
            "DL-09", f"{row.host.name} : habilitation à renouveler", row.expires_on,
            months_after(row.expires_on, -RENEW_BEFORE), row.host, today,
        )
        for row in last.values()
        if row.expires_on is not None and row.host_id not in renewing
    ]  # fmt: skip
    for row in pending.filter(state=AccreditationState.OPINIONS_ASKED):
        if row.opinions_asked_on is None:
            continue
        due = months_after(row.opinions_asked_on, 1)
        warn = due if row.opinions_received_on is None else today
        found.append(_deadline("DL-10", f"{row.host.name} : décider de l’habilitation", due, warn, row.host, today))
    return found


def _listings(viewer: Viewer, today: date, now: datetime) -> list[Deadline]:
    """Opinions on a listing: ten days, then the decision may be taken."""
    audiences = (LISTS_FOR[viewer.role].value, Audience.BOTH.value)
    rows = facts.visible_posts(viewer, now).filter(state=PostState.OPINIONS_ASKED, audience__in=audiences)
    found = []
    for row in rows.select_related("host"):
        if row.opinions_asked_on is None:
            continue
        due = row.opinions_asked_on + LISTING_WAIT
        warn = due if row.opinions_received_on is None else today
        found.append(_deadline("DL-10", f"{row.reference} : inscrire le poste sur la liste", due, warn, row, today))
    return found


def _law(viewer: Viewer, today: date) -> list[Deadline]:
    """An article is renumbered or repealed: whoever leads the service has its documents read again."""
    if not viewer.is_service_lead:
        return []
    rows = LegalReference.objects.filter(valid_to__gt=today - LAW_BEFORE, valid_to__isnull=False)
    # A reference whose next version is there already is no longer to be watched.
    followed = set(LegalReference.objects.filter(valid_to=None).values_list("code", flat=True))
    return [
        Deadline(
            rule="DL-23", label=f"Texte à mettre à jour : {row.label}", due=row.valid_to - timedelta(days=1),
            warn=row.valid_to - LAW_BEFORE, object_id=row.pk, url=reverse("hosts:legal"),
            state=state_on(today, due=row.valid_to - timedelta(days=1), warn=row.valid_to - LAW_BEFORE),
        )
        for row in rows
        if row.valid_to is not None and row.code not in followed
    ]  # fmt: skip


def _deadline(rule: str, label: str, due: date, warn: date, row: HostStructure | Post, today: date) -> Deadline:
    page = "hosts:post" if isinstance(row, Post) else "hosts:host"
    return Deadline(
        rule=rule, label=label, due=due, warn=warn, object_id=row.pk, url=reverse(page, args=[row.pk]),
        state=state_on(today, due=due, warn=warn),
    )  # fmt: skip


def items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the lines of « Mon travail »: the dates that are near, and the changes that hosts reported (HOST-05)."""
    lines = [
        WorkItem(
            group_when=row.due, kind="mine", reference="", label=row.label, url=row.url, act_label="Voir",
            act_url=row.url, rule=row.rule,
        )
        for row in for_authority(viewer, now)
        if row.state != "ok"
    ]  # fmt: skip
    return [*lines, *_reported(viewer, now)]


def _reported(viewer: Viewer, now: datetime) -> list[WorkItem]:
    if viewer.role not in LISTS_FOR or "hosts" not in inbox.waiting(viewer, now):
        return []
    rows = facts.visible_hosts(viewer, now).filter(change_reported_on__isnull=False).order_by("change_reported_on")
    may = facts.Relation(territory_id=viewer.territory_id).allows(viewer, Action.MANAGE, DataClass.TIG_POSTS, now)
    return [
        WorkItem(
            group_when=row.change_reported_on, kind="mine", reference="",
            label=f"{row.name} : changement de sa fiche à relire", url=reverse("hosts:host", args=[row.pk]),
            act_label="Relire", act_url=reverse("hosts:host", args=[row.pk]), rule="HOST-05",
        )
        for row in rows
        if may
    ]  # fmt: skip


def _ending_law(viewer: Viewer, now: datetime) -> QuerySet[LegalReference]:
    rows = LegalReference.objects.filter(valid_to__isnull=False)
    return rows if viewer.is_service_lead else rows.none()


inbox.probe("law", _ending_law)
inbox.probe("hosts", facts.visible_hosts)
register(for_authority)
register_work(items)
