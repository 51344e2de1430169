"""« Reprendre l’ancien tableau »: deposit, check line by line, import, sign its deletion."""

from __future__ import annotations

import io
from collections.abc import Callable
from uuid import UUID

import xlsxwriter
from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from casework.access.http import AgentRequest
from casework.access.matrix import DataClass
from casework.access.policy import Action as Ask
from casework.access.routes import member, stepped_up
from casework.audit import Act
from casework.casefile import once, revision
from casework.casefile.files import left_out
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.minors.followups import codes
from casework.minors.followups.actions import imports as actions
from casework.minors.followups.spreadsheet import (
    MAX_BYTES,
    MAX_ROWS,
    ImportReport,
    Status,
    Table,
    Target,
    Unknown,
)
from casework.partners.codes import OrganisationKind

STATUS_KINDS = {
    Status.OK: "ok",
    Status.WARNING: "info",
    Status.REFUSED: "late",
    Status.OVER_25: "off",
    Status.PURGE_PASSED: "off",
}
CHOICES: dict[Target, list[tuple[str, str]]] = {
    Target.REASONS: [(value, str(label)) for value, label in codes.ReferralReason.choices],
    Target.ORIGIN: [(value, str(label)) for value, label in codes.ReferralOrigin.choices],
    Target.ACTIONS: [(value, str(label)) for value, label in codes.ActionType.choices],
    Target.LEAD: [(value, str(label)) for value, label in OrganisationKind.choices],
}


TOO_HEAVY = "Ce fichier est trop lourd pour un tableau de suivi."
NAMES = (Target.FULL_NAME, Target.LAST_NAME, Target.FIRST_NAME)


class DepositForm(forms.Form):
    """The old file, read in memory and never kept as it is."""

    file = forms.FileField(
        label="Votre tableau (.xlsx, .ods ou .csv)",
        help_text=f"Au plus {MAX_ROWS} lignes. Rien n’est écrit avant votre accord.",
        error_messages={"required": "Choisissez le fichier.", "empty": "Ce fichier est vide."},
    )


