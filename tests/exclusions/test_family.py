"""The family in the browser: the sheet it signs, its yes or its no; the work that teachers send."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from casework.casefile.models import AttachedFile
from casework.exclusions import documents
from casework.exclusions.actions import notice
from casework.exclusions.codes import Kind, State
from casework.exclusions.models import SchoolWork
from tests.casefile.pdf_text import runs as pdf_runs
from tests.casefile.pdf_text import text as pdf_text
from tests.exclusions.setting import HOST_LEAD, NAME, SCHOOL, Setting, fresh
from tests.exclusions.test_pages import client, post, text

pytestmark = pytest.mark.django_db(databases="__all__")


def upload() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (20, 20), "white").save(out, "PNG")
    return SimpleUploadedFile("Zzfeuille.png", out.getvalue())


def says(town: Setting, **changes: Any) -> dict[str, Any]:
    return {"party": "both", "answer": "agreed", "said_on": str(town.today), "copy_given": "on"} | changes


@pytest.mark.rule("EXC-07")
def test_one_signed_sheet_makes_the_reception_agreed(town: Setting) -> None:
    support = town.accepted()
    browser = client(town, SCHOOL)
    given = says(town, file=upload(), revision=str(support.revision))
    assert post(browser, "act_famille", given, support.pk).status_code == 302
    support = fresh(support)
    assert support.state == State.AGREED
    assert support.copy_given_on == town.today
    file = AttachedFile.objects.get(record_id=support.pk)
    for who, status in ((SCHOOL, 200), (HOST_LEAD, 200), ("host_colleague", 404), ("coordinator", 404), ("mayor", 404)):
        found = client(town, who).get(reverse("exclusion_support:file", args=[file.pk]))
        assert found.status_code == status, who
    assert "Zzfeuille" not in found.headers.get("Content-Disposition", "")
    assert post(client(town, "other_school_lead"), "file_withdraw", {}, file.pk).status_code == 404
    assert post(browser, "file_withdraw", {}, file.pk).status_code == 302
    assert not AttachedFile.objects.filter(record_id=support.pk).exists()
    assert post(browser, "act_feuille", {"file": upload()}, support.pk).status_code == 302
    assert AttachedFile.objects.filter(record_id=support.pk).exists()


@pytest.mark.rule("EXC-07", "10.6")
def test_a_refusal_is_noted_and_closes_the_page(town: Setting) -> None:
    support = town.accepted()
    browser = client(town, SCHOOL)
    given = says(town, answer="refused", revision=str(support.revision))
    assert post(browser, "act_famille", given, support.pk)["Location"] == reverse("exclusion_support:index")
    assert fresh(support).state == State.DECLINED
    assert NAME not in text(browser, "index")
    assert browser.get(reverse("exclusion_support:page", args=[support.pk])).status_code == 404


@pytest.mark.rule("EXC-07")
def test_the_host_may_note_a_yes_never_a_no(town: Setting) -> None:
    support = town.accepted()
    browser = client(town, HOST_LEAD)
    given = says(town, answer="refused", revision=str(support.revision))
    assert post(browser, "act_famille", given, support.pk).status_code == 422
    assert fresh(support).state == State.NOTIFIED
    assert post(browser, "act_famille", given | {"answer": "agreed"}, support.pk).status_code == 302
    assert fresh(support).state == State.AGREED


@pytest.mark.rule("EXC-07", "EXC-20")
def test_the_sheet_is_one_page_says_who_reads_what_and_never_why(town: Setting) -> None:
    support = town.accepted()
    sheet = documents.agreement(town.viewer(SCHOOL), support.pk, town.now)
    assert {run.page for run in pdf_runs(sheet)} == {0}
    said = pdf_text(sheet)
    for words in (NAME, "volontaire", "seul l’éducateur référent", "31 juillet", "Ni le maire, ni la police"):
        assert words in said, words
    assert sum("09 h 00 – 12 h 00" in line for line in said.splitlines()) == 2, "one line a day"
    for words in ("insult", "exclu", "menaces"):
        assert words not in said.casefold(), words
    assert client(town, SCHOOL).get(reverse("exclusion_support:agreement", args=[support.pk])).status_code == 200
    held = town.held(half_days=town.half_days(6)[4:])
    assert client(town, SCHOOL).get(reverse("exclusion_support:agreement", args=[held.pk])).status_code == 404


@pytest.mark.rule("EXC-20")
def test_the_sheet_of_a_precautionary_measure_says_that_nothing_is_judged(town: Setting) -> None:
    support = town.held(kind=Kind.PRECAUTIONARY)
    data = town.notice_data(reason="")
    notice.notify(by=town.viewer(SCHOOL), support=support, data=data, now=town.now, expected=None)
    assert "cette mesure ne juge rien" in pdf_text(documents.agreement(town.viewer(SCHOOL), support.pk, town.now))


def test_a_reception_is_cancelled_before_it_begins_with_a_reason(town: Setting) -> None:
    support = town.agreed()
    browser = client(town, SCHOOL)
    sent = {"revision": str(support.revision)}
    assert post(browser, "act_annuler", sent, support.pk).status_code == 422
    assert post(browser, "act_annuler", sent | {"reason": "lifted"}, support.pk).status_code == 302
    assert fresh(support).state == State.CANCELLED
    assert "sanction levée" in text(browser, "page", support.pk).casefold()
    assert client(town, HOST_LEAD).get(reverse("exclusion_support:page", args=[support.pk])).status_code == 404


@pytest.mark.rule("EXC-12")
def test_teachers_send_work_which_the_host_reads_and_ticks(town: Setting) -> None:
    support = town.agreed()
    browser = client(town, SCHOOL)
    sent = {"subject": "Mathématiques", "content": "Exercices 4 à 9", "file": upload()}
    assert post(browser, "act_travail", sent, support.pk).status_code == 302
    work = SchoolWork.objects.get()
    host = client(town, HOST_LEAD)
    page = text(host, "page", support.pk)
    assert "Exercices 4 à 9" in page
    assert host.get(reverse("exclusion_support:file", args=[work.document_id])).status_code == 200
    assert post(host, "work_tick", {"done": "1"}, work.pk).status_code == 302
    assert SchoolWork.objects.get().done_at
    assert "Fait" in text(browser, "page", support.pk)
    assert post(host, "act_travail", sent | {"file": upload()}, support.pk).status_code == 404
    for who in ("other_school_lead", "host_colleague", "mayor", "coordinator"):
        assert post(client(town, who), "work_tick", {"done": "0"}, work.pk).status_code == 404, who


@pytest.mark.rule("EXC-12")
def test_work_sent_by_mistake_goes_with_its_document(town: Setting) -> None:
    support = town.agreed()
    browser = client(town, SCHOOL)
    assert post(browser, "act_travail", {"subject": "Histoire", "content": ""}, support.pk).status_code == 422
    assert post(browser, "act_travail", {"subject": "Histoire", "file": upload()}, support.pk).status_code == 302
    work = SchoolWork.objects.get()
    assert post(client(town, HOST_LEAD), "work_take_back", {}, work.pk).status_code == 404
    assert post(browser, "work_take_back", {}, work.pk).status_code == 302
    assert not SchoolWork.objects.exists()
    assert not AttachedFile.objects.filter(record_id=support.pk).exists()


@pytest.mark.rule("EXC-12", "EXC-20")
def test_words_of_a_work_that_tell_of_the_pupil_are_read_over_once(town: Setting) -> None:
    support = town.agreed()
    sent = {"subject": "Histoire", "content": "Il a été hospitalisé en psychiatrie."}
    answer = post(client(town, SCHOOL), "act_travail", sent, support.pk)
    assert answer.status_code == 422
    assert not SchoolWork.objects.exists()


def test_work_is_sent_once_the_pupil_is_named(town: Setting) -> None:
    support = town.held()
    sent = {"subject": "Histoire", "content": "Chapitre 4"}
    assert post(client(town, SCHOOL), "act_travail", sent, support.pk).status_code == 422
    assert not SchoolWork.objects.exists()
