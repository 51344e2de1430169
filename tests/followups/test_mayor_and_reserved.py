"""One page for the mayor; measures, sensitive elements and the assessment, each to the few who may."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from casework.desk.work import grouped
from casework.errors import AccessRefused, GuardRefused, InputRefused
from casework.minors.followups import facts, work
from casework.minors.followups.actions import mayor, points, reserved, steps
from casework.minors.followups.codes import ActionType, MayorGround, SocialDomain
from casework.minors.followups.models import (
    Action,
    FollowUp,
    KnownJudicialMeasure,
    MayorDisclosure,
    RestrictedPoint,
    SensitiveElement,
)
from casework.minors.followups.reads import mayor as mayor_reads
from casework.minors.followups.reads import reserved as reads
from casework.sealing.fields import SealedField
from tests.followups.circle import NAME, followed, informed, post, rules_say, situation, sort
from tests.people import client_for, viewer_of

pytestmark = pytest.mark.django_db(databases="__all__")


def relation(people, who, follow_up):
    viewer = viewer_of(people.mandates[who])
    follow_up.refresh_from_db()
    return viewer, follow_up, facts.relation(viewer, follow_up, timezone.now()), timezone.now()


def prepared(people, follow_up, act="mayor_warning"):
    return mayor.prepare(
        by=viewer_of(people.coordinator), follow_up=follow_up, act=act, gateway="person_agreement", ground="incivility",
        now=timezone.now(),
    )  # fmt: skip


def sent(people, follow_up):
    row = prepared(people, follow_up)
    return mayor.send(by=viewer_of(people.coordinator), follow_up=follow_up, disclosure_id=row.pk, now=timezone.now())


@pytest.mark.rule("MAY-04", "MAY-05", "ACL-07")
def test_the_mayor_reads_one_page_at_a_time_and_lists_nothing(people):
    follow_up = followed(people)
    steps.decide(
        by=viewer_of(people.mds_lead), follow_up=follow_up, kind=ActionType.OUTREACH_CONTACT, owner=people.mds_service,
        due_on=timezone.localdate() + timedelta(days=3), now=timezone.now(), precision="secret du groupe",
    )  # fmt: skip
    row = prepared(people, follow_up)
    client = client_for(people.mayor)
    assert client.get(reverse("followups:mayor_page", args=[row.pk])).status_code == 404, "not sent"
    mayor.send(by=viewer_of(people.coordinator), follow_up=follow_up, disclosure_id=row.pk, now=timezone.now())
    viewer = viewer_of(people.mayor)
    (line,) = work.mayor(viewer, timezone.now())
    assert (line.label, line.reference) == ("Un document à lire", "")
    later = timezone.now() + timedelta(days=2)
    assert work.mayor(viewer_of(people.mayor, now=later), later)[0].group_when == timezone.localdate(later), (
        "never late"
    )
    page = client.get(reverse("followups:mayor_page", args=[row.pk])).content.decode()
    assert NAME in page
    assert "Samia" in page
    for hidden in ("Luc", "secret du groupe", "prise de contact", "Rue", "MDS", follow_up.reference):
        assert hidden not in page, hidden
    for name in ("list", "mayor_list", "who_knows", "caseload", "queue"):
        assert client.get(reverse(f"followups:{name}")).status_code == 404, name
    assert client.get(reverse("followups:mayor_pdf", args=[row.pk])).status_code == 404
    assert client.get(reverse("followups:page", args=[follow_up.pk])).status_code == 404
    assert not facts.visible_to(viewer, timezone.now()).exists()
    assert NAME not in client.get(reverse("desk:home"), follow=True).content.decode()
    row.refresh_from_db()
    form = {"once": str(uuid.uuid4()), "revision": row.revision}
    url = reverse("followups:mayor_acknowledge", args=[row.pk])
    assert client.post(url, form).status_code == client.post(url, form).status_code == 302
    row.refresh_from_db()
    assert row.acknowledged_by == people.mayor.pk
    assert post(client, reverse("followups:mayor_close", args=[row.pk]), revision=row.revision,
                outcome="done").status_code == 302  # fmt: skip
    row.refresh_from_db()
    assert row.outcome == "done"
    assert client.get(reverse("followups:mayor_page", args=[row.pk])).status_code == 404
    assert work.mayor(viewer, timezone.now()) == []


@pytest.mark.rule("MAY-04", "CLV-05")
@pytest.mark.parametrize("who", ["mds_lead", "outreach_lead", "spip", "sysadmin", "stranger", "municipal_police"])
def test_nobody_else_opens_or_prepares_a_page(people, who):
    follow_up = followed(people)
    row = sent(people, follow_up)
    client = client_for(people.mandates[who])
    assert client.get(reverse("followups:mayor_page", args=[row.pk])).status_code == 404
    assert client.get(reverse("followups:mayor_prepare", args=[follow_up.pk])).status_code == 404
    assert post(client, reverse("followups:mayor_close", args=[row.pk]), revision=1, outcome="done").status_code == 404
    with pytest.raises(AccessRefused):
        mayor.prepare(
            by=viewer_of(people.mandates[who]), follow_up=follow_up, act="mayor_warning", gateway="csi_l132_3",
            ground="truancy", now=timezone.now(),
        )  # fmt: skip


def asked(people, follow_up, *, act="mayor_warning", gateway="person_agreement", ground="incivility"):
    """Ask for a page through the form, return the answer."""
    url = reverse("followups:mayor_prepare", args=[follow_up.pk])
    return post(client_for(people.coordinator), url, act=act, gateway=gateway, ground=ground)


@pytest.mark.rule("MAY-04", "CLV-05")
def test_the_exchange_of_the_group_is_no_way_to_the_mayor(people):
    follow_up = followed(people)
    page = client_for(people.coordinator).get(reverse("followups:mayor_prepare", args=[follow_up.pk])).content.decode()
    assert "csi_l132_5" not in page
    assert asked(people, follow_up, gateway="csi_l132_5").status_code == 422
    with pytest.raises(InputRefused) as refusal:
        mayor.prepare(
            by=viewer_of(people.coordinator), follow_up=follow_up, act="mayor_warning", gateway="csi_l132_5",
            ground="incivility", now=timezone.now(),
        )  # fmt: skip
    assert refusal.value.field == "gateway"
    assert not MayorDisclosure.objects.exists()


@pytest.mark.rule("MAY-04")
def test_before_the_family_is_informed_nothing_goes_to_the_mayor(people):
    follow_up = situation(people)
    sort(people, follow_up, timezone.now())
    assert asked(people, follow_up).status_code == 422
    assert not MayorDisclosure.objects.exists()


GROUNDS = [
    # The police tell of public order; a story of school or of family is not theirs.
    pytest.param("csi_l132_3", {"incivility", "night_presence"}, id="police", marks=pytest.mark.rule("MAY-01")),
    # A decision of justice useful to prevention or support: the page says a ground, never the decision.
    pytest.param("csi_l132_2", set(MayorGround.values), id="justice", marks=pytest.mark.rule("MAY-03")),
    pytest.param("casf_l121_6_2", {"truancy", "parental_support"}, id="social", marks=pytest.mark.rule("MAY-05")),
    pytest.param("person_agreement", set(MayorGround.values), id="agreement", marks=pytest.mark.rule("MAY-05")),
]


@pytest.mark.parametrize(("gateway", "grounds"), GROUNDS)
def test_each_way_to_the_mayor_has_its_grounds(people, gateway, grounds):
    follow_up = followed(people)
    for ground in MayorGround.values:
        answer = asked(people, follow_up, act="family_council", gateway=gateway, ground=ground)
        assert answer.status_code == (302 if ground in grounds else 422), ground
        assert MayorDisclosure.objects.exists() is (ground in grounds)
        MayorDisclosure.objects.all().delete()


@pytest.mark.rule("MAY-05", "MAY-06")
def test_support_to_parents_is_for_the_parents_council_not_a_warning(people):
    follow_up = followed(people)
    assert asked(people, follow_up, ground="parental_support").status_code == 422
    assert asked(people, follow_up, ground="parental_support", act="family_council").status_code == 302
    assert MayorDisclosure.objects.get().act == "family_council"


@pytest.mark.rule("MAY-02", "MAY-03", "SEC-03")
def test_what_justice_did_has_no_place_on_the_page(people):
    """The prosecutor tells outcomes outside: the page holds a code of each kind, and a measure known to the PJJ stays."""
    follow_up = followed(people, "pjj_service")
    reserved.record_measure(
        by=viewer_of(people.pjj_lead), follow_up=follow_up, kind="mesure_educative_judiciaire",
        starts_on=date(2025, 2, 23), ends_on=None, now=timezone.now(),
    )  # fmt: skip
    extra = {"decision": "classement-x", "outcome": "refused", "comment": "jugé-x", "prosecutor_opinion": "favourable"}
    url = reverse("followups:mayor_prepare", args=[follow_up.pk])
    form = {"act": "mayor_warning", "gateway": "csi_l132_2", "ground": "incivility"}
    assert post(client_for(people.coordinator), url, **form, **extra).status_code == 302
    row = MayorDisclosure.objects.get()
    assert (row.outcome, row.prosecutor_opinion, row.prosecutor_opinion_on) == ("", "", None)
    mayor.send(by=viewer_of(people.coordinator), follow_up=follow_up, disclosure_id=row.pk, now=timezone.now())
    page = client_for(people.mayor).get(reverse("followups:mayor_page", args=[row.pk])).content.decode()
    assert NAME in page
    for hidden in ("mesure éducative", "classement-x", "jugé-x", "Mesure"):
        assert hidden not in page, hidden
    sealed = {f.name for f in MayorDisclosure._meta.local_fields if isinstance(f, SealedField)}
    assert sealed == {"ground", "identity"}
    for who in ("prosecutor", "municipal_police", "national_police"):
        if who in people.mandates:
            client = client_for(people.mandates[who])
            assert client.get(reverse("followups:mayor_page", args=[row.pk])).status_code == 404, who
            assert client.get(reverse("followups:mayor_list")).status_code == 404, who


@pytest.mark.rule("MAY-05")
def test_the_prosecutor_speaks_first_where_the_rules_ask(people):
    rules_say(people, prosecutor_opinion_required=True)
    follow_up = followed(people)
    row = prepared(people, follow_up)
    by, now = viewer_of(people.coordinator), timezone.now()
    with pytest.raises(GuardRefused, match="parquet"):
        mayor.send(by=by, follow_up=follow_up, disclosure_id=row.pk, now=now)
    with pytest.raises(InputRefused):
        mayor.record_opinion(by=by, follow_up=follow_up, disclosure_id=row.pk, opinion="favourable",
                             on=date(9999, 1, 1), now=now)  # fmt: skip
    mayor.record_opinion(by=by, follow_up=follow_up, disclosure_id=row.pk, opinion="unfavourable",
                         on=timezone.localdate(), now=now)  # fmt: skip
    with pytest.raises(GuardRefused, match="défavorable"):
        mayor.send(by=by, follow_up=follow_up, disclosure_id=row.pk, now=now)
    mayor.record_opinion(by=by, follow_up=follow_up, disclosure_id=row.pk, opinion="favourable",
                         on=timezone.localdate(), now=now)  # fmt: skip
    assert mayor.send(by=by, follow_up=follow_up, disclosure_id=row.pk, now=now).sent_at
    assert mayor_reads.pdf(by, row.pk, now).startswith(b"%PDF")


@pytest.mark.rule("MAY-06")
def test_the_parents_council_is_for_minors_and_an_adult_has_no_parents_on_the_page(people):
    adult = followed(people, born=date(timezone.now().year - 20, 1, 5))
    with pytest.raises(GuardRefused, match="majeure"):
        prepared(people, adult, "family_council")
    row = sent(people, adult)
    page = client_for(people.mayor).get(reverse("followups:mayor_page", args=[row.pk])).content.decode()
    assert "Samia" not in page


@pytest.mark.rule("SEC-03", "WL-16", "WL-19")
def test_a_measure_is_the_pjj_s_the_coordinator_knows_that_one_exists(people):
    follow_up = followed(people, "pjj_service")
    assert reads.judicial(*relation(people, "coordinator", follow_up)) is None
    client = client_for(people.pjj_lead)
    url = reverse("followups:measure", args=[follow_up.pk])
    assert post(client, url, kind="reparation", starts_on="01/02/2026", ends_on="").status_code == 302
    assert post(client, url, kind="<b>🙂", starts_on="99/99/9999").status_code == 422
    (line,) = reads.judicial(*relation(people, "pjj_lead", follow_up)).lines
    assert line.label == "réparation pénale"
    part = reads.judicial(*relation(people, "coordinator", follow_up))
    assert (part.exists_only, part.lines) == (True, ())
    shown = client_for(people.coordinator).get(reverse("followups:page", args=[follow_up.pk]) + "?onglet=famille")
    assert "une mesure existe" in shown.content.decode()
    assert "réparation" not in shown.content.decode()
    for who in ("mds_lead", "outreach_lead", "spip", "mayor"):
        assert reads.judicial(*relation(people, who, follow_up)) is None
        assert client_for(people.mandates[who]).get(url).status_code == 404
    assert client_for(people.coordinator).get(url).status_code == 404
    row = KnownJudicialMeasure.objects.get()
    post(client, reverse("followups:measure_off", args=[follow_up.pk]), measure=row.pk, revision=row.revision)
    assert not KnownJudicialMeasure.objects.exists()
    assert not KnownJudicialMeasure.history.model._base_manager.exists()


@pytest.mark.rule("WL-18", "BL-03", "BL-04", "SEC-05")
def test_a_sensitive_element_is_motivated_short_and_goes(people):
    follow_up = followed(people)
    client = client_for(people.mds_lead)
    url = reverse("followups:sensitive", args=[follow_up.pk])
    page = client.get(url).content.decode()
    assert "Ce qui ne s’écrit pas ici" in page
    soon = (timezone.localdate() + timedelta(days=60)).isoformat()
    form = {"kind": "care_proposed", "necessity": "dépression, suivi par un psychiatre", "expires_on": soon}
    warned = post(client, url, **form)
    assert warned.status_code == 422
    assert not SensitiveElement.objects.exists()
    confirmed = post(client, url, **form, confirm_text=warned.context["form"]["confirm_text"].value())
    assert confirmed.status_code == 302, "warned once, never blocked"
    for odd in ({"necessity": ""}, {"necessity": "x" * 300}, {"expires_on": "01/01/9999"}, {"kind": "diagnosis"}):
        assert post(client, url, **(form | odd)).status_code == 422
    assert len(reads.sensitive(*relation(people, "mds_lead", follow_up)).lines) == 1
    for who in ("coordinator", "mayor", "spip", "aemo_lead"):
        assert reads.sensitive(*relation(people, who, follow_up)) is None
        assert client_for(people.mandates[who]).get(url).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        assert reads.sensitive(*relation(people, "mds_lead", follow_up)).lines == ()
        assert reserved.erase_expired(timezone.now()) == 1
    assert not SensitiveElement.history.model._base_manager.exists()


@pytest.mark.rule("WL-20", "BL-08", "GDP-14")
def test_the_assessment_is_one_domain_at_a_time_without_a_total(people):
    follow_up = followed(people)
    client = client_for(people.mds_lead)
    url = reverse("followups:assess", args=[follow_up.pk])
    for domain, level in (("schooling", "difficulty"), ("peers", "difficulty"), ("schooling", "support")):
        follow_up.refresh_from_db()
        assert post(client, url, domain=domain, level=level, revision=follow_up.revision).status_code == 302
    stale = post(client, url, domain="housing", level="difficulty", revision=1)
    assert stale.status_code == 409
    part = reads.assessment(*relation(people, "mds_lead", follow_up))
    assert [line.code for line in part.lines] == SocialDomain.values, "never ranked"
    assert {line.code: line.level for line in part.lines if line.level != "unknown"} == {
        "schooling": "support", "peers": "difficulty",
    }  # fmt: skip
    numbers = {field.name for field in FollowUp._meta.fields} & {"score", "level", "rank", "total"}
    assert not numbers
    with pytest.raises(InputRefused):
        reserved.assess(by=viewer_of(people.mds_lead), follow_up=follow_up, domain="danger", level="9",
                        now=timezone.now())  # fmt: skip


@pytest.mark.rule("WL-11", "WL-15", "SEC-05")
def test_a_point_restreint_with_its_decision(people):
    follow_up = followed(people)
    client = client_for(people.mds_lead)
    url = reverse("followups:point", args=[follow_up.pk])
    now = timezone.localtime() - timedelta(hours=1)
    form = {
        "once": str(uuid.uuid4()), "organisations": [str(people.outreach_service.pk)],
        "held_on": now.strftime("%d/%m/%Y"), "held_time": now.strftime("%H:%M"), "channel": "phone",
        "precision": "rendez-vous avancé", "kind_1": "family_meeting", "owner_1": str(people.mds_service.pk),
        "due_1": (timezone.localdate() + timedelta(days=4)).isoformat(),
    }  # fmt: skip
    assert client.post(url, form).status_code == client.post(url, form).status_code == 302
    point = RestrictedPoint.objects.get()
    assert (point.tabled_in, point.organisations.count(), Action.objects.count()) == (None, 2, 1)
    assert "à rapporter en réunion" in client.get(reverse("followups:page", args=[follow_up.pk])).content.decode()
    for odd in ({"organisations": []}, {"held_on": "01/01/9999"}, {"held_on": "01/01/1900"}, {"channel": "<i>"},
                {"organisations": [str(people.pjj_service.pk)]}, {"precision": "é" * 300}, {"due_1": ""}):  # fmt: skip
        assert client.post(url, form | odd | {"once": str(uuid.uuid4())}).status_code == 422, odd
    with pytest.raises(GuardRefused):
        points.hold(by=viewer_of(people.mds_lead), follow_up=follow_up, organisation_ids=[people.pjj_service.pk],
                    held_at=timezone.now(), channel="phone", now=timezone.now())  # fmt: skip
    assert RestrictedPoint.objects.count() == 1


@pytest.mark.rule("DL-01", "DL-02", "WL-15")
def test_what_waits_is_one_click_away_and_names_nobody(people):
    follow_up = followed(people, born=timezone.localdate().replace(day=1) - timedelta(days=int(365.25 * 25) - 40))
    now = timezone.now()
    action = steps.decide(by=viewer_of(people.mds_lead), follow_up=follow_up, kind=ActionType.FAMILY_MEETING,
                          owner=people.mds_service, due_on=timezone.localdate(), now=now)  # fmt: skip
    steps.decide(by=viewer_of(people.mds_lead), follow_up=follow_up, kind=ActionType.SCHOOL_RETURN,
                 owner=people.mds_service, due_on=timezone.localdate(), now=now, after_id=action.pk)  # fmt: skip
    items = work.actions(viewer_of(people.mds_lead), now)
    assert sorted(item.kind for item in items) == ["mine", "waiting"]
    (mine,) = [item for item in items if item.kind == "mine"]
    assert client_for(people.mds_lead).get(mine.act_url).status_code == 200
    assert work.actions(viewer_of(people.pjj_lead), now) == []
    with time_machine.travel(now + timedelta(days=3), tick=False):
        late = work.actions(viewer_of(people.mds_lead), timezone.now())
        assert "late" in {group.code for group in grouped(late, timezone.localdate())}
    waiting = informed(people, last_name="Autre")
    from casework.minors.followups.models import Notice

    Notice.objects.filter(follow_up=waiting, representative=None).update(status="to_do", informed_on=None, channel="")
    coordinator = viewer_of(people.coordinator)
    dates = {line.rule for line in work.dates(coordinator, now)}
    assert {"DL-01", "DL-02"} <= dates
    everything = [*work.information(coordinator, now), *work.retention(coordinator, now)]
    assert everything
    assert all(NAME not in item.label and "Autre" not in item.label for item in everything)
    assert work.dates(viewer_of(people.mds_lead), now) == []
    assert MayorDisclosure.objects.count() == 0
