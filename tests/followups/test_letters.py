"""Letters of information: one recipient a page, nobody else's address, nothing through the envelope."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from casework.audit.models import AuditEvent
from casework.casefile import daily, work
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.minors.followups.actions import information, letters
from casework.minors.followups.codes import NoticeChannel, NoticeStatus, Sorting, Stage, WithholdMotive
from casework.minors.followups.data import RepresentativeData
from casework.minors.followups.models import FollowUp, LegalRepresentative, Notice
from casework.minors.followups.reads import letters as reads
from tests.casefile.test_tools_documents import WINDOW_BOTTOM, WINDOW_LEFT, WINDOW_TOP, runs, text
from tests.followups.saisine_setting import refer
from tests.followups.test_saisine import sort
from tests.people import AGENTS, People, client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")

NORA = RepresentativeData(
    last_name="Belkacem", first_name="Nora", relation="mother", address="4 rue des Pins, 13140 Mireval"
)
KARIM = RepresentativeData(
    last_name="Zeroual", first_name="Karim", relation="father", address="9 impasse du Puits, 13200 Arles"
)


def sorted_in(people: People, **changes) -> FollowUp:
    changes = {"representatives": (NORA, KARIM), "address": "4 rue des Pins, 13140 Mireval",
               "school": "Collège des Platanes"} | changes  # fmt: skip
    follow_up = refer(people, **changes)
    sort(people, follow_up, Sorting.TO_STUDY)
    follow_up.refresh_from_db()
    return follow_up


def notices(follow_up: FollowUp) -> dict[str, Notice]:
    rows = Notice.objects.filter(follow_up=follow_up).order_by("representative__position")
    parents = [row for row in rows if row.representative_id]
    return {"youth": next(row for row in rows if not row.representative_id)} | dict(
        zip(("nora", "karim"), parents, strict=False)
    )


def printed(people: People, *rows: Notice, **options) -> bytes:
    return letters.print_batch(
        by=viewer_of(people.coordinator), notice_ids=[row.pk for row in rows], now=timezone.now(), **options
    )


def page_of(pdf: bytes, pages: int, name: str) -> str:
    """Return the text of the page whose envelope shows `name`."""
    found = [
        n for n in range(pages)
        if name in "".join(
            run.text for run in runs(pdf)
            if run.page == n and run.end > WINDOW_LEFT and WINDOW_TOP < run.y < WINDOW_BOTTOM
        ).replace(" ", "")
    ]  # fmt: skip
    assert len(found) == 1
    return text(pdf, found[0])


@pytest.mark.rule("SIT-09")
@pytest.mark.rule("GDP-10")
def test_each_holder_and_the_youth_get_their_own_page_and_nothing_of_the_other_nor_of_the_school(people):
    rows = notices(sorted_in(people))
    pdf = printed(people, *rows.values())
    mother, father = page_of(pdf, 3, "NoraBelkacem"), page_of(pdf, 3, "KarimZeroual")
    youth = page_of(pdf, 3, "YanisBelkacem")
    assert "Arles" in father
    assert "Puits" in father
    assert "Pins" not in father
    assert "Nora" not in father
    assert "Pins" in mother
    assert "Arles" not in mother
    assert "Karim" not in mother
    assert "Zeroual" not in mother
    assert "Arles" not in youth
    assert "Karim" not in youth
    assert "Nora" not in youth
    for page in (mother, father, youth):
        assert "Platanes" not in page
        assert "décrochage" not in page
        assert "odile" not in page.lower()
        assert "dpo@mireval.example" in page
        assert "25 ans" in page
        assert "corrige" in page


@pytest.mark.rule("SIT-09")
def test_only_name_and_address_show_through_the_envelope(people):
    rows = notices(sorted_in(people))
    pdf = printed(people, rows["karim"])
    seen = "".join(
        run.text for run in runs(pdf) if run.end > WINDOW_LEFT and WINDOW_TOP < run.y < WINDOW_BOTTOM
    ).replace(" ", "")
    assert seen == "KarimZeroual9impasseduPuits13200Arles"


@pytest.mark.rule("GDP-20")
def test_the_youth_reads_plain_words_and_the_parent_is_told_of_the_rights(people):
    rows = notices(sorted_in(people))
    youth, parent = text(printed(people, rows["youth"]), 0), text(printed(people, rows["nora"]), 0)
    assert "tu peux demander à lire" in " ".join(youth.split())
    assert "Madame, Monsieur" in parent
    assert "autorité parentale" in parent
    assert "opposer" in parent


@pytest.mark.rule("SIT-09")
def test_from_18_the_person_alone_and_a_parent_s_letter_is_refused(people):
    follow_up = sorted_in(people, birth_date=localdate() - timedelta(days=365 * 19))
    rows = notices(follow_up)
    shown = [one for group in reads.groups(viewer_of(people.coordinator), timezone.now()) for one in group.recipients]
    assert [one.id for one in shown] == [rows["youth"].pk]
    assert "vous êtes la seule personne" in " ".join(text(printed(people, rows["youth"]), 0).split()).lower()
    with pytest.raises(GuardRefused):
        printed(people, rows["nora"])
    rows["nora"].refresh_from_db()
    assert rows["nora"].letter_printed_at is None


@pytest.mark.rule("SIT-07")
def test_whom_not_to_inform_is_not_listed_and_cannot_be_printed(people):
    follow_up = sorted_in(people)
    rows = notices(follow_up)
    information.record(
        by=viewer_of(people.coordinator), notice_id=rows["karim"].pk, follow_up=follow_up, now=timezone.now(),
        data=information.NoticeData(
            status=NoticeStatus.WITHHELD, motive=WithholdMotive.DANGER_TO_MINOR,
            review_on=localdate() + timedelta(days=30),
        ),
    )  # fmt: skip
    shown = [one for group in reads.groups(viewer_of(people.coordinator), timezone.now()) for one in group.recipients]
    assert rows["karim"].pk not in [one.id for one in shown]
    assert not next(one for one in shown if one.is_youth).ticked, "handed over rather than posted"
    with pytest.raises(GuardRefused):
        printed(people, rows["nora"], rows["karim"])
    assert not Notice.objects.filter(letter_printed_at__isnull=False).exists()


def test_without_parental_authority_no_letter(people):
    follow_up = sorted_in(
        people, representatives=(NORA, RepresentativeData(last_name="Zeroual", holds_authority=False))
    )
    rows = notices(follow_up)
    with pytest.raises(GuardRefused):
        printed(people, rows["karim"])


@pytest.mark.rule("SIT-09")
def test_the_youth_s_address_is_never_supposed_to_be_a_parent_s(people):
    follow_up = sorted_in(people, representatives=(RepresentativeData(last_name="Zeroual", first_name="Karim"),))
    row = notices(follow_up)["nora"]
    assert "Pins" not in text(printed(people, row), 0)
    row.refresh_from_db()
    assert "Pins" in text(printed(people, row, at_home=[row.pk]), 0), "the coordinator says so"


@pytest.mark.rule("DL-02")
def test_printing_marks_journals_and_leaves_work_until_it_is_sent(people):
    viewer = viewer_of(people.coordinator)
    rows = notices(sorted_in(people))

    def waits() -> list[str]:
        return [item.label for item in work.for_viewer(viewer, timezone.now()) if item.label.startswith("Courriers")]

    assert waits() == ["Courriers d’information à imprimer pour 1 situation"]
    printed(people, rows["youth"], rows["nora"])
    assert waits() == ["Courriers d’information à imprimer pour 1 situation"]
    assert AuditEvent.objects.filter(act="print").count() >= 2
    with pytest.raises(GuardRefused):
        letters.mark_sent(by=viewer, notice_ids=[rows["karim"].pk], now=timezone.now())
    printed(people, rows["karim"])
    assert waits() == []
    assert letters.mark_sent(by=viewer, notice_ids=[row.pk for row in rows.values()], now=timezone.now()) == 3
    for row in rows.values():
        row.refresh_from_db()
        assert (row.status, row.channel) == (NoticeStatus.INFORMED, NoticeChannel.LETTER)
        assert row.informed_on == localdate()
        assert row.confirmed_by == people.coordinator.pk
    assert FollowUp.objects.get().state == Stage.INFORMED
    assert reads.groups(viewer, timezone.now()) == ()


def test_a_notice_of_a_referral_not_sorted_yet_has_no_letter(people):
    follow_up = refer(people)
    assert reads.groups(viewer_of(people.coordinator), timezone.now()) == ()
    with pytest.raises(GuardRefused):
        printed(people, notices(follow_up)["youth"])


def test_nothing_ticked_too_many_or_unknown_is_refused(people):
    sorted_in(people)
    viewer = viewer_of(people.coordinator)
    for ids, refusal in (
        ([], InputRefused),
        ([uuid.uuid4()], GuardRefused),
        ([uuid.uuid4() for _ in range(601)], InputRefused),
    ):
        with pytest.raises(refusal):
            letters.print_batch(by=viewer, notice_ids=ids, now=timezone.now())


def test_the_page_prints_and_records_once(people):
    rows = notices(sorted_in(people))
    client = client_for(people.coordinator)
    page = client.get(reverse("followups:letters")).content.decode()
    assert "recto seulement" in page
    assert "Nora Belkacem" in page
    assert page.count('name="notice"') == 3
    ids = [str(row.pk) for row in rows.values()]
    answer = client.post(reverse("followups:letters_print"), {"notice": [*ids, "x"], "once": str(uuid.uuid4())})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert "elkacem" not in answer["Content-Disposition"]
    after = client.get(reverse("followups:letters")).content.decode()
    assert after.count('type="hidden" name="notice"') == 3, "one button says that all the printed ones were sent"
    form = {"notice": ids, "once": str(uuid.uuid4())}
    for _ in range(2):
        assert client.post(reverse("followups:letters_sent"), form).status_code == 302
    assert Notice.objects.filter(status=NoticeStatus.INFORMED).count() == 3
    assert Notice.history.filter(status=NoticeStatus.INFORMED).count() == 3
    refused = client.post(reverse("followups:letters_print"), {"once": str(uuid.uuid4())})
    assert refused.status_code == 409
    assert "Cochez au moins un courrier" in refused.content.decode()


def test_a_name_that_is_markup_or_no_letter_at_all_still_prints(people):
    follow_up = sorted_in(
        people, last_name="<script>alert(1)</script>#strong[x]", first_name="🦊", address="x" * 280,
        representatives=(RepresentativeData(last_name="é" * 100, first_name="n" * 100, address="a,b,c,d,e,f,g,h"),),
    )  # fmt: skip
    rows = notices(follow_up)
    assert printed(people, *rows.values()).startswith(b"%PDF")
    page = client_for(people.coordinator).get(reverse("followups:letters"))
    assert b"<script>alert(1)" not in page.content


@pytest.mark.parametrize("key", [key for key in AGENTS if key not in ("coordinator", "ended", "unsigned", "not_yet")])
def test_nobody_else_meets_the_letters(people, key):
    rows = notices(sorted_in(people))
    client = client_for(people.mandates[key])
    form = {"notice": [str(rows["youth"].pk)], "once": str(uuid.uuid4())}
    assert client.get(reverse("followups:letters")).status_code == 404
    assert client.post(reverse("followups:letters_print"), form).status_code == 404
    assert client.post(reverse("followups:letters_sent"), form).status_code == 404
    assert reverse("followups:letters") not in client.get(reverse("desk:home"), follow=True).content.decode()
    with pytest.raises(AccessRefused):
        letters.print_batch(by=viewer_of(people.mandates[key]), notice_ids=[rows["youth"].pk], now=timezone.now())


def test_a_notice_changed_meanwhile_is_not_overwritten(people, monkeypatch):
    rows = notices(sorted_in(people))
    real = reads.pdf

    def slow(*args):
        Notice.objects.filter(pk=rows["nora"].pk).update(revision=9)
        return real(*args)

    monkeypatch.setattr(reads, "pdf", slow)
    with pytest.raises(ConflictRefused):
        printed(people, *rows.values())
    assert not Notice.objects.filter(letter_printed_at__isnull=False).exists()


# ------------------------------------------------------------------ the eighteenth birthday


@pytest.mark.rule("SIT-09")
def test_every_night_parents_of_new_adults_are_closed_then_erased_and_the_others_stay(people):
    today = localdate()
    adult = sorted_in(people, birth_date=date(today.year - 18, today.month, min(today.day, 28)))
    minor = sorted_in(people, last_name="Roux", birth_date=date(today.year - 15, 1, 2))
    now = timezone.now()
    assert {"followups.majority", "followups.imports"} <= set(daily.steps())
    assert information.majority(now) == 2
    assert set(LegalRepresentative.objects.filter(closed_at__isnull=False).values_list("person_id", flat=True)) == {
        adult.person_id
    }
    assert information.majority(now + timedelta(days=29)) == 0
    assert information.majority(now + timedelta(days=31)) == 2
    assert set(LegalRepresentative.objects.values_list("person_id", flat=True)) == {minor.person_id}
    assert not LegalRepresentative.history.filter(person_id=adult.person_id).exists()
    assert not Notice.objects.filter(follow_up=adult, representative__isnull=False).exists()
