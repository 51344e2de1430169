"""Pages and files of published figures: no filter, no path to a person (SDC-10)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action
from casework.access.routes import member
from casework.casefile import documents as pdf
from casework.casefile import spreadsheets
from casework.casefile.calendar import read_year
from casework.errors import AccessRefused
from casework.indicators.releases import documents
from casework.indicators.releases.reads import published as reads

_counts = member(Action.COUNT, DataClass.INDICATORS)


def asked_year(request: AgentRequest) -> int | None:
    """Return the year of the address, None where there is none or it is no year."""
    return read_year(request.GET.get("annee", ""))


@_counts
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """Show the last edition, or that of a year."""
    page = reads.index(request.viewer, asked_year(request), request.now)
    return render(request, "releases/index.html", {"page": page})


@_counts
@require_safe
def table(request: AgentRequest, key: str) -> HttpResponse:
    """Show one table, to be read or printed."""
    page = reads.table(request.viewer, key, asked_year(request), request.now)
    return render(request, "releases/table.html", {"page": page})


@_counts
@require_safe
def returns(request: AgentRequest) -> HttpResponse:
    """Show known returns, and apart from them the rates that others published."""
    page = reads.returns(request.viewer, asked_year(request), request.now)
    return render(request, "releases/returns.html", {"page": page})


@_counts
@require_safe
def edition_file(request: AgentRequest, suffix: str) -> HttpResponse:
    """Give a whole edition as a file."""
    return _file(request, None, suffix)


@_counts
@require_safe
def table_file(request: AgentRequest, key: str, suffix: str) -> HttpResponse:
    """Give one table as a file."""
    return _file(request, key, suffix)


def _file(request: AgentRequest, key: str | None, suffix: str) -> HttpResponse:
    if suffix not in documents.SUFFIXES:
        raise AccessRefused(code="suffix")
    found = reads.printed(request.viewer, asked_year(request), key, request.now)
    if suffix == "pdf":
        made = documents.edition(found)
    else:
        made = spreadsheets.WRITERS[suffix](reads.sheets(found), found.edition.published_on)
    return pdf.response(made, "chiffres", suffix=suffix)


patterns = [
    path("", index, name="index"),
    path("retours-connus/", returns, name="returns"),
    path("tableaux/<slug:key>/", table, name="table"),
    path("tableaux/<slug:key>/fichier.<slug:suffix>", table_file, name="table_file"),
    path("fichier.<slug:suffix>", edition_file, name="file"),
]
