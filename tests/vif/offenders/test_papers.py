"""Scans of a measure: the order, the judgment, the receipt of a report. One door, one key, one end."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from casework import audit
from casework.audit.models import AuditEvent
from casework.casefile import erasure
from casework.casefile.models import AttachedFile
from casework.vif.offenders import law
from casework.vif.offenders.actions import erasing
from tests.people import client_for
from tests.placements.reparation.setting import paper
from tests.vif.offenders.setting import OFFICER, PERSON, Setting, fresh

pytestmark = pytest.mark.django_db(databases="__all__")
OUTSIDERS = ("apers_victim", "measure_colleague", "coordinator", "mayor", "spip", "pjj", "sysadmin")


def _client(side: Setting, who: str = OFFICER) -> Any:
    return client_for(side.people.mandates[who], now=side.now)


def _send(client: Any, url: str, **data: Any) -> Any:
    return client.post(url, data | {"once": str(uuid4())})


def _scan() -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{PERSON}.png", paper().content)


@pytest.mark.rule("CJ-36", "CJ-38", "LOG-09")
@pytest.mark.attack("T-19", "T-39", "T-48")
def test_order_receipt_and_judgment_are_joined_where_they_come_and_read_by_who_reads_the_file(side: Setting) -> None:
    row = side.reported()
    report = row.reports.get()
    officer = _client(side)
    assert (
        _send(officer, reverse("measures:join", args=[row.pk]), kind="measure_order", file=_scan()).status_code == 302
    )
    assert _send(officer, reverse("measures:join_receipt", args=[report.pk]), file=_scan()).status_code == 302
    decided = _send(
        officer, reverse("measures:act_decision", args=[row.pk]), outcome="probation", closed_on=str(side.today),
        revision=fresh(row).revision, file=_scan(),
    )  # fmt: skip
    assert decided.status_code == 302, "the judgment comes with the decision: afterwards the file is closed"
    files = {file.kind: file for file in AttachedFile.objects.all()}
    assert set(files) == {"measure_order", "measure_receipt", "measure_judgment"}
    pages = {
        "measure_order": reverse("measures:page", args=[row.pk]),
        "measure_judgment": reverse("measures:page", args=[row.pk]),
        "measure_receipt": reverse("measures:report", args=[report.pk]),
    }
    for kind, file in files.items():
        assert file.subject_id == row.subject_id
        with audit.reading(
            side.viewer(), subjects=[row.subject_id], classes=["attached_file"], purpose=audit.Purpose.REVIEW
        ):
            assert PERSON not in (file.name or "")
        url = reverse("measures:document", args=[file.pk])
        for who in (OFFICER, "prosecutor"):
            assert url in _client(side, who).get(pages[kind]).content.decode(), (who, kind)
            answer = _client(side, who).get(url)
            assert answer.status_code == 200, (who, kind)
            assert PERSON not in answer["Content-Disposition"]
        for who in OUTSIDERS:
            assert _client(side, who).get(url).status_code == 404, (who, kind)
            gone = _send(_client(side, who), reverse("measures:document_withdraw", args=[file.pk]))
            assert gone.status_code == 404, (who, kind)
    told = [event for event in AuditEvent.objects.filter(act="print", module="vif") if "attached_file" in event.classes]
    assert len(told) == 6
    over = law.gone_on(side.today)
    assert erasing.erase_closed(side.now.replace(year=over.year, month=over.month, day=over.day)) >= 0
    erasure.nightly(side.now.replace(year=over.year, month=over.month, day=over.day))
    assert not AttachedFile.objects.exists(), "what was scanned goes with the file"


@pytest.mark.attack("T-48")
def test_a_scan_is_refused_before_the_report_leaves_or_when_it_is_no_paper(side: Setting) -> None:
    row = side.active()
    report = side.write(side.begun(row, "periodic"))
    officer = _client(side)
    assert _send(officer, reverse("measures:join_receipt", args=[report.pk]), file=_scan()).status_code == 404
    trap = SimpleUploadedFile("x.pdf", b"MZ not a paper")
    refused = _send(officer, reverse("measures:join", args=[row.pk]), kind="measure_order", file=trap)
    assert refused.status_code == 422
    assert not AttachedFile.objects.exists()
    for who in OUTSIDERS:
        assert _client(side, who).get(reverse("measures:join", args=[row.pk])).status_code == 404
        sent = _send(_client(side, who), reverse("measures:join", args=[row.pk]), kind="measure_order", file=_scan())
        assert sent.status_code == 404, who