@member(Ask.CREATE, DataClass.YOUTH_REPRESENTATIVES)
def deposit(request: AgentRequest) -> HttpResponse:
    """List the tables being taken over; receive a new one."""
    actions.check_right(by=request.viewer, now=request.now)
    form = DepositForm(request.POST or None, request.FILES or None)
    if left_out(request):
        form.fields["file"].error_messages["required"] = TOO_HEAVY
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            form.add_error("file", TOO_HEAVY)
        else:
            content = upload.read()
            try:
                return once.run(
                    request,
                    lambda: reverse(
                        "followups:import_batch",
                        args=[actions.deposit(by=request.viewer, content=content, now=request.now).pk],
                    ),
                )  # fmt: skip
            except InputRefused as refusal:
                form.add_error("file", refusal.message)
    rows = [
        {"id": row.pk, "created_at": row.created_at, "written": row.written, "imported_at": row.imported_at,
         "signed_at": row.deletion_signed_at}
        for row in actions.deposited(request.viewer, request.now)
    ]  # fmt: skip
    return render(
        request, "followups/import_deposit.html", {"form": form, "batches": rows},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@member(Ask.CREATE, DataClass.YOUTH_REPRESENTATIVES)
@require_GET
def batch(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Show the report of one table, line by line."""
    return _show(request, pk)


def _show(request: AgentRequest, pk: UUID, error: str = "", status: int = 200) -> HttpResponse:
    found = actions.find(request.viewer, pk, request.now)
    context: dict[str, object] = {
        "batch_id": pk, "revision": found.revision, "imported_at": found.imported_at, "written": found.written,
        "signed_at": found.deletion_signed_at, "error": error, "counted": found.counted,
    }  # fmt: skip
    if found.deletion_signed_at is None:
        with actions.gate(request.viewer, found):
            report = actions.report(found, request.now)
            names = _names(report, Table.from_json(found.table or {}))
            done = set((found.mapping or {}).get("imported", ()))
        wanted = request.GET.get("lignes", "")
        lines = [
            {"line": row.line, "label": row.status.label if row.line not in done else "importée",
             "kind": STATUS_KINDS[row.status], "entry": row.entry, "name": names.get(row.line, ""), "messages": row.messages,
             "done": row.line in done, "refused": row.status == Status.REFUSED, "duplicate_of": row.duplicate_of}
            for row in report.rows
            if not wanted or row.status == wanted
        ]  # fmt: skip
        ready = sum(1 for row in report.rows if row.status in actions.IMPORTABLE and row.line not in done)
        context |= {
            "report": report, "lines": lines[:500], "more": max(0, len(lines) - 500), "wanted": wanted, "ready": ready,
            "targets": [(str(target), target.label) for target in Target],
            "unknown": [_unknown(item) for item in report.unknown if not done.issuperset(item.lines)],
            "statuses": [(str(status), status.label) for status in Status],
            # Lines too old are emptied by the import: their number is what was counted.
            "too_old": (found.counted or {}) if found.imported_at else report.counts,
        }  # fmt: skip
    return render(request, "followups/import_batch.html", context, status=status)


def _names(report: ImportReport, table: Table) -> dict[int, str]:
    """Return the name of each line: as understood, or as it stands in the table for a line that is refused."""
    places = [column.place for column in report.columns if column.target in NAMES]
    found = {}
    for row in report.rows:
        cells = table.lines[row.line - 1]
        raw = " ".join(cells[place].strip() for place in places if place < len(cells))
        found[row.line] = f"{row.entry.first_name} {row.entry.last_name}" if row.entry else raw.strip()
    return found


def _unknown(item: Unknown) -> dict[str, object]:
    return {"key": item.key, "text": item.text, "target": item.target.label, "lines": len(item.lines),
            "choices": CHOICES.get(item.target, [])}  # fmt: skip


def _act(request: AgentRequest, pk: UUID, act: Callable[[], object]) -> HttpResponse:
    try:
        return once.run(request, act, to=reverse("followups:import_batch", args=[pk]))
    except (InputRefused, GuardRefused, ConflictRefused) as refusal:
        return _show(request, pk, error=refusal.message, status=409)


@member(Ask.CREATE, DataClass.YOUTH_REPRESENTATIVES)
@require_POST
def correct(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Keep corrected columns, codes and cells."""
    found = actions.find(request.viewer, pk, request.now)
    columns: dict[int, str] = {}
    choices: dict[str, str] = {}
    cells: dict[int, dict[int, str]] = {}
    for name in request.POST:
        kind, _, rest = name.partition(":")
        value = request.POST[name]
        if kind == "column" and rest.isdecimal():
            columns[int(rest)] = value
        elif kind == "choice" and value != "?":
            choices[rest] = value
        elif kind == "cell" and value.strip():
            line, _, column = rest.partition(":")
            if line.isdecimal() and column.isdecimal():
                cells.setdefault(int(line), {})[int(column)] = value[:300]

    def act() -> None:
        actions.correct(
            by=request.viewer, batch=found, now=request.now, columns=columns, choices=choices, corrections=cells,
            expected=revision.expected(request.POST),
        )  # fmt: skip

    return _act(request, pk, act)


@member(Ask.CREATE, DataClass.YOUTH_REPRESENTATIVES)
@require_POST
def carry_out(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Import every valid line, or none."""
    found = actions.find(request.viewer, pk, request.now)
    return _act(
        request, pk,
        lambda: actions.carry_out(
            by=request.viewer, batch=found, now=request.now, expected=revision.expected(request.POST)
        ),
    )  # fmt: skip


@member(Ask.CREATE, DataClass.YOUTH_REPRESENTATIVES)
@require_POST
def sign(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Sign the statement that the old file is deleted."""
    found = actions.find(request.viewer, pk, request.now)

    def act() -> None:
        if request.POST.get("sure") != "oui":
            raise InputRefused("Cochez la case pour attester la suppression.")
        actions.sign_deletion(by=request.viewer, batch=found, now=request.now, expected=revision.expected(request.POST))

    return _act(request, pk, act)


@member(Ask.CREATE, DataClass.YOUTH_REPRESENTATIVES)
@require_POST
def discard(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Forget a table that was not imported."""
    actions.check_right(by=request.viewer, now=request.now)

    def act() -> None:
        actions.discard(by=request.viewer, batch=actions.find(request.viewer, pk, request.now), now=request.now)

    try:
        return once.run(request, act, to=reverse("followups:import"))
    except GuardRefused as refusal:
        return _show(request, pk, error=refusal.message, status=409)


@stepped_up
@member(Ask.CREATE, DataClass.YOUTH_REPRESENTATIVES)
@require_GET
def refused(request: AgentRequest, pk: UUID) -> HttpResponse:
    """Give the refused lines as a spreadsheet to correct, after a fresh second factor."""
    found = actions.find(request.viewer, pk, request.now)
    if found.deletion_signed_at is not None:
        raise AccessRefused(code="batch")
    with actions.gate(request.viewer, found, Act.EXPORT):
        report = actions.report(found, request.now)
        table = Table.from_json(found.table or {})
        typed = actions.corrections(found)
    lines = [row for row in report.rows if row.status == Status.REFUSED]
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "constant_memory": False}
    )
    sheet = book.add_worksheet("Lignes refusées")
    for column, header in enumerate((*table.headers, "À corriger")):
        sheet.write_string(0, column, header)
    for place, row in enumerate(lines, start=1):
        cells = dict(enumerate(table.lines[row.line - 1])) | typed.get(row.line, {})
        for column, text in cells.items():
            sheet.write_string(place, column, text)
        sheet.write_string(place, len(table.headers), " ".join(message.text for message in row.messages))
    book.close()
    response = HttpResponse(
        buffer.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = 'attachment; filename="lignes.xlsx"'
    response["Cache-Control"] = "no-store"
    return response


patterns = [
    path("situations/reprise/", deposit, name="import"),
    path("situations/reprise/<uuid:pk>/", batch, name="import_batch"),
    path("situations/reprise/<uuid:pk>/corriger/", correct, name="import_correct"),
    path("situations/reprise/<uuid:pk>/importer/", carry_out, name="import_carry_out"),
    path("situations/reprise/<uuid:pk>/attester/", sign, name="import_sign"),
    path("situations/reprise/<uuid:pk>/abandonner/", discard, name="import_discard"),
    path("situations/reprise/<uuid:pk>/refusees/", refused, name="import_refused"),
]
