"""What floor 3 shows on the desk: it may not import the registries of floor 4, so the desk registers for it."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox, lent
from casework.access.approvals import actions as approving
from casework.access.approvals import reads as approvals
from casework.access.exclusions import reads as exclusions
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import calendar, daily, mailer, navigation, work
from casework.casefile.work import WorkItem

lent.lend(post=mailer.queue, working_days=calendar.add_working_days)

navigation.register(
    navigation.Entry(label="Demandes à deux", url_name="approvals:list", icon="check", order=885),
)


def approval_items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the requests of two persons that wait for my answer, and mine: agreed to, or waiting."""
    if "approvals" not in inbox.waiting(viewer, now):
        return []
    items = [
        WorkItem(
            group_when=localdate(line.expires_at), kind="mine", reference=line.reference,
            label=f"Un accord à donner : {line.act}", url=reverse("approvals:page", args=[line.id]),
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
        label="Mises à l’écart", url_name="exclusions:list", icon="shield", order=886, action=Action.MANAGE,
        data_class=DataClass.RIGHTS,
    )
)  # fmt: skip
work.register(approval_items)
work.register(exclusion_items)
daily.register("access.deputies", approving.remind_deputies)
