"""URLs of situations and saisines. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.minors.followups.views import acts, information, links, queue, referrals, situations

app_name = "followups"
urlpatterns = [
    *acts.patterns,
    *information.patterns,
    *situations.patterns,
    *referrals.patterns,
    *links.patterns,
    *queue.patterns,
]
