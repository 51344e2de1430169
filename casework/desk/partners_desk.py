"""What floor 2 shows on the desk and does each day, and the purges of tokens, drafts and mail."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.timezone import localdate

from casework.access.directory import facts
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import daily, drafts, mailer, navigation, once, work
from casework.casefile.work import WorkItem
from casework.partners import actions, hooks, reads, throttle


def warn_idle(now: datetime) -> int:
    """Warn the accounts nobody uses."""
    return actions.warn_idle(now, lambda to, subject, body, at: mailer.queue(to=to, subject=subject, body=body, now=at))


def give_back(now: datetime) -> int:
    """Pass on what functions that ended by themselves still hold (T-46)."""
    return sum(actions.give_back(mandate_id=mandate.pk, now=now) for mandate in reads.lately_ended(now))


def departures(viewer: Viewer, now: datetime) -> list[WorkItem]:
    """Return the functions of my service that end within a month and still hold situations: to be shared out."""
    if not viewer.is_service_lead:
        return []
    items = []
    for mandate in reads.ending_soon(viewer.organisation_id, viewer.role, now):
        cases = hooks.entrusted(mandate, viewer, now)
        if cases and mandate.pk != viewer.mandate_id and mandate.ends_at is not None:
            facts.function(viewer, mandate.pk, now)
            items.append(
                WorkItem(
                    group_when=localdate(mandate.ends_at),
                    kind="mine",
                    reference="",
                    label=f"Une fonction de mon service se termine : {len(cases)} "
                    f"situation{'s' if len(cases) > 1 else ''} à confier",
                    url=reverse("directory:hand_over", args=[mandate.pk]),
                    act_label="Répartir",
                    act_url=reverse("directory:hand_over", args=[mandate.pk]),
                    rule="CLV-26",
                )
            )
    return items


def reads_directory(viewer: Viewer, now: datetime) -> bool:
    """Say whether services, rules and charter open to this person: the keeper of the keys sees accounts alone."""
    return facts.may_open_directory(viewer, Action.LIST, now)


for label, url_name, icon, order, concerns in (
    ("Services", "directory:services", "handshake", 910, reads_directory),
    ("Groupe et règlement", "directory:rules", "book", 920, reads_directory),
    ("Charte", "directory:charter", "document", 930, reads_directory),
    ("Comptes", "directory:accounts", "person", 940, None),
):
    navigation.register(
        navigation.Entry(
            label=label, url_name=url_name, icon=icon, order=order, section=navigation.PARTNERS, action=Action.LIST,
            data_class=DataClass.ACCOUNTS, concerns=concerns, in_ressort=url_name != "directory:rules",
        )
    )  # fmt: skip
navigation.register(
    navigation.Entry(
        label="État du système",
        url_name="desk:system",
        icon="admin",
        order=975,
        section=navigation.SERVER,
        action=Action.VIEW,
        data_class=DataClass.KEYS,
    )
)
work.register(departures)
daily.register("once.purge", once.purge)
daily.register("drafts.purge", drafts.purge)
daily.register("mailer.purge", mailer.purge)
daily.register("throttle.sweep", throttle.sweep)
daily.register("partners.give_back", give_back)
daily.register("partners.warn_idle", warn_idle)
daily.register("partners.close_idle", actions.close_idle)
