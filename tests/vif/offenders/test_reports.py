"""Reports: the call first, six parts, a second reader, transmitted then fixed (CJ-35, CJ-36, BL-04, VIC-05)."""

from __future__ import annotations

import re
import zipfile
from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from odfdo import Document

from casework.audit import Act
from casework.audit.models import AuditEvent
from casework.casefile import deadlines, odt, work
from casework.casefile.documents import DocumentFailed
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.vif.offenders import documents, facts
from casework.vif.offenders.actions import follow, reports, setting
from casework.vif.offenders.codes import RECIPIENTS, Frame, Recipient, ReportKind, ReportState, Section, recipients
from casework.vif.offenders.models import Report
from casework.vif.offenders.reads import lists, yearly
from casework.vif.offenders.reads import report as reads
from tests.casefile.pdf_text import text as pdf_text
from tests.people import client_for
from tests.vif.offenders.setting import OFFICER, PERSON, Setting, fresh, stored

pytestmark = pytest.mark.django_db(databases="__all__")


def _parts(side: Setting, report: Report, who: str = OFFICER) -> dict[str, str]:
    return {part.code: part.text for part in reads.report(side.viewer(who), report.pk, side.now).parts}


@pytest.mark.rule("CJ-36")
def test_an_incident_begins_with_the_call_and_goes_to_the_prosecutor(side: Setting) -> None:
    row = side.active("probation")
    for field in ("called_name", "instruction", "story"):
        with pytest.raises(InputRefused) as refusal:
            side.incident(row, **{field: " "})
        assert refusal.value.field == field
    with pytest.raises(InputRefused) as refusal:
        side.incident(row, called_at=side.now + timedelta(hours=1))
    assert refusal.value.field == "called_on"
    report = side.incident(row)
    assert report.measure.state == "breach_reported"
    with pytest.raises(GuardRefused):
        side.incident(row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(called_at=None)
    assert recipients("probation", "incident")[0] == Recipient.PROSECUTOR
    assert set(RECIPIENTS) == set(Frame), "recipients are data, one line for each frame"
    sent = side.send(report, recipient="prosecutor")
    text = pdf_text(documents.report(side.viewer(), sent.pk, side.now))
    assert text.index("Permanence appelée") < text.index("Personne sous mesure") < text.index("L’incident")
    assert "Zzcanari instruction" in text
    assert "auteur" not in text.lower(), "presumed innocent"


@pytest.mark.rule("CJ-36", "CJ-32", "BL-04", "VIC-05", "VIC-06")
def test_the_record_fills_its_parts_and_nobody_types_of_care(side: Setting) -> None:
    row = side.active()
    page = reads.reads.page(side.viewer(), row.pk, side.now)
    care, home = (next(line for line in page.obligations if line.code == code) for code in ("care", "home"))
    for days, seen in ((-20, "seen"), (-10, "seen"), (-2, "not_seen")):
        follow.note_proof(
            by=side.viewer(), measure=fresh(row), seen=seen, day=side.day(days), now=side.now, obligation_id=care.id
        )
    follow.rate(by=side.viewer(), measure=fresh(row), ratings={home.id: "partly"}, now=side.now)
    side.meet(row, came="absent", days=-15)
    report = side.write(side.begun(row))
    parts = _parts(side, report)
    assert list(parts) == [str(each) for each in Section], "six parts, in this order"
    assert "CPP, art. 138, 10°" in parts["frame"]
    assert "partiellement respectée" in parts["respect"]
    assert "1 carence" in parts["respect"]
    assert parts["care"].startswith("2 attestations vues sur 3 demandées")
    assert parts["situation"] == "Zzcanari prose"
    with pytest.raises(InputRefused):
        reports.write(by=side.viewer(), report=report, sections={"care": "dépression"}, now=side.now, expected=None)
    # No column, no part and no choice of this side has a place for the victim's opinion (VIC-05).
    names = {field.name for model in (type(row), Report) for field in model._meta.get_fields()}
    assert not {name for name in names if "victim" in name or "opinion" in name}
    assert "victim" not in " ".join(str(value) for value in (*Section.labels, *ReportKind.labels)).lower()


@pytest.mark.rule("CJ-36", "DL-18", "10.4")
def test_a_final_report_leaves_once_everything_is_said_and_then_never_changes(side: Setting) -> None:
    row = side.active(hearing_on=None)
    report = side.write(side.begun(row))
    for missing in ("date d’audience à inscrire", "3 obligations à apprécier", "rapport à finir"):
        assert missing in lists.lacking([row], side.now)[row.pk]
    with pytest.raises(GuardRefused):
        side.send(report)
    type(row).objects.filter(pk=row.pk).update(hearing_on=side.day(20))
    with pytest.raises(GuardRefused):
        side.send(report)
    assert stored(report).state == ReportState.DRAFT, "a refusal keeps everything as it was"
    side.rate(row)
    with pytest.raises(InputRefused) as refusal:
        side.send(report, recipient="sentences_judge")
    assert refusal.value.field == "recipient"
    sent = side.send(report)
    assert fresh(row).state == "final_report_filed"
    fixed = _parts(side, sent)
    with pytest.raises(GuardRefused):
        side.write(sent, text="après coup")
    with pytest.raises(GuardRefused):
        side.send(sent)
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(recipient="")
    reports.add(
        by=side.viewer(), report=sent, text="Zzcanari addendum", sent_on=side.today, channel="hand", now=side.now
    )
    assert _parts(side, sent) == fixed
    text = pdf_text(documents.report(side.viewer(), sent.pk, side.now))
    assert "Zzcanari addendum" in text
    assert "Projet" not in text


@pytest.mark.rule("CJ-36")
@pytest.mark.attack("T-49")
def test_a_report_opens_in_a_word_processor_and_its_metadata_name_nobody(side: Setting) -> None:
    """The same words as the PDF, the act's date, an opaque file name; a letter that XML lacks blocks nothing."""
    row = side.active()
    draft = side.incident(row)
    draft = side.write(draft, text="Zzcanari\x02 récit & <b>suite</b>")
    sent = side.send(draft)
    answer = client_for(side.people.apers_offender, now=side.now).get(reverse("measures:text", args=[sent.pk]))
    assert answer.headers["Content-Type"] == "application/vnd.oasis.opendocument.text"
    assert re.fullmatch(r'attachment; filename="rapport-[0-9a-f]{8}\.odt"', answer.headers["Content-Disposition"])
    document = Document(BytesIO(answer.content))
    words = document.body.inner_text
    for said in ("Permanence appelée", "Zzcanari▯ récit & <b>suite</b>", "Zzcanari instruction", "Transmis le"):
        assert said in words
    with zipfile.ZipFile(BytesIO(answer.content)) as packed:
        told = packed.read("meta.xml").decode()
    assert PERSON not in told
    assert "Rapport d’incident" in told
    assert f"<meta:creation-date>{sent.sent_on.isoformat()}T00:00:00" in told
    assert "odfdo" not in told


def test_what_fails_in_a_report_quotes_nothing_of_it() -> None:
    with pytest.raises(DocumentFailed) as failure:
        odt.prose_report({"commune": "Zzcanari"}, on=date(2026, 1, 1), title="Rapport")  # type: ignore[typeddict-item]  # half a report, to fail
    assert failure.value.__context__ is None
    assert "Zzcanari" not in repr(failure.value)


@pytest.mark.rule("CJ-36")
def test_a_second_person_reads_where_the_service_wants_it(side: Setting) -> None:
    colleague = "measure_colleague"
    with pytest.raises(AccessRefused):
        setting.decide(by=side.viewer(), silence_days=30, second_reader=True, now=side.now)
    setting.decide(by=side.viewer("measure_lead"), silence_days=20, second_reader=True, now=side.now)
    row = side.active()
    side.rate(row)
    report = side.write(side.begun(row))
    with pytest.raises(GuardRefused):
        side.send(report)
    with pytest.raises(AccessRefused):
        reads.report(side.viewer(colleague), report.pk, side.now)
    reports.ask_reading(
        by=side.viewer(), report=report, reader=side.people.mandates[colleague].pk, now=side.now, expected=None
    )
    with pytest.raises(GuardRefused):
        reports.confirm_reading(by=side.viewer(), report=stored(report), agreed=True, now=side.now, expected=None)
    assert [item.act_label for item in work.for_viewer(side.viewer(colleague), side.now)] == ["Relire"]
    reports.confirm_reading(by=side.viewer(colleague), report=stored(report), agreed=True, now=side.now, expected=None)
    later = side.now + timedelta(seconds=1)
    with pytest.raises(AccessRefused):
        facts.find(side.viewer(colleague, later), row.pk, later)
    reports.take_back(by=side.viewer(), report=stored(report), now=side.now, expected=None)
    with pytest.raises(GuardRefused):
        side.send(report)
    with pytest.raises(InputRefused):  # the other side of the association never reads a report (VIC-07)
        reports.ask_reading(
            by=side.viewer(), report=stored(report), reader=side.people.apers_victim.pk, now=side.now, expected=None
        )


@pytest.mark.rule("ACL-01", "CJ-36")
def test_a_prosecutors_agent_reads_what_was_transmitted_and_no_draft(side: Setting) -> None:
    row = side.active()
    draft = side.begun(row, ReportKind.PERIODIC)
    sent = side.send(side.incident(row))
    browser = client_for(side.people.prosecutor, now=side.now)
    body = browser.get(reverse("measures:index")).content.decode()
    assert reverse("measures:report", args=[sent.pk]) in body
    assert reverse("measures:report", args=[draft.pk]) not in body
    assert browser.get(reverse("measures:report", args=[sent.pk])).status_code == 200
    page = browser.get(reverse("measures:page", args=[row.pk])).content.decode()
    assert 'action="/mesures-vif' not in page, "read only"
    for name in ("report", "paper"):
        assert browser.get(reverse(f"measures:{name}", args=[draft.pk])).status_code == 404
    assert browser.post(reverse("measures:add", args=[sent.pk]), {"once": str(uuid4())}).status_code == 404
    assert browser.get(reverse("measures:paper", args=[sent.pk])).status_code == 200
    prints = AuditEvent.objects.filter(act=Act.PRINT, module="vif")
    assert prints.count() == 1, "a print is told by itself"


@pytest.mark.rule("DL-18", "DL-19", "CJ-05", "CJ-35")
def test_dates_and_silences_come_back_by_reference_and_without_a_name(side: Setting) -> None:
    row, course = side.active(), side.active("course")
    report = side.send(side.incident(side.active()))
    found = {(each.rule, each.object_id): each for each in deadlines.for_viewer(side.viewer(), side.now)}
    final = found["DL-18", row.pk]
    assert (final.due, final.warn) == (side.day(39), side.day(24)), "before the hearing, warned fifteen days before"
    assert (found["DL-19", course.pk].due - found["DL-19", course.pk].warn).days == 30
    assert found["CJ-35", report.measure_id].due == side.day(8)
    assert not [each for each in found.values() if PERSON in each.label]
    labels = {(item.label, item.reference) for item in work.for_viewer(side.viewer(), side.now)}
    assert ("Mesure : aucun contact récent", row.reference) in labels, "last met fifty days ago"
    setting.decide(by=side.viewer("measure_lead"), silence_days=60, second_reader=False, now=side.now)
    labels = {(item.label, item.reference) for item in work.for_viewer(side.viewer(), side.now)}
    assert ("Mesure : aucun contact récent", row.reference) not in labels
    for who in ("apers_victim", "measure_colleague", "coordinator"):
        assert not [each for each in deadlines.for_viewer(side.viewer(who), side.now) if "MES-" in each.label]


@pytest.mark.rule("SDC-05", "SDC-06", "ACL-11")
def test_the_review_of_the_year_counts_outlive_the_files_and_hide_small_numbers(side: Setting) -> None:
    for _ in range(2):
        side.judged()
    later = side.now + timedelta(days=366)
    for who in (OFFICER, "prosecutor"):
        running = yearly.review(side.viewer(who), side.now.year, side.now)
        assert not running.tables, "a running year read twice would give what came in between (SDC-07)"
        found = yearly.review(side.viewer(who), None, later)
        assert found.years == (side.now.year,)
        assert {n for table in found.tables for _, n in table.lines} == {None}, "under eleven, nothing"
    count = yearly.YearCount.objects.filter(what="received.supervision").get()
    for what, n in (("received.supervision", 30), ("received.probation", 14), ("received.course", 12)):
        yearly.YearCount.objects.update_or_create(
            organisation=count.organisation, territory=count.territory, year=count.year, what=what, defaults={"n": n}
        )
    found = yearly.review(side.viewer(), None, later)
    shown = {label: n for table in found.tables for label, n in table.lines if n is not None}
    assert shown == {"contrôle judiciaire": 30, "sursis probatoire": 14}, "twelve would tell the zeros beside it"
    for who in ("apers_victim", "spip", "coordinator", "mayor", "dpo"):
        with pytest.raises(AccessRefused):
            yearly.review(side.viewer(who), None, later)
    papers = pdf_text(documents.review(side.viewer(), None, later))
    for words in (f"Bilan APERS {side.now.year}", "Contrôle judiciaire", "30", "non affiché"):
        assert words in papers
    for hidden in ("12", PERSON):
        assert hidden not in papers.replace("31/12", "")
    with zipfile.ZipFile(BytesIO(documents.review_text(side.viewer(), None, later))) as archive:
        content = archive.read("content.xml").decode()
    assert "Bilan APERS" in content
    assert ">30<" in content
    with pytest.raises(AccessRefused):
        documents.review(side.viewer(), None, side.now)
