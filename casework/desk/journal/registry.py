"""The Journal takes its place in the menu and in the jobs of the day."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.audit import journal
from casework.audit.codes import log_of
from casework.casefile import daily, navigation, work
from casework.casefile import format as fr
from casework.casefile.work import WorkItem
from casework.desk.journal import facts, jobs

JOURNAL = navigation.Section("Journal", "history", 890)
for label, url_name, order in (
    ("Ce qui a été fait", "journal:index", 890),
    ("À regarder", "journal:alerts", 891),
    ("Qui a ouvert ce dossier", "journal:openings", 892),
    ("Intégrité et durées", "journal:integrity", 893),
):
    navigation.register(
        navigation.Entry(
            label=label, url_name=url_name, icon=JOURNAL.icon, order=order, section=JOURNAL, action=Action.LIST,
            data_class=DataClass.JOURNAL,
        )
    )  # fmt: skip
daily.register("journal.look", jobs.look)
daily.register("journal.empty", jobs.empty)
daily.register("journal.digest", jobs.digest)
daily.register("journal.sign", jobs.sign)


@work.register
def alerts_to_look_at(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return one line for what the watch rules saw in the last seven days, to whoever reads the Journal."""
    if viewer.territory_id is None or not facts.may_read(viewer, now):
        return []
    found = journal.alerts(log_of(viewer.territory_id), since=now - timedelta(days=7))
    if not found:
        return []
    url = reverse("journal:alerts")
    return [
        WorkItem(
            group_when=None, kind="info", reference="", label=f"Journal : {fr.plural(len(found), 'relevé')} à regarder",
            url=url, act_label="Regarder", act_url=url, rule="LOG-01",
        )
    ]  # fmt: skip
