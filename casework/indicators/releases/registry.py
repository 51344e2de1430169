"""What this room gives to the other floors: populations, and the night that freezes them."""

from __future__ import annotations

from django.conf import settings

from casework.casefile import daily
from casework.indicators.releases import populations
from casework.indicators.releases.actions import freezing

populations.load(settings.SUBJECTS)
daily.register("releases.freeze", freezing.freeze)
