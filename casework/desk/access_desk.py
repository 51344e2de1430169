"""What floor 3 shows on the desk: it may not import the registries of floor 4, so the desk registers for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox, lent, sealed_rows
from casework.access.approvals import actions as approving
from casework.access.approvals import reads as approvals
from casework.access.approvals.codes import DEPUTY_AFTER, ApprovalAct
from casework.access.asking import reads as asking
from casework.access.duty import reads as standings
from casework.access.duty.models import StandingKind
from casework.access.emergencies import reads as emergencies
from casework.access.exclusions import reads as exclusions
from casework.access.exclusions.reads import may_manage
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import calendar, daily, mailer, navigation, work
from casework.casefile.format import day, hour
from casework.casefile.work import WorkItem

lent.lend(post=mailer.queue, working_days=calendar.add_working_days)

navigation.register(
    navigation.Entry(
        label="Demandes à deux",
        url_name="approvals:list",
        icon="check",
        order=885,
        section=navigation.RIGHTS,
        concerns=approvals.concerns,
    ),
)


for asked, page in {
    ApprovalAct.EXCLUSION_REMOVAL: lambda pk: reverse("exclusions:page", args=[pk]),
    ApprovalAct.SUBJECT_ERASE: lambda pk: reverse("endings:page", args=[pk]),
    ApprovalAct.LEGAL_HOLD: lambda pk: reverse("endings:list"),
    ApprovalAct.ARCHIVE_REOPEN: lambda pk: reverse("followups:archives"),  # opened again first, with its reason
    ApprovalAct.BREAK_GLASS_RESUME: lambda pk: reverse("emergencies:suspensions"),
    ApprovalAct.VIF_LEAD: lambda pk: reverse("directory:invite", args=[pk]),
    ApprovalAct.SIDE_CHANGE: lambda pk: reverse("directory:invite", args=[pk]),
    ApprovalAct.JOURNAL_PURGE: lambda pk: reverse("journal:integrity"),
}.items():
    approvals.carried_out_on(asked, page)


def approval_items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the requests of two persons that wait for my answer, and mine: agreed to, or waiting."""
    if "approvals" not in inbox.waiting(viewer, now):
        return []
    items = [
        WorkItem(
            group_when=calendar.add_working_days(localdate(line.asked_at), DEPUTY_AFTER), kind="mine",
            reference=line.reference, label=f"Un accord à donner : {line.act}", url=reverse("approvals:page", args=[line.id]),
            act_label="Répondre", act_url=reverse("approvals:page", args=[line.id]), rule="T-43",
        )
        for line in approvals.waiting(viewer, now)
    ]  # fmt: skip
    for line in approvals.mine(viewer, now):
        if line.may_withdraw:
            items.append(
                WorkItem(
                    group_when=localdate(line.expires_at) if line.agreed else None,
                    kind="mine" if line.agreed else "waiting", reference=line.reference,
                    label=f"{'Accord donné, à exécuter' if line.agreed else 'Accord demandé'} : {line.act}",
                    url=reverse("approvals:page", args=[line.id]), rule="T-43",
                )
            )  # fmt: skip
    return items


def exclusion_items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the conflicts declared lately: the situation has to pass to somebody else."""
    if "exclusions" not in inbox.waiting(viewer, now):
        return []
    return [
        WorkItem(
            group_when=None, kind="info", reference=line.reference,
            label=f"Conflit déclaré par {line.who} : confier la situation à quelqu’un d’autre",
            url=reverse("exclusions:page", args=[line.id]), rule="ACL-05",
        )
        for line in exclusions.told(viewer, now)
    ]  # fmt: skip


navigation.register(
    navigation.Entry(
        label="Mises à l’écart", url_name="exclusions:list", icon="shield", order=886, section=navigation.RIGHTS,
        action=Action.MANAGE, data_class=DataClass.RIGHTS,
    )
)  # fmt: skip


def emergency_items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the opening that runs, those to review, and those that this person is told of."""
    if "emergencies" not in inbox.waiting(viewer, now):
        return []
    items = [
        WorkItem(
            group_when=localdate(now), kind="mine", reference=line.reference,
            label=f"Ouverte en urgence jusqu’à {hour(line.ends_at)}", url=line.url, act_label="Reprendre",
            act_url=line.url, rule="ACL-09",
        )
        for line in emergencies.running(viewer, now)
    ]  # fmt: skip
    review = emergencies.to_review(viewer, now)
    items += [
        WorkItem(
            group_when=localdate(line.review_due_at), kind="mine", reference=line.reference,
            label="Ouverture d’urgence à contrôler", url=reverse("emergencies:page", args=[line.id]),
            act_label="Contrôler", act_url=reverse("emergencies:page", args=[line.id]), rule="ACL-09",
        )
        for line in review
    ]  # fmt: skip
    known, manages = {line.id for line in review}, may_manage(viewer, now)
    for line in emergencies.told(viewer, now):
        if line.id not in known:
            items.append(
                WorkItem(
                    group_when=None, kind="info", reference=line.reference,
                    label=f"Ouverture d’urgence par {line.who}", url=reverse("emergencies:page", args=[line.id]) if manages else line.url, rule="ACL-09",
                )
            )  # fmt: skip
    return items


def standing_items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return what is switched on for me: a day on duty, the right to open in an emergency."""
    if "standings" not in inbox.waiting(viewer, now):
        return []
    urls = {StandingKind.DUTY: "duty:index", StandingKind.EMERGENCY: "emergencies:list"}
    acts = {StandingKind.DUTY: ("Voir", "duty:index"), StandingKind.EMERGENCY: ("Ouvrir une fiche", "emergencies:ask")}
    said = {StandingKind.DUTY: "Vous êtes de permanence", StandingKind.EMERGENCY: "Vous pouvez ouvrir en urgence"}
    return [
        WorkItem(
            group_when=None, kind="info", reference="", label=f"{said[kind]} jusqu’au {day(localdate(ends_at - timedelta(seconds=1)))}",
            url=reverse(urls[kind]), act_label=acts[kind][0], act_url=reverse(acts[kind][1]),
        )
        for kind, ends_at in standings.mine(viewer, now)
    ]  # fmt: skip


def request_items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the requests of access that wait for an answer."""
    if "requests" not in inbox.waiting(viewer, now):
        return []
    url = reverse("asking:index")
    return [
        WorkItem(
            group_when=None, kind="mine", reference=line.reference, label=f"Accès demandé par {line.who}", url=url,
            act_label="Répondre", act_url=url,
        )
        for line, _ in asking.waiting(viewer, now)
    ]  # fmt: skip


for entry in (
    navigation.Entry(
        label="Urgences", url_name="emergencies:list", icon="alert", order=887, section=navigation.RIGHTS,
        action=Action.MANAGE, data_class=DataClass.RIGHTS,
    ),
    navigation.Entry(
        label="Permanence", url_name="duty:index", icon="clock", order=64, section=navigation.OWN_SERVICE,
        action=Action.MANAGE, data_class=DataClass.OWN_SERVICE, leads_only=True, seated_only=True,
    ),
):  # fmt: skip
    navigation.register(entry)
work.register(emergency_items)
work.register(request_items)
work.register(standing_items)
work.register(approval_items)
work.register(exclusion_items)
daily.register("access.deputies", approving.remind_deputies)
daily.register("access.seals", sealed_rows.check)
