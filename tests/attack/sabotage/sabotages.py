"""The controls we take away, one at a time. Ten are core: they run at each landing."""

from __future__ import annotations

from tests.attack.sabotage.harness import Sabotage

SABOTAGES: tuple[Sabotage, ...] = ()
