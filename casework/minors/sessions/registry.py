"""What meetings give to the other floors: menu, work, deadlines, a part of the page of a situation."""

from __future__ import annotations

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.casefile import daily, navigation
from casework.minors.followups import meetings, sections
from casework.minors.followups.reads.journal import lend_agenda
from casework.minors.sessions import deadlines, work  # noqa: F401  they register on import
from casework.minors.sessions.actions.minutes import approve_silent
from casework.minors.sessions.reads import asking, minutes, told
from casework.minors.sessions.reads.journal import on_agenda

navigation.register(
    navigation.Entry(
        label="Réunions",
        url_name="meetings:list",
        icon="calendar",
        order=30,
        action=Action.LIST,
        data_class=DataClass.SESSION_MINUTES,
    )
)
sections.register(sections.Section("suivi", 15, "meetings/_ask.html", asking.build, aside=True))
sections.register(
    sections.Section(
        "reunions", 10, "meetings/_situation_meetings.html", minutes.of_situation,
        opens=frozenset({DataClass.YOUTH_REVIEW}),
    )
)  # fmt: skip
daily.register("sessions.approve_silent", approve_silent)
meetings.register(told.CALENDAR)
lend_agenda(on_agenda)
