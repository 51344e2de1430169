"""How a lower floor receives what higher floors know: each subject registers a source in its apps.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from casework.access.viewer import Viewer

T = TypeVar("T")


class Sources(Generic[T]):
    """An ordered set of functions (viewer, now) -> list of T; registering the same one twice counts once."""

    def __init__(self) -> None:
        self._sources: dict[str, Callable[[Viewer, datetime], list[T]]] = {}

    def register(self, source: Callable[[Viewer, datetime], list[T]]) -> Callable[[Viewer, datetime], list[T]]:
        """Add `source`; return it, so that this also reads as a decorator."""
        self._sources[f"{source.__module__}.{source.__qualname__}"] = source
        return source

    def collect(self, viewer: Viewer, now: datetime) -> list[T]:
        """Return what every source answers for this viewer, in the order of registration."""
        return [item for source in self._sources.values() for item in source(viewer, now)]
