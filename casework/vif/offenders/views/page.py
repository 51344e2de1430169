"""One measure: its page, its acts, its history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import attached, revision
from casework.casefile import documents as pdf
from casework.casefile.acts import one_click, submit
from casework.vif.offenders import documents, facts
from casework.vif.offenders import forms as kinds
from casework.vif.offenders.actions import ending, follow, opening, reports, team
from casework.vif.offenders.codes import Came, CourseState, LodgingAnswer, Rating, ReportKind, State
from casework.vif.offenders.models import Appointment, Course, Lodging, Measure
from casework.vif.offenders.reads import page as reads
from casework.vif.offenders.reads import past
from casework.vif.offenders.views.common import offered, page_url

writes = member(Action.CHANGE, DataClass.VIF_PERSON)
proves = member(Action.CHANGE, DataClass.VIF_PROOFS)
looks = member(Action.VIEW, DataClass.VIF_PERSON)


@looks
@require_safe
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show one measure and what comes next."""
    return _page(request, pk)


def _common(request: AgentRequest, row: Measure) -> dict[str, Any]:
    return {"by": request.viewer, "measure": row, "now": request.now}


def _moved(request: AgentRequest, row: Measure) -> dict[str, Any]:
    return _common(request, row) | {"expected": revision.expected(request.POST)}


def _moving(act: Callable[..., object]) -> Callable[..., object]:
    """Return an act that moves the file, from the revision that its form was opened on."""
    return lambda request, row, form: act(**_moved(request, row), **_given(form))


def _plain(act: Callable[..., object]) -> Callable[..., object]:
    return lambda request, row, form: act(**_common(request, row), **_given(form))


def _given(form: forms.Form) -> dict[str, Any]:
    return {key: value for key, value in form.cleaned_data.items() if key != "confirm_text"}


def _correct(request: AgentRequest, row: Measure, form: kinds.CorrectionForm) -> None:
    opening.correct(**_moved(request, row), data=form.person())


def _hand_over(request: AgentRequest, row: Measure, form: forms.Form) -> None:
    team.hand_over(**_common(request, row), to=UUID(form.cleaned_data["to"]))


def _judge(request: AgentRequest, row: Measure, form: forms.Form) -> None:
    given = _given(form)
    spip, judgment = given.pop("spip", ""), given.pop("file")
    ending.judge(**_moved(request, row), **given, spip=UUID(spip) if spip else None, judgment=judgment)


# Each act of the page: its form, what it calls.
_ACTS: dict[str, tuple[type[forms.Form], Callable[..., object]]] = {
    "rendez-vous": (kinds.PlanForm, _plain(follow.plan)),
    "dates": (kinds.DatesForm, _moving(opening.set_dates)),
    "corriger": (kinds.CorrectionForm, _correct),
    "obligations": (kinds.ObligationsForm, _plain(opening.change_obligations)),
    "expliquees": (kinds.ExplainedForm, _moving(opening.notify_again)),
    "commencer": (kinds.EmptyForm, _moving(follow.begin)),
    "adresse": (kinds.AddressForm, _plain(follow.note_proof)),
    "stage": (kinds.CourseForm, _plain(follow.plan_course)),
    "hebergement": (kinds.LodgingForm, _plain(follow.ask_lodging)),
    "orientation": (kinds.OrientationForm, _plain(follow.orient)),
    "decision": (kinds.JudgeForm, _judge),
    "arreter": (kinds.StopForm, _moving(ending.stop)),
    "confier": (kinds.HandOverForm, _hand_over),
}


def _form(request: AgentRequest, row: Measure | reads.Page, name: str, data: Any = None, **options: Any) -> forms.Form:
    kind = _ACTS[name][0]
    if kind is kinds.CorrectionForm:
        options["frame"] = row.frame
    if kind is kinds.PlanForm:
        options["first"] = row.state == State.MANDATED
    if kind is kinds.ObligationsForm:
        options["offered"] = offered(row.frame, localdate(request.now))
    if kind is kinds.HandOverForm:
        options["colleagues"] = people_of(team.colleagues(request.viewer, row.subject_id, request.now))
    if kind is kinds.JudgeForm:
        officers = team.probation_officers(request.viewer, row.subject_id, request.now)
        options |= {"frame": row.frame, "officers": people_of(officers)}
    return kind(data, **options)


