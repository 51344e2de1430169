"""What the circle and its neighbours register: hooks of partners, sections, menu, work, dates, nightly erasure."""

from __future__ import annotations

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.casefile import daily, deadlines, navigation
from casework.casefile import work as waiting
from casework.minors.followups import sections, work
from casework.minors.followups.actions import archives, handover, reserved
from casework.minors.followups.reads import mayor, points, who_knows
from casework.minors.followups.reads import reserved as kept
from casework.minors.followups.sections import SITUATIONS
from casework.partners import hooks

hooks.on_seat_change("followups", handover.follow_seats)
hooks.on_hand_over("followups", handover.pass_on)
hooks.on_entrusted("followups", handover.entrusted)

for section in (
    sections.Section("suivi", 15, "followups/_points.html", points.points),
    sections.Section("suivi", 25, "followups/_who_knows.html", who_knows.answers, aside=True),
    sections.Section(
        "famille",
        40,
        "followups/_assessment.html",
        kept.assessment,
        opens=frozenset({DataClass.YOUTH_REVIEW}),
    ),
    sections.Section(
        "famille",
        50,
        "followups/_sensitive.html",
        kept.sensitive,
        opens=frozenset({DataClass.YOUTH_SENSITIVE}),
    ),
    sections.Section(
        "famille",
        60,
        "followups/_judicial.html",
        kept.judicial,
        opens=frozenset({DataClass.YOUTH_JUDICIAL}),
    ),
    sections.Section("documents", 10, "followups/_mayor.html", mayor.part),
):
    sections.register(section)

for entry in (
    navigation.Entry(
        label="Qui connaît ?", url_name="followups:who_knows", icon="question", order=22, section=SITUATIONS,
        action=Action.LIST, data_class=DataClass.YOUTH_IDENTITY,
    ),
    navigation.Entry(
        label="Situations du service", url_name="followups:caseload", icon="circle", order=62,
        section=navigation.OWN_SERVICE, action=Action.MANAGE, data_class=DataClass.OWN_SERVICE, leads_only=True, seated_only=True,
    ),
    navigation.Entry(
        label="Demandes au maire", url_name="followups:mayor_list", icon="document", order=24, section=SITUATIONS,
        action=Action.LIST, data_class=DataClass.MAYOR_DISCLOSURE,
    ),
    navigation.Entry(
        label="Fiches archivées", url_name="followups:archives", icon="archive", order=889, section=navigation.RIGHTS,
        action=Action.CREATE, data_class=DataClass.YOUTH_REPRESENTATIVES,
        concerns=lambda viewer, now: archives.may_open(viewer),
    ),
    navigation.Entry(
        label="Demander l’accès", url_name="asking:index", icon="key", order=25, section=SITUATIONS,
        action=Action.CREATE, data_class=DataClass.YOUTH_REVIEW,
    ),
):  # fmt: skip
    navigation.register(entry)

for source in (work.actions, work.information, work.questions, work.mayor, work.retention):
    waiting.register(source)
deadlines.register(work.dates)
daily.register("followups.sensitive", reserved.erase_expired)
