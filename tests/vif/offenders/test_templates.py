"""Templates of reports, per frame and per court: written by the head of the service, kept by what has left."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from casework.errors import AccessRefused, ConflictRefused, InputRefused
from casework.vif.offenders import documents
from casework.vif.offenders.actions import templates
from casework.vif.offenders.codes import Section
from casework.vif.offenders.models import ReportTemplate
from tests.casefile.pdf_text import text as pdf_text
from tests.people import client_for
from tests.vif.offenders.setting import OFFICER, PERSON, Setting

pytestmark = pytest.mark.django_db(databases="__all__")
LAST_FIRST = ["conclusion", "frame", "situation", "respect", "care", "position"]


def _write(side: Setting, court: str = "", expected: int = 0, order: list[str] | None = None, **texts: str) -> Any:
    titles = {"conclusion": texts.pop("conclusion", "")}
    return templates.write(
        by=side.viewer("measure_lead"), frame="supervision", court=court, texts=texts, titles=titles,
        order=order or [], now=side.now, expected=expected,
    )  # fmt: skip


def _printed(side: Setting, report: Any) -> str:
    return pdf_text(documents.report(side.viewer(), report.pk, side.now))


@pytest.mark.rule("CJ-36")
def test_a_court_has_its_own_words_else_those_of_the_frame_else_the_usual(side: Setting) -> None:
    report = side.write(side.begun(side.active()))
    usual = _printed(side, report)
    assert "Zzentete" not in usual
    _write(side, letterhead="Zzentete cadre\n3 rue du Port", opening="Zzdebut cadre", closing="Zzfin cadre")
    _write(side, "TRIBUNAL  judiciaire", opening="Zzdebut juridiction", conclusion="Zzavis", order=LAST_FIRST)
    _write(side, "Tribunal d’ailleurs", opening="Zzdebut ailleurs")
    printed = _printed(side, report)
    for words in ("Zzentete cadre", "3 rue du Port", "Zzdebut juridiction", "Zzfin cadre", "Zzavis"):
        assert words in printed, words
    for words in ("Zzdebut cadre", "Zzdebut ailleurs"):
        assert words not in printed, words
    assert printed.index("Zzavis") < printed.index("Cadre et obligations"), "the order is the court's"
    with zipfile.ZipFile(BytesIO(documents.report_text(side.viewer(), report.pk, side.now))) as archive:
        assert "Zzdebut juridiction" in archive.read("content.xml").decode()


@pytest.mark.rule("CJ-36")
def test_a_report_that_left_keeps_the_words_with_which_it_left(side: Setting) -> None:
    row = side.active()
    side.rate(row)
    _write(side, closing="Zzfin ancienne", conclusion="Zzancien titre")
    report = side.send(side.write(side.begun(row)))
    _write(side, expected=1, closing="Zzfin nouvelle", conclusion="Zznouveau titre")
    printed = _printed(side, report)
    assert "Zzfin ancienne" in printed
    assert "Zzancien titre" in printed
    assert "Zzfin nouvelle" not in printed
    assert ReportTemplate.objects.count() == 2, "a version is never written over"


@pytest.mark.rule("CJ-36")
def test_the_head_of_the_service_writes_them_and_looks_at_what_they_give(side: Setting) -> None:
    lead = client_for(side.people.mandates["measure_lead"], now=side.now)
    typed = {"version": "0", "court": "Tribunal judiciaire", "letterhead": "Zzentete", "once": str(uuid4())}
    ranks = {f"rank_{code}": n for n, code in enumerate(Section.values, start=1)}
    url = reverse("measures:template_new", args=["supervision"])
    twice = lead.post(url, typed | ranks | {"rank_care": "1"})
    assert twice.status_code == 422
    assert "rang différent" in twice.content.decode()
    assert "Zzentete" in twice.content.decode(), "nothing typed is lost"
    assert lead.post(url, typed | ranks | {"once": str(uuid4())}).status_code == 302
    row = ReportTemplate.objects.get()
    listed = lead.get(reverse("measures:templates")).content.decode()
    assert "Tribunal judiciaire" in listed
    shown = lead.get(reverse("measures:template_preview", args=[row.pk]))
    assert "Zzentete" in pdf_text(shown.content)
    assert PERSON not in pdf_text(shown.content)
    _write(side, closing="Zzfin cadre")
    shown = lead.get(reverse("measures:template_preview", args=[row.pk]))
    assert "Zzfin cadre" in pdf_text(shown.content), "what a court leaves empty is the frame's"
    edit = reverse("measures:template", args=[row.pk])
    assert "Zzentete" in lead.get(edit).content.decode()
    stale = lead.post(edit, typed | ranks | {"version": "0", "once": str(uuid4())})
    assert stale.status_code == 422
    with pytest.raises(ConflictRefused):
        _write(side, "tribunal judiciaire")
    with pytest.raises(InputRefused):
        _write(side, letterhead="x\n" * 6)


@pytest.mark.rule("ACL-05", "VIC-07")
@pytest.mark.attack("T-19", "T-39")
def test_nobody_else_reads_or_writes_them(side: Setting) -> None:
    row = _write(side, letterhead="Zzentete")
    for who in (OFFICER, "measure_colleague", "apers_victim", "prosecutor", "spip", "coordinator", "mayor", "dpo"):
        browser = client_for(side.people.mandates[who], now=side.now)
        for url in (
            reverse("measures:templates"), reverse("measures:template_new", args=["supervision"]),
            reverse("measures:template", args=[row.pk]), reverse("measures:template_preview", args=[row.pk]),
        ):  # fmt: skip
            assert browser.get(url).status_code == 404, (who, url)
    with pytest.raises(AccessRefused):
        templates.write(
            by=side.viewer(), frame="supervision", court="", texts={}, titles={}, order=[], now=side.now, expected=1
        )
    ReportTemplate.objects.filter(pk=row.pk).update(organisation=side.people.prosecutor.organisation)
    with pytest.raises(AccessRefused):
        templates.find(side.viewer("measure_lead"), row.pk, side.now)
