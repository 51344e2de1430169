"""URLs of situations and saisines. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.minors.followups.views import (
    access,
    acts,
    archives,
    caseload,
    files,
    imports,
    information,
    left_duplicates,
    letters,
    links,
    mayor,
    points,
    queue,
    referrals,
    reserved,
    situations,
    who_knows,
)

app_name = "followups"
urlpatterns = [
    *access.patterns,
    *archives.patterns,
    *imports.patterns,
    *left_duplicates.patterns,
    *letters.patterns,
    *caseload.patterns,
    *who_knows.patterns,
    *points.patterns,
    *mayor.patterns,
    *reserved.patterns,
    *files.patterns,
    *acts.patterns,
    *information.patterns,
    *situations.patterns,
    *referrals.patterns,
    *links.patterns,
    *queue.patterns,
]
