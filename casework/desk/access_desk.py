"""What floor 3 shows on the desk: it may not import the registries of floor 4, so the desk registers for it."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access import inbox, lent
from casework.access.approvals import actions as approving
from casework.access.approvals import reads as approvals
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


work.register(approval_items)
daily.register("access.deputies", approving.remind_deputies)
