"""What the coordinator does around a dashboard: asks, types, comments, publishes, notes the meeting."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import drafts, revision
from casework.casefile.acts import one_click, submit
from casework.errors import AccessRefused, InputRefused
from casework.indicators.quarters import facts, periods
from casework.indicators.quarters.actions import asking, contributors, meeting, publishing, words
from casework.indicators.quarters.codes import BY_CODE
from casework.indicators.quarters.forms import CommentForm, ContributorForm, CountsForm, MeetingForm, WordsForm, begun
from casework.indicators.quarters.reads import answers, kept
from casework.indicators.quarters.reads import pages as reads
from casework.partners.models import Organisation

UNPROCESSABLE = 422
ADD = member(Action.CREATE, DataClass.EVALUATION)
CHANGE = member(Action.CHANGE, DataClass.EVALUATION)


def _page(pk: UUID) -> str:
    return reverse("quarters:page", args=[pk])


def _form(request: AgentRequest, form: Any, template: str = "quarters/form.html", **context: Any) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=UNPROCESSABLE if form.is_bound else 200)


# Contributors


@ADD
@require_safe
def contributor_list(request: AgentRequest) -> HttpResponse:
    """Show who is asked."""
    return render(request, "quarters/contributors.html", {"rows": reads.contributors(request.viewer, request.now)})


def _bodies(request: AgentRequest) -> list[tuple[str, str]]:
    rows = Organisation.objects.filter(territory_id=request.viewer.territory_id, is_active=True).order_by("name")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


@ADD
@require_http_methods(["GET", "POST"])
def contributor_new(request: AgentRequest) -> HttpResponse:
    """Add a contributor."""
    facts.require_keeper(request.viewer, request.now)
    form = ContributorForm(request.POST or None, bodies=_bodies(request))
    to = reverse("quarters:contributors")
    done = submit(
        request, form, lambda: contributors.add(by=request.viewer, data=form.given(), now=request.now), to=to,
        done="Le contributeur est ajouté. Il sera sollicité à la prochaine ouverture d’un trimestre.",
    )  # fmt: skip
    return done or _form(
        request, form, title="Ajouter un contributeur", button="Ajouter", back=to, crumb="Contributeurs"
    )


@CHANGE
@require_http_methods(["GET", "POST"])
def contributor(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Change a contributor."""
    found = facts.find_contributor(request.viewer, pk, request.now)
    line = reads.contributor(request.viewer, found)
    initial = {
        "name": line.name, "giver": line.giver, "email": line.email, "indicators": list(line.indicators),
        "organisation": str(line.organisation_id or ""),
    }  # fmt: skip
    form = ContributorForm(request.POST or None, bodies=_bodies(request), initial=initial)
    to = reverse("quarters:contributors")
    done = submit(
        request, form,
        lambda: contributors.change(
            by=request.viewer, contributor=found, data=form.given(), expected=revision.expected(request.POST),
            now=request.now,
        ),
        to=to, current=initial, done="Le contributeur est modifié.",
    )  # fmt: skip
    return done or _form(
        request, form, title=line.name, button="Enregistrer", back=to, crumb="Contributeurs", revision=line.revision,
        end=reverse("quarters:contributor_end", args=[pk]),
    )  # fmt: skip


