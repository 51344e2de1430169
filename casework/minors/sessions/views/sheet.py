"""The day the laptop stays shut: the sheet on paper, then « Saisir d’après la feuille »."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.audit import Act
from casework.casefile import documents, once, papers
from casework.casefile import format as fr
from casework.errors import ConflictRefused, GuardRefused, InputRefused
from casework.minors.followups.codes import ActionType, Outcome, StepOne, StepThree, StepTwo
from casework.minors.sessions import facts
from casework.minors.sessions.actions import room as acts
from casework.minors.sessions.forms.room import AdviceForm, DecisionForm, ReviewForm
from casework.minors.sessions.models import GroupSession
from casework.minors.sessions.reads import meetings
from casework.minors.sessions.reads import room as lines
from casework.minors.sessions.reads import services as people
from casework.minors.sessions.reads import sheet as reads
from casework.minors.sessions.views.room import RESULTS, by_id, review_data, runs, session_of, uuid_or_none

BLANKS = 3


@member(Ask.PRINT, DataClass.SESSION_MINUTES)
@require_GET
def sheet(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Print the room sheet: the blanks of the screen, for the day the laptop stays shut. No name on paper."""
    session = facts.find(request.viewer, pk, request.now)
    facts.require_on(request.viewer, session, Ask.MOVE, request.now)
    found = reads.sheet(request.viewer, session, now=request.now, act=Act.PRINT)
    day = localdate(session.starts_at)
    data: papers.SheetData = {
        "commune": session.territory.name,
        "lead": [f"Réunion de la cellule du {fr.day(day)}, {session.place}"],
        "notes": ["Rien de nominatif sur cette feuille : numéro du jour, initiales, année de naissance. "
                  "À rendre à la coordination en fin de réunion."],
        "services": [{"letter": one.letter, "name": one.name} for one in people.services_of(session)],
        "codes": [{"code": str(n), "label": str(label)} for n, (_, label) in enumerate(ActionType.choices, start=1)],
        "situations": [
            {
                "number": one.number,
                "card": one.paper,
                "present": one.present,
                "last": [{"who": row.letter, "what": row.label, "due": fr.short_day(row.due_on)} for row in one.last],
                "blanks": BLANKS,
            }
            for one in found
        ],
    }  # fmt: skip
    pdf = documents.render(documents.Template.SHEET, data, on=day, title="Feuille de réunion")
    return documents.response(pdf, "feuille")


