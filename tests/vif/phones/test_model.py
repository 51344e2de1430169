"""The court's own papers: written in versions by whoever keeps the ressort, used by what is made afterwards alone."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from casework.errors import AccessRefused, ConflictRefused, InputRefused
from casework.partners.codes import Role
from casework.vif.phones import court_paper, documents
from casework.vif.phones.actions import court_papers, sheets
from casework.vif.phones.codes import SheetField
from casework.vif.phones.models import Allocation, Sending, SheetTemplate
from casework.vif.phones.reads import page as reads
from casework.vif.victims.actions import whereabouts
from tests.casefile import pdf_text
from tests.people import client_for, viewer_of
from tests.vif.phones.setting import COURT, OFFICER, SERIAL, Setting, fresh
from tests.vif.phones.test_totals import townsperson
from tests.vif.victims.setting import NAME, PHONE

pytestmark = pytest.mark.django_db(databases="__all__")

KEEPER = "coordinator"
HEAD, FOOT = "Tribunal judiciaire de Zzvalmont", "Zzmention du parquet"


def written(town: Setting, who: str = KEEPER, expected: int = 0, **changes: Any) -> SheetTemplate:
    values: dict[str, Any] = {
        "letterhead": f"{HEAD}\nZzservice de l’exécution\n1 place du Palais", "mention": FOOT,
        "titles": {"number": "Zzjoindre au", "beneficiary": "Zztitulaire"},
        "order": ["number", "beneficiary", "serial", "term"], "recipients": ["operator", "police"],
    }  # fmt: skip
    return court_papers.write(by=town.by(who), now=town.now, expected=expected, **(values | changes))


def made(town: Setting, row: Allocation) -> Any:
    page = reads.page(town.by(), row.pk, town.now)
    lines = documents.sheet_lines(page, court_paper.in_force(row.territory_id, town.now))
    return sheets.make(by=town.by(), allocation=row, lines=lines, now=town.now)


def printed(town: Setting, row: Allocation, sheet: Any, who: str = OFFICER) -> str:
    return pdf_text.text(documents.sheet(town.by(who), row.pk, sheet.pk, town.now))


@pytest.mark.rule("TGD-13", "TGD-14")
def test_what_is_made_afterwards_follows_the_model_and_what_was_made_keeps_its_own(town: Setting) -> None:
    row = town.used()
    before = made(town, row)
    town.now = town.on(1)
    assert written(town).version == 1
    town.now = town.on(2)
    after = made(town, row)
    old, new = printed(town, row, before), printed(town, row, after)
    assert HEAD not in old
    assert "Bénéficiaire" in old
    for word in (HEAD, "1 place du Palais", FOOT, "Zztitulaire", "Zzjoindre au", NAME, PHONE, "Numéro de série"):
        assert word in new, word
    assert "téléassisteur, police nationale" in new
    assert new.index("Zzjoindre au") < new.index("Zztitulaire")
    for left_out in ("Pas de vie commune", "Adresse", "Décision du parquet"):
        assert left_out not in new
    # The next version changes neither of them, nor the decision written down before any.
    town.now = town.on(3)
    written(town, expected=1, letterhead="Zzautre tribunal")
    assert "Zzautre" not in printed(town, row, after)
    decision = row.decisions.get()
    paper = pdf_text.text(documents.decision(town.by(COURT), row.pk, decision.pk, town.now))
    assert "Zzautre" not in paper
    assert HEAD not in paper


def test_a_sheet_made_before_courts_had_a_template_prints_as_it_did(town: Setting) -> None:
    row = town.used()
    old: Any = [{"label": "Bénéficiaire", "value": NAME}, {"label": "Téléphone sûr", "value": PHONE}]
    sheet = sheets.make(by=town.by(), allocation=row, lines=old, now=town.now)
    paper = printed(town, row, sheet)
    for word in (NAME, PHONE, SERIAL, "à compléter à la main"):
        assert word in paper
    whereabouts.keep(by=town.by(), support=row.support, on=True, now=town.now)
    kept = printed(town, row, sheet, COURT)
    assert PHONE not in kept
    assert SERIAL not in kept


@pytest.mark.rule("TGD-14", "TGD-15")
def test_a_model_says_of_whom_knows_no_other_recipient_and_is_not_overwritten(town: Setting) -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("rank_beneficiary", {"order": ["number"]}),
        ("rank_beneficiary", {"order": ["beneficiary", "beneficiary"]}),
        ("rank_beneficiary", {"order": ["beneficiary", "position"]}),
        ("recipients", {"recipients": ["mayor"]}),
        ("letterhead", {"letterhead": "\n".join("1234567")}),
        ("mention", {"mention": "Z" * 121}),
        ("title_term", {"titles": {"term": "Z" * 61}}),
    ]
    for field, changes in wrong:
        with pytest.raises(InputRefused) as refusal:
            written(town, **changes)
        assert refusal.value.field == field
    written(town)
    with pytest.raises(ConflictRefused):
        written(town)
    assert SheetTemplate.objects.count() == 1


@pytest.mark.rule("VIC-01")
def test_a_kept_number_is_not_printed_whatever_its_line_is_called(town: Setting) -> None:
    row = town.used()
    written(town)
    sheet = made(town, row)
    assert PHONE in printed(town, row, sheet, COURT)
    whereabouts.keep(by=town.by(), support=row.support, on=True, now=town.now)
    assert PHONE not in printed(town, row, sheet, COURT)


def _client(town: Setting, who: str) -> Client:
    return client_for(town.people.mandates[who], now=town.now)


def _send(client: Client, url: str, **data: Any) -> Any:
    return client.post(url, data | {"once": str(uuid4())})


@pytest.mark.attack("T-19", "T-39")
@pytest.mark.rule("TGD-14", "TGD-15", "ACL-05")
def test_who_keeps_the_ressort_and_the_court_write_it_the_dpo_reads_nobody_else_meets_it(town: Setting) -> None:
    row = written(town)
    pages = [reverse("phones:model"), reverse("phones:model_preview", args=[row.pk])]
    roles = [(KEEPER, 200, 302), (COURT, 200, 409), ("dpo", 200, 404)]
    roles += [(who, 404, 404) for who in (OFFICER, "apers_offender", "spip", "mayor", "sysadmin")]
    for who, status, saved in roles:  # the court writes from a version that is no longer the last
        client = _client(town, who)
        assert [client.get(url).status_code for url in pages] == [status, status], who
        answer = _send(client, pages[0], revision=1, rank_beneficiary=1)
        assert answer.status_code == saved, who
    with pytest.raises(AccessRefused):
        court_papers.versions(viewer_of(townsperson(town, Role.COORDINATOR), now=town.now), town.now)
    text = pdf_text.text(_client(town, KEEPER).get(pages[1]).content)
    assert "aucune personne" in text
    assert HEAD in text


def test_the_model_is_written_on_one_page_and_nothing_typed_is_lost(town: Setting) -> None:
    keeper, url = _client(town, KEEPER), reverse("phones:model")
    ranks = {f"rank_{code}": n for n, code in enumerate(SheetField.values, start=1)}
    typed = {"letterhead": HEAD, "mention": FOOT, "recipients": ["operator"], "revision": 0} | ranks
    refused = _send(keeper, url, **(typed | {"rank_term": 1}))
    assert refused.status_code == 422
    assert "Ce rang est déjà pris." in refused.content.decode()
    assert HEAD in refused.content.decode()
    assert _send(keeper, url, **typed).status_code == 302
    late = _send(keeper, url, **(typed | {"letterhead": "Zzmien"}))
    assert late.status_code == 409  # both versions side by side
    assert "Zzmien" in late.content.decode()
    assert HEAD in late.content.decode()
    # The usual recipients are ticked where a sending is noted; several leave at once.
    row, officer = town.used(), _client(town, OFFICER)
    made(town, row)
    body = officer.get(reverse("phones:page", args=[row.pk])).content.decode()
    assert re.search(r'name="recipients" value="operator"[^>]* checked', body)
    assert not re.search(r'name="recipients" value="police"[^>]* checked', body)
    day = town.today.strftime("%d/%m/%Y")
    sent = _send(
        officer, reverse("phones:act_envoi", args=[row.pk]), revision=fresh(row).revision,
        recipients=["operator", "police"], channel="secure_mail", sent_on=day,
    )  # fmt: skip
    assert sent.status_code == 302
    assert sorted(Sending.objects.values_list("recipient", flat=True)) == ["operator", "police"]
