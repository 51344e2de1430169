"""What the rule of the agenda looks at, read in a constant number of queries. Plain columns only, nothing sealed."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from uuid import UUID

from django.db.models import F, Q

from casework.minors.followups.codes import OPEN_RESULTS, SchemeState, Sorting, Stage
from casework.minors.followups.models import Action, FollowUp, Referral, RestrictedPoint, SchemeStatus
from casework.minors.sessions.agenda import SCHEME_ENDING_DAYS, Candidate
from casework.minors.sessions.codes import LineState
from casework.minors.sessions.models import AgendaRequest, GroupSession

STAGES = (Stage.REFERRED, Stage.INFORMED, Stage.FOLLOWED)


def of(session: GroupSession, day: date) -> list[Candidate]:
    """Return every situation of the group that a meeting held on `day` could examine: six queries in all."""
    rows = list(
        FollowUp.objects.filter(group_id=session.group_id, state__in=STAGES).values_list(
            "pk", "state", "next_review_on", "last_reviewed_on", "sessions_missed"
        )
    )
    in_group = {"follow_up__group_id": session.group_id, "follow_up__state__in": STAGES}
    sorted_ids = set(
        Referral.objects.filter(**in_group, sorting=Sorting.TO_STUDY).values_list("follow_up_id", flat=True)
    )
    late: dict[UUID, list[int]] = defaultdict(list)
    actions = Action.objects.filter(**in_group, result__in=OPEN_RESULTS, due_on__lte=day)
    for follow_up_id, waited in actions.values_list("follow_up_id", "waited_sessions"):
        late[follow_up_id].append(waited)
    ending: dict[UUID, list[date]] = defaultdict(list)
    horizon = day + timedelta(days=SCHEME_ENDING_DAYS)
    schemes = SchemeStatus.objects.filter(**in_group, state=SchemeState.ACTIVE, ends_on__range=(day, horizon))
    for follow_up_id, ends_on in schemes.values_list("follow_up_id", "ends_on"):
        if ends_on is not None:
            ending[follow_up_id].append(ends_on)
    points = set(RestrictedPoint.objects.filter(**in_group, tabled_in=None).values_list("follow_up_id", flat=True))
    asked = asked_for(session)
    return [
        Candidate(
            follow_up_id=pk,
            stage=stage,
            is_sorted=pk in sorted_ids,
            reviewed_before=reviewed is not None,
            next_review_on=review_on,
            late_meetings=tuple(late[pk]) if pk in late else (),
            scheme_ends_on=tuple(ending[pk]) if pk in ending else (),
            asked=pk in asked,
            sessions_missed=missed,
            has_untabled_point=pk in points,
        )
        for pk, stage, review_on, reviewed, missed in rows
    ]


def asked_for(session: GroupSession) -> set[UUID]:
    """Return the situations a service asked for and that no meeting examined since: a postponed line keeps asking."""
    waiting = AgendaRequest.objects.filter(follow_up__group_id=session.group_id).filter(
        Q(taken_in=None)
        | Q(taken_in=session.pk)
        | Q(follow_up__agenda_lines__session_id=F("taken_in"), follow_up__agenda_lines__state=LineState.POSTPONED)
    )
    return set(waiting.values_list("follow_up_id", flat=True))
