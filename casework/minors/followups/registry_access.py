"""What situations give to access, and show of it: conflict of interest, protected address, the day on duty."""

from __future__ import annotations

from casework.access.exclusions import actions as exclusions
from casework.access.protection import actions as protection
from casework.audit import Writing
from casework.minors.followups import (
    access_room,  # noqa: F401 registers itself
    merge_hooks,
    sections,
)
from casework.minors.followups.reads import access


def _what_closes_follows(w: Writing, merge: merge_hooks.Merge) -> None:
    """Whoever was shut out of one of the two files is shut out of the one that stays; an address kept stays kept."""
    source, target = merge.source.subject_id, merge.target.subject_id
    exclusions.move(w, source=source, target=target)
    protection.move(w, source=source, target=target)


merge_hooks.register(_what_closes_follows)
for tab in sections.TABS:
    sections.register(sections.Section(tab, 1, "followups/_emergency.html", access.band))
sections.register(sections.Section("suivi", 90, "followups/_conflict.html", access.conflict, aside=True))
