"""What erasing a person leaves of a meeting: the emptied items of its minutes, which their signature counts."""

from __future__ import annotations

from casework.casefile import erasers
from casework.minors.sessions.models import MinutesItem

erasers.keep_shell(MinutesItem)
