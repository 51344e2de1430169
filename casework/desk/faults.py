"""Keeping a trace of a fault that helps to mend it and says nothing of anybody."""

from __future__ import annotations

import sys
from datetime import datetime

from django.db import DatabaseError
from django.http import HttpRequest

from casework.desk.logs import where
from casework.desk.models import ErrorReport
from casework.desk.release import release

KEPT = 500


def report(request: HttpRequest, *, now: datetime) -> None:
    """Store the exception being handled, without its text; keep the last 500. A dead database is no new fault."""
    kind, _, traceback = sys.exc_info()
    if kind is None:
        return
    file, line = where(traceback)
    match = request.resolver_match
    try:
        ErrorReport.objects.create(
            at=now,
            request_id=getattr(request, "request_id", ""),
            exception=kind.__name__[:120],
            file=file[:200],
            line=line,
            route=(match.route if match else "")[:200],
            release=release(),
        )
        oldest = ErrorReport.objects.order_by("-id").values_list("id", flat=True)[KEPT : KEPT + 1]
        for number in oldest:
            ErrorReport.objects.filter(id__lte=number).delete()
    except DatabaseError:
        return
