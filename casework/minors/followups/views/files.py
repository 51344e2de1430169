"""Documents of a situation: hand in, download, withdraw."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member
from casework.casefile.acts import submit
from casework.casefile.choosing import offer
from casework.casefile.files import ACCEPT, MAX_BYTES, TOO_BIG, left_out
from casework.errors import AccessRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import files
from casework.minors.followups.reads import files as reads
from casework.minors.followups.views.acts import plain, situation_url


class FileForm(forms.Form):
    """One document and what it is. Read in memory, checked, and kept sealed."""

    kind = forms.ChoiceField(
        label="Nature du document", widget=forms.RadioSelect,
        error_messages={"required": "Choisissez la nature du document."},
    )  # fmt: skip
    file = forms.FileField(
        label="Fichier",
        help_text="PDF, image JPEG ou PNG, texte ODT ou DOCX ; 5 Mo au plus. L’auteur, la date et le lieu inscrits dans "
        "le fichier sont retirés.",
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
        error_messages={"required": "Choisissez le fichier.", "empty": "Ce fichier est vide."},
    )

    def clean_file(self) -> object:
        """Refuse a file too heavy before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(TOO_BIG)
        return file


@member(Ask.CREATE, DataClass.YOUTH_REVIEW)
def add(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the form; receive one document."""
    follow_up = facts.find(request.viewer, pk, request.now)
    offered = reads.kinds(request.viewer, facts.relation(request.viewer, follow_up, request.now), request.now)
    if not offered:
        raise AccessRefused(code="file")
    form = FileForm(request.POST or None, request.FILES or None)
    offer(form, "kind", offered)
    if left_out(request):
        form.fields["file"].error_messages["required"] = TOO_BIG
    back = situation_url(pk, "documents", "pieces")

    def act() -> None:
        upload = form.cleaned_data["file"]
        files.add(
            by=request.viewer, follow_up=follow_up, kind=form.cleaned_data["kind"], content=upload.read(),
            name=upload.name, now=request.now,
        )  # fmt: skip

    return submit(request, form, act, to=back) or render(
        request, "followups/file_add.html", {"form": form, "back": back, "reference": follow_up.reference},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@member(Ask.VIEW, DataClass.YOUTH_REVIEW)
@require_GET
def download(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give one document as an attachment: the browser never shows it itself."""
    found = files.download(by=request.viewer, file_id=pk, now=request.now)
    response = HttpResponse(found.content, content_type=found.media_type)
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response


@member(Ask.CREATE, DataClass.YOUTH_REVIEW)
@require_POST
def withdraw(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Delete one document."""
    file, _, _ = files.found(request.viewer, pk, request.now)

    def act() -> None:
        files.withdraw(by=request.viewer, file_id=pk, now=request.now)

    return plain(request, act, back=situation_url(file.record_id, "documents", "pieces"), title="Document")


patterns = [
    path("situations/<uuid:pk>/pieces/nouvelle/", add, name="file_add"),
    path("pieces/<uuid:pk>/", download, name="file"),
    path("pieces/<uuid:pk>/retirer/", withdraw, name="file_withdraw"),
]
