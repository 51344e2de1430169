"""What phones give to the other floors: a page of the menu, lines of « Mon travail », dates, nightly steps, her page."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.viewer import Viewer
from casework.casefile import daily, navigation
from casework.vif.phones import (  # noqa: F401  some register on import
    deadlines,
    facts,
    states,
    work,
)
from casework.vif.phones.actions import nightly
from casework.vif.phones.codes import OPEN, State
from casework.vif.phones.reads import page
from casework.vif.victims import extras
from casework.vif.victims import facts as victims
from casework.vif.victims.models import VictimSupport


def _links(viewer: Viewer, support: VictimSupport, now: datetime) -> list[extras.Link]:
    """Show her phone on her page, or the way to ask for one."""
    link = victims.relation(viewer, support, now)
    rows = page.current(viewer, support.pk, now)
    found = [
        extras.Link("Téléphone grave danger", str(State(row.state).label), reverse("phones:page", args=[row.pk]))
        for row in rows
    ]
    if link.may(viewer, Action.CREATE, DataClass.TGD, now) and not any(row.state in OPEN for row in rows):
        url = reverse("phones:signal", args=[support.pk])
        found.append(extras.Link("Téléphone grave danger", "demander l’évaluation", url))
    return found


def _holds(support: VictimSupport, now: datetime) -> str:
    return "Un téléphone grave danger est encore en cours : terminez-le d’abord." if facts.runs(support) else ""


def _keeps_papers(viewer: Viewer, now: datetime) -> bool:
    """Show the court's model in the menu to whoever keeps the ressort; the court finds it on its board of phones."""
    return not facts.is_court(viewer)


extras.register("phones", links=_links, holds=_holds)
daily.register("phones.tell_terms", nightly.tell_terms)
daily.register("phones.mark_left_out", nightly.mark_left_out)
daily.register("phones.delete_over", nightly.delete_over)
navigation.register(
    navigation.Entry(
        label="Téléphones", url_name="phones:index", icon="phone", order=59, action=Action.LIST,
        data_class=DataClass.TGD_STOCK,
    )
)  # fmt: skip
navigation.register(
    navigation.Entry(
        label="Fiche navette : modèle", url_name="phones:model", icon="document", order=933, section=navigation.PARTNERS,
        action=Action.LIST, data_class=DataClass.TGD_PAPER, concerns=_keeps_papers,
    )
)  # fmt: skip
navigation.register(
    navigation.Entry(
        label="Téléphones attribués", url_name="phones:numbers", icon="phone", order=931, section=navigation.PARTNERS,
        action=Action.LIST, data_class=DataClass.TGD_TOTALS,
    )
)  # fmt: skip
