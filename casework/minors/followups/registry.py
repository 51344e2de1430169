"""What situations give to the floors above and beside: sections of the page, menu, work, deadlines."""

from __future__ import annotations

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.casefile import navigation
from casework.minors.followups import facts, sections
from casework.minors.followups.reads import parts

navigation.register(
    navigation.Entry(
        label="Situations", url_name="followups:list", icon="groups", order=20,
        section=sections.SITUATIONS, action=Action.LIST, data_class=DataClass.YOUTH_CARD,
    )
)  # fmt: skip

for section in (
    sections.Section("suivi", 10, "followups/_next.html", parts.next_step),
    sections.Section(
        "suivi", 20, "followups/_timeline.html", parts.timeline, opens=frozenset({DataClass.YOUTH_REVIEW})
    ),
    sections.Section("suivi", 10, "followups/_schemes.html", parts.schemes, aside=True),
    sections.Section("suivi", 20, "followups/_circle.html", parts.circle, aside=True),
    sections.Section("suivi", 30, "followups/_retention.html", parts.retention, aside=True),
    sections.Section(
        "actions",
        10,
        "followups/_actions.html",
        parts.actions,
        opens=frozenset({DataClass.YOUTH_REVIEW}),
    ),
    sections.Section(
        "famille",
        10,
        "followups/_identity.html",
        parts.identity,
        opens=frozenset({DataClass.YOUTH_IDENTITY, DataClass.YOUTH_OCCUPATION}),
    ),
    sections.Section(
        "famille",
        20,
        "followups/_information.html",
        parts.information,
        opens=frozenset({DataClass.YOUTH_REPRESENTATIVES, DataClass.YOUTH_IDENTITY}),
    ),
    sections.Section(
        "famille",
        30,
        "followups/_referrals.html",
        parts.referrals,
        opens=frozenset({DataClass.YOUTH_REFERRAL}),
    ),
    sections.Section("consultations", 10, "followups/_who_opened.html", parts.who_opened),
):
    sections.register(section)


def _saisines() -> None:
    """Saisines: menu, work, what runs every night."""
    from casework.casefile import daily, work
    from casework.minors.followups.actions import duplicates, lines, retention
    from casework.minors.followups.reads import queue

    navigation.register(
        navigation.Entry(
            label="Saisines", url_name="followups:queue", icon="send", order=15, action=Action.CREATE,
            data_class=DataClass.YOUTH_REFERRAL,
        )
    )  # fmt: skip
    navigation.register(
        navigation.Entry(
            label="Doublons", url_name="followups:left_duplicates", icon="merge", order=888,
            section=navigation.RIGHTS, action=Action.MANAGE, data_class=DataClass.RIGHTS,
            concerns=lambda viewer, now: facts.controls(viewer),
        )
    )  # fmt: skip
    work.register(queue.work_items)
    daily.register("followups.write_lines", lines.write_lines)
    daily.register("followups.expire_due", retention.expire_due)
    daily.register("followups.erase_sorted_out", retention.erase_sorted_out)
    daily.register("followups.duplicates", duplicates.catch_up)


_saisines()


def _journal() -> None:
    """What the journal and its watch rules may know."""
    from casework.casefile import watch
    from casework.minors.followups.reads.journal import Situations

    watch.register(Situations())


_journal()
