"""Pages of the yearly evaluation: fetch by reads, or validate and call one action."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.audit import Act
from casework.casefile import documents as pdf
from casework.casefile import drafts, revision
from casework.casefile.acts import one_click, submit
from casework.casefile.calendar import read_year
from casework.errors import AccessRefused
from casework.indicators.evaluation import actions, documents, facts, reads
from casework.indicators.evaluation.codes import Chapter
from casework.indicators.evaluation.forms import CommentForm, LineForm

UNPROCESSABLE = 422
_reads = member(Action.VIEW, DataClass.EVALUATION)
_writes = member(Action.CHANGE, DataClass.EVALUATION)


def _url(pk: UUID) -> str:
    return reverse("evaluation:page", args=[pk])


@member(Action.LIST, DataClass.EVALUATION)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """Show the evaluations, latest first."""
    return render(request, "evaluation/index.html", {"page": reads.index(request.viewer, request.now)})


@member(Action.CREATE, DataClass.EVALUATION)
@require_POST
def begin(request: AgentRequest) -> HttpResponse:
    """Begin the evaluation of a year."""
    year = read_year(request.POST.get("year", ""))
    if year is None:
        return redirect("evaluation:index")

    def act() -> str:
        return _url(actions.open_year(by=request.viewer, year=year, now=request.now).pk)

    return one_click(
        request, act, to=reverse("evaluation:index"),
        done=f"L’évaluation {year} est commencée. Ses nombres y sont : il reste vos commentaires.",
    )  # fmt: skip


@_reads
@require_safe
def page(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the document as it would be printed, and what is missing."""
    found = reads.page(request.viewer, pk, request.now)
    return render(request, "evaluation/page.html", {"page": found, "form": LineForm() if found.may_write else None})


@_reads
@require_safe
def document(request: AgentRequest, pk: UUID, suffix: str) -> HttpResponse:
    """Give the document for the plenary."""
    if suffix not in ("pdf", "odt"):
        raise AccessRefused(code="suffix")
    found = reads.page(request.viewer, pk, request.now, Act.PRINT if suffix == "pdf" else Act.EXPORT)
    return pdf.response(documents.evaluation(found, suffix), "evaluation", suffix=suffix)


@_writes
@require_http_methods(["GET", "POST"])
def write(request: AgentRequest, pk: UUID, code: str) -> HttpResponse:
    """Write the comment of one chapter; what is typed is kept as a draft."""
    viewer, now = request.viewer, request.now
    if code not in Chapter.values:
        raise AccessRefused(code="chapter")
    found = reads.writing(viewer, pk, Chapter(code), now)
    key = f"evaluation-{pk}-{code}"
    draft = drafts.load(viewer, key, now=now) if request.method == "GET" else None
    initial = {"words": found.former if request.GET.get("reprendre") == "1" else found.comment}
    form = CommentForm(request.POST if request.method == "POST" else None, initial=initial)
    if draft is not None and request.GET.get("reprendre") != "1":
        form.initial = {"words": draft.as_initial().get("words", "")}

    def carry_out() -> None:
        actions.comment(
            by=viewer, row=facts.find(viewer, pk, now), chapter=code, words=form.cleaned_data["words"],
            expected=revision.expected(request.POST), now=now,
        )  # fmt: skip

    done = submit(
        request, form, carry_out, to=f"{_url(pk)}#{code}", draft=key, current={"words": found.comment},
        done="Le commentaire est enregistré.",
    )  # fmt: skip
    if done:
        return done
    context = {
        "page": found, "form": form, "draft_key": key, "saved_at": draft.saved_at if draft else None,
        # Typed on an older version: the two are shown side by side when it is sent.
        "revision": draft.revision if draft and draft.revision is not None else found.revision,
    }  # fmt: skip
    return render(request, "evaluation/write.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@_writes
@require_POST
def line(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Add an indicator that this system does not hold."""
    viewer, now = request.viewer, request.now
    form = LineForm(request.POST)

    def carry_out() -> None:
        actions.add_line(
            by=viewer, row=facts.find(viewer, pk, now), expected=revision.expected(request.POST), now=now,
            **form.cleaned_data,
        )  # fmt: skip

    done = submit(request, form, carry_out, to=f"{_url(pk)}#autres", current={}, done="L’indicateur est inscrit.")
    if done:
        return done
    found = reads.page(viewer, pk, now)
    return render(request, "evaluation/page.html", {"page": found, "form": form}, status=UNPROCESSABLE)


@_writes
@require_POST
def act(request: AgentRequest, pk: UUID, name: str) -> HttpResponse:
    """Take a line off, count again, finish, or take up again."""
    viewer, now = request.viewer, request.now
    row, expected = facts.find(viewer, pk, now), revision.expected(request.POST)
    dropped = request.POST.get("line", "")
    known: dict[str, tuple[Callable[[], None], str]] = {
        "retirer-ligne": (
            lambda: actions.remove_line(by=viewer, row=row, line=dropped, expected=expected, now=now),
            "L’indicateur est retiré.",
        ),
        "actualiser": (
            lambda: actions.refresh(by=viewer, row=row, expected=expected, now=now),
            "Les nombres sont ceux d’aujourd’hui.",
        ),
        "terminer": (
            lambda: actions.finish(by=viewer, row=row, expected=expected, now=now),
            "L’évaluation est terminée : les partenaires peuvent la lire.",
        ),
        "reprendre": (
            lambda: actions.reopen(by=viewer, row=row, expected=expected, now=now),
            "L’évaluation est de nouveau en préparation.",
        ),
    }
    if name not in known:
        raise AccessRefused(code="act")
    carry_out, said = known[name]
    return one_click(request, carry_out, to=_url(pk), done=said)


patterns = [
    path("", index, name="index"),
    path("commencer", begin, name="begin"),
    path("<uuid:pk>/", page, name="page"),
    path("<uuid:pk>/document.<slug:suffix>", document, name="document"),
    path("<uuid:pk>/chapitres/<slug:code>/", write, name="write"),
    path("<uuid:pk>/lignes", line, name="line"),
    path("<uuid:pk>/actes/<slug:name>", act, name="act"),
]
