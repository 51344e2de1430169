"""What a plain Django view of the list and of one situation would ask and work out, from clear rows.

Ours works out names, ages, labels, dates and the choices of the forms from its rows: so does a plain page. Neither
asks who may see what, and nothing is sealed nor written down.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, Min, Q
from django.utils import timezone

from casework.casefile import format as fr
from casework.casefile import reads as lists
from casework.casefile.codes import ListCode
from casework.casefile.retention import age_on
from casework.minors.followups import sections
from casework.minors.followups.codes import (
    ActionResult,
    ActionType,
    CircleEnd,
    CircleReason,
    Involvement,
    SchemeState,
    Stage,
)
from casework.minors.followups.facts import count_up_to
from casework.minors.followups.models import WhoKnows
from casework.minors.followups.reads import parts, situations
from casework.minors.sessions.models import AgendaRequest, GroupSession
from casework.partners.models import Mandate, Organisation
from tests.bench.plain import Line, Situation, Step
from tests.bench.plain_sign_in import represents, rules_run

Choices = tuple[tuple[str, str], ...]


def _choices(kind: Any) -> Choices:
    return tuple((value, str(label)) for value, label in kind.choices)


def _card(row: Situation, today: date) -> situations.Card:
    years = age_on(row.birth_date, today)
    return situations.Card(
        initials=f"{row.first_name[:1]}. {row.last_name[:1]}.",
        age=years,
        age_band=fr.age_band(years),
        sector=row.sector,
    )


def listing(mandate: Mandate, group_id: UUID, today: date, **mine: Any) -> dict[str, Any]:
    """Return the list of fifty: rules of the group, counts, rows, what hangs on them, what the page offers."""
    now = timezone.now()
    assert rules_run(group_id, now)
    rows = Situation.objects.filter(**mine)
    kinds = {key: rows.filter(state__in=stages) for key, stages in situations.KINDS_COUNTED.items()}
    counted = count_up_to(situations.MOST + 1, kinds)
    counted["toutes"] = sum(counted.values())
    page = Paginator(range(counted["suivies"]), situations.PAGE).get_page(1)
    shown = list(rows.filter(state="followed").order_by("next_review_on", "reference")[: situations.PAGE])
    steps = Step.objects.filter(situation__in=[row.pk for row in shown]).values("situation")
    late, gaps = Count("pk", filter=Q(due_on__lt=today)), Count("pk", filter=Q(nature="gap"))
    around = {each["situation"]: each for each in steps.annotate(late=late, next_due=Min("due_on"), gaps=gaps)}
    return {
        "listing": situations.SituationList(
            rows=tuple(_row(row, around.get(row.pk, {}), today) for row in shown),
            total=counted["suivies"],
            most=situations.MOST,
            has_more=False,
            page=page,
            counts=tuple((key, label, counted[key]) for key, (label, _) in situations.FILTERS.items()),
        ),
        "may_open_caseload": not mandate.is_service_lead and represents(mandate, now),
    }


def _row(row: Situation, around: dict[str, Any], today: date) -> situations.SituationRow:
    stage = Stage(row.state)
    return situations.SituationRow(
        id=UUID(int=row.pk), reference=row.reference, name=f"{row.first_name} {row.last_name}", card=_card(row, today),
        stage=stage.value, stage_label=str(stage.label), stage_kind=situations.KINDS.get(stage, "off"), lead=row.lead,
        next_review_on=row.next_review_on, next_due_on=around.get("next_due"), late_actions=around.get("late", 0),
        gaps=around.get("gaps", 0),
    )  # fmt: skip


def page(
    tab: str, reference: str, mandate: Mandate, group_id: UUID, today: date, *, header: Any, sections: Any
) -> dict[str, Any]:
    """Return one tab of a situation; the parts that no query feeds are taken from `sections`."""
    assert rules_run(group_id, timezone.now())
    row = Situation.objects.get(reference=reference)
    built = (_actions if tab == "actions" else _follow)(row, mandate, today, header.id)
    stage = Stage(row.state)
    return {
        "header": replace(
            header, reference=row.reference, name=f"{row.first_name} {row.last_name}", card=_card(row, today),
            stage=stage.value, stage_label=str(stage.label), stage_kind=situations.KINDS.get(stage, "off"),
            lead=row.lead, next_review_on=row.next_review_on,
        ),
        "sections": [_with(part, built.get(part.template)) for part in sections],
    }  # fmt: skip


def _with(part: sections.Built, data: Any) -> sections.Built:
    if data is None:
        return part
    return replace(part, data=replace(part.data, **data) if isinstance(data, dict) else data)


def _steps(row: Situation, nature: str) -> list[Step]:
    return list(Step.objects.filter(situation=row, nature=nature).order_by("due_on", "pk"))


def _actions(row: Situation, mandate: Mandate, today: date, key: UUID) -> dict[str, Any]:
    lines = tuple(
        parts.ActionLine(
            id=UUID(int=step.pk), kind=str(ActionType.FAMILY_MEETING.label), owner=step.owner, precision=step.text,
            due_on=step.due_on, decided_on=step.due_on, closed_on=None, result="", is_late=step.due_on < today, waited=0, after="", may_finish=True,
            revision=1,
        )
        for step in _steps(row, "action")
    )  # fmt: skip
    owners = Organisation.objects.filter(territory_id=mandate.territory_id).order_by("short_name")
    return {
        "followups/_actions.html": {
            "open": lines,
            "owners": tuple((each.pk, str(each)) for each in owners),
            "kinds": _choices(ActionType),
            "results": _choices(ActionResult),
        }
    }


def _follow(row: Situation, mandate: Mandate, today: date, key: UUID) -> dict[str, Any]:
    actions, schemes, circle = _steps(row, "action"), _steps(row, "scheme"), _steps(row, "circle")
    points = _steps(row, "point")
    proposed = lists.choices(mandate.territory_id, ListCode.SCHEME, today)
    Line.objects.filter(situation=row).order_by("-meeting").first()
    # What the page says of the next meeting and of the services asked: the tables are the real ones, and clear.
    ahead = GroupSession.objects.filter(territory_id=mandate.territory_id, lines__follow_up=key)
    assert ahead.filter(state__in=("prepared", "convened", "open")).first() is None
    asked = AgendaRequest.objects.filter(follow_up=key, organisation_id=mandate.organisation_id, taken_in=None)
    assert not asked.exists()
    assert not list(WhoKnows.objects.filter(follow_up=key).select_related("organisation").order_by("asked_at"))
    agents = Mandate.objects.filter(organisation_id=mandate.organisation_id, ends_at=None).select_related("agent")
    moments = [
        parts.Moment(on=step.due_on, title=str(ActionType.FAMILY_MEETING.label), kind="info", by=step.owner, text="décidée")
        for step in actions
    ]  # fmt: skip
    moments += [
        parts.Moment(on=step.due_on, title="Entrée dans le cercle", kind="info", by=step.owner,
                     text=str(CircleReason.KNOWS.label))
        for step in circle
    ]  # fmt: skip
    first = actions[0]
    return {
        "followups/_next.html": {
            "sentence": f"{ActionType.FAMILY_MEETING.label}, par {first.owner}, {fr.when(first.due_on, today)}."
        },
        "followups/_timeline.html": tuple(sorted(moments, key=lambda moment: moment.on, reverse=True)),
        "followups/_schemes.html": {
            "lines": tuple(
                situations.SchemeLine(
                    id=UUID(int=step.pk), item_id=UUID(int=step.pk), label=step.text, state=SchemeState.ACTIVE.value,
                    state_label=str(SchemeState.ACTIVE.label), kind="ok", since=step.due_on, ends_on=None,
                    owner=step.owner, revision=1,
                )
                for step in schemes
            ),
            "untouched": tuple(each for each in proposed if each[0] == key),
            "states": _choices(SchemeState),
        },
        "followups/_circle.html": {
            "lines": tuple(
                parts.CircleLine(
                    id=UUID(int=step.pk), organisation=step.owner, is_lead=step.owner == row.lead, in_charge="",
                    since=step.due_on, until=None, reason=str(CircleReason.KNOWS.label), end_reason="", involvement="",
                    own=False, revision=1,
                )
                for step in circle
            ),
            "agents": tuple((each.pk, each.agent.full_name) for each in agents),
            "reasons": _choices(CircleReason),
            "ends": _choices(CircleEnd),
            "involvements": _choices(Involvement),
        },
        "followups/_points.html": None if not points else {},
    }  # fmt: skip
