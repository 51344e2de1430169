"""The Journal takes its place in the menu and in the jobs of the day."""

from __future__ import annotations

from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.casefile import daily, navigation
from casework.desk.journal import jobs

navigation.register(
    navigation.Entry(
        label="Journal", url_name="journal:index", icon="history", order=890, action=Action.LIST,
        data_class=DataClass.JOURNAL,
    )
)  # fmt: skip
daily.register("journal.look", jobs.look)
daily.register("journal.empty", jobs.empty)
daily.register("journal.digest", jobs.digest)
daily.register("journal.sign", jobs.sign)
