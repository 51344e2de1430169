"""What placements give to the other floors: work, dates, what runs every night."""

from __future__ import annotations

from casework.casefile import daily, deadlines, work
from casework.placements.tig import work as lines
from casework.placements.tig.actions import erasing, proposals  # noqa: F401  erasing registers on import

for source in (lines.requests, lines.searches, lines.incidents, lines.sheets):
    work.register(source)
deadlines.register(lines.dates)
daily.register("tig.release_unanswered", proposals.release_unanswered)
daily.register("tig.remind", proposals.remind)
