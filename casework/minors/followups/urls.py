"""URLs of situations and saisines. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.minors.followups.views import referrals, situations

app_name = "followups"
urlpatterns = [
    *situations.patterns,
    *referrals.patterns,
]
