"""The saisine and its sorting: codes, whitelist, what each role sees, double submit, hostile input."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casework.audit.models import AuditEvent
from casework.errors import AccessRefused, ConflictRefused, GuardRefused, InputRefused
from casework.minors.followups import facts
from casework.minors.followups.actions import sorting
from casework.minors.followups.codes import (
    Gateway,
    OutsideStatus,
    ReferralOrigin,
    ReferralReason,
    Sorting,
    Stage,
)
from casework.minors.followups.forms.referrals import ReferralForm
from casework.minors.followups.models import (
    FollowedPerson,
    FollowUp,
    FollowUpGrant,
    LegalRepresentative,
    Referral,
)
from casework.minors.followups.reads import queue as reads
from tests.followups.saisine_setting import data_of, opened, redirection, refer, typed
from tests.people import People, client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


def sort(people: People, follow_up: FollowUp, choice: str, **options):
    referral = follow_up.referrals.get()
    return sorting.sort(
        by=viewer_of(people.coordinator), referral_id=referral.pk, choice=choice, now=timezone.now(), **options
    )


# ------------------------------------------------------------------ codes and whitelist


@pytest.mark.rule("SIT-01")
@pytest.mark.rule("SIT-02")
@pytest.mark.rule("SIT-08")
@pytest.mark.rule("WL-09")
@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("origin", {"origin": "un voisin"}),
        ("reasons", {"reasons": ("school_dropout", "il a volé un scooter")}),
        ("reasons", {"reasons": ()}),
        ("gateway", {"gateway": ""}),
        ("urgency", {"urgency": "hier"}),
    ],
)
def test_only_codes_enter_a_saisine(people, field, changes):
    with pytest.raises(InputRefused) as refusal:
        refer(people, **changes)
    assert refusal.value.field == field
    assert not FollowUp.objects.exists()


@pytest.mark.rule("SEC-09")
def test_street_outreach_names_a_youth_only_with_his_agreement(people):
    outreach = {"by": "outreach", "origin": ReferralOrigin.STREET_OUTREACH}
    with pytest.raises(InputRefused) as refusal:
        refer(people, **outreach)
    assert refusal.value.field == "gateway"
    assert not FollowedPerson.objects.exists()
    follow_up = refer(people, **outreach, gateway=Gateway.PERSON_AGREEMENT)
    assert follow_up.referrals.get().gateway == Gateway.PERSON_AGREEMENT


WHITELIST = {
    # WL-01 to WL-05, WL-07
    "last_name", "first_name", "birth_date", "birth_year", "sex", "sector", "address", "phone", "email",
    "school_level", "school", "occupation_status",
    # WL-09, WL-10
    "person_id", "reasons", "origin", "gateway", "urgency", "referred_by", "informed_on", "informed_channel",
}  # fmt: skip


@pytest.mark.rule("WL-01")
@pytest.mark.rule("WL-02")
@pytest.mark.rule("WL-03")
@pytest.mark.rule("WL-04")
@pytest.mark.rule("WL-05")
@pytest.mark.rule("WL-07")
@pytest.mark.rule("GDP-02")
@pytest.mark.rule("BL-09")
def test_the_form_asks_for_the_whitelist_and_nothing_else():
    form = ReferralForm()
    assert set(form.fields) == WHITELIST
    required = {name for name, field in form.fields.items() if field.required}
    assert required == {"person_id", "last_name", "first_name", "reasons", "origin", "gateway", "urgency"}
    # Everything else is empty, or « non renseigné », by default: nothing is collected by habit.
    filled = {n: f.initial for n, f in form.fields.items() if n not in required and f.initial}
    assert set(map(str, filled.values())) <= {"unknown"}
    # No free text but names and contact details: no field takes a narrative.
    assert not [n for n, f in form.fields.items() if type(f.widget).__name__ == "Textarea"]


@pytest.mark.rule("WL-01")
@pytest.mark.rule("WL-06")
def test_what_was_typed_is_written_and_nothing_else(people):
    follow_up = refer(people, phone="06 39 98 00 01", school="Collège des Platanes", school_level="4e")
    with opened(follow_up):
        person = FollowedPerson.objects.get()
        parent = LegalRepresentative.objects.get()
        assert (person.last_name, person.first_name, person.phone) == ("Belkacem", "Yanis", "06 39 98 00 01")
        assert (person.school_level, person.card) == (
            "4e", {"initials": "Y. B.", "birth": "2011-03-12", "sector": "Maille 2"},
        )  # fmt: skip
        assert (parent.last_name, parent.relation) == ("Belkacem", "mother")
        assert follow_up.referrals.get().reasons == [ReferralReason.SCHOOL_DROPOUT]
    sealed = {f.name for f in FollowedPerson._meta.fields if type(f).__name__.startswith("Sealed")}
    assert sealed == {
        "last_name", "first_name", "sex", "birth_date", "birth_precision", "address", "phone", "email", "card",
        "school_level", "school", "occupation_status",
    }  # fmt: skip


@pytest.mark.rule("BL-01")
@pytest.mark.rule("BL-02")
@pytest.mark.rule("BL-03")
@pytest.mark.rule("BL-04")
@pytest.mark.rule("BL-05")
@pytest.mark.rule("BL-06")
@pytest.mark.rule("BL-07")
@pytest.mark.rule("BL-08")
@pytest.mark.rule("BL-09")
@pytest.mark.rule("BL-10")
def test_a_field_of_the_blacklist_posted_with_the_form_goes_nowhere(people):
    client = client_for(people.pjj)
    extra = {
        "nir": "111039912345678", "offence": "vol", "health": "asthme", "religion": "croyance-x", "nationality": "pays-x",
        "photo": "photo-x", "social_account": "@yanis", "score": "9", "narrative": "il a été vu", "siblings": "Rayan",
        "state": "ended", "territory": "ville-x", "author_mandate_id": str(uuid.uuid4()), "sorting": "out_of_scope",
        "reference": "MIR-1", "purge_on": "2099-01-01",
    }  # fmt: skip
    assert client.post(reverse("followups:refer"), typed(**extra)).status_code == 302
    follow_up = FollowUp.objects.get()
    assert (follow_up.state, follow_up.territory_id) == (Stage.REFERRED, people.territory.pk)
    assert follow_up.referrals.get().author_mandate_id == people.pjj.pk
    assert follow_up.referrals.get().sorting == Sorting.WAITING
    with opened(follow_up):
        assert follow_up.purge_on.year == 2036
        values = [
            str(getattr(row, f.name))
            for row in (follow_up, follow_up.person, follow_up.referrals.get())
            for f in row._meta.fields
        ]
    assert not {str(value) for value in extra.values()} & set(values)


@pytest.mark.rule("RET-03")
@pytest.mark.parametrize("born", ["12/03/1999", "31/12/2090", "00/00/0000", "12/03/1890"])
def test_absurd_or_too_old_birth_dates_are_refused_and_typed_values_kept(people, born):
    answer = client_for(people.pjj).post(reverse("followups:refer"), typed(birth_date=born))
    assert answer.status_code == 422
    assert not FollowUp.objects.exists()
    assert 'value="Belkacem"' in answer.content.decode()


def test_hostile_text_is_kept_short_and_shown_as_text(people):
    client = client_for(people.pjj)
    answer = client.post(reverse("followups:refer"), typed(last_name="x" * 300))
    assert answer.status_code == 422
    assert not FollowUp.objects.exists()
    answer = client.post(reverse("followups:refer"), typed(last_name="<b>O’Neill</b> 🚲", rep1_junk="1"), follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<b>O’Neill" not in page
    assert "&lt;b&gt;O’Neill&lt;/b&gt; 🚲" in page


def test_a_double_submit_is_one_saisine(people):
    client, form = client_for(people.pjj), typed()
    first = client.post(reverse("followups:refer"), form)
    second = client.post(reverse("followups:refer"), form)
    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert FollowUp.objects.count() == 1


@pytest.mark.rule("SIT-03")
def test_one_record_per_person_and_a_taken_id_tells_nothing(people):
    known = refer(people)
    form = typed(person_id=str(known.person_id), origin="social_service")
    answer = client_for(people.mds).post(reverse("followups:refer"), form)
    assert answer.status_code == 302
    assert FollowUp.objects.count() == 2
    assert FollowUp.objects.exclude(pk=known.pk).get().person_id != known.person_id


# ------------------------------------------------------------------ sorting


def test_the_queue_is_ordered_by_urgency_then_age(people):
    now = timezone.now()
    for days, urgency, name in (
        (1, "normal", "Un"),
        (9, "normal", "Deux"),
        (0, "at_once", "Trois"),
        (2, "soon", "Quatre"),
    ):
        refer(people, now=now - timedelta(days=days), urgency=urgency, last_name=name, birth_date=YEARS[name])
    rows = reads.queue(viewer_of(people.coordinator), now=now)
    assert [row.name.split()[-1] for row in rows] == ["Trois", "Quatre", "Deux", "Un"]


@pytest.mark.rule("GDP-14")
def test_sorting_ranks_no_person(people):
    """The order comes from what the author asked and when it came: nothing is computed from the person."""
    now = timezone.now()
    calm = refer(people, last_name="Un", birth_date=YEARS["Un"], now=now - timedelta(hours=2))
    refer(
        people, last_name="Deux", birth_date=YEARS["Deux"], now=now - timedelta(hours=1),
        reasons=tuple(ReferralReason.values),
    )  # fmt: skip
    assert reads.queue(viewer_of(people.coordinator), now=now)[0].follow_up_id == calm.pk
    names = {field.name for model in (FollowUp, Referral, FollowedPerson) for field in model._meta.get_fields()}
    assert not {name for name in names if "score" in name or "rank" in name or "risk" in name}


def test_to_study_stamps_the_situation(people):
    follow_up = refer(people)
    referral = sort(people, follow_up, Sorting.TO_STUDY)
    follow_up.refresh_from_db()
    assert (referral.sorting, follow_up.state) == (Sorting.TO_STUDY, Stage.REFERRED)
    assert follow_up.sorted_at is not None
    assert referral.sorted_by == people.coordinator.pk
    with pytest.raises(GuardRefused):
        sort(people, follow_up, Sorting.TO_STUDY)


def test_a_complement_is_asked_brought_and_sorted_again(people):
    follow_up = refer(people)
    sort(people, follow_up, Sorting.MORE_ASKED, asked=["parents"], words="Le soir de préférence.")
    follow_up.refresh_from_db()
    assert follow_up.state == Stage.MORE_ASKED
    with opened(follow_up):
        assert follow_up.referrals.get().more_asked == ("nom et téléphone de chaque parent ; Le soir de préférence.")
    page = client_for(people.pjj).get(reverse("followups:referral", args=[follow_up.referrals.get().pk]))
    assert "nom et téléphone de chaque parent" in page.content.decode()
    with pytest.raises(AccessRefused):
        sorting.complete(by=viewer_of(people.mds), referral_id=follow_up.referrals.get().pk, now=timezone.now())
    sorting.complete(by=viewer_of(people.pjj), referral_id=follow_up.referrals.get().pk, now=timezone.now())
    follow_up.refresh_from_db()
    assert (follow_up.state, follow_up.referrals.get().sorting) == (Stage.REFERRED, Sorting.WAITING)
    sort(people, follow_up, Sorting.TO_STUDY)


@pytest.mark.parametrize(
    ("options", "field"),
    [({}, "asked"), ({"asked": ["tout"]}, "asked"), ({"words": "x" * 201}, "words")],
)
def test_a_complement_says_what_in_two_hundred_signs(people, options, field):
    follow_up = refer(people)
    with pytest.raises(InputRefused) as refusal:
        sort(people, follow_up, Sorting.MORE_ASKED, **options)
    assert refusal.value.field == field


@pytest.mark.parametrize("choice", [Sorting.REDIRECTED, Sorting.OUT_OF_SCOPE])
@pytest.mark.rule("ACL-01")
def test_sorted_out_closes_every_access_at_once(people, choice):
    follow_up = refer(people)
    author = viewer_of(people.pjj)
    assert facts.visible_to(author, timezone.now()).filter(pk=follow_up.pk).exists()
    sort(people, follow_up, choice, redirect_to=redirection(people).pk if choice == Sorting.REDIRECTED else None)
    follow_up.refresh_from_db()
    now = timezone.now()
    assert follow_up.erase_on == timezone.localdate(now) + timedelta(days=30)
    assert not facts.visible_to(author, now).exists()
    assert not FollowUpGrant.objects.filter(content_object=follow_up, ends_at=None).exists()
    assert client_for(people.pjj).get(reverse("followups:page", args=[follow_up.pk])).status_code == 404
    status = sorting.outside_status(follow_up.referrals.get())
    assert status == OutsideStatus.CLOSED


def test_a_redirection_comes_from_the_list_of_the_territory(people):
    follow_up = refer(people)
    elsewhere = redirection(people)
    elsewhere.territory = people.elsewhere
    elsewhere.save()
    for target in (None, uuid.uuid4(), elsewhere.pk):
        with pytest.raises(InputRefused):
            sort(people, follow_up, Sorting.REDIRECTED, redirect_to=target)


def test_two_coordinators_do_not_sort_over_each_other(people):
    follow_up = refer(people)
    with pytest.raises(ConflictRefused):
        sort(people, follow_up, Sorting.TO_STUDY, expected=7)


# ------------------------------------------------------------------ pages, per role


@pytest.mark.rule("ACL-01")
@pytest.mark.rule("CLV-05")
@pytest.mark.parametrize(
    "who", ["mds", "aemo", "outreach", "education", "national_police", "municipal_police", "stranger", "pjj_lead"]
)
def test_others_see_nothing_of_a_saisine(people, who):
    follow_up = refer(people)
    referral = follow_up.referrals.get()
    client = client_for(people.mandates[who])
    assert client.get(reverse("followups:referral", args=[referral.pk])).status_code == 404
    sent = {"once": str(uuid.uuid4()), "choice": "to_study", "revision": "1"}
    assert client.post(reverse("followups:sort", args=[referral.pk]), sent).status_code == 404
    assert client.post(reverse("followups:complete", args=[referral.pk]), sent).status_code == 404
    listing = client.get(reverse("followups:queue"))
    assert listing.status_code == 200
    assert follow_up.reference not in listing.content.decode()
    assert client.get(reverse("followups:duplicates")).status_code == 404
    assert client.get(reverse("followups:links")).status_code == 404


@pytest.mark.parametrize("who", ["mayor", "prosecutor", "dpo", "sysadmin", "spip", "host", "sah"])
def test_who_refers_nothing_has_no_queue(people, who):
    assert client_for(people.mandates[who]).get(reverse("followups:queue")).status_code == 404


@pytest.mark.parametrize("who", ["education", "national_police", "municipal_police"])
@pytest.mark.rule("CLV-05")
def test_a_service_that_does_not_sit_sends_and_sees_only_a_status(people, who):
    client = client_for(people.mandates[who])
    origin = {"education": "school"}.get(who, who)
    answer = client.post(reverse("followups:refer"), typed(origin=origin))
    assert answer.status_code == 302
    assert answer.url == reverse("followups:queue")
    follow_up = FollowUp.objects.get()
    assert not FollowUpGrant.objects.exists()
    for url in (reverse("followups:queue"), reverse("followups:referral", args=[follow_up.referrals.get().pk])):
        page = client.get(url).content.decode()
        assert "reçue" in page
        assert not [word for word in ("Belkacem", "Yanis", "Y. B.", follow_up.reference, "Maille") if word in page]
    assert client.get(reverse("followups:page", args=[follow_up.pk])).status_code == 404
    assert client.get(reverse("followups:list")).status_code == 404


def test_the_coordinator_sorts_in_one_click_and_reads_under_a_gate(people):
    follow_up = refer(people)
    client = client_for(people.coordinator)
    page = client.get(reverse("followups:queue")).content.decode()
    assert "Yanis Belkacem" in page
    assert "décrochage scolaire" in page
    assert AuditEvent.objects.filter(act="list", purpose="sorting", mandate_id=people.coordinator.pk).count() == 1
    referral = follow_up.referrals.get()
    form = {"once": str(uuid.uuid4()), "choice": "to_study", "revision": str(referral.revision)}
    for _ in range(2):
        answer = client.post(reverse("followups:sort", args=[referral.pk]), form)
        assert answer.status_code == 302
        assert answer.url == reverse("followups:queue")
    assert AuditEvent.objects.filter(act="change", object_type="followups.referral").count() == 1
    assert follow_up.reference not in client.get(reverse("followups:queue")).content.decode()


def test_words_that_tell_too_much_are_shown_once_then_pass(people):
    follow_up = refer(people)
    referral = follow_up.referrals.get()
    client, url = client_for(people.coordinator), reverse("followups:sort", args=[referral.pk])
    words = "Il est sous traitement pour sa dépression."
    form = {"once": str(uuid.uuid4()), "choice": "more_asked", "words": words, "revision": str(referral.revision)}
    answer = client.post(url, form)
    assert answer.status_code == 422
    assert "La santé relève du secret" in answer.content.decode()
    assert Referral.objects.get().sorting == Sorting.WAITING
    assert client.post(url, form | {"confirm_text": words, "once": str(uuid.uuid4())}).status_code == 302
    assert Referral.objects.get().sorting == Sorting.MORE_ASKED


def test_no_group_rules_no_saisine(people):
    people.rules.delete()
    answer = client_for(people.pjj).post(reverse("followups:refer"), typed())
    assert answer.status_code == 404
    assert not FollowUp.objects.exists()
    with pytest.raises(AccessRefused):
        refer(people)


def test_work_of_each(people):
    follow_up = refer(people)
    now = timezone.now()
    lines = reads.work_items(viewer_of(people.coordinator), now)
    assert [line.label for line in lines] == ["1 saisine à trier"]
    assert not reads.work_items(viewer_of(people.pjj), now)
    sort(people, follow_up, Sorting.MORE_ASKED, asked=["identity"])
    assert [line.label for line in reads.work_items(viewer_of(people.pjj), now)] == [
        "Complément demandé sur une saisine"
    ]
    assert not reads.work_items(viewer_of(people.mds), now)


YEARS = {
    name: data_of().person.birth_date.replace(year=2006 + place, month=1 + place)
    for place, name in enumerate(("Un", "Deux", "Trois", "Quatre"))
}
