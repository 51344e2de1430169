"""URLs of the meetings. Paths say the act in French; ids are opaque."""

from __future__ import annotations

from casework.minors.sessions.views import agenda, follow, meetings, minutes, preparation, questions, room, sheet

app_name = "meetings"
urlpatterns = [
    *meetings.patterns,
    *minutes.patterns,
    *agenda.patterns,
    *preparation.patterns,
    *questions.patterns,
    *room.patterns,
    *follow.patterns,
    *sheet.patterns,
]
