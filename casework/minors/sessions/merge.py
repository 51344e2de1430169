"""Meetings follow the file that stays when two files are merged: no meeting is lost (T-20)."""

from __future__ import annotations

from casework.access.matrix import DataClass
from casework.audit import Act, Writing
from casework.minors.followups import merge_hooks
from casework.minors.followups.merge_hooks import Merge, copy_under
from casework.minors.sessions.codes import LineState, SessionState
from casework.minors.sessions.models import (
    AgendaLine,
    AgendaRequest,
    GroupSession,
    MinutesItem,
    Preparation,
    Review,
)

AHEAD = (SessionState.PREPARED, SessionState.CONVENED, SessionState.OPEN)


def move_meetings(w: Writing, merge: Merge) -> None:
    """Put lines, preparations, reviews and what the minutes keep under the file that stays.

    A line holds nothing sealed: it moves as it is. Reviews and preparations are sealed again. Minutes are never
    rewritten: the item keeps its bytes and its key, only the file it leads to changes. When both files stand on
    one agenda, the line of the shell goes; its review joins the other line if that one has none.
    """
    target = merge.target
    there = {line.session_id: line for line in AgendaLine.objects.filter(follow_up=target)}
    for line in list(AgendaLine.objects.filter(follow_up=merge.source)):
        twin = there.get(line.session_id)
        home = twin or line
        if twin is None:
            line.follow_up, line.subject_id = target, target.subject_id
            line.revision += 1
            line.save()
        else:
            home.asked.add(*line.asked.all())
            home.present.add(*line.present.all())
        _preparations(line, home, merge)
        _review(w, line, home, merge)
        _settle(w, line, home)
    MinutesItem.objects.filter(follow_up=merge.source).update(follow_up=target)
    asking = set(target.agenda_requests.filter(taken_in=None).values_list("organisation_id", flat=True))
    for request in list(AgendaRequest.objects.filter(follow_up=merge.source)):
        if request.taken_in is None and request.organisation_id in asking:
            request.delete()
            continue
        request.follow_up, request.subject_id = target, target.subject_id
        request.save()


def _settle(w: Writing, line: AgendaLine, home: AgendaLine) -> None:
    """Let the meeting go on with the line that stays; a meeting under way loses the other one at once.

    A line that keeps a review of its own stays as it is: its minutes are still to be made.
    """
    session = GroupSession.objects.select_for_update(of=("self",)).get(pk=line.session_id)
    if session.state not in AHEAD:
        return
    if home.pk != line.pk:
        on_table = line.state == LineState.OPENED
        if on_table or (home.state == LineState.WAITING and line.state != LineState.WAITING):
            home.state, home.opened_at = line.state, line.opened_at
        home.spent_seconds += line.spent_seconds
        home.revision += 1
        home.save()
        if session.current_line == line.pk:
            session.current_line = home.pk
        if not Review.objects.filter(line=line).exists():
            w.note(Act.DELETE, line, subjects=[line.subject_id], classes=[DataClass.YOUTH_CARD], why="merged")
            line.delete()
    session.pulse += 1
    session.save()


def _preparations(line: AgendaLine, home: AgendaLine, merge: Merge) -> None:
    said = set(home.preparations.exclude(subject_id=merge.source.subject_id).values_list("organisation_id", flat=True))
    for row in list(Preparation.objects.filter(line=line, subject_id=merge.source.subject_id)):
        copy = copy_under(row, merge.target, {"line": home})
        content = dict(copy.content or {})
        if content.get("decisions"):
            moved = {str(old): str(new) for old, new in merge.moved.items()}
            content["decisions"] = {moved.get(key, key): value for key, value in content["decisions"].items()}
            copy.content = content
        row.delete()  # first: one preparation per service and line
        if copy.organisation_id not in said:
            copy.save(force_insert=True)


def _review(w: Writing, line: AgendaLine, home: AgendaLine, merge: Merge) -> None:
    row = Review.objects.filter(line=line, follow_up=merge.source).first()
    if row is None:
        return
    if home.pk != line.pk and Review.objects.filter(line=home).exists():
        return  # two reviews on one day: the other stays readable in the minutes
    copy = copy_under(row, merge.target, {"line": home, "follow_up": merge.target})
    row.delete()
    copy.save(force_insert=True)
    w.note(Act.CREATE, copy, subjects=[merge.target.subject_id], why="merged")


merge_hooks.register(move_meetings, (DataClass.YOUTH_PREPARATION, DataClass.YOUTH_REVIEW))
