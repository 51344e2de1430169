"""What the import and the letters register: menu, work, what runs every night."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import daily, navigation, work
from casework.casefile import format as fr
from casework.casefile.work import WorkItem
from casework.minors.followups import facts
from casework.minors.followups.actions import imports, information
from casework.minors.followups.reads import letters
from casework.minors.followups.sections import SITUATIONS


def work_items(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the letters to print, and the tables whose take-over is not finished, for the coordinator."""
    if not facts.coordinates(viewer):
        return []
    items = []
    n, due = letters.count(viewer, now)
    if n:
        url = reverse("followups:letters")
        items.append(
            WorkItem(
                group_when=due, kind="mine", reference="", url=url, act_label="Imprimer", act_url=url, rule="DL-02",
                label=f"Courriers d’information à imprimer pour {fr.plural(n, 'situation')}",
            )
        )  # fmt: skip
    for batch in imports.unfinished(viewer.territory_id) if viewer.territory_id else ():
        url = reverse("followups:import_batch", args=[batch.pk])
        since = localdate(batch.imported_at or batch.created_at)
        items.append(
            WorkItem(
                group_when=since + timedelta(days=imports.KEPT_DAYS), kind="mine", reference="", url=url, act_url=url,
                act_label="Attester" if batch.imported_at else "Vérifier",
                label="Ancien tableau à supprimer" if batch.imported_at else "Tableau déposé à vérifier",
                rule="GDP-04",
            )
        )  # fmt: skip
    return items


navigation.register(
    navigation.Entry(
        label="Courriers d’information", url_name="followups:letters", icon="print", order=23, section=SITUATIONS,
        action=Action.MANAGE, data_class=DataClass.YOUTH_REPRESENTATIVES,
    )
)  # fmt: skip
work.register(work_items)
daily.register("followups.majority", information.majority)
daily.register("followups.imports", imports.forget_left_behind)
