"""Pages of known returns: fetch by reads, or validate and call one action."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import documents as pdf
from casework.casefile import revision
from casework.casefile.acts import one_click, submit
from casework.casefile.calendar import read_year
from casework.errors import AccessRefused
from casework.placements.returns import documents, facts
from casework.placements.returns.actions import sheets, switch, watches
from casework.placements.returns.codes import HEADS
from casework.placements.returns.documents import WARNING
from casework.placements.returns.forms import AnswerForm, CorrectForm, EntrustForm, SheetForm, SwitchForm
from casework.placements.returns.reads import sheets as reads
from casework.placements.returns.reads import watches as asked

OWN = DataClass.OWN_SERVICE
UNPROCESSABLE = 422


def _sheet_url(pk: UUID) -> str:
    return reverse("returns:sheet", args=[pk])


@member(Action.MANAGE, OWN)
@require_GET
def index(request: AgentRequest) -> HttpResponse:
    """Show the head of a service its sheets, year by year."""
    return _index(request, SwitchForm())


def _index(request: AgentRequest, form: SwitchForm) -> HttpResponse:
    asking = asked.asking(request.viewer, request.now)
    context = {
        "found": reads.index(request.viewer, request.now), "warning": WARNING, "today": localdate(request.now),
        "asking": asking, "form": form, "people": EntrustForm(people=asking.colleagues),
    }  # fmt: skip
    return render(request, "returns/index.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@member(Action.MANAGE, OWN)
@require_http_methods(["POST"])
def switch_on(request: AgentRequest) -> HttpResponse:
    """Ask person by person from the next whole year on."""
    form = SwitchForm(request.POST)
    done = submit(
        request, form,
        lambda: switch.switch_on(by=request.viewer, assessed_on=form.cleaned_data["assessed_on"], now=request.now),
        to=reverse("returns:index"),
    )  # fmt: skip
    return done or _index(request, form)


@member(Action.MANAGE, OWN)
@require_POST
def switch_off(request: AgentRequest) -> HttpResponse:
    """Stop asking person by person."""
    return one_click(
        request, lambda: switch.switch_off(by=request.viewer, now=request.now), to=reverse("returns:index"),
        done="C’est arrêté : plus aucune fin de mesure ne laisse de retour à suivre.",
    )  # fmt: skip


@member(Action.MANAGE, OWN)
@require_POST
def entrust(request: AgentRequest) -> HttpResponse:
    """Give the questions that nobody holds to a colleague, without reading them."""
    people = asked.asking(request.viewer, request.now).colleagues
    form = EntrustForm(request.POST, people=people)
    if not form.is_valid():
        messages.error(request, "Choisissez à qui confier ces questions.")
        return redirect("returns:index")
    return one_click(
        request,
        lambda: watches.entrust(
            by=request.viewer, mandate_id=UUID(form.cleaned_data["mandate"]), now=request.now
        ),
        to=reverse("returns:index"), done="Les questions sont confiées.",
    )  # fmt: skip


@member(Action.CHANGE, DataClass.KNOWN_RETURN)
@require_http_methods(["GET", "POST"])
def question(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Answer, as its officer, what is known of one person since the end of the measure."""
    viewer, now = request.viewer, request.now
    row = facts.find_watch(viewer, pk, now)
    form = AnswerForm(request.POST or None, since=row.month, today=localdate(now))
    done = submit(
        request, form,
        lambda: watches.answer(
            by=viewer, watch=row, code=form.cleaned_data["code"], month=form.cleaned_data["month"], now=now,
            expected=revision.expected(request.POST),
        ),
        to=reverse("desk:work"),
    )  # fmt: skip
    if done:
        return done
    context = {"page": asked.question(viewer, pk, now), "form": form}
    return render(request, "returns/question.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@member(Action.MANAGE, OWN)
@require_POST
def open_sheet(request: AgentRequest) -> HttpResponse:
    """Open the sheet of a year."""
    year = read_year(request.POST.get("year", ""))
    if year is None:
        raise AccessRefused(code="year")

    def act() -> str:
        return _sheet_url(sheets.open_sheet(by=request.viewer, year=year, now=request.now).pk)

    return one_click(request, act, to=reverse("returns:index"))


@member(Action.MANAGE, OWN)
@require_http_methods(["GET", "POST"])
def sheet(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Fill a sheet, or read a signed one with its history."""
    viewer, now = request.viewer, request.now
    found = facts.find_sheet(viewer, pk, now)
    page = reads.page(viewer, found, now)
    form = SheetForm(request.POST or None, rows=page.rows)
    done = submit(
        request, form,
        lambda: sheets.fill(
            by=viewer, sheet=found, typed=form.typed(), expected=revision.expected(request.POST), now=now
        ),
        to=_sheet_url(pk),
    )  # fmt: skip
    if done:
        return done
    context = {
        "page": page, "form": form, "heads": list(HEADS.values()), "warning": WARNING,
        "adds_up": all(not line.problem for line in page.lines), "due_on": reads.due_on(page.year),
        "today": localdate(now),
    }  # fmt: skip
    return render(request, "returns/sheet.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@member(Action.MANAGE, OWN)
@require_POST
def sign(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Sign a sheet."""
    found = facts.find_sheet(request.viewer, pk, request.now)
    return one_click(
        request,
        lambda: sheets.sign(
            by=request.viewer, sheet=found, expected=revision.expected(request.POST), now=request.now
        ),
        to=_sheet_url(pk), done="La feuille est signée. Les années suivantes se comptent à part.",
    )  # fmt: skip


@member(Action.MANAGE, OWN)
@require_http_methods(["GET", "POST"])
def correct(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Fill a signed sheet again, under a reason."""
    found = facts.find_sheet(request.viewer, pk, request.now)
    form = CorrectForm(request.POST or None)

    def act() -> str:
        made = sheets.correct(
            by=request.viewer, sheet=found, reason=form.cleaned_data["reason"], now=request.now
        )  # fmt: skip
        return _sheet_url(made.pk)

    done = submit(request, form, act, to=_sheet_url(pk))
    context = {"form": form, "back": _sheet_url(pk), "year": found.year}
    return done or render(request, "returns/correct.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@member(Action.MANAGE, OWN)
@require_GET
def paper(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give a sheet as PDF."""
    return pdf.response(documents.sheet(request.viewer, pk, request.now), "retours-connus", inline=True)


patterns = [
    path("", index, name="index"),
    path("suivi/commencer", switch_on, name="switch_on"),
    path("suivi/arreter", switch_off, name="switch_off"),
    path("suivi/confier", entrust, name="entrust"),
    path("questions/<uuid:pk>/", question, name="question"),
    path("ouvrir", open_sheet, name="open"),
    path("feuilles/<uuid:pk>/", sheet, name="sheet"),
    path("feuilles/<uuid:pk>/signer", sign, name="sign"),
    path("feuilles/<uuid:pk>/corriger", correct, name="correct"),
    path("feuilles/<uuid:pk>/pdf", paper, name="paper"),
]