def people_of(mandates: Any) -> list[tuple[str, str]]:
    """Return colleagues as a form offers them."""
    return [(str(each.pk), each.agent.full_name) for each in mandates]


@writes
@require_POST
def act(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Carry out one act of the page."""
    row = facts.find(request.viewer, pk, request.now)
    form = _form(request, row, name, request.POST, files=request.FILES)
    attached.check_weight(request, form)

    def carry_out() -> None:
        _ACTS[name][1](request, row, form)

    to = page_url(pk) if name != "confier" else reverse("measures:index")
    return submit(request, form, carry_out, to=to) or _page(request, pk, bound={name: form})


def _page(request: AgentRequest, pk: UUID, *, bound: dict[str, forms.Form] | None = None) -> HttpResponse:
    found = reads.page(request.viewer, pk, request.now)
    context: dict[str, Any] = {
        "page": found, "outcomes": Came.choices, "ratings": Rating.choices, "course_states": CourseState.choices,
        "lodging_answers": [each for each in LodgingAnswer.choices if each[0]],
        "report_kinds": [(each.value, each.label) for each in ReportKind if each != ReportKind.INCIDENT],
        "bound": next(iter(bound.values()), None) if bound else None, "today": localdate(request.now),
    }  # fmt: skip
    if found.may_change:
        today = localdate(request.now)
        initial: dict[str, Any] = dict.fromkeys(("on", "closed_on", "asked_on", "sent_on", "day"), today)
        initial |= {
            "term_on": found.term_on, "hearing_on": found.hearing_on, "bracelet": found.bracelet,
            "bracelet_until": found.bracelet_until, "obligations": [line.code for line in found.in_force],
            "authority": found.authority_code,
            **{name: getattr(found, name) for name in opening.PersonData.__dataclass_fields__ if name != "authority"},
        }  # fmt: skip
        fresh = {name: _form(request, found, name, initial=initial) for name in _wanted(found)}
        context["forms"] = {key.replace("-", "_"): form for key, form in (fresh | (bound or {})).items()}
    return render(request, "measures/page.html", context, status=422 if bound else 200)


def _wanted(found: reads.Page) -> list[str]:
    """Return the acts that the page offers at this stage: no form is built for nothing."""
    names = list(_ACTS)
    return [name for name in names if name != "decision" or found.state == State.FINAL_REPORT_FILED]


@writes
@require_POST
def outcome(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Write what became of an appointment."""
    row = follow.part(Appointment, request.viewer, pk, request.now)

    def carry_out() -> None:
        follow.record_outcome(
            by=request.viewer, appointment=row, came=request.POST.get("came", ""), now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    return one_click(request, carry_out, to=page_url(row.measure_id, "rendez-vous"))


@writes
@require_POST
def cancel(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Take an appointment off the plan."""
    row = follow.part(Appointment, request.viewer, pk, request.now)

    def carry_out() -> None:
        follow.cancel(by=request.viewer, appointment=row, now=request.now)

    return one_click(request, carry_out, to=page_url(row.measure_id, "rendez-vous"))


@proves
@require_POST
def proof(request: AgentRequest, pk: UUID, duty_id: UUID) -> HttpResponse:
    """Note that a proof of one obligation was seen today, or was not."""
    row = facts.find(request.viewer, pk, request.now, DataClass.VIF_PROOFS)

    def carry_out() -> None:
        follow.note_proof(
            by=request.viewer, measure=row, seen=request.POST.get("seen", ""), day=localdate(request.now),
            now=request.now, obligation_id=duty_id,
        )  # fmt: skip

    return one_click(request, carry_out, to=page_url(pk, "obligations"))


@proves
@require_POST
def rate(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say of each obligation whether it is met, partly, or not."""
    row = facts.find(request.viewer, pk, request.now, DataClass.VIF_PROOFS)

    def carry_out() -> None:
        ids = row.obligations.filter(ended_on__isnull=True).values_list("pk", flat=True)
        ratings = {each: request.POST[f"rate-{each}"] for each in ids if request.POST.get(f"rate-{each}")}
        follow.rate(by=request.viewer, measure=row, ratings=ratings, now=request.now)

    return one_click(request, carry_out, to=page_url(pk, "obligations"))


@proves
@require_POST
def course(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say how far a course went."""
    row = follow.part(Course, request.viewer, pk, request.now)

    def carry_out() -> None:
        follow.end_course(
            by=request.viewer, course=row, state=request.POST.get("state", ""), now=request.now,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    return one_click(request, carry_out, to=page_url(row.measure_id, "suivi"))


@writes
@require_POST
def lodging(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Say that a lodging was obtained, or refused, today."""
    row = follow.part(Lodging, request.viewer, pk, request.now)

    def carry_out() -> None:
        follow.answer_lodging(
            by=request.viewer, lodging=row, answer=request.POST.get("answer", ""), answered_on=localdate(request.now),
            now=request.now, expected=revision.expected(request.POST),
        )  # fmt: skip

    return one_click(request, carry_out, to=page_url(row.measure_id, "suivi"))


@member(Action.CHANGE, DataClass.VIF_REPORTS)
@require_POST
def open_report(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Begin a report, or open the one of this kind that is being written."""
    row = facts.find(request.viewer, pk, request.now, DataClass.VIF_REPORTS)
    kind = request.POST.get("kind", "")
    found = reads.page(request.viewer, pk, request.now).open_report(kind)
    if found is not None:
        return HttpResponseRedirect(reverse("measures:report", args=[found.id]))
    made: list[str] = []

    def carry_out() -> str:
        report = reports.open_report(by=request.viewer, measure=row, kind=kind, now=request.now)
        made.append(reverse("measures:report", args=[report.pk]))
        return made[0]

    answer = one_click(request, carry_out, to=page_url(pk, "rapports"))
    return HttpResponseRedirect(made[0]) if made else answer


@looks
@require_safe
def letter(request: AgentRequest, pk: UUID, letter_id: UUID) -> HttpResponse:
    """Give the letter of one orientation, to sign."""
    return pdf.response(documents.orientation(request.viewer, pk, letter_id, request.now), "orientation")


@looks
@require_safe
def who_opened(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show who opened this file (row 30a)."""
    reference, lines = past.who_opened(request.viewer, pk, request.now)
    return render(request, "measures/who_opened.html", {"pk": pk, "reference": reference, "lines": lines})


@looks
@require_safe
def history(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the earlier versions."""
    reference, versions = past.history(request.viewer, pk, request.now)
    return render(request, "measures/history.html", {"pk": pk, "reference": reference, "versions": versions})


patterns = [
    path("<uuid:pk>/", page, name="page"),
    *[path(f"<uuid:pk>/{name}", act, {"name": name}, name=f"act_{name.replace('-', '_')}") for name in _ACTS],
    path("rendez-vous/<uuid:pk>/", outcome, name="outcome"),
    path("rendez-vous/<uuid:pk>/retirer", cancel, name="cancel"),
    path("<uuid:pk>/obligations/<uuid:duty_id>", proof, name="proof"),
    path("<uuid:pk>/apprecier", rate, name="rate"),
    path("stages/<uuid:pk>/", course, name="course"),
    path("hebergements/<uuid:pk>/", lodging, name="lodging"),
    path("<uuid:pk>/rapports", open_report, name="open_report"),
    path("<uuid:pk>/orientations/<uuid:letter_id>.pdf", letter, name="letter"),
    path("<uuid:pk>/consultations/", who_opened, name="who_opened"),
    path("<uuid:pk>/historique/", history, name="history"),
]
