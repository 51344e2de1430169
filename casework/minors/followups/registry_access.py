"""What situations give to access, and show of it: conflict of interest, protected address, the day on duty."""

from __future__ import annotations

from casework.access.exclusions import actions as exclusions
from casework.audit import Writing
from casework.minors.followups import (
    access_room,  # noqa: F401 registers itself
    merge_hooks,
    sections,
)
from casework.minors.followups.reads import access


def _exclusions_follow(w: Writing, merge: merge_hooks.Merge) -> None:
    """Whoever was shut out of one of the two files is shut out of the one that stays."""
    exclusions.move(w, source=merge.source.subject_id, target=merge.target.subject_id)


merge_hooks.register(_exclusions_follow)
for tab in sections.TABS:
    sections.register(sections.Section(tab, 1, "followups/_emergency.html", access.band))
sections.register(sections.Section("suivi", 90, "followups/_conflict.html", access.conflict, aside=True))