@CHANGE
@require_POST
def contributor_end(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Take a contributor off the list."""
    found = facts.find_contributor(request.viewer, pk, request.now)
    return one_click(
        request,
        lambda: contributors.end(
            by=request.viewer, contributor=found, expected=revision.expected(request.POST), now=request.now
        ),
        to=reverse("quarters:contributors"), done="Ce contributeur n’est plus sollicité. Son adresse est effacée.",
    )  # fmt: skip


# Asking


@ADD
@require_POST
def open_quarter(request: AgentRequest) -> HttpResponse:
    """Open a quarter: the links leave."""
    period = periods.read(request.POST.get("period", ""))

    def act() -> str:
        if period is None:
            raise InputRefused("Choisissez un trimestre de la liste.", field="period")
        return _page(asking.open_quarter(by=request.viewer, period=period, now=request.now).pk)

    return one_click(
        request, act, to=reverse("quarters:index"), done="Le trimestre est ouvert : les demandes sont parties."
    )


@CHANGE
@require_POST
def ask_newcomers(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Ask who joined the list since."""
    found = facts.find(request.viewer, pk, request.now)
    return one_click(
        request, lambda: asking.ask_newcomers(by=request.viewer, quarter=found, now=request.now) and None,
        to=_page(pk), done="Les demandes sont parties.",
    )  # fmt: skip


@CHANGE
@require_POST
def send_again(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Send a new link."""
    found = facts.find_asking(request.viewer, pk, request.now)
    return one_click(
        request, lambda: asking.send_again(by=request.viewer, asking=found, now=request.now),
        to=_page(found.quarter_id), done="Un nouveau lien est parti ; le précédent ne sert plus.",
    )  # fmt: skip


@CHANGE
@require_http_methods(["GET", "POST"])
def enter(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Type the counts received by telephone."""
    viewer, now = request.viewer, request.now
    found = facts.find_asking(viewer, pk, now)
    facts.require_keeper(viewer, now)
    question = answers.by_keeper(viewer, found, now)
    form = CountsForm(request.POST or None, wanted=question.wanted, initial=question.initial)
    done = submit(
        request, form,
        lambda: asking.enter(
            by=viewer, asking=found, answer=form.counts(), remark=form.cleaned_data["remark"],
            expected=revision.expected(request.POST), now=now,
        ),
        to=_page(found.quarter_id), current=question.initial,
        done=f"Les chiffres sont enregistrés : {question.contributor}.",
    )  # fmt: skip
    return done or _form(request, form, "quarters/enter.html", question=question, back=_page(found.quarter_id))


# Words


@CHANGE
@require_http_methods(["GET", "POST"])
def describe(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Write the comment of the quarter and the « note d’ambiance », or the comment of one indicator."""
    viewer, now = request.viewer, request.now
    found = facts.find(viewer, pk, now)
    facts.require_keeper(viewer, now)
    said = kept.words(viewer, found)
    about = request.GET.get("sur", "")
    if about and about not in BY_CODE:
        raise AccessRefused(code="indicator")
    key = f"trimestre.{pk}.{about or 'mots'}"
    draft = drafts.load(viewer, key, now=now) if request.method == "GET" else None
    standing = {"words": said.get("about", {}).get(about, "")} if about else _begun(found.sectors, said)
    initial: dict[str, Any] = standing | (draft.as_initial() if draft else {})
    form: WordsForm | CommentForm
    if about:
        form = CommentForm(request.POST or None, initial=initial)
        title = BY_CODE[about].label
    else:
        form = WordsForm(request.POST or None, sectors=found.sectors, initial=initial)
        title = "Note d’ambiance et commentaire"

    def act() -> None:
        common: dict[str, Any] = {
            "by": viewer, "quarter": found, "words": form.cleaned_data["words"], "now": now,
            "expected": revision.expected(request.POST),
        }  # fmt: skip
        if isinstance(form, WordsForm):
            words.describe(mood=form.mood(), **common)
        else:
            words.comment(code=about, **common)

    done = submit(
        request, form, act, to=_page(pk), draft=key, current=standing,
        done=f"Le commentaire est enregistré : {title}." if about else "La note et le commentaire sont enregistrés.",
    )  # fmt: skip
    return done or _form(
        request, form, title=title, button="Enregistrer", back=_page(pk), crumb=found.period.label,
        **_drafted(key, draft, found.revision),
    )  # fmt: skip


def _drafted(key: str, draft: drafts.SavedDraft | None, standing: int) -> dict[str, Any]:
    """Return what a form that keeps its draft shows. A draft keeps the revision it was typed on: both versions are then shown."""
    typed_on = draft.revision if draft else None
    return {
        "draft_key": key, "saved_at": draft.saved_at if draft else None,
        "revision": standing if typed_on is None else typed_on,
    }  # fmt: skip


def _begun(sectors: list[str], said: Any) -> dict[str, str]:
    begun_with = {"words": said.get("quarter", "")}
    for n, sector in enumerate(sectors):
        tone, text = said.get("mood", {}).get(sector, ("", ""))
        begun_with |= {f"tone_{n}": tone, f"mood_{n}": text}
    return begun_with


# Publishing and meeting


@CHANGE
@require_POST
def publish(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Publish the dashboard."""
    found = facts.find(request.viewer, pk, request.now)
    return one_click(
        request,
        lambda: publishing.publish(
            by=request.viewer, quarter=found, expected=revision.expected(request.POST), now=request.now
        ),
        to=_page(pk), done="Le tableau de bord est publié.",
    )  # fmt: skip


@CHANGE
@require_http_methods(["GET", "POST"])
def group(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Write the meeting of the analysis group."""
    viewer, now = request.viewer, request.now
    found = facts.find(viewer, pk, now)
    facts.require_keeper(viewer, now)
    standing, content = reads.meeting(viewer, found)
    key = f"trimestre.{pk}.groupe"
    draft = drafts.load(viewer, key, now=now) if request.method == "GET" else None
    initial = begun(content)
    typed = draft.as_initial(multiple=("invited", "points")) if draft else {}
    form = MeetingForm(request.POST or None, bodies=meeting.invitable(found), initial=initial | typed)

    def act() -> None:
        meeting.write(
            by=viewer, quarter=found, data=form.given(), expected=revision.expected(request.POST), now=now
        )  # fmt: skip

    done = submit(
        request, form, act, to=_page(pk), draft=key, current=initial,
        done="La réunion du groupe d’analyse est notée.",
    )  # fmt: skip
    return done or _form(
        request, form, title="Groupe d’analyse trimestrielle", button="Enregistrer", back=_page(pk),
        crumb=found.period.label, **_drafted(key, draft, standing),
    )  # fmt: skip


patterns = [
    path("ouvrir", open_quarter, name="open"),
    path("contributeurs/", contributor_list, name="contributors"),
    path("contributeurs/ajouter", contributor_new, name="contributor_new"),
    path("contributeurs/<uuid:pk>/", contributor, name="contributor"),
    path("contributeurs/<uuid:pk>/retirer", contributor_end, name="contributor_end"),
    path("demandes/<uuid:pk>/saisir", enter, name="enter"),
    path("demandes/<uuid:pk>/renvoyer", send_again, name="send_again"),
    path("<uuid:pk>/demander", ask_newcomers, name="ask_newcomers"),
    path("<uuid:pk>/mots", describe, name="describe"),
    path("<uuid:pk>/publier", publish, name="publish"),
    path("<uuid:pk>/groupe", group, name="group"),
]