@runs
@require_GET
def from_sheet(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Type what was decided on paper, line by line."""
    return _sheet_page(request, session_of(request, pk))


def _sheet_page(
    request: AgentRequest, session: GroupSession, *, line_id: UUID | None = None, refusal: str = "",
    status: int = 200, bound: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    today = localdate(request.now)
    services = people.services_of(session)
    found = reads.sheet(request.viewer, session, now=request.now)
    leads, programmes = people.leads(session), people.programmes(session, today)
    items = []
    for one in found:
        mine = bound if bound and one.id == line_id else None
        if one.is_question:
            advice = mine["advice"] if mine else AdviceForm(auto_id=f"{one.number}-%s")
            items.append({"line": one, "form": advice, "refusal": refusal if mine else ""})
            continue
        form = ReviewForm(
            request.POST if mine else None, outcomes=lines.outcomes_of(one.stage), leads=leads,
            programmes=programmes, today=today, prefix="r", auto_id=f"{one.number}-%s",
            initial={"step1": StepOne.UNKNOWN, "step2": StepTwo.KEPT, "step3": StepThree.UNCHANGED},
        )  # fmt: skip
        decisions = mine["decisions"] if mine else _blank_decisions(services, today, one.number)
        typed = request.POST if mine else QueryDict()
        ticked = {uuid_or_none(text) for text in typed.getlist("present")} if mine else one.there
        items.append({
            "line": one, "form": form, "decisions": decisions, "refusal": refusal if mine else "",
            "services": [(service, service.id in ticked) for service in services],
            "last": [(row, typed.get(f"a-{row.id}", "")) for row in one.last],
        })  # fmt: skip
    context = {
        "session": meetings.meeting_of(session), "items": items, "services": services, "kinds": ActionType.choices, "results": RESULTS,
        "refusal": "" if bound else refusal, "today": today,
        "done": sum(one.is_settled for one in found), "total": len(found),
    }  # fmt: skip
    return render(request, "meetings/room_from_sheet.html", context, status=status)


def _blank_decisions(
    services: tuple[people.Service, ...], today: date, number: int, data: Any = None
) -> list[DecisionForm]:
    owners = people.owners(services)
    return [
        DecisionForm(data, owners=owners, today=today, prefix=f"d{n}", auto_id=f"{number}-%s", empty_permitted=True,
                     use_required_attribute=False)
        for n in range(BLANKS)
    ]  # fmt: skip


@runs
@require_POST
def from_sheet_line(request: AgentRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Record one situation typed from the paper sheet, all or nothing."""
    session = session_of(request, pk)
    today = localdate(request.now)
    if session.lines.filter(pk=line_id, question__isnull=False).exists():
        return _advice(request, session, line_id)
    number = session.lines.filter(pk=line_id).values_list("day_number", flat=True).first() or 0
    form = ReviewForm(
        request.POST, outcomes=tuple(Outcome), leads=people.leads(session),
        programmes=people.programmes(session, today), today=today, prefix="r",
    )  # fmt: skip
    services = people.services_of(session)
    decisions = _blank_decisions(services, today, number, request.POST)
    names = partial(lines.own_names, request.viewer, session, line_id, now=request.now)
    typed = [one for one in decisions if one.has_changed()]
    valid = form.is_valid() and all(one.is_valid() for one in typed)
    again = valid and sum(one.asks_again(names) for one in typed) > 0
    bound = {"decisions": decisions}
    if not valid or again:
        return _sheet_page(request, session, line_id=line_id, status=422, bound=bound)
    data = acts.SheetData(
        review=review_data(form.cleaned_data),
        results=by_id(request, "a-"),
        decisions=[
            acts.DecisionData(
                kind=one.cleaned_data["what"], owner_id=one.cleaned_data["who"], due_on=one.cleaned_data["due"],
                precision=one.cleaned_data["precision"],
            )
            for one in typed
        ],
        present=[found for text in request.POST.getlist("present") if (found := uuid_or_none(text))],
    )  # fmt: skip
    return _carry_out(
        request, session, line_id, number, bound,
        lambda: acts.from_sheet(by=request.viewer, session=session, line_id=line_id, data=data, now=request.now),
    )  # fmt: skip


def _advice(request: AgentRequest, session: GroupSession, line_id: UUID) -> HttpResponse:
    """Record the advice given to a question without a name, as it was written on paper."""
    number = session.lines.values_list("day_number", flat=True).get(pk=line_id)
    form = AdviceForm(request.POST)
    if not form.is_valid():
        return _sheet_page(request, session, line_id=line_id, status=422, bound={"advice": form})
    advice = form.cleaned_data["advice"]
    return _carry_out(
        request, session, line_id, number, {"advice": form},
        lambda: acts.advise(
            by=request.viewer, session=session, line_id=line_id, advice=advice, now=request.now, bring=True
        ),
    )  # fmt: skip


def _carry_out(
    request: AgentRequest, session: GroupSession, line_id: UUID, number: int, bound: dict[str, Any],
    act: Callable[[], object],
) -> HttpResponse:  # fmt: skip
    """Carry out what was typed once and go to the next number; a refusal comes back beside it."""
    try:
        return once.run(request, act, to=f"{reverse('meetings:from_sheet', args=[session.pk])}#ligne-{number + 1}")
    except (InputRefused, GuardRefused, ConflictRefused) as refusal:
        again = facts.find(request.viewer, session.pk, request.now)
        return _sheet_page(request, again, line_id=line_id, refusal=refusal.message, status=409, bound=bound)


patterns = [
    path("<uuid:pk>/feuille.pdf", sheet, name="sheet"),
    path("<uuid:pk>/saisie/", from_sheet, name="from_sheet"),
    path("<uuid:pk>/saisie/<uuid:line_id>", from_sheet_line, name="from_sheet_line"),
]
