"""Reports: the incident in three minutes, writing, reading by a second person, leaving, what is added."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import documents as pdf
from casework.casefile import drafts, once, revision
from casework.casefile import format as fr
from casework.casefile.acts import one_click, submit
from casework.errors import ConflictRefused, GuardRefused, InputRefused, MoveRefused
from casework.vif.offenders import documents, facts, law
from casework.vif.offenders import forms as kinds
from casework.vif.offenders.actions import reports, team
from casework.vif.offenders.models import Report
from casework.vif.offenders.reads import page as page_reads
from casework.vif.offenders.reads import report as reads
from casework.vif.offenders.reads.page import Page
from casework.vif.offenders.views.common import page_url
from casework.vif.offenders.views.page import people_of

writes = member(Action.CHANGE, DataClass.VIF_REPORTS)
looks = member(Action.VIEW, DataClass.VIF_REPORTS)
_REFUSALS = (InputRefused, GuardRefused, MoveRefused, ConflictRefused)


@writes
@require_http_methods(["GET", "POST"])
def incident(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record the call to the duty officer and begin the note, from the appointment or the proof that failed."""
    row = facts.find(request.viewer, pk, request.now, DataClass.VIF_REPORTS)
    facts.require_on(request.viewer, row, Action.CHANGE, DataClass.VIF_REPORTS, request.now)
    found = page_reads.page(request.viewer, pk, request.now)
    choices, chosen = _failures(found, request.GET.get("de", ""))
    today, key = localdate(request.now), f"measure-incident-{pk}"
    form = kinds.IncidentForm(
        request.POST or None, offered=choices,
        initial={
            "called_on": today, "called_time": localtime(request.now).replace(second=0).time(), "what": chosen,
            "answer_by": today + timedelta(days=law.ANSWER_DAYS),
        },
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            report = reports.report_incident(by=request.viewer, measure=row, data=form.incident(), now=request.now)
            return reverse("measures:report", args=[report.pk])

        if answer := _sent(request, form, act, key):
            return answer
    draft = None if form.is_bound else drafts.load(request.viewer, key, now=request.now)
    if draft is not None:
        form = kinds.IncidentForm(initial={**form.initial, **draft.as_initial([])}, offered=choices)
    context = {
        "page": found, "form": form, "draft_key": key, "person_id": found.subject_id,
        "saved_at": draft.saved_at if draft else None,
    }  # fmt: skip
    return render(request, "measures/incident.html", context, status=422 if form.is_bound else 200)


def _failures(found: Page, of: str) -> tuple[list[tuple[str, str]], str]:
    """Return what may have failed, as the note will say it, and which one the officer came from."""
    lines: list[tuple[str, str]] = []
    chosen = ""
    for appointment in found.appointments:
        if appointment.failed:
            said = f"Absence au rendez-vous du {fr.long_date(appointment.day)}"
            lines.append((said, said))
            chosen = said if of == str(appointment.id) else chosen
    for obligation in found.in_force:
        lines.append((obligation.label, f"{obligation.label} ({obligation.legal_ref})"))
        chosen = obligation.label if of == str(obligation.id) else chosen
    return [*lines, ("Autre", "Autre")], chosen


def _sent(request: AgentRequest, form: forms.Form, act: Callable[[], str], draft: str) -> HttpResponse | None:
    """Carry out an act whose words were kept as a draft; None when the form is to be shown again."""
    try:
        return once.run(request, act, draft=draft)
    except _REFUSALS as refusal:
        name = getattr(refusal, "field", None)
        form.add_error(name if name in form.fields else None, refusal.message)
        return None


@looks
@require_http_methods(["GET", "POST"])
def report(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one report; keep what the officer writes in it."""
    row = reports.find(request.viewer, pk, request.now)
    if request.method != "POST":
        return _report(request, pk)
    form = kinds.ReportForm(request.POST, kind=row.kind)
    if form.is_valid():

        def act() -> str:
            reports.write(
                by=request.viewer, report=row, sections=form.sections(), now=request.now,
                expected=revision.expected(request.POST),
            )  # fmt: skip
            return reverse("measures:report", args=[pk])

        if answer := _sent(request, form, act, _draft_key(pk)):
            return answer
    return _report(request, pk, bound={"write": form})


def _colleagues(request: AgentRequest, row: Report) -> list[tuple[str, str]]:
    return people_of(team.colleagues(request.viewer, row.measure.subject_id, request.now))


def _draft_key(pk: UUID) -> str:
    return f"measure-report-{pk}"


def _check_saved(request: AgentRequest, pk: UUID) -> None:
    """Raise GuardRefused while words typed in the report are kept as a draft only: they would not leave with it."""
    if drafts.load(request.viewer, _draft_key(pk), now=request.now) is not None:
        raise GuardRefused("Votre dernier texte n’est pas enregistré : enregistrez-le d’abord, il est conservé.")


def _report(request: AgentRequest, pk: UUID, *, bound: dict[str, forms.Form] | None = None) -> HttpResponse:
    found = reads.report(request.viewer, pk, request.now)
    today, measure = localdate(request.now), found.measure
    context: dict[str, Any] = {
        "report": found,
        "page": measure,
        "forms": {},
        "bound": next(iter((bound or {}).values()), None),
    }
    if measure.may_change:
        row = reports.find(request.viewer, pk, request.now)
        key = _draft_key(pk)
        draft = drafts.load(request.viewer, key, now=request.now) if found.may_write else None
        words: dict[str, Any] = {part.code: part.text for part in found.parts if not part.is_filled}
        initial = words | (draft.as_initial([]) if draft else {})
        frame, kind = measure.frame, found.line.kind_code
        context |= {"draft_key": key, "person_id": measure.subject_id, "saved_at": draft.saved_at if draft else None}
        context["forms"] = {
            "write": kinds.ReportForm(initial=initial, kind=kind),
            "ask": kinds.AskReadingForm(colleagues=_colleagues(request, row)),
            "transmit": kinds.TransmitForm(initial={"sent_on": today}, frame=frame, kind=kind),
            "answer": kinds.AnswerForm(initial={"answered_on": today}),
            "add": kinds.AddendumForm(initial={"sent_on": today}),
        } | (bound or {})  # fmt: skip
        for part in found.parts:
            if part.code in context["forms"]["write"].fields:
                context["forms"]["write"].fields[part.code].label = part.heading
    return render(request, "measures/report.html", context, status=422 if bound else 200)


@writes
@require_POST
def ask_reading(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Ask a colleague to read the report."""
    row = reports.find(request.viewer, pk, request.now)
    form = kinds.AskReadingForm(request.POST, colleagues=_colleagues(request, row))

    def carry_out() -> None:
        _check_saved(request, pk)
        reports.ask_reading(
            by=request.viewer, report=row, reader=UUID(form.cleaned_data["reader"]), now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    return _done(request, pk, "ask", form, carry_out)


@writes
@require_POST
def read_over(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record that the second person agrees, or gives it back to be written."""
    row = reports.find(request.viewer, pk, request.now)

    def carry_out() -> None:
        reports.confirm_reading(
            by=request.viewer, report=row, agreed=request.POST.get("agreed") == "1", now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    # Once read, the measure is no longer open to whoever read it.
    return one_click(request, carry_out, to=reverse("measures:index"))


@writes
@require_POST
def take_back(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Write again a report that was to be read, or had been."""
    row = reports.find(request.viewer, pk, request.now)

    def carry_out() -> None:
        reports.take_back(by=request.viewer, report=row, now=request.now, expected=revision.expected(request.POST))

    return one_click(request, carry_out, to=reverse("measures:report", args=[pk]))


@writes
@require_POST
def transmit(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record that the report left."""
    row = reports.find(request.viewer, pk, request.now)
    form = kinds.TransmitForm(request.POST, frame=row.measure.frame, kind=row.kind)

    def carry_out() -> None:
        _check_saved(request, pk)
        reports.transmit(
            by=request.viewer, report=row, now=request.now, expected=revision.expected(request.POST),
            **form.cleaned_data,
        )  # fmt: skip

    return _done(request, pk, "transmit", form, carry_out, to=page_url(row.measure_id, "rapports"))


@writes
@require_POST
def answer(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Record what the magistrate decided after an incident."""
    row = reports.find(request.viewer, pk, request.now)
    form = kinds.AnswerForm(request.POST)

    def carry_out() -> None:
        reports.answer(
            by=request.viewer, report=row, now=request.now, expected=revision.expected(request.POST),
            **form.cleaned_data,
        )  # fmt: skip

    return _done(request, pk, "answer", form, carry_out, to=page_url(row.measure_id))


@writes
@require_POST
def add(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Add to a report that has left."""
    row = reports.find(request.viewer, pk, request.now)
    form = kinds.AddendumForm(request.POST)

    def carry_out() -> None:
        given = {key: value for key, value in form.cleaned_data.items() if key != "confirm_text"}
        reports.add(by=request.viewer, report=row, now=request.now, **given)

    return _done(request, pk, "add", form, carry_out)


def _done(
    request: AgentRequest, pk: UUID, name: str, form: forms.Form, act: Callable[[], object], *, to: str = ""
) -> HttpResponse:
    to = to or reverse("measures:report", args=[pk])
    return submit(request, form, act, to=to) or _report(request, pk, bound={name: form})


@looks
@require_safe
def paper(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the report as PDF."""
    return pdf.response(documents.report(request.viewer, pk, request.now), "rapport")


@looks
@require_safe
def text(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the report as OpenDocument."""
    return pdf.response(documents.report_text(request.viewer, pk, request.now), "rapport", suffix="odt")


patterns = [
    path("<uuid:pk>/incident/", incident, name="incident"),
    path("rapports/<uuid:pk>/", report, name="report"),
    path("rapports/<uuid:pk>/relire", ask_reading, name="ask_reading"),
    path("rapports/<uuid:pk>/relu", read_over, name="read_over"),
    path("rapports/<uuid:pk>/reprendre", take_back, name="take_back"),
    path("rapports/<uuid:pk>/transmettre", transmit, name="transmit"),
    path("rapports/<uuid:pk>/reponse", answer, name="answer"),
    path("rapports/<uuid:pk>/addendum", add, name="add"),
    path("rapports/<uuid:pk>.pdf", paper, name="paper"),
    path("rapports/<uuid:pk>.odt", text, name="text"),
]
