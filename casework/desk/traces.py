"""What Django writes of a fault. Imported while logging is set up, before any model."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from casework.desk.logs import where


class SilentReporter(ExceptionReporter):
    """What Django writes of a fault where it would write all: kind, file and line. No frame, no form, no cookie."""

    def get_traceback_data(self) -> dict[str, Any]:
        """Return the one line, in the shape Django expects."""
        return {"exception_type": self.exc_type.__name__ if self.exc_type else "", "frames": []}

    def get_traceback_text(self) -> SafeString:
        """Return kind, file and line."""
        file, line = where(self.tb)
        return format_html("{} {}:{}\n", self.exc_type.__name__ if self.exc_type else "fault", file, line)

    def get_traceback_html(self) -> SafeString:
        """Return the same: no page shows more."""
        return self.get_traceback_text()
